//! Simplification of a graph: removes what does not matter, changes nothing that does.
//!
//! In rounds until nothing changes: branches on constants become jumps; blocks that nothing reaches go; parameters that
//! always get the same argument, and results that can be seen from the operands, are replaced; operations whose results
//! nobody wants go, reads included; a block is appended to its only predecessor; links through empty blocks go straight;
//! constants are returned where they are known.
//! A merge point stays the first operation of its block.

use super::fold::{fold, identity};
use crate::flow::{Arg, Block, BlockId, Const, ConvOp, Graph, Inst, Link, Op, Term, UnOp, VarId};

pub fn simplify(graph: &mut Graph) {
    loop {
        let mut changed = fold_branches(graph);
        changed |= remove_unreachable(graph);
        changed |= propagate(graph);
        changed |= remove_dead(graph);
        changed |= skip_empty_blocks(graph);
        changed |= split_returns(graph);
        changed |= merge_blocks(graph);
        if !changed {
            break;
        }
    }
    renumber(graph);
}

/// Of residual graphs, whose operations are simple already: links through empty blocks go straight, and a block is appended
/// to its only predecessor. A loop's back edge is then the branch that decides over it.
pub fn straighten(graph: &mut Graph) {
    loop {
        let mut changed = skip_empty_blocks(graph);
        changed |= remove_unreachable(graph);
        changed |= merge_blocks(graph);
        if !changed {
            break;
        }
    }
}

/// Branches and switches that go one way only.
fn fold_branches(graph: &mut Graph) -> bool {
    let mut changed = false;
    for block in &mut graph.blocks {
        let target = match &block.term {
            Term::Branch { cond: Arg::Const(cond), then_to, else_to } => {
                Some(if cond.bits != 0 { then_to } else { else_to }.clone())
            }
            Term::Branch { then_to, else_to, .. } if then_to == else_to => Some(then_to.clone()),
            Term::Switch { value: Arg::Const(value), cases, default } => {
                let case = cases.iter().find(|(bits, _)| *bits == value.bits);
                Some(case.map_or(default, |(_, link)| link).clone())
            }
            Term::Switch { cases, default, .. } if cases.iter().all(|(_, link)| link == default) => {
                Some(default.clone())
            }
            _ => None,
        };
        if let Some(target) = target {
            block.term = Term::Jump(target);
            changed = true;
        }
    }
    changed
}

/// Compacts the list of blocks to those reached, in reverse postorder.
fn remove_unreachable(graph: &mut Graph) -> bool {
    let order = graph.reverse_postorder();
    if order.len() == graph.blocks.len() {
        return false;
    }
    keep_blocks(graph, &order);
    true
}

/// Puts the blocks into this order; those that are not in it go, and nothing leads to them.
pub fn keep_blocks(graph: &mut Graph, order: &[BlockId]) {
    let mut renamed = vec![BlockId(u32::MAX); graph.blocks.len()];
    for (new, old) in order.iter().enumerate() {
        renamed[old.index()] = BlockId(new as u32);
    }
    let mut blocks = Vec::with_capacity(order.len());
    for old in order {
        let mut block = std::mem::take(&mut graph.blocks[old.index()]);
        for link in block.term.links_mut() {
            link.block = renamed[link.block.index()];
        }
        blocks.push(block);
    }
    graph.blocks = blocks;
}

/// What each variable is replaced by.
pub(super) struct Replacements(Vec<Option<Arg>>);

impl Replacements {
    pub fn new(graph: &Graph) -> Self {
        Replacements(vec![None; graph.vars.len()])
    }

    fn resolve(&self, mut arg: Arg) -> Arg {
        while let Arg::Var(var) = arg {
            match self.0[var.index()] {
                Some(to) => arg = to,
                None => break,
            }
        }
        arg
    }

    pub fn set(&mut self, var: VarId, to: Arg) {
        self.0[var.index()] = Some(to);
    }

    pub fn apply(&self, graph: &mut Graph) {
        for block in &mut graph.blocks {
            for inst in &mut block.insts {
                inst.args.iter_mut().for_each(|arg| *arg = self.resolve(*arg));
            }
            for_each_arg(&mut block.term, |arg| *arg = self.resolve(*arg));
        }
    }
}

/// All operands of a terminator, link arguments included.
pub(super) fn for_each_arg(term: &mut Term, mut f: impl FnMut(&mut Arg)) {
    match term {
        Term::Branch { cond, .. } => f(cond),
        Term::Switch { value, .. } => f(value),
        Term::Return(args) | Term::Exit { args, .. } => args.iter_mut().for_each(&mut f),
        Term::Jump(_) | Term::Unreachable => {}
    }
    for link in term.links_mut() {
        link.args.iter_mut().for_each(&mut f);
    }
}

