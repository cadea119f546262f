//! Random programs of tiny2: expressions of integers and texts, words that fail, handlers, loops that count in variables of
//! their own, with whatever lies on the stack below. Loops leave the stack as high as it was: its height is green, so a unit is
//! for one height at each word.

use super::{Tree, check};
use crate::tiny2::interp::Text;
use crate::tiny2::{Program, int, text};

/// Variables that programs compute with; counters lie above them.
const VARIABLES: i8 = 3;
const LEVELS: i8 = 2;

#[derive(Default)]
struct Lowering {
    words: Vec<String>,
    level: i8,
}

impl Lowering {
    fn push(&mut self, word: impl ToString) {
        self.words.push(word.to_string());
    }

    fn extend(&mut self, words: &str) {
        self.words.extend(words.split(' ').map(str::to_string));
    }

    /// One value more on the stack.
    fn expression(&mut self, tree: &Tree) {
        let variable = tree.number.rem_euclid(VARIABLES);
        match tree.kind % 16 {
            0..=2 => self.push(tree.number),
            3 => self.extend(["\"", "\"ab", "9223372036854775807", "0"][tree.number as usize % 4]),
            4..=7 => self.push(format!("#{variable}")),
            8..=9 => {
                self.expression(tree.at(0));
                self.expression(tree.at(1));
                self.push(["SUB", "MUL"][tree.number as usize % 2]);
            }
            // Of two variables, texts would double in each turn of a loop.
            10 => {
                self.expression(tree.at(0));
                self.extend(["\"ab ADD", "7 ADD"][tree.number as usize % 2]);
            }
            11 => {
                self.push(["\"c", "-3"][tree.number as usize % 2]);
                self.expression(tree.at(0));
                self.push("ADD");
            }
            12 => {
                self.expression(tree.at(0));
                self.push("LEN");
            }
            _ => {
                self.push("[");
                self.expression(tree.at(0));
                self.block(tree.at(1));
                self.push("|");
                self.block(tree.at(2));
                self.push("]");
            }
        }
    }

    fn statement(&mut self, tree: &Tree) {
        let variable = tree.number.rem_euclid(VARIABLES);
        match tree.kind % 16 {
            0..=8 => {
                self.expression(tree.at(0));
                self.push(format!("->#{variable}"));
            }
            9..=13 if self.level < LEVELS => {
                let counter = VARIABLES + self.level;
                self.extend(&format!("{} ->#{counter} {{", 1 + tree.number.rem_euclid(5)));
                self.level += 1;
                self.block(tree);
                self.level -= 1;
                self.extend(&format!("#{counter} 1 SUB ->#{counter} #{counter} }}"));
            }
            14 if self.level == 0 => self.push(tree.number),
            15 if self.level == 0 => self.push(format!("->#{variable}")),
            _ => {}
        }
    }

    fn block(&mut self, tree: &Tree) {
        tree.inner.iter().for_each(|inner| self.statement(inner));
    }
}

#[test]
fn tiny2_programs() {
    let (ab, empty) = (Text { text: "ab".into() }, Text { text: String::new() });
    check(|tree, policy, machine, tally| {
        let mut lowering = Lowering::default();
        // Something below all the rest.
        lowering.extend("3 \"x 5");
        lowering.block(&tree);
        lowering.expression(tree.at(0));
        let program = Program::with(&lowering.words.join(" "), policy, machine);
        let (ab, empty) = (text(&ab), text(&empty));
        for start in [
            [int(0), int(1), int(2)],
            [int(-5), int(i64::MAX), int(3)],
            [ab, int(2), empty],
            [ab, empty, ab],
            [int(4), int(4), int(0)],
        ] {
            program.check(&[&start[..], &[int(0); LEVELS as usize]].concat());
        }
        tally.count(&program.jit);
        Ok(())
    });
}
