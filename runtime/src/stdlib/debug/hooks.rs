//! `debug.sethook` and `debug.gethook`.

use super::thread_offset;
use crate::error::Raised;
use crate::heap::object::Thread;
use crate::natives::watch::finish_native;
use crate::stdlib::set_field;
use crate::table::{table_get_str, table_set};
use crate::value::{self, Value};
use crate::vm::hook::mask;
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

/// Events by the letters of a mask.
const LETTERS: [(u8, u8); 3] = [(b'c', mask::CALL), (b'r', mask::RETURN), (b'l', mask::LINE)];
/// Where the registry has the hooks by thread, which is for scripts alone to see.
const HOOKS: &[u8] = b"_HOOKKEY";

fn subject(vm: &Vm, call: Call) -> Ref<Thread> {
    if thread_offset(call) == 1 { call.arg(1).as_thread() } else { vm.current_thread() }
}

pub(super) fn sethook(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let offset = thread_offset(call);
    let thread = subject(vm, call);
    let hooks = thread.state.hook.clone();
    let (mut function, mut bits, mut count) = (Value::nil(), 0, 0);
    if !call.is_none_or_nil(1 + offset) {
        let letters = call.check_str(vm, 2 + offset)?;
        function = call.check_function(vm, 1 + offset)?;
        count = u32::try_from(call.opt_int(vm, 3 + offset, 0)?).unwrap_or(0);
        for (letter, bit) in LETTERS {
            if letters.as_bytes().contains(&letter) {
                bits |= bit;
            }
        }
        if count > 0 {
            bits |= mask::COUNT;
        }
        if bits == 0 {
            function = Value::nil();
        }
    }
    note(vm, thread, function)?;
    let was_watched = vm.hook_state().is_active();
    vm.heap.note_write(Value::thread(thread));
    hooks.function.set(function);
    hooks.mask.set(bits);
    hooks.count.set(count);
    hooks.left.set(count);
    vm.update_watching();
    if was_watched || !vm.hook_state().is_active() {
        return call.ret0();
    }
    // The return from here is the first event.
    let callee = Value::native(call.callee());
    finish_native(vm, call.base, call.nargs(), callee, 0, vm.frame.get().back(1))
}

/// Shows the hook in the registry.
fn note(vm: &Vm, thread: Ref<Thread>, function: Value) -> Result<(), Raised> {
    let name = vm.new_string(HOOKS);
    let table = match table_get_str(vm.registry(), name).to_table() {
        Some(table) => table,
        None => {
            let table = vm.new_table();
            set_field(vm, table, "__mode", Value::string(vm.new_string(b"k")));
            vm.set_metatable(Value::table(table), Some(table));
            set_field(vm, vm.registry(), "_HOOKKEY", Value::table(table));
            table
        }
    };
    table_set(vm, table, Value::thread(thread), function)
}

pub(super) fn gethook(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let hooks = subject(vm, call).state.hook.clone();
    if hooks.function.get().tag == value::NIL {
        return call.ret(Value::nil());
    }
    let bits = hooks.mask.get();
    let letters: Vec<u8> = LETTERS.iter().filter(|(_, bit)| bits & bit != 0).map(|&(letter, _)| letter).collect();
    let count = Value::int(i64::from(hooks.count.get()));
    call.ret3(hooks.function.get(), Value::string(vm.new_string(&letters)), count)
}