/// Parameters that get one value only, and operations whose results are known.
fn propagate(graph: &mut Graph) -> bool {
    let mut replacements = Replacements::new(graph);
    let mut changed = false;
    // Arguments by block and parameter.
    let mut incoming: Vec<Vec<Vec<Arg>>> = graph.blocks.iter().map(|block| vec![vec![]; block.params.len()]).collect();
    for block in &graph.blocks {
        for link in block.term.links() {
            for (args, &arg) in incoming[link.block.index()].iter_mut().zip(&link.args) {
                args.push(arg);
            }
        }
    }
    let order = graph.reverse_postorder();
    let mut definitions: Vec<Option<(Op, Vec<Arg>)>> = vec![None; graph.vars.len()];
    let mut again = true;
    while again {
        again = false;
        for &id in &order {
            if id != Graph::ENTRY {
                for (index, &param) in graph.blocks[id.index()].params.iter().enumerate() {
                    if replacements.0[param.index()].is_some() {
                        continue;
                    }
                    if let Some(value) = only_value(&replacements, param, &incoming[id.index()][index]) {
                        replacements.set(param, value);
                        (again, changed) = (true, true);
                    }
                }
            }
            for inst in &graph.blocks[id.index()].insts {
                let done = inst.results.iter().all(|var| replacements.0[var.index()].is_some());
                if inst.results.is_empty() || done {
                    continue;
                }
                let args: Vec<Arg> = inst.args.iter().map(|&arg| replacements.resolve(arg)).collect();
                if let Some(values) = known_results(graph, inst.op, &args, &definitions) {
                    for (&var, value) in inst.results.iter().zip(values) {
                        replacements.set(var, value);
                    }
                    (again, changed) = (true, true);
                } else {
                    definitions[inst.results[0].index()] = Some((inst.op, args));
                }
            }
        }
    }
    if changed {
        replacements.apply(graph);
        for block in &mut graph.blocks {
            block.insts.retain(|inst| {
                inst.results.is_empty() || inst.results.iter().any(|var| replacements.0[var.index()].is_none())
            });
        }
        let replaced = |var: &VarId| replacements.0[var.index()].is_some();
        drop_params(graph, |id, var| id != Graph::ENTRY && replaced(&var));
    }
    changed
}

/// The one value a parameter gets, besides itself.
fn only_value(replacements: &Replacements, param: VarId, args: &[Arg]) -> Option<Arg> {
    let mut only = None;
    for &arg in args {
        let arg = replacements.resolve(arg);
        if arg == Arg::Var(param) {
            continue;
        }
        match only {
            None => only = Some(arg),
            // A `NaN` is the same constant only if its bits are; `Const` compares bits.
            Some(before) if before == arg => {}
            Some(_) => return None,
        }
    }
    only
}

/// Results of an operation that need no operation.
fn known_results(graph: &Graph, op: Op, args: &[Arg], definitions: &[Option<(Op, Vec<Arg>)>]) -> Option<Vec<Arg>> {
    let constant = |arg: &Arg| match arg {
        Arg::Const(value) => Some(*value),
        Arg::Var(_) => None,
    };
    if let Some(constants) = args.iter().map(constant).collect::<Option<Vec<Const>>>()
        && let Some(values) = fold(op, &constants)
    {
        return Some(values.into_iter().map(Arg::Const).collect());
    }
    if let Some(value) = identity(op, args) {
        return Some(vec![value]);
    }
    // Two that cancel out.
    let Some(Arg::Var(var)) = args.first() else { return None };
    let (inner, inner_args) = definitions[var.index()].as_ref()?;
    match (op, inner) {
        (Op::Un(UnOp::Not), Op::Un(UnOp::Not)) | (Op::Un(UnOp::Neg), Op::Un(UnOp::Neg)) => Some(vec![inner_args[0]]),
        (Op::Conv(ConvOp::Bitcast, to), Op::Conv(ConvOp::Bitcast, _)) if graph.ty(inner_args[0]) == to => {
            Some(vec![inner_args[0]])
        }
        _ => None,
    }
}

