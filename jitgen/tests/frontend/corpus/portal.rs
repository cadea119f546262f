//! A dispatch loop, as a portal.

use moonshift_jitgen::hint::{merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, indirect, portal};
use moonshift_jitgen::mem::Arr;
use std::cell::Cell;

#[heap(frozen)]
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Op {
    pub code: u8,
    pub arg: i64,
}

pub struct State {
    pub steps: Cell<u64>,
}

pub const PUSH: u8 = 0;
pub const ADD: u8 = 1;
pub const DECREMENT: u8 = 2;
pub const JUMP_IF: u8 = 3;
pub const CALL: u8 = 4;
pub const RETURN: u8 = 5;

#[elidable]
pub fn is_live(_code: Arr<Op>, _pc: usize, index: usize) -> bool {
    index < 2
}

#[indirect]
pub fn enter(address: usize, state: &State, value: i64) -> i64 {
    let _ = state;
    // Stands for compiled code.
    address as i64 + value
}

/// Two registers: an accumulator and a counter.
#[portal(greens(code, pc), order = pc)]
pub fn run(state: &State, code: Arr<Op>, mut pc: usize, mut sum: i64, mut count: i64) -> Option<i64> {
    loop {
        merge_point();
        let op = code.get(pc);
        pc += 1;
        state.steps.set(state.steps.get() + 1);
        match promote(op.code) {
            PUSH => sum = op.arg,
            ADD => sum += count + op.arg,
            DECREMENT => count -= 1,
            JUMP_IF => {
                if count > 0 {
                    pc = op.arg as usize;
                }
            }
            CALL => sum = enter(1000, state, sum),
            RETURN => return Some(sum),
            _ => return None,
        }
    }
}
