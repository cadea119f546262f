//! Random programs of tl: expressions, assignments, branches, loops that count in variables of their own, and functions that
//! call those before them.

use super::stack::{Code, Lowering as _, Ops};
use super::{Tree, check, stack};
use crate::tl::Program;
use crate::tl::interp::{
    ADD, CALL, DIV, END, EQUAL, GET, JUMP, JUMP_IF_ZERO, LESS, LESS_EQUAL, MUL, NOT_EQUAL, PICK, POP, POWER, PUSH, SET,
    SUB, SWAP,
};

/// Variables that programs compute with, the first of which are parameters; counters lie above them.
const VARIABLES: i64 = 4;
const PARAMS: i64 = 2;
const LEVELS: i64 = 3;

#[derive(Default)]
struct Lowering {
    code: Code,
    level: i64,
    /// Functions that may be called.
    functions: i64,
}

impl Lowering {
    fn two(&mut self, tree: &Tree) {
        self.expression(tree.at(0));
        self.expression(tree.at(1));
    }

    fn expression(&mut self, tree: &Tree) {
        let number = i64::from(tree.number);
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

    /// A function whose first `params` places are given.
    fn function(&mut self, tree: &Tree, params: i64) {
        for _ in params..VARIABLES + LEVELS {
            self.push(PUSH, 0);
        }
        self.block(tree);
        self.expression(tree.at(0));
        self.push(END, 0);
    }
}

impl stack::Lowering for Lowering {
    const OPS: Ops = Ops { push: PUSH, get: GET, set: SET, sub: SUB, jump: JUMP, jump_if_not: JUMP_IF_ZERO };
    const COUNTERS: i64 = VARIABLES;
    const LEVELS: i64 = LEVELS;

    fn code(&mut self) -> &mut Code {
        &mut self.code
    }

    fn level(&mut self) -> &mut i64 {
        &mut self.level
    }

    fn statement(&mut self, tree: &Tree) {
        let number = i64::from(tree.number);
        match tree.kind % 8 {
            0..=4 => {
                self.expression(tree.at(0));
                self.push(SET, number & 3);
            }
            5 => {
                self.expression(tree.at(0));
                self.branch(tree.at(1), tree.at(2));
            }
            _ => self.repeat(1 + number.rem_euclid(5), tree),
        }
    }
}

#[test]
fn tl_programs() {
    check(|tree, policy, machine, tally| {
        let mut lowering = Lowering::default();
        // The main program stands first and calls what stands behind it.
        let inner = tree.inner.len().min(2);
        lowering.functions = inner as i64;
        lowering.function(&tree, VARIABLES);
        let mut functions = vec![];
        for (index, of) in tree.inner[..inner].iter().enumerate() {
            functions.push((lowering.code.len(), PARAMS as usize));
            lowering.functions = index as i64;
            // No loops within loops, which multiply.
            lowering.level = LEVELS - 1;
            lowering.function(of, PARAMS);
        }
        let code: Vec<(u8, i32)> = lowering.code.iter().map(|&(op, arg)| (op, arg as i32)).collect();
        let program = Program::with(&code, &functions, policy, machine);
        for variables in [[0, 0, 0, 0], [1, 2, 3, 4], [1, 0, -1, 2], [-5, 9, 0, i64::MAX], [2, 1, 1, 1]] {
            program.check(&variables);
        }
        tally.count(&program.jit);
        Ok(())
    });
}
