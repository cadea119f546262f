//! Registers, constants, the frame record.

use crate::heap::object::{Frame, Proto};
use crate::string::LuaString;
use crate::value::Value;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::marks::{elidable, unroll};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_lang::bytecode::RK_CONST;

/// A register's value.
#[inline(always)]
pub fn reg(base: Arr<Reg>, index: usize) -> Value {
    let register = base.get(index);
    Value { tag: register.tag, bits: register.bits }
}

/// Writes a register.
#[inline(always)]
pub fn set_reg(base: Arr<Reg>, index: usize, value: Value) {
    base.set(index, Reg { tag: value.tag, bits: value.bits });
}

/// A constant.
#[inline(always)]
pub fn constant(proto: Ref<Proto>, index: usize) -> Value {
    let constant = proto.constants.get(index);
    Value { tag: constant.tag, bits: constant.bits }
}

/// A string constant.
#[inline(always)]
pub fn key(proto: Ref<Proto>, index: usize) -> Ref<LuaString> {
    constant(proto, index).as_string()
}

/// A register or a constant.
#[inline(always)]
pub fn rk(base: Arr<Reg>, proto: Ref<Proto>, operand: usize) -> Value {
    if operand < RK_CONST { reg(base, operand) } else { constant(proto, operand - RK_CONST) }
}

/// Writes the frame's record: before anything that can raise, collect or look at frames.
#[inline(always)]
pub fn save_pc(vm: &Vm, base: Arr<Reg>, pc: usize) {
    vm.frame.get().set(0, Frame { base, pc });
}

/// Sets `count` registers from `a` on to nil.
#[unroll]
#[inline(always)]
pub fn load_nil(base: Arr<Reg>, a: usize, count: usize) {
    for index in 0..count {
        set_reg(base, a + index, Value::nil());
    }
}

/// Where the registers above the window begin: residuals that run other code write there, and nowhere below.
#[inline(always)]
pub fn above(base: Arr<Reg>, proto: Ref<Proto>) -> Arr<Reg> {
    base.offset(proto.max_stack)
}

/// Whether register `index` may be read at or after `pc` before it is written.
#[elidable]
#[inline(never)]
pub fn register_is_live(proto: Ref<Proto>, pc: usize, index: usize) -> bool {
    let liveness = proto.liveness.get_or_init(|| moonshift_lang::bytecode::liveness(&proto.source));
    index < proto.max_stack && liveness.is_live(pc, index)
}
