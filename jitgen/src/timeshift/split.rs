//! Phase 1: blocks begin at every resume position.
//!
//! After this pass
//! * a promotion, and a read of a quasi-immutable field, is the only operation of its block: an exit there resumes at the block's start;
//! * no block that ends in a branch or switch has effects: an exit there resumes at the block's start too, so that the
//!   evaluator decides the branch once more and the profile sees which way it goes;
//! * an inlined call, or one that enters a unit, is the last operation of its block, which ends in a jump to the *continuation*, whose parameters
//!   are the call's results, one each, in order: where the return states of the callee meet;
//! * a merge point is the first operation of its block, and that block is not the entry.

use crate::flow::{Block, BlockId, FuncKind, Graph, Inst, Link, Module, Mutability, Op, Term};
use crate::hints::is_inlined;
use crate::transform::simplify::keep_blocks;

/// Splits the blocks of every graph of the module.
pub fn split(module: &mut Module) {
    for index in 0..module.funcs.len() {
        let FuncKind::Graph(graph) = &mut module.funcs[index].kind else { continue };
        let mut graph = std::mem::replace(graph, Graph::new(""));
        split_graph(&mut graph, module);
        module.funcs[index].kind = FuncKind::Graph(graph);
    }
}

fn split_graph(graph: &mut Graph, module: &Module) {
    let mut next = 0;
    while next < graph.blocks.len() {
        split_block(graph, module, next);
        next += 1;
    }
    // What was cut off lies near what leads to it again.
    let order = graph.reverse_postorder();
    keep_blocks(graph, &order);
}

/// Cuts one block at its first place that needs it; what follows becomes a new block, which is looked at later.
fn split_block(graph: &mut Graph, module: &Module, block: usize) {
    let count = graph.blocks[block].insts.len();
    for at in 0..count {
        let op = graph.blocks[block].insts[at].op;
        match op {
            Op::MergePoint if at > 0 || block == 0 => return cut(graph, block, at),
            op if decides_at_its_block(module, op) => {
                if at > 0 || block == 0 {
                    return cut(graph, block, at);
                }
                let is_done = count == 1 && matches!(graph.blocks[block].term, Term::Jump(_));
                if !is_done {
                    return cut(graph, block, at + 1);
                }
            }
            Op::Call(callee) if inlined(module, callee) => return cut_after_call(graph, block, at),
            op if module.enters(op).is_some() => return cut_after_call(graph, block, at),
            _ => {}
        }
    }
    let decides = matches!(graph.blocks[block].term, Term::Branch { .. } | Term::Switch { .. });
    if decides && graph.blocks[block].insts.iter().any(|inst| has_effects(module, inst.op)) {
        cut(graph, block, count);
    }
}

/// Promotions, and reads of what compiled code relies on: where it turns out to have changed, the unit is left.
fn decides_at_its_block(module: &Module, op: Op) -> bool {
    match op {
        Op::Promote | Op::PromoteFew => true,
        Op::Load(field) => module.field(field).mutability == Mutability::QuasiImmutable,
        _ => false,
    }
}

/// Whether performing it twice is more than performing it once.
fn has_effects(module: &Module, op: Op) -> bool {
    match op {
        Op::Store(_) | Op::StoreItem(_) => true,
        op => module.call_effects(op).is_some_and(|effects| !effects.is_effect_free()),
    }
}

/// The graphs being split are taken out of the module, so a function without a body here may have one.
fn inlined(module: &Module, callee: crate::flow::FuncId) -> bool {
    is_inlined(module, callee)
}

fn cut(graph: &mut Graph, block: usize, at: usize) {
    let rest = take_rest(graph, block, at);
    let target = BlockId(graph.blocks.len() as u32);
    graph.blocks.push(rest);
    graph.blocks[block].term = Term::Jump(Link { block: target, args: vec![] });
}

fn cut_after_call(graph: &mut Graph, block: usize, at: usize) {
    let is_done = at + 1 == graph.blocks[block].insts.len()
        && match &graph.blocks[block].term {
            Term::Jump(link) => {
                let results: Vec<_> = graph.blocks[block].insts[at].results.iter().map(|&var| var.into()).collect();
                link.args == results && single_link(graph, link.block)
            }
            _ => false,
        };
    if is_done {
        return;
    }
    let mut rest = take_rest(graph, block, at + 1);
    let results = std::mem::take(&mut graph.blocks[block].insts[at].results);
    let fresh: crate::flow::Results = results.iter().map(|var| graph.var(graph.vars[var.index()].ty, "")).collect();
    graph.blocks[block].insts[at].results = fresh.clone();
    rest.params = results.into_vec();
    let target = BlockId(graph.blocks.len() as u32);
    graph.blocks.push(rest);
    graph.blocks[block].term = Term::Jump(Link { block: target, args: fresh.into_iter().map(Into::into).collect() });
}

fn single_link(graph: &Graph, target: BlockId) -> bool {
    graph.blocks.iter().flat_map(|block| block.term.links()).filter(|link| link.block == target).count() == 1
}

/// Takes the operations from `at` on, with the terminator, out of a block.
fn take_rest(graph: &mut Graph, block: usize, at: usize) -> Block {
    let from = &mut graph.blocks[block];
    let insts: Vec<Inst> = from.insts.drain(at..).collect();
    let term = std::mem::replace(&mut from.term, Term::Unreachable);
    let span = insts.first().map_or(from.span, |inst| inst.span);
    let rest = Block { params: vec![], insts, term, span: from.span, cold: from.cold };
    from.span = span;
    rest
}