/// Operations nobody needs, and parameters nobody reads.
fn remove_dead(graph: &mut Graph) -> bool {
    let mut live = vec![false; graph.vars.len()];
    let mut work: Vec<VarId> = vec![];
    let mark = |arg: &Arg, live: &mut Vec<bool>, work: &mut Vec<VarId>| {
        if let Arg::Var(var) = arg
            && !std::mem::replace(&mut live[var.index()], true)
        {
            work.push(*var);
        }
    };
    #[derive(Copy, Clone)]
    enum Def {
        Inst(usize, usize),
        Param(usize, usize),
    }
    let mut defs = vec![None; graph.vars.len()];
    let mut predecessors: Vec<Vec<usize>> = vec![vec![]; graph.blocks.len()];
    for (at, block) in graph.blocks.iter().enumerate() {
        for (index, param) in block.params.iter().enumerate() {
            defs[param.index()] = Some(Def::Param(at, index));
        }
        for (index, inst) in block.insts.iter().enumerate() {
            for result in &inst.results {
                defs[result.index()] = Some(Def::Inst(at, index));
            }
            if has_effect(inst.op) {
                inst.args.iter().for_each(|arg| mark(arg, &mut live, &mut work));
            }
        }
        block.term.args().iter().for_each(|arg| mark(arg, &mut live, &mut work));
        for link in block.term.links() {
            predecessors[link.block.index()].push(at);
        }
    }
    for sources in &mut predecessors {
        sources.dedup();
    }
    while let Some(var) = work.pop() {
        match defs[var.index()] {
            Some(Def::Inst(block, index)) => {
                graph.blocks[block].insts[index].args.iter().for_each(|arg| mark(arg, &mut live, &mut work));
            }
            Some(Def::Param(block, index)) => {
                for &source in &predecessors[block] {
                    for link in graph.blocks[source].term.links() {
                        if link.block.index() == block
                            && let Some(arg) = link.args.get(index)
                        {
                            mark(arg, &mut live, &mut work);
                        }
                    }
                }
            }
            None => {}
        }
    }
    let mut changed = false;
    for block in &mut graph.blocks {
        let before = block.insts.len();
        block.insts.retain(|inst| has_effect(inst.op) || inst.results.iter().any(|var| live[var.index()]));
        changed |= block.insts.len() != before;
    }
    changed | drop_params(graph, |id, var| id != Graph::ENTRY && !live[var.index()])
}

/// Reads have no effect. `concrete` is a claim, which stands although nobody wants its result.
fn has_effect(op: Op) -> bool {
    match op {
        Op::Load(_) | Op::LoadItem(_) => false,
        Op::Promote | Op::PromoteFew | Op::Variable | Op::Likely => false,
        op => !op.is_pure(),
    }
}

/// Removes parameters, and the arguments for them.
fn drop_params(graph: &mut Graph, drop: impl Fn(BlockId, VarId) -> bool) -> bool {
    let keep: Vec<Vec<bool>> = graph
        .blocks
        .iter()
        .enumerate()
        .map(|(at, block)| block.params.iter().map(|&param| !drop(BlockId(at as u32), param)).collect())
        .collect();
    if keep.iter().flatten().all(|&keep| keep) {
        return false;
    }
    for (block, keep_params) in graph.blocks.iter_mut().zip(&keep) {
        let mut kept = keep_params.iter();
        block.params.retain(|_| kept.next() != Some(&false));
        for link in block.term.links_mut() {
            let mut kept = keep[link.block.index()].iter();
            link.args.retain(|_| kept.next() != Some(&false));
        }
    }
    true
}

/// Links to a block that only jumps on go to where it leads, if its parameters matter to its own link alone.
fn skip_empty_blocks(graph: &mut Graph) -> bool {
    let mut used_elsewhere = vec![false; graph.vars.len()];
    for block in &mut graph.blocks {
        let own = if forwards(block) { block.params.clone() } else { vec![] };
        let mut note = |arg: &Arg| {
            if let Arg::Var(var) = arg
                && !own.contains(var)
            {
                used_elsewhere[var.index()] = true;
            }
        };
        block.insts.iter().flat_map(|inst| &inst.args).for_each(&mut note);
        for_each_arg(&mut block.term, |arg| note(arg));
    }
    let skippable = |block: &Block| forwards(block) && !block.params.iter().any(|param| used_elsewhere[param.index()]);
    let mut through: Vec<Option<(Vec<VarId>, Link)>> = graph
        .blocks
        .iter()
        .map(|block| match &block.term {
            Term::Jump(link) if skippable(block) => Some((block.params.clone(), link.clone())),
            _ => None,
        })
        .collect();
    // Nothing links to the entry; an endless empty loop leads nowhere else.
    through[0] = None;
    for (at, entry) in through.iter_mut().enumerate() {
        if entry.as_ref().is_some_and(|(_, link)| link.block.index() == at) {
            *entry = None;
        }
    }
    // Nor to another such block: what leads on is read as it was before, so a chain takes a round a link.
    for at in 0..through.len() {
        if through[at].as_ref().is_some_and(|(_, link)| through[link.block.index()].is_some()) {
            through[at] = None;
        }
    }
    let mut changed = false;
    for block in &mut graph.blocks {
        for link in block.term.links_mut() {
            if let Some((params, onward)) = &through[link.block.index()] {
                let args = onward.args.iter().map(|arg| match arg {
                    Arg::Var(var) => match params.iter().position(|param| param == var) {
                        Some(index) => link.args[index],
                        None => *arg,
                    },
                    constant => *constant,
                });
                *link = Link { block: onward.block, args: args.collect() };
                changed = true;
            }
        }
    }
    changed
}

