//! The rooting check: no heap reference that a collection could free is live across an operation that may collect.
//!
//! The collector runs only inside calls whose effects say so (`collects`, and `calls`, which runs anything). What a
//! variable holds over such a call must be *rooted*, reachable from what the collector knows. Rooted are:
//!
//! * constants, and the variables of a portal: they are what the interpreter runs, live across every operation of its
//!   loop, and it keeps them reachable (a promise that is not checked);
//! * what an immutable field of something rooted holds, and addresses inside of something rooted;
//! * what `rooted` says is: the promise of whoever writes the interpreter, where something unseen keeps an object;
//! * parameters, if the arguments are at every call: a parameter that is live across a collection is asked of the callers.
//!
//! Anything else is *loose*: read from a mutable field, made of an integer's bits, returned by a call. An error names the
//! operation, where the reference comes from, and where it is used afterwards.

use super::error::{HintError, Step};
use crate::flow::{Arg, ConvOp, FuncId, FuncKind, Graph, Module, Mutability, Op, Span, Ty, VarId};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Where an address comes from.
#[derive(Clone, Default, PartialEq, Debug)]
struct Origin {
    /// Nothing known keeps it alive.
    loose: bool,
    /// Parameters it is as rooted as.
    params: BTreeSet<usize>,
}

impl Origin {
    fn loose() -> Origin {
        Origin { loose: true, params: BTreeSet::new() }
    }

    fn add(&mut self, other: &Origin) -> bool {
        let before = self.clone();
        self.loose |= other.loose;
        self.params.extend(&other.params);
        *self != before
    }
}

/// A reference held over a collection: the operation, and a use behind it.
#[derive(Clone)]
struct Held {
    var: VarId,
    op: (String, Span),
    used: Span,
}

/// A parameter that has to be rooted, and why.
type Obligation = Vec<Step>;

struct Checker<'m> {
    module: &'m Module,
    collects: Vec<bool>,
    /// For each function, the origins of its results in terms of its parameters.
    results: HashMap<FuncId, Vec<Origin>>,
    origins: HashMap<FuncId, Vec<Origin>>,
}

/// Checks all graphs of an interpreter.
///
/// # Errors
/// The references that a collection could free, with the chain of reasons.
pub fn rooting(module: &Module) -> Result<(), Vec<HintError>> {
    let graphs: Vec<(FuncId, &Graph)> =
        (0..module.funcs.len() as u32).map(FuncId).filter_map(|id| module.graph(id).map(|graph| (id, graph))).collect();
    let mut checker = Checker { module, collects: vec![], results: HashMap::new(), origins: HashMap::new() };
    checker.find_collecting(&graphs);
    checker.find_origins(&graphs);
    checker.check(&graphs)
}

