//! Simplification and straightening change no result, exit or memory: random graphs before and after, evaluated on the same arguments.
#![cfg(feature = "run")]

mod support;

use moonshift_jitgen::flow::{Graph, print_graph, verify};
use moonshift_jitgen::transform::{simplify, straighten};
use support::random::{Random, arguments, graph};
use support::{Machines, Record, same};

fn size(graph: &Graph) -> usize {
    graph.blocks.iter().map(|block| block.insts.len() + 1).sum()
}

/// Sizes before and after.
fn agree(machines: &mut Machines, seed: u64, pass: fn(&mut Graph)) -> (usize, usize) {
    let module = machines.module.clone();
    let before = graph(seed, &module, seed.is_multiple_of(2));
    let mut after = before.clone();
    pass(&mut after);
    let texts =
        || format!("seed {seed}\n{}\n{}", print_graph(&before, Some(&module)), print_graph(&after, Some(&module)));
    verify(&after, Some(&module)).unwrap_or_else(|error| panic!("{error}\n{}", texts()));
    let mut again = after.clone();
    pass(&mut again);
    assert!(again == after, "not simplified at once\n{}", texts());
    let codes = [&before, &after].map(|graph| machines.compile(graph));
    let mut random = Random::new(seed ^ 0x5555);
    let record = &mut *Box::new(Record::new());
    for _ in 0..4 {
        *record = Record::new();
        let args = arguments(&mut random, record);
        let one = machines.run(&*codes[0][0], &args);
        let left = *record;
        *record = Record::new();
        let other = machines.run(&*codes[1][0], &args);
        let agreed =
            same(&before.results, &one.results, &other.results) && one.passed == other.passed && left.same(record);
        assert!(agreed, "arguments {args:x?}\n{:x?}\n{:x?}\n{}", one.results, other.results, texts());
    }
    (size(&before), size(&after))
}

fn agree_on_all(pass: fn(&mut Graph)) {
    let machines = &mut Machines::new();
    let count = std::env::var("RANDOM_GRAPHS").map_or(500, |count| count.parse().expect("a number"));
    let (mut before, mut after) = (0, 0);
    for seed in 0..count {
        let sizes = agree(machines, seed, pass);
        before += sizes.0;
        after += sizes.1;
    }
    assert!(after < before, "nothing was simplified");
}

#[test]
fn simplified_graphs_do_the_same() {
    agree_on_all(simplify);
}

#[test]
fn straightened_graphs_do_the_same() {
    agree_on_all(straighten);
}
