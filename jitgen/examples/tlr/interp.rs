//! An interpreter of a register machine: an accumulator `a`, registers, instructions of one or two bytes.

use moonshift_jitgen::hint::merge_point;
use moonshift_jitgen::marks::{heap, portal, unroll, virtualizable};
use moonshift_jitgen::mem::Arr;

/// A byte of a program.
#[heap(frozen)]
#[repr(transparent)]
#[derive(Copy, Clone, Debug)]
pub struct Byte(pub u8);

/// A register.
#[virtualizable]
#[repr(transparent)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Reg {
    pub value: i64,
}

/// `r[n] = a`.
pub const MOV_A_R: u8 = 0;
/// `a = r[n]`.
pub const MOV_R_A: u8 = 1;
/// Goes to `n` if `a` is not zero.
pub const JUMP_IF_A: u8 = 2;
/// `a = n`, a signed byte.
pub const SET_A: u8 = 3;
/// `a = a + r[n]`.
pub const ADD_R_TO_A: u8 = 4;
/// Sets the first `n` registers to zero.
pub const ALLOCATE: u8 = 5;
/// `a = -a`.
pub const NEG_A: u8 = 6;
/// Ends the program; its result is `a`.
pub const RETURN_A: u8 = 7;

/// The names of the operations, by number; those before `NEG_A` have an operand.
pub const MNEMONICS: [&str; 8] =
    ["MOV_A_R", "MOV_R_A", "JUMP_IF_A", "SET_A", "ADD_R_TO_A", "ALLOCATE", "NEG_A", "RETURN_A"];

/// Runs `code` from `pc` on.
#[portal(greens(code, pc), order = pc)]
pub fn run(code: Arr<Byte>, mut pc: usize, mut a: i64, regs: Arr<Reg>) -> i64 {
    loop {
        merge_point();
        let Byte(op) = code.get(pc);
        pc += 1;
        // Operations without an operand.
        match op {
            NEG_A => {
                a = a.wrapping_neg();
                continue;
            }
            RETURN_A => return a,
            _ => {}
        }
        let Byte(n) = code.get(pc);
        pc += 1;
        match op {
            MOV_A_R => regs.set(n as usize, Reg { value: a }),
            MOV_R_A => a = regs.get(n as usize).value,
            JUMP_IF_A => {
                if a != 0 {
                    pc = n as usize;
                }
            }
            SET_A => a = n as i8 as i64,
            ADD_R_TO_A => a = a.wrapping_add(regs.get(n as usize).value),
            _ => allocate(regs, n as usize),
        }
    }
}

/// The number of registers is known wherever this is compiled: no loop remains.
#[unroll]
fn allocate(regs: Arr<Reg>, count: usize) {
    for index in 0..count {
        regs.set(index, Reg { value: 0 });
    }
}

/// The square of the accumulator, by repeated addition.
pub const SQUARE: &[u8] = &[
    ALLOCATE, 3, //
    MOV_A_R, 0, // i = a
    MOV_A_R, 1, // copy = a
    // 6:
    SET_A, 0xFF, // i = i - 1
    ADD_R_TO_A, 0, //
    MOV_A_R, 0, //
    MOV_R_A, 2, // result = result + copy
    ADD_R_TO_A, 1, //
    MOV_A_R, 2, //
    MOV_R_A, 0, // if i != 0 goto 6
    JUMP_IF_A, 6, //
    MOV_R_A, 2, // return result
    RETURN_A,
];
