//! Random programs of tl: expressions, assignments, branches, loops that count in variables of their own, and functions that
//! call those before them.

use super::{Tree, check};
use crate::tl::Program;
use crate::tl::interp::{
    ADD, CALL, DIV, END, EQUAL, GET, JUMP, JUMP_IF_ZERO, LESS, LESS_EQUAL, MUL, NOT_EQUAL, PICK, POP, POWER, PUSH, SET,
    SUB, SWAP,
};

/// Variables that programs compute with, the first of which are parameters; counters lie above them.
const VARIABLES: i32 = 4;
const PARAMS: i32 = 2;
const LEVELS: i32 = 3;

#[derive(Default)]
struct Lowering {
    code: Vec<(u8, i32)>,
    level: i32,
    /// Functions that may be called.
    functions: i32,
}

impl Lowering {
    fn push(&mut self, op: u8, arg: i32) {
        self.code.push((op, arg));
    }

    fn two(&mut self, tree: &Tree) {
        self.expression(tree.at(0));
        self.expression(tree.at(1));
    }

    fn expression(&mut self, tree: &Tree) {
        let number = i32::from(tree.number);
        match tree.kind % 20 {
            0..=3 => self.push(PUSH, number),
            4..=8 => self.push(GET, number & 3),
            9..=13 => {
                self.two(tree);
                let ops = [ADD, SUB, MUL, DIV, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, ADD, LESS];
                self.push(ops[number.unsigned_abs() as usize % ops.len()], 0);
            }
            14 => {
                self.two(tree);
                self.push(SWAP, 0);
                self.push(SUB, 0);
            }
            15 => {
                self.two(tree);
                self.push(PICK, 1);
                self.push(MUL, 0);
                self.push(SUB, 0);
            }
            16 => {
                self.two(tree);
                self.push(POP, 0);
            }
            // To the power of one number or the next.
            17 => {
                self.expression(tree.at(0));
                self.two(tree.at(1));
                self.push(LESS, 0);
                self.push(PUSH, number & 3);
                self.push(ADD, 0);
                self.push(POWER, 0);
            }
            _ if self.functions > 0 => {
                self.two(tree);
                self.push(CALL, number.rem_euclid(self.functions));
            }
            _ => self.push(GET, 0),
        }
    }

    fn statement(&mut self, tree: &Tree) {
        let number = i32::from(tree.number);
        match tree.kind % 8 {
            0..=4 => {
                self.expression(tree.at(0));
                self.push(SET, number & 3);
            }
            5 => {
                self.expression(tree.at(0));
                let skip = self.code.len();
                self.push(JUMP_IF_ZERO, 0);
                self.block(tree.at(1));
                let end = self.code.len();
                self.push(JUMP, 0);
                self.code[skip].1 = self.code.len() as i32;
                self.block(tree.at(2));
                self.code[end].1 = self.code.len() as i32;
            }
            _ if self.level < LEVELS => {
                let counter = VARIABLES + self.level;
                self.push(PUSH, 1 + number.rem_euclid(5));
                self.push(SET, counter);
                let start = self.code.len();
                self.level += 1;
                self.block(tree);
                self.level -= 1;
                self.push(GET, counter);
                self.push(PUSH, 1);
                self.push(SUB, 0);
                self.push(SET, counter);
                self.push(GET, counter);
                let leave = self.code.len();
                self.push(JUMP_IF_ZERO, 0);
                self.push(JUMP, start as i32);
                self.code[leave].1 = self.code.len() as i32;
            }
            _ => {}
        }
    }

    fn block(&mut self, tree: &Tree) {
        tree.inner.iter().for_each(|inner| self.statement(inner));
    }

    /// A function whose first `params` places are given.
    fn function(&mut self, tree: &Tree, params: i32) {
        for _ in params..VARIABLES + LEVELS {
            self.push(PUSH, 0);
        }
        self.block(tree);
        self.expression(tree.at(0));
        self.push(END, 0);
    }
}

#[test]
fn tl_programs() {
    check(|tree, policy, machine, tally| {
        let mut lowering = Lowering::default();
        // The main program stands first and calls what stands behind it.
        let inner = tree.inner.len().min(2);
        lowering.functions = inner as i32;
        lowering.function(&tree, VARIABLES);
        let mut functions = vec![];
        for (index, of) in tree.inner[..inner].iter().enumerate() {
            functions.push((lowering.code.len(), PARAMS as usize));
            lowering.functions = index as i32;
            // No loops within loops, which multiply.
            lowering.level = LEVELS - 1;
            lowering.function(of, PARAMS);
        }
        let program = Program::with(&lowering.code, &functions, policy, machine);
        for variables in [[0, 0, 0, 0], [1, 2, 3, 4], [1, 0, -1, 2], [-5, 9, 0, i64::MAX], [2, 1, 1, 1]] {
            program.check(&variables);
        }
        tally.count(&program.jit);
        Ok(())
    });
}
