//! Promotes once: what was promoted on every way to a place is known there.

use super::simplify::Replacements;
use crate::flow::{Arg, BlockId, Dominators, Graph, Op, VarId};
use std::collections::BTreeMap;

/// Replaces promotions of what is promoted already by its value. Says whether there were any.
pub fn reuse_promotions(graph: &mut Graph) -> bool {
    let dominators = Dominators::new(graph);
    let mut promoted: BTreeMap<VarId, Vec<(BlockId, VarId)>> = BTreeMap::new();
    let mut replacements = Replacements::new(graph);
    let mut changed = false;
    // What dominates a block comes before it.
    for &block in &dominators.order {
        graph.blocks[block.index()].insts.retain(|inst| {
            let (Op::Promote, &[Arg::Var(var)]) = (inst.op, &inst.args[..]) else { return true };
            let places = promoted.entry(var).or_default();
            match places.iter().find(|(above, _)| dominators.dominates(*above, block)) {
                Some(&(_, known)) => {
                    replacements.set(inst.results[0], known.into());
                    changed = true;
                    false
                }
                None => {
                    places.push((block, inst.results[0]));
                    true
                }
            }
        });
    }
    if changed {
        replacements.apply(graph);
    }
    changed
}
