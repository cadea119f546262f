//! Moves of register ranges whose length is not known when code is compiled, or long.

use crate::error::Raised;
use crate::table::{Table, set_array_capacity, table_set_int};
use crate::value::Value;
use crate::vm::{Reg, Vm, stack};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::{Arr, Ref};

/// Copies registers downwards or to a place apart.
#[residual(reads(Reg), writes(Reg), writes_from(to, Reg))]
pub fn copy_registers(to: Arr<Reg>, from: Arr<Reg>, count: usize) {
    for index in 0..count {
        to.set(index, from.get(index));
    }
}

/// Sets registers to nil.
#[residual(writes(Reg), writes_from(to, Reg))]
pub fn fill_nil(to: Arr<Reg>, count: usize) {
    for index in 0..count {
        to.set(index, Reg::of(Value::nil()));
    }
}

/// Whether `count` registers from `at` on may be used, and a window above them.
#[residual(reads(Vm), writes(Vm.error))]
pub fn check_registers(vm: &Vm, at: Arr<Reg>, count: usize) -> Result<(), Raised> {
    let needed = (count as u64).saturating_mul(std::mem::size_of::<Reg>() as u64);
    if count > stack::MAX_BULK || at.addr().saturating_add(needed) > vm.register_limit.get() {
        return Err(vm.raise_message("stack overflow"));
    }
    Ok(())
}

/// Makes a window above the arguments of a vararg function: the function and the fixed parameters are copied there,
/// the arguments stay below. Returns the new base; `nargs` is at least `num_params`.
#[residual(reads(Reg), writes(Reg), writes_from(base, Reg))]
pub fn shift_varargs(base: Arr<Reg>, nargs: usize, num_params: usize) -> Arr<Reg> {
    let new_base = base.offset(nargs + 1);
    new_base.back(1).set(0, base.back(1).get(0));
    for index in 0..num_params {
        new_base.set(index, base.get(index));
    }
    new_base
}

/// SETLIST: assigns registers to `first + 1` and on.
#[residual(reads(Reg, Table, Element, ElementTag), writes(Table, Element, ElementTag, Node))]
pub fn set_list(vm: &Vm, t: Ref<Table>, from: Arr<Reg>, count: usize, first: usize) {
    if first == t.array_len.get() && first + count > t.array_capacity.get() {
        set_array_capacity(vm, t, first + count);
    }
    for index in 0..count {
        table_set_int(vm, t, (first + index + 1) as i64, from.get(index).value());
    }
}
