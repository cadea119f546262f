//! Upvalues of functions.

use crate::error::Raised;
use crate::heap::object::{Closure, UpvalueSlot};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

/// The function an argument is, and the index from 0 of the upvalue that the next argument tells, if there is one.
fn subject(vm: &Vm, call: Call, argument: usize) -> Result<(Value, Option<usize>), Raised> {
    let index = call.check_int(vm, argument + 1)?;
    let function = call.check_function(vm, argument)?;
    let count = match function.tag {
        value::CLOSURE => function.as_closure().num_upvalues as usize,
        _ => of_native(function).len(),
    };
    Ok((function, usize::try_from(index - 1).ok().filter(|&index| index < count)))
}

/// Upvalues of a native. Those of library functions, which have names, are their own affair.
pub(super) fn of_native(function: Value) -> Vec<Value> {
    let native = function.as_native();
    if native.name.is_empty() { native.upvalues.iter().map(|upvalue| upvalue.get()).collect() } else { Vec::new() }
}

/// The name; natives have none for theirs.
fn name(function: Value, index: usize) -> Vec<u8> {
    match function.tag {
        value::CLOSURE => {
            let name = &function.as_closure().proto.source.upvalues[index].name;
            if name.is_empty() { b"(no name)".to_vec() } else { name.to_vec() }
        }
        _ => Vec::new(),
    }
}

pub(super) fn getupvalue(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (function, Some(index)) = subject(vm, call, 1)? else { return call.ret0() };
    let value = match function.tag {
        value::CLOSURE => function.as_closure().upvalues.get(index).cell.value.get(),
        _ => function.as_native().upvalues[index].get(),
    };
    call.ret2(Value::string(vm.new_string(&name(function, index))), value)
}

pub(super) fn setupvalue(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let new = call.check_any(vm, 3)?;
    let (function, Some(index)) = subject(vm, call, 1)? else { return call.ret0() };
    match function.tag {
        value::CLOSURE => crate::interp::closures::set_upvalue(vm, function.as_closure(), index, new),
        // Natives trust theirs.
        _ => return call.ret0(),
    }
    call.ret(Value::string(vm.new_string(&name(function, index))))
}

pub(super) fn upvalueid(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (function, Some(index)) = subject(vm, call, 1)? else { return call.ret(Value::nil()) };
    let address = match function.tag {
        value::CLOSURE => function.as_closure().upvalues.get(index).cell.addr(),
        _ => std::ptr::from_ref(&function.as_native().upvalues[index]) as usize as u64,
    };
    call.ret(Value::light(address))
}

pub(super) fn upvaluejoin(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (to, to_index) = existing_upvalue(vm, call, 1)?;
    let (from, from_index) = existing_upvalue(vm, call, 3)?;
    let (to, from) = (lua_function(vm, call, 1, to)?, lua_function(vm, call, 3, from)?);
    vm.heap.note_write(Value::closure(to));
    to.upvalues.set(to_index, UpvalueSlot { cell: from.upvalues.get(from_index).cell });
    call.ret0()
}

fn existing_upvalue(vm: &Vm, call: Call, argument: usize) -> Result<(Value, usize), Raised> {
    let (function, index) = subject(vm, call, argument)?;
    Ok((function, index.ok_or_else(|| call.arg_error(vm, argument + 1, "invalid upvalue index"))?))
}

fn lua_function(vm: &Vm, call: Call, argument: usize, function: Value) -> Result<Ref<Closure>, Raised> {
    if function.tag != value::CLOSURE {
        return Err(call.arg_error(vm, argument, "Lua function expected"));
    }
    Ok(function.as_closure())
}
