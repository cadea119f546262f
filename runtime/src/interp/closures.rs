//! Closures, captured variables, new tables.

use super::barrier::touch;
use super::regs::{reg, set_reg};
use crate::heap::object::{Closure, Proto, UpvalueSlot, VarCell};
use crate::natives::alloc::{new_cell, new_closure, new_table};
use crate::value::Value;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::marks::unroll;
use moonshift_jitgen::mem::{Arr, Ref};

/// `U[index]`
#[inline(always)]
pub fn upvalue(closure: Ref<Closure>, index: usize) -> Value {
    closure.upvalues.get(index).cell.value.get()
}

/// `U[index] = value`
#[inline(always)]
pub fn set_upvalue(vm: &Vm, closure: Ref<Closure>, index: usize, value: Value) {
    set_cell(vm, closure.upvalues.get(index).cell, value);
}

/// Assigns a captured local.
#[inline(always)]
pub fn set_cell(vm: &Vm, cell: Ref<VarCell>, value: Value) {
    touch(vm, cell.addr(), value.tag);
    cell.value.set(value);
}

/// NEWCELL
#[inline(always)]
pub fn make_cell(vm: &Vm, base: Arr<Reg>, a: usize) {
    let cell = new_cell(vm, reg(base, a));
    set_reg(base, a, Value::cell(cell));
}

/// NEWTABLE
#[inline(always)]
pub fn make_table(vm: &Vm, base: Arr<Reg>, a: usize, array: usize, slots: usize) {
    let table = new_table(vm, array, slots);
    set_reg(base, a, Value::table(table));
}

/// CLOSURE
#[unroll]
#[inline(always)]
pub fn make_closure(vm: &Vm, closure: Ref<Closure>, base: Arr<Reg>, a: usize, proto: Ref<Proto>) {
    let made = new_closure(vm, proto);
    for index in 0..proto.num_upvalues as usize {
        let capture = proto.captures.get(index);
        if capture.in_register {
            made.upvalues.set(index, UpvalueSlot { cell: reg(base, capture.index as usize).as_cell() });
        } else {
            made.upvalues.set(index, closure.upvalues.get(capture.index as usize));
        }
    }
    set_reg(base, a, Value::closure(made));
}