/// A block that does nothing but return its parameters is copied to those who pass it constants: what a function returns
/// then shows which way was taken, as if the source had a `return` there.
fn split_returns(graph: &mut Graph) -> bool {
    let mut changed = false;
    for at in 1..graph.blocks.len() {
        let block = &graph.blocks[at];
        let Term::Return(values) = &block.term else { continue };
        let is_own = |arg: &Arg| matches!(arg, Arg::Const(_)) || block.params.iter().any(|&param| *arg == param.into());
        if !block.insts.is_empty() || block.params.is_empty() || !values.iter().all(is_own) {
            continue;
        }
        let (params, values, span, cold) = (block.params.clone(), values.clone(), block.span, block.cold);
        for from in 0..graph.blocks.len() {
            let mut fresh = vec![];
            let count = graph.blocks.len();
            for link in graph.blocks[from].term.links_mut() {
                if link.block.index() != at || !link.args.iter().any(|arg| matches!(arg, Arg::Const(_))) {
                    continue;
                }
                let args = std::mem::take(&mut link.args);
                link.block = BlockId((count + fresh.len()) as u32);
                let returned =
                    values.iter().map(|value| match params.iter().position(|&param| *value == param.into()) {
                        Some(index) => args[index],
                        None => *value,
                    });
                fresh.push(Block { params: vec![], insts: vec![], term: Term::Return(returned.collect()), span, cold });
            }
            changed |= !fresh.is_empty();
            graph.blocks.extend(fresh);
        }
    }
    changed
}

fn forwards(block: &Block) -> bool {
    block.insts.is_empty() && matches!(block.term, Term::Jump(_))
}

/// Appends blocks to their only predecessor.
fn merge_blocks(graph: &mut Graph) -> bool {
    let mut count = vec![0; graph.blocks.len()];
    for block in &graph.blocks {
        for link in block.term.links() {
            count[link.block.index()] += 1;
        }
    }
    let mut changed = false;
    let mut replacements = Replacements::new(graph);
    for at in 0..graph.blocks.len() {
        while let Term::Jump(link) = &graph.blocks[at].term {
            let next = link.block;
            let starts_merge = graph.blocks[next.index()].insts.first().is_some_and(|inst| inst.op == Op::MergePoint);
            let first = graph.blocks[at].insts.is_empty() && at != 0;
            if count[next.index()] != 1 || next.index() == at || (starts_merge && !first) {
                break;
            }
            let args = link.args.clone();
            let follower = std::mem::take(&mut graph.blocks[next.index()]);
            count[next.index()] = 0;
            for (&param, arg) in follower.params.iter().zip(args) {
                replacements.set(param, arg);
            }
            let block = &mut graph.blocks[at];
            block.insts.extend(follower.insts);
            (block.term, block.span) = (follower.term, follower.span);
            // What surely leads to an unlikely block is unlikely; but no backend moves the entry out of line.
            block.cold |= follower.cold && at != 0;
            changed = true;
        }
    }
    if changed {
        replacements.apply(graph);
        remove_unreachable(graph);
    }
    changed
}

/// Blocks in reverse postorder; variables numbered in the order of their definitions.
fn renumber(graph: &mut Graph) {
    let order = graph.reverse_postorder();
    keep_blocks(graph, &order);
    let mut renamed: Vec<Option<VarId>> = vec![None; graph.vars.len()];
    let mut vars = vec![];
    let mut define = |var: &mut VarId| {
        let new = VarId(vars.len() as u32);
        vars.push(graph.vars[var.index()].clone());
        renamed[var.index()] = Some(new);
        *var = new;
    };
    for block in &mut graph.blocks {
        block.params.iter_mut().for_each(&mut define);
        for Inst { results, .. } in &mut block.insts {
            results.iter_mut().for_each(&mut define);
        }
    }
    let rename = |arg: &mut Arg| {
        if let Arg::Var(var) = arg {
            *var = renamed[var.index()].expect("definitions dominate uses");
        }
    };
    for block in &mut graph.blocks {
        block.insts.iter_mut().flat_map(|inst| &mut inst.args).for_each(rename);
        for_each_arg(&mut block.term, rename);
    }
    graph.vars = vars;
}
