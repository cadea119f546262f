//! Allocation. Never collects: it may only ask for a collection at the next poll.

use crate::heap::object::{Closure, Proto, VarCell};
use crate::table::Table;
use crate::value::Value;
use crate::vm::Vm;
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Ref;

#[residual(writes(Trap))]
#[inline(always)]
pub fn new_cell(vm: &Vm, value: Value) -> Ref<VarCell> {
    vm.new_cell(value)
}

#[residual(writes(Trap))]
#[inline(never)]
pub fn new_table(vm: &Vm, array: usize, slots: usize) -> Ref<Table> {
    vm.new_table_sized(array, slots)
}

/// The caller writes all upvalues at once.
#[residual(writes(Trap))]
#[inline(never)]
pub fn new_closure(vm: &Vm, proto: Ref<Proto>) -> Ref<Closure> {
    vm.new_closure(proto)
}
