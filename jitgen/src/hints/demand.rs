//! Backward pass: which variables something asks to be green.

use super::color::Color;
use super::deps::Deps;
use super::error::{HintError, Step};
use crate::flow::{Arg, FuncId, FuncKind, Graph, Module, Mutability, Op, Span, Term, VarId};
use std::collections::{HashMap, HashSet};

/// Where a variable is defined.
#[derive(Copy, Clone)]
pub(super) enum Def {
    /// Parameter `index` of block `block`.
    Param { block: usize, index: usize },
    /// Result `result` of instruction `inst` of `block`.
    Inst { block: usize, inst: usize, result: usize },
}

pub(super) struct Function<'m> {
    pub graph: &'m Graph,
    pub defs: Vec<Option<Def>>,
    /// For each block: the links that lead to it, as (source block, arguments).
    pub incoming: Vec<Vec<(usize, &'m [Arg])>>,
}

/// The demanded variables of each function.
pub(super) struct Demands {
    demanded: HashMap<FuncId, HashSet<VarId>>,
    /// Those of them that are green in every specialisation.
    everywhere: HashSet<(FuncId, VarId)>,
    deps: Deps,
}

impl Demands {
    fn contains(&self, func: FuncId, var: VarId) -> bool {
        self.demanded.get(&func).is_some_and(|set| set.contains(&var))
    }

    /// Whether a join is green in the specialisation for these colours. What is demanded everywhere can be, as the backward
    /// pass has checked; the rest where what it depends on is green.
    pub(super) fn green(&self, func: FuncId, var: VarId, params: &[Color]) -> bool {
        self.everywhere.contains(&(func, var)) || self.contains(func, var) && self.deps.green(func, var, params)
    }
}

/// Whose calls a request is about: a number in [`Demander::contexts`].
type Context = usize;

/// Every call.
const EVERYWHERE: Context = 0;

/// A call: caller, block, instruction.
type Site = (FuncId, usize, usize);

struct Request {
    func: FuncId,
    var: VarId,
    context: Context,
    /// Index of the request that caused this one.
    cause: Option<usize>,
    what: String,
    span: Span,
}

struct Demander<'m> {
    module: &'m Module,
    functions: HashMap<FuncId, Function<'m>>,
    callers: HashMap<FuncId, Vec<Site>>,
    /// The call that a request for its result is about, what it calls, and the context of the caller.
    contexts: Vec<(Site, FuncId, Context)>,
    seen: HashSet<(FuncId, VarId, Context)>,
    log: Vec<Request>,
    work: Vec<usize>,
    errors: Vec<HintError>,
}

pub(super) fn demands(module: &Module) -> Result<Demands, Vec<HintError>> {
    let mut functions = HashMap::new();
    let mut callers: HashMap<FuncId, Vec<Site>> = HashMap::new();
    for (index, info) in module.funcs.iter().enumerate() {
        let FuncKind::Graph(graph) = &info.kind else { continue };
        let func = FuncId(index as u32);
        for (block_index, block) in graph.blocks.iter().enumerate() {
            for (inst_index, inst) in block.insts.iter().enumerate() {
                if let Op::Call(callee) = inst.op {
                    callers.entry(callee).or_default().push((func, block_index, inst_index));
                }
            }
        }
        functions.insert(func, Function::new(graph));
    }
    let nowhere = ((FuncId(u32::MAX), 0, 0), FuncId(u32::MAX), EVERYWHERE);
    let mut demander = Demander {
        module,
        functions,
        callers,
        contexts: vec![nowhere],
        seen: HashSet::new(),
        log: vec![],
        work: vec![],
        errors: vec![],
    };
    demander.roots();
    while let Some(request) = demander.work.pop() {
        demander.satisfy(request);
    }
    if !demander.errors.is_empty() {
        return Err(demander.errors);
    }
    let mut demanded: HashMap<FuncId, HashSet<VarId>> = HashMap::new();
    let mut everywhere = HashSet::new();
    for &(func, var, context) in &demander.seen {
        demanded.entry(func).or_default().insert(var);
        if context == EVERYWHERE {
            everywhere.insert((func, var));
        }
    }
    let deps = Deps::find(module, &demander.functions);
    let mut result = Demands { demanded, everywhere, deps };
    optional_joins(module, &demander.functions, &mut result);
    Ok(result)
}

