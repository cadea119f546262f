//! Loops.

use super::calls::{adjust_results, call_value};
use super::regs::{above, reg, save_pc, set_reg};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::close;
use crate::natives::collecting::poll;
use crate::natives::loops::{for_prep_slow, next_step};
use crate::value::{FLOAT, INT, NATIVE, NIL, TABLE, TRUE, Value};
use crate::vm::{Reg, Vm};
use moonshift_jitgen::hint::promote;
use moonshift_jitgen::mem::{Arr, Ref};
use std::sync::atomic::Ordering;

/// FORPREP: whether the loop runs. For integers R[a+1] becomes the number of further iterations.
#[inline(always)]
pub fn for_prep(vm: &Vm, base: Arr<Reg>, pc: usize, a: usize) -> Result<bool, Raised> {
    let init = reg(base, a);
    let limit = reg(base, a + 1);
    let step = reg(base, a + 2);
    if promote(init.tag) == INT && promote(limit.tag) == INT && promote(step.tag) == INT {
        let first = init.as_int();
        let last = limit.as_int();
        let by = step.as_int();
        if by != 0 {
            if by > 0 {
                if first > last {
                    return Ok(false);
                }
                let distance = (last as u64).wrapping_sub(first as u64);
                let count = if by == 1 { distance } else { distance / (by as u64) };
                set_reg(base, a + 1, Value::int(count as i64));
            } else {
                if first < last {
                    return Ok(false);
                }
                let distance = (first as u64).wrapping_sub(last as u64);
                let count = if by == -1 { distance } else { distance / by.unsigned_abs() };
                set_reg(base, a + 1, Value::int(count as i64));
            }
            set_reg(base, a + 3, init);
            return Ok(true);
        }
    }
    save_pc(vm, base, pc);
    for_prep_slow(vm, base.offset(a))
}

/// FORLOOP: steps; whether the loop goes on.
#[inline(always)]
pub fn for_loop(base: Arr<Reg>, a: usize) -> bool {
    let index = reg(base, a);
    if promote(index.tag) == INT {
        let left = reg(base, a + 1).bits;
        if left == 0 {
            return false;
        }
        set_reg(base, a + 1, Value::int(left.wrapping_sub(1) as i64));
        let next = Value::int(index.as_int().wrapping_add(reg(base, a + 2).as_int()));
        set_reg(base, a, next);
        set_reg(base, a + 3, next);
        return true;
    }
    // FORPREP made all three floats.
    let step = reg(base, a + 2).as_float();
    let limit = reg(base, a + 1).as_float();
    let next = index.as_float() + step;
    let goes_on = if step > 0.0 { next <= limit } else { limit <= next };
    if goes_on {
        set_reg(base, a, Value { tag: FLOAT, bits: next.to_bits() });
        set_reg(base, a + 3, Value { tag: FLOAT, bits: next.to_bits() });
    }
    goes_on
}

/// TFORPREP: the closing value.
#[inline(always)]
pub fn generic_prep(vm: &Vm, base: Arr<Reg>, pc: usize, a: usize) -> Result<(), Raised> {
    if promote(reg(base, a + 3).tag) < TRUE {
        return Ok(());
    }
    save_pc(vm, base, pc);
    close::mark(vm, base.offset(a + 3))
}

/// TFORCALL: `R[a+4..a+4+wanted] = R[a](R[a+1], R[a+2])`.
#[inline(always)]
pub fn generic_call(vm: &Vm, base: Arr<Reg>, pc: usize, a: usize, wanted: usize, watched: bool) -> Result<(), Raised> {
    save_pc(vm, base, pc);
    let iterator = reg(base, a);
    let state = reg(base, a + 1);
    if promote(iterator.tag) == NATIVE
        && iterator.bits == vm.next_function.get().bits
        && promote(state.tag) == TABLE
        && wanted <= 2
        && !watched
    {
        // `next` itself, without the ceremony of a call.
        return next_step(vm, base.offset(a));
    }
    let slot = base.offset(a + 4);
    set_reg(slot, 0, iterator);
    set_reg(slot, 1, state);
    set_reg(slot, 2, reg(base, a + 2));
    let count = call_value(vm, slot, 2)?;
    adjust_results(slot, count, wanted);
    Ok(())
}

/// TFORLOOP: whether the loop goes on.
#[inline(always)]
pub fn generic_loop(base: Arr<Reg>, a: usize) -> bool {
    let control = reg(base, a + 4);
    if promote(control.tag) == NIL {
        return false;
    }
    set_reg(base, a + 2, control);
    true
}

/// The poll at a back edge. Whether the function has to go on watched.
#[inline(always)]
pub fn poll_back_edge(vm: &Vm, base: Arr<Reg>, proto: Ref<Proto>, pc: usize) -> Result<bool, Raised> {
    if vm.trap.flags.load(Ordering::Relaxed) != 0 {
        save_pc(vm, base, pc);
        return poll(vm, above(base, proto));
    }
    Ok(false)
}
