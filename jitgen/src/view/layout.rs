//! A layered layout of blocks: each below those that lead to it, loops closed by links that go up.
//!
//! Layers are longest paths over the links that go forward in reverse postorder; inside a layer, blocks stand in the
//! order of the mean position of those they are linked from and to (a few sweeps); places are dealt out from the left, and each
//! layer is centred.

use crate::flow::{BlockId, Graph};

/// Distances in pixels.
const BETWEEN: f64 = 24.0;
const LAYERS_APART: f64 = 44.0;

/// A block's place.
#[derive(Copy, Clone, PartialEq, Debug, Default)]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub layer: usize,
}

/// Places of the reachable blocks; of the others `None`.
#[derive(Clone, Debug)]
pub struct Layout {
    pub places: Vec<Option<Place>>,
    pub width: f64,
    pub height: f64,
}

/// Lays out blocks of the given widths and heights.
pub fn layout(graph: &Graph, sizes: &[(f64, f64)]) -> Layout {
    let order = graph.reverse_postorder();
    let mut number = vec![usize::MAX; graph.blocks.len()];
    for (index, block) in order.iter().enumerate() {
        number[block.index()] = index;
    }
    let forward = |from: BlockId| {
        let links = graph.blocks[from.index()].term.links().into_iter().map(|link| link.block);
        links.filter(|to| number[to.index()] > number[from.index()]).collect::<Vec<_>>()
    };
    let mut layer = vec![0; graph.blocks.len()];
    for &block in &order {
        for to in forward(block) {
            layer[to.index()] = layer[to.index()].max(layer[block.index()] + 1);
        }
    }
    let count = order.iter().map(|block| layer[block.index()] + 1).max().unwrap_or(0);
    let mut layers: Vec<Vec<usize>> = vec![vec![]; count];
    for block in &order {
        layers[layer[block.index()]].push(block.index());
    }
    let mut neighbours = vec![vec![]; graph.blocks.len()];
    for &block in &order {
        for to in forward(block) {
            neighbours[block.index()].push(to.index());
            neighbours[to.index()].push(block.index());
        }
    }
    sweep(&mut layers, &layer, &neighbours);
    place(&layers, sizes, graph.blocks.len())
}

/// Orders the blocks of each layer by where their neighbours stand, downwards and upwards.
fn sweep(layers: &mut [Vec<usize>], layer: &[usize], neighbours: &[Vec<usize>]) {
    let mut position = vec![0.0; layer.len()];
    let note = |blocks: &[usize], position: &mut [f64]| {
        for (index, &block) in blocks.iter().enumerate() {
            position[block] = (index as f64 + 0.5) / blocks.len() as f64;
        }
    };
    layers.iter().for_each(|blocks| note(blocks, &mut position));
    for round in 0..6 {
        let down = round % 2 == 0;
        for step in 0..layers.len() {
            let at = if down { step } else { layers.len() - 1 - step };
            let mean = |block: usize| {
                let side = neighbours[block].iter().filter(|&&other| (layer[other] < at) == down);
                let (sum, count) = side.fold((0.0, 0), |(sum, count), &other| (sum + position[other], count + 1));
                if count == 0 { position[block] } else { sum / f64::from(count) }
            };
            let mut keyed: Vec<(f64, usize)> = layers[at].iter().map(|&block| (mean(block), block)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[at] = keyed.into_iter().map(|(_, block)| block).collect();
            note(&layers[at], &mut position);
        }
    }
}

fn place(layers: &[Vec<usize>], sizes: &[(f64, f64)], count: usize) -> Layout {
    let mut places = vec![None; count];
    let widths = layers.iter().map(|blocks| {
        blocks.iter().map(|&block| sizes[block].0).sum::<f64>() + BETWEEN * blocks.len().saturating_sub(1) as f64
    });
    let widths: Vec<f64> = widths.collect();
    let width = widths.iter().copied().fold(0.0, f64::max);
    let mut y = 0.0;
    for (layer, (blocks, own)) in layers.iter().zip(widths).enumerate() {
        let mut x = (width - own) / 2.0;
        let mut tallest: f64 = 0.0;
        for &block in blocks {
            let (width, height) = sizes[block];
            places[block] = Some(Place { x, y, width, height, layer });
            x += width + BETWEEN;
            tallest = tallest.max(height);
        }
        y += tallest + LAYERS_APART;
    }
    Layout { places, width, height: (y - LAYERS_APART).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Const, Link, Term, Ty};

    fn to(block: BlockId) -> Link {
        Link { block, args: vec![] }
    }

    /// A loop with a branch in it: 0 to 1, 1 to 2 and 3, both to 4, 4 back to 1 or to 5; 6 is not reachable.
    fn graph() -> Graph {
        let mut graph = Graph::new("g");
        let blocks: Vec<BlockId> = std::iter::once(Graph::ENTRY).chain((0..6).map(|_| graph.block())).collect();
        let cond = Const::new(Ty::Bool, 1).into();
        let branch = |a: usize, b: usize| Term::Branch { cond, then_to: to(blocks[a]), else_to: to(blocks[b]) };
        let terms = [
            Term::Jump(to(blocks[1])),
            branch(2, 3),
            Term::Jump(to(blocks[4])),
            Term::Jump(to(blocks[4])),
            branch(1, 5),
            Term::Return(vec![]),
            Term::Return(vec![]),
        ];
        for (block, term) in graph.blocks.iter_mut().zip(terms) {
            block.term = term;
        }
        graph
    }

    #[test]
    fn blocks_do_not_overlap_and_links_go_down() {
        let graph = graph();
        let sizes: Vec<(f64, f64)> = (0..7).map(|index| (50.0 + 10.0 * index as f64, 20.0)).collect();
        let layout = layout(&graph, &sizes);
        let layers: Vec<Option<usize>> = layout.places.iter().map(|place| place.map(|place| place.layer)).collect();
        assert_eq!(layers, [Some(0), Some(1), Some(2), Some(2), Some(3), Some(4), None]);
        let places: Vec<Place> = layout.places.iter().flatten().copied().collect();
        for (index, a) in places.iter().enumerate() {
            assert!(a.x >= 0.0 && a.x + a.width <= layout.width && a.y + a.height <= layout.height);
            for b in &places[index + 1..] {
                let apart =
                    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
    }
}
