//! Inlines trivial functions: one block, few operations, no calls but of opaque functions (constructors, accessors,
//! forwarders). Keeps graphs small for whoever reads them, and saves the generating extension many frames.

use super::simplify;
use crate::flow::{Arg, Graph, Inst, Op, Term, VarId};
use std::collections::BTreeMap;

/// The largest function inlined, in operations.
pub const LIMIT: usize = 16;

/// Whether the graph is so simple that a call to it is never worth keeping.
fn is_trivial(graph: &Graph, graphs: &BTreeMap<u32, Graph>) -> bool {
    let [block] = &graph.blocks[..] else { return false };
    let allowed = |inst: &Inst| match inst.op {
        Op::Call(id) => !graphs.contains_key(&id.0),
        op => op != Op::MergePoint,
    };
    matches!(block.term, Term::Return(_)) && block.insts.len() <= LIMIT && block.insts.iter().all(allowed)
}

/// Inlines until no trivial function is called. Keys are the numbers in [`Op::Call`]; `may` tells which may be inlined.
pub fn inline_trivial(graphs: &mut BTreeMap<u32, Graph>, may: impl Fn(u32) -> bool) {
    loop {
        let trivial = graphs.iter().filter(|(id, graph)| may(**id) && is_trivial(graph, graphs));
        let trivial: BTreeMap<u32, Graph> = trivial.map(|(id, graph)| (*id, graph.clone())).collect();
        let mut changed = false;
        for graph in graphs.values_mut() {
            if inline_into(graph, &trivial) {
                simplify(graph);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

fn inline_into(graph: &mut Graph, trivial: &BTreeMap<u32, Graph>) -> bool {
    let mut replaced: BTreeMap<VarId, Arg> = BTreeMap::new();
    let mut changed = false;
    for at in 0..graph.blocks.len() {
        let insts = std::mem::take(&mut graph.blocks[at].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            inst.args.iter_mut().for_each(|arg| *arg = resolve(&replaced, *arg));
            let callee = match inst.op {
                Op::Call(id) => trivial.get(&id.0),
                _ => None,
            };
            match callee {
                Some(callee) => {
                    let results = splice(graph, &mut out, callee, &inst.args);
                    changed = true;
                    replaced.extend(inst.results.into_iter().zip(results));
                }
                None => out.push(inst),
            }
        }
        graph.blocks[at].insts = out;
    }
    for block in &mut graph.blocks {
        block.insts.iter_mut().flat_map(|inst| &mut inst.args).for_each(|arg| *arg = resolve(&replaced, *arg));
        simplify::for_each_arg(&mut block.term, |arg| *arg = resolve(&replaced, *arg));
    }
    changed
}

fn resolve(replaced: &BTreeMap<VarId, Arg>, mut arg: Arg) -> Arg {
    while let Arg::Var(var) = arg {
        match replaced.get(&var) {
            Some(to) => arg = *to,
            None => break,
        }
    }
    arg
}

/// Appends the callee's operations; gives its results.
fn splice(graph: &mut Graph, out: &mut Vec<Inst>, callee: &Graph, args: &[Arg]) -> Vec<Arg> {
    let block = &callee.blocks[0];
    let mut map: Vec<Option<Arg>> = vec![None; callee.vars.len()];
    for (param, &arg) in block.params.iter().zip(args) {
        map[param.index()] = Some(arg);
    }
    let rename = |map: &[Option<Arg>], arg: Arg| match arg {
        Arg::Var(var) => map[var.index()].expect("definitions dominate uses"),
        constant => constant,
    };
    for inst in &block.insts {
        let args = inst.args.iter().map(|&arg| rename(&map, arg)).collect();
        let mut results = vec![];
        for result in &inst.results {
            let info = callee.vars[result.index()].clone();
            let var = graph.var(info.ty, info.name);
            map[result.index()] = Some(var.into());
            results.push(var);
        }
        out.push(Inst { op: inst.op, args, results, span: inst.span });
    }
    match &block.term {
        Term::Return(values) => values.iter().map(|&value| rename(&map, value)).collect(),
        _ => vec![],
    }
}
