//! An interpreter of a small stack language with variables and loops.

use moonshift_jitgen::hint::{merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, portal, unroll, virtualizable};
use moonshift_jitgen::mem::Arr;

/// An instruction with its operand.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Ins {
    pub op: u8,
    pub arg: i32,
}

/// A place of the stack. The variables are the first places, the operands lie above them.
#[virtualizable]
#[repr(transparent)]
#[derive(Copy, Clone, Debug)]
pub struct Slot {
    pub value: i64,
}

/// Pushes `arg`.
pub const PUSH: u8 = 0;
/// Pushes place `arg`.
pub const GET: u8 = 1;
/// Pops to place `arg`.
pub const SET: u8 = 2;
pub const ADD: u8 = 3;
pub const SUB: u8 = 4;
pub const MUL: u8 = 5;
/// Is the one below the top less than the top?
pub const LESS: u8 = 6;
/// Goes to `arg`.
pub const JUMP: u8 = 7;
/// Pops, and goes to `arg` if it was zero.
pub const JUMP_IF_ZERO: u8 = 8;
/// The one below the top to the power of the top, which seldom changes.
pub const POWER: u8 = 9;
/// Ends the program; its result is the top.
pub const END: u8 = 10;

/// May place `index` still be read at `pc` when the stack is `depth` high? What was popped may not.
#[elidable]
pub fn live(_code: Arr<Ins>, _pc: usize, depth: usize, index: usize) -> bool {
    index < depth
}

/// Runs `code` from `pc` on, with `depth` places of the stack in use.
#[portal(greens(code, pc, depth), order = pc, live(live, stack))]
pub fn run(code: Arr<Ins>, mut pc: usize, mut depth: usize, stack: Arr<Slot>) -> i64 {
    loop {
        merge_point();
        let Ins { op, arg } = code.get(pc);
        pc += 1;
        match op {
            PUSH => {
                stack.set(depth, Slot { value: arg as i64 });
                depth += 1;
            }
            GET => {
                stack.set(depth, stack.get(arg as usize));
                depth += 1;
            }
            SET => {
                depth -= 1;
                stack.set(arg as usize, stack.get(depth));
            }
            JUMP => pc = arg as usize,
            JUMP_IF_ZERO => {
                depth -= 1;
                if stack.get(depth).value == 0 {
                    pc = arg as usize;
                }
            }
            END => return stack.get(depth - 1).value,
            _ => {
                depth -= 1;
                let (left, right) = (stack.get(depth - 1).value, stack.get(depth).value);
                let value = match op {
                    ADD => left.wrapping_add(right),
                    SUB => left.wrapping_sub(right),
                    MUL => left.wrapping_mul(right),
                    LESS => (left < right) as i64,
                    // Compiled code is made for the exponents that were seen.
                    _ => power(left, promote(right)),
                };
                stack.set(depth - 1, Slot { value });
            }
        }
    }
}

/// The exponent is known wherever this is compiled: no loop remains.
#[unroll]
fn power(base: i64, exponent: i64) -> i64 {
    let mut result = 1;
    let mut count = exponent;
    while count > 0 {
        result = base.wrapping_mul(result);
        count -= 1;
    }
    result
}
