//! Random programs of brainf***. The head comes back to where it was after each part, and the cell that decides over a loop is
//! to the left of all that happens in it: so they end.

use super::{Tree, check};
use crate::arr;
use crate::brainf::{compiler, interp, run_three_ways};

fn part(tree: &Tree, level: usize, code: &mut String) {
    let times = 1 + tree.number as u8 as usize % 4;
    match tree.kind % 13 {
        0..=2 => code.push_str(&"+".repeat(times)),
        3 => code.push_str(&"-".repeat(times)),
        4 => code.push('.'),
        5..=6 => code.push(','),
        7 => code.push_str("[-]"),
        8 => code.push_str("[->+>+<<]"),
        9 => inside(tree, level, code),
        // If the cell is not zero.
        10 if level < 4 => {
            code.push('[');
            inside(tree, level, code);
            code.push_str("[-]]");
        }
        // So many times.
        _ if level < 4 => {
            code.push_str("[-]");
            code.push_str(&"+".repeat(times));
            code.push('[');
            inside(tree, level, code);
            code.push_str("-]");
        }
        _ => code.push('+'),
    }
}

/// The inner parts, on the cells to the right.
fn inside(tree: &Tree, level: usize, code: &mut String) {
    code.push('>');
    tree.inner.iter().for_each(|inner| part(inner, level + 1, code));
    code.push('<');
}

#[test]
fn brainf_programs() {
    check(|tree, policy, machine, tally| {
        let mut text = String::new();
        tree.inner.iter().for_each(|inner| part(inner, 0, &mut text));
        let mut program = interp::parse(&text).expect("brackets match");
        let jit = compiler(policy, machine);
        for input in ["", "a", "\u{0}b\u{1}", "\u{1}\u{1}\u{0}", "xyzxyzxyz", "a"] {
            run_three_ways(&jit, arr(&mut program), input);
        }
        tally.count(&jit);
        Ok(())
    });
}