impl Checker<'_> {
    fn find_collecting(&mut self, graphs: &[(FuncId, &Graph)]) {
        let own = |index: usize| {
            let info = &self.module.funcs[index];
            let opaque = matches!(info.kind, FuncKind::Residual) && !info.elidable;
            opaque && (info.effects.collects || info.effects.calls)
        };
        self.collects = (0..self.module.funcs.len()).map(own).collect();
        loop {
            let mut changed = false;
            for &(id, graph) in graphs {
                let any = graph.blocks.iter().flat_map(|block| &block.insts).any(|inst| self.collecting(inst.op));
                changed |= any && !std::mem::replace(&mut self.collects[id.index()], true);
            }
            if !changed {
                return;
            }
        }
    }

    fn collecting(&self, op: Op) -> bool {
        match op {
            Op::Call(func) => self.collects[func.index()],
            Op::CallIndirect(_) | Op::CallUnit(_) | Op::CallEntry(_) => {
                self.module.call_effects(op).is_some_and(|effects| effects.collects || effects.calls)
            }
            _ => false,
        }
    }

    /// The variables of a portal, where they stand at its merge points.
    fn portal_variables(&self, id: FuncId, graph: &Graph) -> HashSet<VarId> {
        if !self.module.portals.iter().any(|portal| portal.func == id) {
            return HashSet::new();
        }
        let merges = graph.blocks.iter().flat_map(|block| &block.insts).filter(|inst| inst.op == Op::MergePoint);
        let vars = merges.flat_map(|inst| &inst.args).filter_map(|arg| match arg {
            Arg::Var(var) => Some(*var),
            Arg::Const(_) => None,
        });
        vars.chain(graph.params().iter().copied()).collect()
    }

    fn find_origins(&mut self, graphs: &[(FuncId, &Graph)]) {
        for &(id, graph) in graphs {
            self.results.insert(id, vec![Origin::default(); graph.results.len()]);
            let mut origins = vec![Origin::default(); graph.vars.len()];
            let portal = self.portal_variables(id, graph);
            for (index, &param) in graph.params().iter().enumerate().filter(|(_, param)| !portal.contains(param)) {
                origins[param.index()].params.insert(index);
            }
            self.origins.insert(id, origins);
        }
        loop {
            let mut changed = false;
            for &(id, graph) in graphs {
                changed |= self.propagate(id, graph);
            }
            if !changed {
                return;
            }
        }
    }

    /// One round over a graph; whether anything was learnt.
    fn propagate(&mut self, id: FuncId, graph: &Graph) -> bool {
        let mut origins = self.origins.remove(&id).expect("every graph has origins");
        let portal = self.portal_variables(id, graph);
        let (mut changed, mut learnt) = (false, false);
        let mut set = |origins: &mut Vec<Origin>, var: VarId, origin: &Origin| {
            if graph.vars[var.index()].ty.is_address() && !portal.contains(&var) {
                changed |= origins[var.index()].add(origin);
            }
        };
        for block in &graph.blocks {
            for inst in &block.insts {
                for (index, &result) in inst.results.iter().enumerate() {
                    let origin = self.origin(&origins, graph, inst.op, &inst.args, index);
                    set(&mut origins, result, &origin);
                }
            }
            for link in block.term.links() {
                for (&param, &arg) in graph.blocks[link.block.index()].params.iter().zip(&link.args) {
                    let origin = of(&origins, arg);
                    set(&mut origins, param, &origin);
                }
            }
            if let crate::flow::Term::Return(values) = &block.term {
                for (index, &value) in values.iter().enumerate() {
                    let origin = of(&origins, value);
                    learnt |= self.results.get_mut(&id).expect("every graph has results")[index].add(&origin);
                }
            }
        }
        self.origins.insert(id, origins);
        changed || learnt
    }

    fn origin(&self, origins: &[Origin], graph: &Graph, op: Op, args: &[Arg], result: usize) -> Origin {
        let all = || {
            let mut origin = Origin::default();
            for &arg in args {
                origin.add(&of(origins, arg));
            }
            origin
        };
        match op {
            Op::Load(field) | Op::LoadItem(field) => {
                let field = self.module.field(field);
                let moves = field.ty == Ty::Ref && field.mutability != Mutability::Immutable;
                if moves { Origin::loose() } else { of(origins, args[0]) }
            }
            Op::Conv(ConvOp::Bitcast, Ty::Ref) if !is_address(graph, args[0]) => Origin::loose(),
            Op::PtrAdd(_) | Op::Interior(_) => of(origins, args[0]),
            Op::Rooted => Origin::default(),
            Op::Call(func) => match self.results.get(&func) {
                Some(results) => {
                    let summary = &results[result];
                    let mut origin = Origin { loose: summary.loose, params: BTreeSet::new() };
                    for &param in &summary.params {
                        origin.add(&of(origins, args[param]));
                    }
                    origin
                }
                None if self.module.func(func).elidable => all(),
                None if self.module.func(func).results.get(result) == Some(&Ty::Ref) => Origin::loose(),
                None => Origin::default(),
            },
            Op::CallIndirect(_) | Op::CallUnit(_) | Op::CallEntry(_) => Origin::loose(),
            _ => all(),
        }
    }

    fn check(&self, graphs: &[(FuncId, &Graph)]) -> Result<(), Vec<HintError>> {
        let mut obligations: HashMap<(FuncId, usize), Obligation> = HashMap::new();
        let mut errors = vec![];
        let mut work = vec![];
        for &(id, graph) in graphs {
            for held in self.held(graph) {
                let name = Module::var_name(graph, held.var);
                let across = format!("`{name}` is held across {}, which may collect", held.op.0);
                let chain = vec![
                    Step { what: across, span: held.op.1 },
                    Step { what: format!("`{name}` is used afterwards"), span: held.used },
                ];
                self.demand(id, graph, held.var, chain, &mut obligations, &mut work, &mut errors);
            }
        }
        while let Some((callee, param)) = work.pop() {
            let reasons = obligations[&(callee, param)].clone();
            let info = self.module.func(callee);
            for &(id, graph) in graphs {
                for inst in graph.blocks.iter().flat_map(|block| &block.insts) {
                    if inst.op != Op::Call(callee) {
                        continue;
                    }
                    let Arg::Var(var) = inst.args[param] else { continue };
                    let what = format!(
                        "`{}` is passed as `{}` of `{}`, which needs it rooted",
                        Module::var_name(graph, var),
                        info.params[param].0,
                        info.name
                    );
                    let mut chain = vec![Step { what, span: inst.span }];
                    chain.extend(reasons.clone());
                    self.demand(id, graph, var, chain, &mut obligations, &mut work, &mut errors);
                }
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Asks for a variable to be rooted: an error if it is loose, else asked of the parameters it depends on.
    #[expect(clippy::too_many_arguments)]
    fn demand(
        &self,
        id: FuncId,
        graph: &Graph,
        var: VarId,
        mut chain: Vec<Step>,
        obligations: &mut HashMap<(FuncId, usize), Obligation>,
        work: &mut Vec<(FuncId, usize)>,
        errors: &mut Vec<HintError>,
    ) {
        let origin = &self.origins[&id][var.index()];
        if origin.loose {
            let what = format!("`{}` comes from here, and nothing is known to keep it", Module::var_name(graph, var));
            chain.insert(1, Step { what, span: self.source(id, graph, var) });
            let error = HintError { chain };
            if !errors.contains(&error) {
                errors.push(error);
            }
            return;
        }
        for &param in &origin.params {
            if let Entry::Vacant(entry) = obligations.entry((id, param)) {
                entry.insert(chain.clone());
                work.push((id, param));
            }
        }
    }

    /// Where a loose variable gets a value that nothing keeps.
    fn source(&self, id: FuncId, graph: &Graph, var: VarId) -> Span {
        let loose = |arg: &&Arg| matches!(arg, Arg::Var(var) if self.origins[&id][var.index()].loose);
        let mut work = vec![var];
        let mut seen = HashSet::new();
        while let Some(var) = work.pop() {
            for (index, block) in graph.blocks.iter().enumerate() {
                if let Some(inst) = block.insts.iter().find(|inst| inst.results.contains(&var)) {
                    return inst.span;
                }
                let Some(position) = block.params.iter().position(|&param| param == var) else { continue };
                if seen.insert(var) {
                    let links = graph.blocks.iter().flat_map(|from| from.term.links());
                    let args = links.filter(|link| link.block.index() == index).map(|link| &link.args[position]);
                    work.extend(args.filter(loose).filter_map(var_of));
                }
            }
        }
        Span::default()
    }

    /// Addresses that are live across operations that may collect.
    fn held(&self, graph: &Graph) -> Vec<Held> {
        let live_in = live_in(graph);
        let mut held = vec![];
        for (index, block) in graph.blocks.iter().enumerate() {
            let mut live = live_out(graph, index, &live_in);
            live.extend(block.term.args().iter().filter_map(var_of));
            for link in block.term.links() {
                live.extend(link.args.iter().filter_map(var_of));
            }
            for (at, inst) in block.insts.iter().enumerate().rev() {
                inst.results.iter().for_each(|result| {
                    live.remove(result);
                });
                if self.collecting(inst.op) {
                    for &var in live.iter().filter(|var| graph.vars[var.index()].ty.is_address()) {
                        let op = match inst.op {
                            Op::Call(func) => format!("the call of `{}`", self.module.func(func).name),
                            _ => "an indirect call".to_string(),
                        };
                        held.push(Held { var, op: (op, inst.span), used: use_after(graph, var, index, at) });
                    }
                }
                live.extend(inst.args.iter().filter_map(var_of));
            }
        }
        held.sort_by_key(|held| (held.op.1.line, held.op.1.column, held.var));
        held
    }
}

fn of(origins: &[Origin], arg: Arg) -> Origin {
    match arg {
        Arg::Var(var) => origins[var.index()].clone(),
        Arg::Const(_) => Origin::default(),
    }
}

fn is_address(graph: &Graph, arg: Arg) -> bool {
    match arg {
        Arg::Var(var) => graph.vars[var.index()].ty.is_address(),
        Arg::Const(_) => true,
    }
}

fn var_of(arg: &Arg) -> Option<VarId> {
    match arg {
        Arg::Var(var) => Some(*var),
        Arg::Const(_) => None,
    }
}

/// Variables live at the start of each block.
fn live_in(graph: &Graph) -> Vec<HashSet<VarId>> {
    let mut live: Vec<HashSet<VarId>> = vec![HashSet::new(); graph.blocks.len()];
    loop {
        let mut changed = false;
        for (index, block) in graph.blocks.iter().enumerate().rev() {
            let mut at = live_out(graph, index, &live);
            at.extend(block.term.args().iter().filter_map(var_of));
            for link in block.term.links() {
                at.extend(link.args.iter().filter_map(var_of));
            }
            for inst in block.insts.iter().rev() {
                inst.results.iter().for_each(|result| {
                    at.remove(result);
                });
                at.extend(inst.args.iter().filter_map(var_of));
            }
            block.params.iter().for_each(|param| {
                at.remove(param);
            });
            changed |= at != live[index];
            live[index] = at;
        }
        if !changed {
            return live;
        }
    }
}

fn live_out(graph: &Graph, block: usize, live_in: &[HashSet<VarId>]) -> HashSet<VarId> {
    graph.blocks[block].term.links().into_iter().flat_map(|link| &live_in[link.block.index()]).copied().collect()
}

/// A use of the variable behind instruction `at` of `block`: the nearest by jumps, under the names that it is passed on as.
fn use_after(graph: &Graph, var: VarId, block: usize, at: usize) -> Span {
    let mut queue = std::collections::VecDeque::from([(block, at + 1, var)]);
    let mut seen = HashSet::new();
    while let Some((index, from, var)) = queue.pop_front() {
        let arg = Arg::Var(var);
        let block = &graph.blocks[index];
        if let Some(inst) = block.insts[from.min(block.insts.len())..].iter().find(|inst| inst.args.contains(&arg)) {
            return inst.span;
        }
        if block.term.args().contains(&arg) {
            return block.insts.last().map_or(block.span, |inst| inst.span);
        }
        for link in block.term.links() {
            let params = &graph.blocks[link.block.index()].params;
            let passed = params.iter().zip(&link.args).filter(|(_, passed)| **passed == arg).map(|(&param, _)| param);
            for var in std::iter::once(var).chain(passed) {
                if seen.insert((link.block, var)) {
                    queue.push_back((link.block.index(), 0, var));
                }
            }
        }
    }
    Span::default()
}
