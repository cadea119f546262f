//! Dominators of a graph's blocks, by the iteration of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm").

use super::{BlockId, Graph};

/// Immediate dominators.
pub(crate) struct Dominators {
    /// The blocks that can be reached, in reverse postorder.
    pub order: Vec<BlockId>,
    /// Position of each block in the reverse postorder; `None` for unreachable ones.
    position: Vec<Option<usize>>,
    /// By position in the reverse postorder; the entry's is itself.
    idom: Vec<usize>,
}

impl Dominators {
    pub fn new(graph: &Graph) -> Dominators {
        let order = graph.reverse_postorder();
        let mut position = vec![None; graph.blocks.len()];
        for (at, block) in order.iter().enumerate() {
            position[block.index()] = Some(at);
        }
        let mut preds = vec![vec![]; order.len()];
        for (at, block) in order.iter().enumerate() {
            for link in graph.blocks[block.index()].term.links() {
                preds[position[link.block.index()].expect("a successor of a reachable block")].push(at);
            }
        }
        const NONE: usize = usize::MAX;
        let mut idom = vec![NONE; order.len()];
        idom[0] = 0;
        let mut changed = true;
        while changed {
            changed = false;
            for at in 1..order.len() {
                let mut best = NONE;
                for &pred in &preds[at] {
                    if idom[pred] == NONE {
                        continue;
                    }
                    best = if best == NONE { pred } else { intersect(&idom, best, pred) };
                }
                if idom[at] != best {
                    idom[at] = best;
                    changed = true;
                }
            }
        }
        Dominators { order, position, idom }
    }

    pub fn reachable(&self, block: BlockId) -> bool {
        self.position[block.index()].is_some()
    }

    /// Of two reachable blocks.
    pub fn dominates(&self, above: BlockId, below: BlockId) -> bool {
        let (Some(above), Some(mut below)) = (self.position[above.index()], self.position[below.index()]) else {
            return false;
        };
        while below > above {
            below = self.idom[below];
        }
        below == above
    }
}

fn intersect(idom: &[usize], mut a: usize, mut b: usize) -> usize {
    while a != b {
        while a > b {
            a = idom[a];
        }
        while b > a {
            b = idom[b];
        }
    }
    a
}
