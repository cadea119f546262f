//! Random graphs, evaluated and compiled: results, what exits pass and memory agree.
#![cfg(feature = "run")]

mod support;

use moonshift_jitgen::flow::print_graph;
use support::random::{Random, arguments, graph};
use support::{Machines, Record, same};

fn agree(machines: &mut Machines, seed: u64) {
    let module = machines.module.clone();
    let graph = graph(seed, &module, seed.is_multiple_of(2));
    let codes = machines.compile(&graph);
    let mut random = Random::new(seed ^ 0x5555);
    let record = &mut *Box::new(Record::new());
    for _ in 0..4 {
        *record = Record::new();
        let args = arguments(&mut random, record);
        let evaluated = machines.run(&*codes[0], &args);
        let after = *record;
        *record = Record::new();
        let compiled = machines.run(&*codes[1], &args);
        let agreed = same(&graph.results, &evaluated.results, &compiled.results)
            && evaluated.passed == compiled.passed
            && after.same(record);
        assert!(
            agreed,
            "seed {seed}, arguments {args:x?}\n{:x?}\n{:x?}\n{after:x?}\n{record:x?}\n{}",
            evaluated.results,
            compiled.results,
            print_graph(&graph, Some(&module))
        );
    }
}

#[test]
fn evaluated_and_compiled_agree() {
    let machines = &mut Machines::new();
    let count = std::env::var("RANDOM_GRAPHS").map_or(3000, |count| count.parse().expect("a number"));
    for seed in 0..count {
        agree(machines, seed);
    }
    assert_eq!(machines.cranelift.memory().in_use(), 0);
}
