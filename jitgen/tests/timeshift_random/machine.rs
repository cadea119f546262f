//! A register machine that uses about all of the generating extension: promoted tags, delayed writes to registers and
//! their liveness, register windows, residual calls that see or write registers or fail, calls of the portal, handles
//! whose targets are promoted, errors.

use moonshift_jitgen::hint::{merge_point, promote, promote_few};
use moonshift_jitgen::marks::{elidable, heap, portal, residual, virtualizable};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;

#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Ins {
    pub op: u8,
    pub a: u8,
    pub b: u8,
    pub c: u16,
}

#[virtualizable]
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Reg {
    pub tag: u8,
    pub bits: u64,
}

pub struct Shape {
    pub kind: u8,
    pub slots: Cell<u64>,
}

pub struct Vm {
    pub window: Cell<Arr<Reg>>,
    pub steps: Cell<u64>,
    pub looked: Cell<u64>,
    pub shape: Cell<Ref<Shape>>,
}

pub const INT: u8 = 1;
pub const FLOAT: u8 = 2;

pub const LOAD: u8 = 0;
pub const MOVE: u8 = 1;
pub const ADD: u8 = 2;
pub const LOOK: u8 = 3;
pub const CLOBBER: u8 = 4;
pub const INDEX: u8 = 5;
pub const SHAPE: u8 = 6;
pub const RESHAPE: u8 = 7;
pub const CALL: u8 = 8;
pub const LESS: u8 = 9;
pub const LOOP: u8 = 10;
pub const CHECK: u8 = 11;
pub const END: u8 = 12;

/// Registers above the twelfth hold nothing that is read again.
#[elidable]
pub fn live(_code: Arr<Ins>, _pc: usize, index: usize) -> bool {
    index < 12
}

/// Sees all registers.
#[residual(reads(Reg), writes(Vm.looked))]
pub fn look(vm: &Vm, base: Arr<Reg>) {
    let mut seen = vm.looked.get();
    for index in 0..10 {
        let register = base.get(index);
        seen = seen.wrapping_mul(31).wrapping_add(register.bits).wrapping_add(register.tag as u64);
    }
    vm.looked.set(seen);
}

/// Writes registers from `above` on; fails now and then.
#[residual(reads(Reg), writes(Vm.looked), writes_from(above, Reg))]
pub fn clobber(vm: &Vm, above: Arr<Reg>) -> Result<u64, ()> {
    let first = above.get(0);
    above.set(0, Reg { tag: 3 - first.tag, bits: if first.tag == INT { 1.5f64.to_bits() } else { 3 } });
    vm.looked.set(vm.looked.get() + 1);
    if vm.looked.get() % 7 == 6 { Err(()) } else { Ok(vm.looked.get()) }
}

/// May do anything.
#[residual]
pub fn reshape(vm: &Vm, x: u64) {
    vm.shape.get().slots.set(x);
    vm.looked.set(vm.looked.get() ^ x);
}

fn add(a: Reg, b: Reg) -> Result<Reg, ()> {
    match (promote(a.tag), promote(b.tag)) {
        (INT, INT) => {
            let Some(sum) = (a.bits as i64).checked_add(b.bits as i64) else { return Err(()) };
            Ok(Reg { tag: INT, bits: sum as u64 })
        }
        (INT, FLOAT) => Ok(float(a.bits as i64 as f64 + f64::from_bits(b.bits))),
        (FLOAT, INT) => Ok(float(f64::from_bits(a.bits) + b.bits as i64 as f64)),
        _ => Ok(float(f64::from_bits(a.bits) + f64::from_bits(b.bits))),
    }
}

fn float(value: f64) -> Reg {
    Reg { tag: FLOAT, bits: value.to_bits() }
}

fn less(a: Reg, b: Reg) -> bool {
    if promote(a.tag) == INT && promote(b.tag) == INT {
        return (a.bits as i64) < b.bits as i64;
    }
    let left = if a.tag == INT { a.bits as i64 as f64 } else { f64::from_bits(a.bits) };
    let right = if b.tag == INT { b.bits as i64 as f64 } else { f64::from_bits(b.bits) };
    left < right
}

fn small(register: Reg) -> u64 {
    if register.tag == INT { register.bits & 3 } else { f64::from_bits(register.bits) as u64 & 3 }
}

#[portal(greens(code, pc), order = pc, live(live, base))]
pub fn run(code: Arr<Ins>, mut pc: usize, vm: &Vm, base: Arr<Reg>) -> Result<u64, ()> {
    loop {
        merge_point();
        let Ins { op, a, b, c } = code.get(pc);
        let (a, b) = (a as usize, b as usize);
        pc += 1;
        match op {
            LOAD => {
                let bits = if b == INT as usize { c as u64 } else { (c as f64 / 2.0).to_bits() };
                base.set(a, Reg { tag: b as u8, bits });
            }
            MOVE => base.set(a, base.get(b)),
            ADD => {
                vm.steps.set(vm.steps.get() + 1);
                base.set(a, add(base.get(b), base.get(c as usize))?);
            }
            LOOK => look(vm, base),
            CLOBBER => {
                // A scratch register above, dead after this instruction.
                base.set(13, Reg { tag: INT, bits: 1 });
                let times = clobber(vm, base.offset(a + 3))?;
                base.set(a, Reg { tag: INT, bits: times });
            }
            // A register whose number is not known.
            INDEX => {
                let at = small(base.get(b)) as usize;
                let found = base.get(at);
                base.set(at, base.get(a));
                base.set(a, found);
            }
            SHAPE => {
                let shape = vm.shape.get();
                let shape = match promote_few(shape) {
                    Some(shape) => shape,
                    None => shape,
                };
                let value = shape.slots.get().wrapping_add(shape.kind as u64);
                shape.slots.set(value.wrapping_add(small(base.get(b))) & 0xFFFF);
                base.set(a, Reg { tag: INT, bits: value & 0xFF });
            }
            RESHAPE => reshape(vm, small(base.get(a))),
            // Runs the last instruction in a window of its own.
            CALL => {
                let mut end = pc;
                while code.get(end).op != END {
                    end += 1;
                }
                let window = base.offset(b);
                vm.window.set(window);
                let value = run(code, end, vm, window)?;
                base.set(a, Reg { tag: INT, bits: value & 0xFF });
            }
            LESS => {
                if less(base.get(a), base.get(b)) {
                    pc = c as usize;
                }
            }
            LOOP => {
                let counter = base.get(a);
                let left = small_count(counter);
                base.set(a, Reg { tag: INT, bits: left });
                if left > 0 {
                    pc = c as usize;
                }
            }
            CHECK => {
                if small(base.get(a)) == 3 && small(base.get(b)) == 2 {
                    return Err(());
                }
                vm.steps.set(vm.steps.get() + 10);
            }
            _ => {
                let value = base.get(a);
                return Ok(value.bits ^ value.tag as u64);
            }
        }
    }
}

/// What remains of a loop: whatever the register holds, not much.
fn small_count(counter: Reg) -> u64 {
    let count = if promote(counter.tag) == INT { counter.bits & 15 } else { 0 };
    if count > 0 { count - 1 } else { 0 }
}
