//! Natural loops of a graph.

use crate::flow::{BlockId, Dominators, Graph, Op};
use std::collections::{BTreeMap, BTreeSet};

/// For each block the headers of the loops around it, outermost first. Loops headed by merge points are left out.
pub fn loops(graph: &Graph) -> Vec<Vec<BlockId>> {
    let dominators = Dominators::new(graph);
    let order = &dominators.order;
    let mut number = vec![usize::MAX; graph.blocks.len()];
    let mut predecessors = vec![vec![]; graph.blocks.len()];
    for (position, &from) in order.iter().enumerate() {
        number[from.index()] = position;
        for link in graph.blocks[from.index()].term.links() {
            predecessors[link.block.index()].push(from);
        }
    }
    let mut bodies: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for &from in order {
        for link in graph.blocks[from.index()].term.links() {
            let is_back = dominators.dominates(link.block, from);
            let (from, header) = (number[from.index()], number[link.block.index()]);
            if is_back {
                let body = bodies.entry(header).or_default();
                body.insert(header);
                let mut work = vec![from];
                while let Some(block) = work.pop() {
                    if body.insert(block) {
                        work.extend(predecessors[order[block].index()].iter().map(|block| number[block.index()]));
                    }
                }
            }
        }
    }
    bodies.retain(|&header, _| {
        let first = graph.blocks[order[header].index()].insts.first();
        !first.is_some_and(|inst| inst.op == Op::MergePoint)
    });
    let mut around = vec![vec![]; graph.blocks.len()];
    let mut by_size: Vec<(usize, BTreeSet<usize>)> = bodies.into_iter().collect();
    by_size.sort_by_key(|(header, body)| (std::cmp::Reverse(body.len()), *header));
    for (header, body) in by_size {
        for block in body {
            around[order[block].index()].push(order[header]);
        }
    }
    around
}
