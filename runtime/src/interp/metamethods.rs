//! Metamethod lookup and calls.

use super::calls::call_value;
use super::regs::{above, reg, set_reg};
use crate::error::Raised;
use crate::heap::object::Proto;
use crate::natives::index::meta_event_slow;
use crate::table::{NO_SLOT, Table, shape_event};
use crate::value::Value;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::hint::promote_few;
use moonshift_jitgen::mem::{Arr, Ref};

/// The metamethod of an event in a metatable; nil when there is none.
#[inline(always)]
pub fn meta_event(vm: &Vm, metatable: Ref<Table>, event: u8) -> Value {
    if let Some(shape) = promote_few(metatable.shape.get()) {
        let slot = shape_event(shape, event);
        if slot != NO_SLOT {
            return metatable.slots.get().get(slot).value();
        }
        if !shape.dictionary {
            return Value::nil();
        }
    }
    meta_event_slow(vm, metatable, event)
}

/// Calls a metamethod with two operands, above the running function's window, and takes its first result. The frame's
/// record is valid.
#[inline(always)]
pub fn call_meta(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    method: Value,
    x: Value,
    y: Value,
) -> Result<Value, Raised> {
    let slot = above(base, proto);
    set_reg(slot, 0, method);
    set_reg(slot, 1, x);
    set_reg(slot, 2, y);
    let count = call_value(vm, slot, 2)?;
    if count == 0 { Ok(Value::nil()) } else { Ok(reg(slot, 0)) }
}

/// The same with three operands and no result.
#[inline(always)]
pub fn call_meta_set(
    vm: &Vm,
    base: Arr<Reg>,
    proto: Ref<Proto>,
    method: Value,
    x: Value,
    y: Value,
    z: Value,
) -> Result<(), Raised> {
    let slot = above(base, proto);
    set_reg(slot, 0, method);
    set_reg(slot, 1, x);
    set_reg(slot, 2, y);
    set_reg(slot, 3, z);
    call_value(vm, slot, 3)?;
    Ok(())
}