impl<'m> Function<'m> {
    fn new(graph: &'m Graph) -> Function<'m> {
        let mut defs = vec![None; graph.vars.len()];
        let mut incoming = vec![vec![]; graph.blocks.len()];
        for (block_index, block) in graph.blocks.iter().enumerate() {
            for (index, var) in block.params.iter().enumerate() {
                defs[var.index()] = Some(Def::Param { block: block_index, index });
            }
            for (inst_index, inst) in block.insts.iter().enumerate() {
                for (result, var) in inst.results.iter().enumerate() {
                    defs[var.index()] = Some(Def::Inst { block: block_index, inst: inst_index, result });
                }
            }
            for link in block.term.links() {
                incoming[link.block.index()].push((block_index, link.args.as_slice()));
            }
        }
        Function { graph, defs, incoming }
    }
}

impl<'m> Demander<'m> {
    fn ask(&mut self, func: FuncId, arg: Arg, context: Context, cause: Option<usize>, what: String, span: Span) {
        let Arg::Var(var) = arg else { return };
        if self.seen.contains(&(func, var, EVERYWHERE)) || !self.seen.insert((func, var, context)) {
            return;
        }
        self.work.push(self.log.len());
        self.log.push(Request { func, var, context, cause, what, span });
    }

    /// The context of a callee at a call. What recursion depends on is asked of all calls.
    fn enter(&mut self, site: Site, callee: FuncId, from: Context) -> Context {
        let mut at = from;
        while at != EVERYWHERE {
            let (_, entered, parent) = self.contexts[at];
            if entered == callee {
                return EVERYWHERE;
            }
            at = parent;
        }
        let context = (site, callee, from);
        self.contexts.iter().position(|known| *known == context).unwrap_or_else(|| {
            self.contexts.push(context);
            self.contexts.len() - 1
        })
    }

