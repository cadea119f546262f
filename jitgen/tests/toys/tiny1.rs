//! tiny1: what is left of a program is its arithmetic.

#[path = "../../examples/tiny1/interp.rs"]
pub mod interp;

use crate::{MACHINES, arr, support};
use moonshift_jitgen::places;
use std::collections::BTreeMap;

fn tiny1_counts(text: &str) -> BTreeMap<&'static str, usize> {
    let mut program: Vec<interp::Char> = text.bytes().chain([0]).map(interp::Char).collect();
    let code = arr(&mut program);
    let mut all = vec![];
    for machine in MACHINES {
        let source = include_str!("../../examples/tiny1/interp.rs");
        let places = {
            use interp::Char;
            places![[Char] { 0 }]
        };
        // SAFETY: the interpreter of that text; variables of its portal below.
        let jit = unsafe { support::compiler(source, &places, &[], support::eager(), machine) };
        for (x, acc) in [(1, 0), (5, -3), (i64::MAX, 7), (i64::MIN, i64::MIN), (0, 0)] {
            let args = [code.addr(), 0, x as u64, acc as u64];
            let plain = vec![interp::run(code, 0, x, acc) as u64];
            assert_eq!(jit.evaluate(0, &args), plain, "evaluator, {text}");
            assert_eq!(support::run(&jit, &args), plain, "{machine:?}, {text}");
        }
        assert_eq!(jit.totals().compiled, 1);
        assert_eq!(jit.totals().exits, 0);
        all.push(support::counts(&jit));
    }
    assert_eq!(all[0], all[1]);
    all.pop().expect("two machines")
}

#[test]
fn tiny1_leaves_the_arithmetic() {
    assert_eq!(tiny1_counts("+-+"), BTreeMap::from([("add", 2), ("sub", 1)]));
    assert_eq!(tiny1_counts(""), BTreeMap::new());
    assert_eq!(tiny1_counts("-----"), BTreeMap::from([("sub", 5)]));
}

#[test]
fn tiny1_long_program() {
    assert_eq!(tiny1_counts(&"+-".repeat(300)), BTreeMap::from([("add", 300), ("sub", 300)]));
}
