//! An interpreter of strings of `+` and `-`: each adds `x` to an accumulator or subtracts it.

use moonshift_jitgen::hint::merge_point;
use moonshift_jitgen::marks::{heap, portal};
use moonshift_jitgen::mem::Arr;

/// A character of a program. Programs never change, so reading a known one at a known position is a known value.
#[heap(frozen)]
#[repr(transparent)]
#[derive(Copy, Clone)]
pub struct Char(pub u8);

/// Runs `code` from `pc` on. Any other character ends the program.
#[portal(greens(code, pc), order = pc)]
pub fn run(code: Arr<Char>, mut pc: usize, x: i64, mut acc: i64) -> i64 {
    loop {
        merge_point();
        let Char(op) = code.get(pc);
        pc += 1;
        match op {
            b'+' => acc = acc.wrapping_add(x),
            b'-' => acc = acc.wrapping_sub(x),
            _ => return acc,
        }
    }
}
