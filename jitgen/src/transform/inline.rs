//! Inlines functions into their callers' graphs: trivial ones (one block, few operations, no calls but of opaque functions:
//! constructors, accessors, forwarders), and those that their source marks `#[inline(always)]`. Keeps graphs small for
//! whoever reads them, lets what a call site knows be folded before anything runs, and saves the generating extension
//! many frames.

use super::promotions::reuse_promotions;
use super::simplify;
use crate::flow::{Arg, Block, BlockId, FuncId, Graph, Link, Op, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The largest function that is trivial, in operations.
pub const LIMIT: usize = 16;

/// The largest that is inlined because it says so, in blocks, after what it calls itself was inlined.
const MOST_BLOCKS: usize = 128;

/// What may become of the calls of a function.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// They stay calls.
    Never,
    /// If it is trivial.
    Trivial,
    /// `#[inline(always)]`
    Always,
}

/// Inlines in all graphs. Keys are the numbers in [`Op::Call`].
pub fn inline(graphs: &mut BTreeMap<u32, Graph>, may: impl Fn(u32) -> Inline) {
    let mut inliner = Inliner { may: &may, done: BTreeSet::new(), graphs };
    let ids: Vec<u32> = inliner.graphs.keys().copied().collect();
    for id in ids {
        inliner.function(id, &mut vec![]);
    }
}

struct Inliner<'a, F> {
    may: &'a F,
    done: BTreeSet<u32>,
    graphs: &'a mut BTreeMap<u32, Graph>,
}

impl<F: Fn(u32) -> Inline> Inliner<'_, F> {
    /// Inlines in a function, after all that it calls. `callers` are being worked on.
    fn function(&mut self, id: u32, callers: &mut Vec<u32>) {
        if callers.contains(&id) || self.done.contains(&id) {
            return;
        }
        callers.push(id);
        let callees: BTreeSet<FuncId> = self.graphs[&id].called().collect();
        for callee in callees.into_iter().filter(|callee| self.graphs.contains_key(&callee.0)).collect::<Vec<_>>() {
            self.function(callee.0, callers);
        }
        callers.pop();
        self.done.insert(id);
        let mut graph = std::mem::replace(self.graphs.get_mut(&id).expect("just looked at"), Graph::new(""));
        if self.inline_into(&mut graph, id, callers) {
            simplify(&mut graph);
            if reuse_promotions(&mut graph) {
                simplify(&mut graph);
            }
        }
        self.graphs.insert(id, graph);
    }

    fn inline_into(&self, graph: &mut Graph, id: u32, callers: &[u32]) -> bool {
        let mut changed = false;
        let mut block = 0;
        while block < graph.blocks.len() {
            let callee = graph.blocks[block].insts.iter().enumerate().find_map(|(at, inst)| match inst.op {
                // What is being worked on is recursive: it calls what called it.
                Op::Call(callee) if callee.0 != id && !callers.contains(&callee.0) => {
                    Some((at, self.graphs.get(&callee.0).filter(|graph| self.is_inlined(callee.0, graph))?))
                }
                _ => None,
            });
            match callee {
                Some((at, callee)) => {
                    splice(graph, block, at, callee);
                    changed = true;
                }
                None => block += 1,
            }
        }
        changed
    }

    fn is_inlined(&self, id: u32, graph: &Graph) -> bool {
        let merges = graph.blocks.iter().flat_map(|block| &block.insts).any(|inst| inst.op == Op::MergePoint);
        // All that calls it back was inlined in it before, or calls it through something that does.
        let is_recursive = || graph.called().any(|callee| callee.0 == id);
        match (self.may)(id) {
            Inline::Never => false,
            _ if merges || is_recursive() => false,
            Inline::Trivial => self.is_trivial(graph),
            Inline::Always => graph.blocks.len() <= MOST_BLOCKS || self.is_trivial(graph),
        }
    }

    /// Whether the graph is so simple that a call to it is never worth keeping.
    fn is_trivial(&self, graph: &Graph) -> bool {
        let [block] = &graph.blocks[..] else { return false };
        matches!(block.term, Term::Return(_))
            && block.insts.len() <= LIMIT
            && graph.called().all(|callee| !self.graphs.contains_key(&callee.0))
    }
}

/// Puts a copy of the callee in place of the call that is operation `at` of the block: the block ends in a jump to the
/// copy, which jumps on to what followed the call, with the results for parameters.
fn splice(graph: &mut Graph, block: usize, at: usize, callee: &Graph) {
    let first = graph.blocks.len();
    let from = &mut graph.blocks[block];
    let rest = from.insts.split_off(at + 1);
    let call = from.insts.pop().expect("the call");
    let entry = Link { block: BlockId(first as u32), args: call.args.into_vec() };
    let continuation = Block {
        params: call.results.into_vec(),
        insts: rest,
        term: std::mem::replace(&mut from.term, Term::Jump(entry)),
        span: call.span,
        cold: from.cold,
    };
    let after = BlockId((first + callee.blocks.len()) as u32);
    let base = graph.vars.len() as u32;
    graph.vars.extend(callee.vars.iter().cloned());
    let is_cold = continuation.cold;
    for copied in &callee.blocks {
        let mut copy = copied.clone();
        copy.cold |= is_cold;
        copy.params.iter_mut().for_each(|var| var.0 += base);
        let shift = |arg: &mut Arg| {
            if let Arg::Var(var) = arg {
                var.0 += base;
            }
        };
        for inst in &mut copy.insts {
            inst.args.iter_mut().for_each(shift);
            inst.results.iter_mut().for_each(|var| var.0 += base);
        }
        simplify::for_each_arg(&mut copy.term, shift);
        for link in copy.term.links_mut() {
            link.block.0 += first as u32;
        }
        if let Term::Return(values) = &mut copy.term {
            copy.term = Term::Jump(Link { block: after, args: std::mem::take(values) });
        }
        graph.blocks.push(copy);
    }
    graph.blocks.push(continuation);
}