    fn roots(&mut self) {
        let module = self.module;
        for (index, info) in module.funcs.iter().enumerate() {
            let FuncKind::Graph(graph) = &info.kind else { continue };
            let func = FuncId(index as u32);
            for block in &graph.blocks {
                for inst in &block.insts {
                    match inst.op {
                        Op::Concrete => {
                            let what = format!("`{}` must be green: it is made concrete", name(graph, inst.args[0]));
                            self.ask(func, inst.args[0], EVERYWHERE, None, what, inst.span);
                        }
                        Op::MergePoint => {
                            let Some(portal) = module.portals.iter().find(|portal| portal.func == func) else {
                                continue;
                            };
                            for &green in &portal.greens {
                                let arg = inst.args[green as usize];
                                let what = format!(
                                    "`{}` must be green: it is a green of the portal `{}`",
                                    info.params[green as usize].0, info.name
                                );
                                self.ask(func, arg, EVERYWHERE, None, what, inst.span);
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    fn fail(&mut self, request: usize, what: String, span: Span) {
        let mut chain = vec![Step { what, span }];
        let mut at = Some(request);
        while let Some(index) = at {
            chain.push(Step { what: self.log[index].what.clone(), span: self.log[index].span });
            at = self.log[index].cause;
        }
        chain.reverse();
        self.errors.push(HintError { chain });
    }

    fn satisfy(&mut self, request: usize) {
        let Request { func, var, context, .. } = self.log[request];
        let module = self.module;
        let function = &self.functions[&func];
        let graph = function.graph;
        let Some(def) = function.defs[var.index()] else { return };
        let this = name(graph, Arg::Var(var));
        match def {
            Def::Param { block: 0, index } => {
                let info = module.func(func);
                let parameter = info.params.get(index).map_or("?", |param| param.0.as_str());
                if let Some(portal) = module.portals.iter().find(|portal| portal.func == func) {
                    if !portal.greens.contains(&(index as u32)) {
                        let what = format!("`{parameter}` is a red of the portal `{}`", info.name);
                        let span = self.log[request].span;
                        self.fail(request, what, span);
                    }
                    return;
                }
                let (sites, from) = match context {
                    EVERYWHERE => (self.callers.get(&func).cloned().unwrap_or_default(), EVERYWHERE),
                    context => (vec![self.contexts[context].0], self.contexts[context].2),
                };
                for (caller, block, inst) in sites {
                    let graph = self.functions[&caller].graph;
                    let inst = &graph.blocks[block].insts[inst];
                    let what =
                        format!("`{}` is passed as `{parameter}` of `{}`", name(graph, inst.args[index]), info.name);
                    self.ask(caller, inst.args[index], from, Some(request), what, inst.span);
                }
            }
            Def::Param { block, index } => {
                let links: Vec<_> = function.incoming[block].clone();
                for (from, args) in links {
                    let span = graph.blocks[from].span;
                    let what = format!("`{this}` may be `{}`", name(graph, args[index]));
                    self.ask(func, args[index], context, Some(request), what, span);
                }
            }
            Def::Inst { block, inst: at, result } => {
                let inst = &graph.blocks[block].insts[at];
                match foldable(module, inst.op) {
                    Foldable::Yes => {
                        for &arg in &inst.args {
                            let what = format!("`{this}` is computed from `{}`", name(graph, arg));
                            self.ask(func, arg, context, Some(request), what, inst.span);
                        }
                    }
                    Foldable::Source => {}
                    Foldable::Call(callee) => {
                        let Some(graph) = module.graph(callee) else { return };
                        let inner = self.enter((func, block, at), callee, context);
                        for block in &graph.blocks {
                            if let Term::Return(values) = &block.term {
                                let what =
                                    format!("`{this}` is the result of `{}`, which returns", module.func(callee).name);
                                self.ask(callee, values[result], inner, Some(request), what, block.span);
                            }
                        }
                    }
                    Foldable::No(why) => self.fail(request, format!("`{this}` is red: {why}"), inst.span),
                }
            }
        }
    }
}

/// Joins that nothing demands but that are better green: those that decide the branch at the end of their block
/// (keeping the ways apart is jump threading), and all of a function marked `unroll`. Only where every incoming value
/// can be green.
fn optional_joins(module: &Module, functions: &HashMap<FuncId, Function<'_>>, demands: &mut Demands) {
    for (&func, function) in functions {
        let unroll = module.func(func).unroll;
        let mut candidates = vec![];
        for (index, block) in function.graph.blocks.iter().enumerate().skip(1) {
            if function.incoming[index].len() < 2 {
                continue;
            }
            for &param in &block.params {
                let decides = block.term.args().contains(&Arg::Var(param));
                let is_return = matches!(block.term, Term::Return(_));
                if unroll || (decides && !is_return) {
                    candidates.push(param);
                }
            }
        }
        for param in candidates {
            let mut visiting = HashSet::new();
            if greenable(module, function, func, Arg::Var(param), demands, &mut visiting) {
                demands.demanded.entry(func).or_default().extend(visiting);
            }
        }
    }
}

/// Whether the value can be green with what is inside this function alone; `visiting` collects what has to be.
fn greenable(
    module: &Module,
    function: &Function<'_>,
    func: FuncId,
    arg: Arg,
    demands: &Demands,
    visiting: &mut HashSet<VarId>,
) -> bool {
    let Arg::Var(var) = arg else { return true };
    if demands.contains(func, var) || !visiting.insert(var) {
        return true;
    }
    match function.defs[var.index()] {
        // Arguments may be red at some call; a portal's greens are demanded already.
        None => false,
        Some(Def::Param { block: 0, .. }) => module.func(func).unroll,
        Some(Def::Param { block, index }) => function.incoming[block]
            .iter()
            .all(|(_, args)| greenable(module, function, func, args[index], demands, visiting)),
        Some(Def::Inst { block, inst, .. }) => {
            let inst = &function.graph.blocks[block].insts[inst];
            match foldable(module, inst.op) {
                Foldable::Source => true,
                Foldable::Yes => inst.args.iter().all(|&arg| greenable(module, function, func, arg, demands, visiting)),
                Foldable::Call(_) | Foldable::No(_) => false,
            }
        }
    }
}

pub(super) enum Foldable {
    /// Green when its operands are.
    Yes,
    /// Green whatever its operand.
    Source,
    /// As the callee's returns.
    Call(FuncId),
    No(&'static str),
}

pub(super) fn foldable(module: &Module, op: Op) -> Foldable {
    match op {
        op if op.is_pure() => Foldable::Yes,
        Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Likely => Foldable::Yes,
        Op::Promote | Op::PromoteFew => Foldable::Source,
        Op::Load(field) | Op::LoadItem(field) => match module.field(field).mutability {
            // Relied on: what is known of a green address is green.
            Mutability::Immutable | Mutability::QuasiImmutable => Foldable::Yes,
            Mutability::Mutable => Foldable::No("it is read from a mutable field"),
            Mutability::Volatile => Foldable::No("it is read from an atomic, which other threads may write"),
        },
        Op::Call(callee) => {
            let info = module.func(callee);
            if info.elidable {
                Foldable::Yes
            } else if matches!(info.kind, FuncKind::Graph(_)) && !info.never_inline && !is_portal(module, callee) {
                Foldable::Call(callee)
            } else {
                Foldable::No("it is the result of a residual call")
            }
        }
        Op::CallIndirect(_) | Op::CallUnit(_) | Op::CallEntry(_) => {
            Foldable::No("it is the result of an indirect call")
        }
        Op::Variable => Foldable::No("it is made a variable"),
        _ => Foldable::No("it is no value"),
    }
}

pub(super) fn is_portal(module: &Module, func: FuncId) -> bool {
    module.portals.iter().any(|portal| portal.func == func)
}

pub(super) fn name(graph: &Graph, arg: Arg) -> String {
    match arg {
        Arg::Var(var) => Module::var_name(graph, var),
        Arg::Const(value) => value.to_string(),
    }
}
