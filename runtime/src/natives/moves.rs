//! Moves of register ranges whose length is not known when code is compiled, or long.

use crate::error::Raised;
use crate::heap::object::Frame;
use crate::table::{Table, append_items};
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
    if count > stack::MAX_BULK || at.addr().saturating_add(needed) > vm.bulk_limit() {
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
    // SAFETY: the register of the function is in memory; its padding is nobody's else.
    unsafe { *extra_note(new_base) = (nargs - num_params) as u32 };
    for index in 0..num_params {
        new_base.set(index, base.get(index));
    }
    new_base
}

/// SETLIST: assigns registers to `first + 1` and on.
#[residual(reads(Reg, Table, Element, ElementTag), writes(Table, Element, ElementTag, Node))]
pub fn set_list(vm: &Vm, t: Ref<Table>, from: Arr<Reg>, count: usize, first: usize) {
    append_items(vm, t, from, count, first);
}

/// Where a vararg frame notes how many arguments lie below it: in the padding of the register of its function.
fn extra_note(base: Arr<Reg>) -> *mut u32 {
    const { assert!(std::mem::offset_of!(Reg, tag) < 4 && std::mem::offset_of!(Reg, bits) >= 8) };
    (base.back(1).addr() + 4) as usize as *mut u32
}

/// How many arguments lie below a Lua function's window.
pub fn extra_of(frame: Frame) -> usize {
    let proto = crate::error::traceback::function(frame).as_closure().proto;
    // SAFETY: a vararg function's window was made by `shift_varargs`, and nothing writes the register again.
    if proto.is_vararg { unsafe { *extra_note(frame.base) as usize } } else { 0 }
}
