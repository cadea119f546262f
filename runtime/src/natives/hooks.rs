//! Hooks of a machine without a just-in-time compiler.

use crate::error::Raised;
use crate::heap::object::{Closure, Proto};
use crate::vm::{Hook, Hooks, Reg, Vm};
use moonshift_jitgen::mem::{Arr, Ref};

pub const NO_HOOKS: Hooks = Hooks {
    back_edge: no_hook,
    entry: no_hook,
    finish: no_finish,
    free_proto: |_, _| {},
    first_loop_count: u32::MAX,
    first_entry_count: u32::MAX,
};

fn no_hook(_: &Vm, _: Ref<Closure>, _: Arr<Reg>, _: usize, _: Ref<Proto>, _: usize) -> Hook {
    Hook { status: Hook::NOTHING, value: 0 }
}

fn no_finish(_: &Vm, _: Ref<Closure>, _: Arr<Reg>, _: usize, _: Ref<Proto>, _: u64) -> Result<usize, Raised> {
    unreachable!("no compiled code without a compiler")
}
