//! Random programs of tlr: straight code, forward jumps, and loops that count in registers of their own.

use super::{Tree, check};
use crate::tlr::Program;
use crate::tlr::interp::{ADD_R_TO_A, ALLOCATE, JUMP_IF_A, MOV_A_R, MOV_R_A, NEG_A, RETURN_A, SET_A};

/// Registers that programs compute with; counters lie above them.
const REGISTERS: u8 = 4;
const LEVELS: u8 = 3;

#[derive(Default)]
struct Lowering {
    code: Vec<u8>,
    level: u8,
}

impl Lowering {
    fn statement(&mut self, tree: &Tree) {
        // Positions are bytes.
        if self.code.len() > 200 {
            return;
        }
        let register = tree.number as u8 % REGISTERS;
        match tree.kind % 12 {
            0..=1 => self.code.extend([SET_A, tree.number as u8]),
            2..=3 => self.code.extend([MOV_A_R, register]),
            4 => self.code.extend([MOV_R_A, register]),
            5..=6 => self.code.extend([ADD_R_TO_A, register]),
            7 => self.code.push(NEG_A),
            8 => self.code.extend([ALLOCATE, register]),
            9 => {
                self.code.extend([JUMP_IF_A, 0]);
                let at = self.code.len() - 1;
                self.block(tree);
                self.code[at] = self.code.len() as u8;
            }
            _ if self.level < LEVELS => {
                let counter = REGISTERS + self.level;
                self.code.extend([SET_A, 1 + tree.number as u8 % 6, MOV_A_R, counter]);
                let start = self.code.len() as u8;
                self.level += 1;
                self.block(tree);
                self.level -= 1;
                self.code.extend([SET_A, 0xFF, ADD_R_TO_A, counter, MOV_A_R, counter, JUMP_IF_A, start]);
            }
            _ => {}
        }
    }

    fn block(&mut self, tree: &Tree) {
        tree.inner.iter().for_each(|inner| self.statement(inner));
    }
}

#[test]
fn tlr_programs() {
    check(|tree, policy, machine, tally| {
        let mut lowering = Lowering::default();
        lowering.block(&tree);
        lowering.code.push(RETURN_A);
        let mut program = Program::new(&lowering.code, policy, machine);
        for (a, first) in [(0, 0), (1, 2), (0, 1), (-3, 7), (1, 0)] {
            program.check(a, &[first, 5, -1, 0, 0, 0, 0]);
        }
        tally.count(&program.jit);
        Ok(())
    });
}
