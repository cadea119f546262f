//! Natural loops of a graph.

use crate::flow::{BlockId, Graph, Op};
use std::collections::{BTreeMap, BTreeSet};

/// For each block the headers of the loops around it, outermost first. Loops headed by merge points are left out.
pub fn loops(graph: &Graph) -> Vec<Vec<BlockId>> {
    let order = graph.reverse_postorder();
    let mut number = vec![usize::MAX; graph.blocks.len()];
    for (position, block) in order.iter().enumerate() {
        number[block.index()] = position;
    }
    let mut predecessors = vec![vec![]; graph.blocks.len()];
    for &from in &order {
        for link in graph.blocks[from.index()].term.links() {
            predecessors[link.block.index()].push(from);
        }
    }
    let idom = dominators(&order, &number, &predecessors);
    let dominates = |above: usize, mut below: usize| {
        while below > above {
            below = idom[below];
        }
        below == above
    };
    let mut bodies: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for &from in &order {
        for link in graph.blocks[from.index()].term.links() {
            let (from, header) = (number[from.index()], number[link.block.index()]);
            if header <= from && dominates(header, from) {
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

/// Immediate dominators, by position in reverse postorder (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance
/// Algorithm").
fn dominators(order: &[BlockId], number: &[usize], predecessors: &[Vec<BlockId>]) -> Vec<usize> {
    let mut idom = vec![usize::MAX; order.len()];
    if !idom.is_empty() {
        idom[0] = 0;
    }
    let mut changed = true;
    while changed {
        changed = false;
        for position in 1..order.len() {
            let mut new = usize::MAX;
            for from in &predecessors[order[position].index()] {
                let mut from = number[from.index()];
                if idom[from] == usize::MAX {
                    continue;
                }
                if new == usize::MAX {
                    new = from;
                    continue;
                }
                while from != new {
                    while from > new {
                        from = idom[from];
                    }
                    while new > from {
                        new = idom[new];
                    }
                }
            }
            if idom[position] != new {
                idom[position] = new;
                changed = true;
            }
        }
    }
    idom
}
