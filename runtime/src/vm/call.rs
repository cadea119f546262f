//! What a native function sees: its arguments, and how it gives results.
//!
//! The arguments are registers `base[0..nargs]`, the function itself is `base[-1]`, and results are left from `base[-1]`
//! on. So results overwrite the function and the arguments: read before you write, or collect results above the
//! arguments with [`Call::push`] and end with [`Call::ret_pushed`].
//!
//! # What keeps values alive
//!
//! Arguments and pushed values are registers of the native's frame, hence roots. Any other value that a native holds
//! across something that runs Lua (`vm.call`, metamethods, `vm.tostring`) must be reachable from those: push it.

use super::{Reg, Vm, stack};
use crate::error::Raised;
use crate::heap::object::{Frame, Native, Userdata};
use crate::string::LuaString;
use crate::table::Table;
use crate::value::{self, Value};
use moonshift_jitgen::mem::{Arr, Ref};

/// A running native's arguments. Indices count from 1, as in messages.
#[derive(Copy, Clone)]
pub struct Call {
    pub base: Arr<Reg>,
    pub nargs: usize,
}

impl Call {
    /// How many arguments there are.
    #[inline(always)]
    pub fn nargs(self) -> usize {
        self.nargs
    }

    /// An argument; nil when there are fewer.
    #[inline(always)]
    pub fn arg(self, index: usize) -> Value {
        if index <= self.nargs { self.base.get(index - 1).value() } else { Value::nil() }
    }

    /// The registers of the arguments.
    pub fn args(self) -> Arr<Reg> {
        self.base
    }

    /// Whether the argument was given (be it nil).
    #[inline(always)]
    pub fn has(self, index: usize) -> bool {
        index <= self.nargs
    }

    /// Whether the argument is absent or nil.
    #[inline(always)]
    pub fn is_none_or_nil(self, index: usize) -> bool {
        self.arg(index).is_nil()
    }

    /// The function that runs.
    #[inline(always)]
    pub fn callee(self) -> Ref<Native> {
        self.base.back(1).get(0).value().as_native()
    }

    /// Upvalue of the function that runs, from 0.
    #[inline(always)]
    pub fn upvalue(self, index: usize) -> Value {
        self.callee().upvalues[index].get()
    }

    // Results.

    /// No results.
    #[inline(always)]
    pub fn ret0(self) -> Result<usize, Raised> {
        Ok(0)
    }

    /// One result.
    #[inline(always)]
    pub fn ret(self, value: Value) -> Result<usize, Raised> {
        self.base.back(1).set(0, Reg::of(value));
        Ok(1)
    }

    /// Two results.
    #[inline(always)]
    pub fn ret2(self, first: Value, second: Value) -> Result<usize, Raised> {
        let slot = self.base.back(1);
        slot.set(0, Reg::of(first));
        slot.set(1, Reg::of(second));
        Ok(2)
    }

    /// Three results.
    #[inline(always)]
    pub fn ret3(self, first: Value, second: Value, third: Value) -> Result<usize, Raised> {
        let slot = self.base.back(1);
        slot.set(0, Reg::of(first));
        slot.set(1, Reg::of(second));
        slot.set(2, Reg::of(third));
        Ok(3)
    }

    /// Any number of results.
    pub fn ret_all(self, vm: &Vm, values: &[Value]) -> Result<usize, Raised> {
        self.reserve(vm, values.len())?;
        let slot = self.base.back(1);
        for (index, &value) in values.iter().enumerate() {
            slot.set(index, Reg::of(value));
        }
        Ok(values.len())
    }

    /// The arguments from `index` on as results.
    pub fn ret_args_from(self, index: usize) -> Result<usize, Raised> {
        let slot = self.base.back(1);
        let count = (self.nargs + 1).saturating_sub(index);
        for i in 0..count {
            slot.set(i, self.base.get(index - 1 + i));
        }
        Ok(count)
    }

    /// Adds a value above the arguments, where it is a root. Values are numbered from 0 for [`Call::pushed_value`].
    pub fn push(self, vm: &Vm, value: Value) -> Result<(), Raised> {
        self.reserve(vm, 1)?;
        let frame = vm.frame.get();
        let used = frame.get(0).pc;
        self.base.set(used, Reg::of(value));
        frame.set(0, Frame { base: self.base, pc: used + 1 });
        Ok(())
    }

    /// How many values were pushed.
    pub fn pushed_count(self, vm: &Vm) -> usize {
        vm.frame.get().get(0).pc - self.nargs
    }

    /// A pushed value.
    pub fn pushed_value(self, index: usize) -> Value {
        self.base.get(self.nargs + index).value()
    }

    /// Replaces a pushed value.
    pub fn set_pushed(self, index: usize, value: Value) {
        self.base.set(self.nargs + index, Reg::of(value));
    }

    /// Drops pushed values so that `count` are left.
    pub fn truncate_pushed(self, vm: &Vm, count: usize) {
        vm.frame.get().set(0, Frame { base: self.base, pc: self.nargs + count });
    }

    /// All pushed values from number `first` on as results.
    pub fn ret_pushed_from(self, vm: &Vm, first: usize) -> Result<usize, Raised> {
        let count = self.pushed_count(vm) - first;
        let slot = self.base.back(1);
        for i in 0..count {
            slot.set(i, self.base.get(self.nargs + first + i));
        }
        Ok(count)
    }

    /// All pushed values as results.
    pub fn ret_pushed(self, vm: &Vm) -> Result<usize, Raised> {
        self.ret_pushed_from(vm, 0)
    }

    /// Makes sure that `count` more values fit above what the frame uses.
    pub fn reserve(self, vm: &Vm, count: usize) -> Result<(), Raised> {
        let used = vm.frame.get().get(0).pc;
        let needed = (used + count).saturating_mul(std::mem::size_of::<Reg>()) as u64;
        if count > stack::MAX_BULK || self.base.addr().saturating_add(needed) > vm.bulk_limit() {
            return Err(vm.raise_message("stack overflow"));
        }
        Ok(())
    }

    // Checked arguments.

    /// "bad argument #index to 'function' (message)".
    #[cold]
    pub fn arg_error(self, vm: &Vm, index: usize, message: &str) -> Raised {
        crate::error::messages::arg_error(vm, self, index, message)
    }

    /// "bad argument #index to 'function' (expected expected, got actual)".
    #[cold]
    pub fn type_error(self, vm: &Vm, index: usize, expected: &str) -> Raised {
        crate::error::messages::arg_type_error(vm, self, index, expected)
    }

    /// An argument that must be given.
    pub fn check_any(self, vm: &Vm, index: usize) -> Result<Value, Raised> {
        if self.has(index) { Ok(self.arg(index)) } else { Err(self.arg_error(vm, index, "value expected")) }
    }

    /// An integer, or a float or string with an integral value.
    #[inline]
    pub fn check_int(self, vm: &Vm, index: usize) -> Result<i64, Raised> {
        let value = self.arg(index);
        if value.tag == value::INT {
            return Ok(value.as_int());
        }
        self.check_int_slow(vm, index)
    }

    #[cold]
    fn check_int_slow(self, vm: &Vm, index: usize) -> Result<i64, Raised> {
        match crate::natives::convert::to_number(self.arg(index)) {
            Some(number) => match number.number_as_int() {
                Some(int) => Ok(int),
                None => Err(self.arg_error(vm, index, "number has no integer representation")),
            },
            None => Err(self.type_error(vm, index, "number")),
        }
    }

    /// A number, or a string that reads as one; as a float.
    #[inline]
    pub fn check_num(self, vm: &Vm, index: usize) -> Result<f64, Raised> {
        let value = self.arg(index);
        if value.tag == value::FLOAT {
            return Ok(value.as_float());
        }
        Ok(self.check_number(vm, index)?.number_as_float().expect("a number"))
    }

    /// A number, or a string that reads as one; integer or float.
    pub fn check_number(self, vm: &Vm, index: usize) -> Result<Value, Raised> {
        match crate::natives::convert::to_number(self.arg(index)) {
            Some(number) => Ok(number),
            None => Err(self.type_error(vm, index, "number")),
        }
    }

    /// A string, or a number, which becomes one (the argument too: so the string is a root).
    #[inline]
    pub fn check_str(self, vm: &Vm, index: usize) -> Result<Ref<LuaString>, Raised> {
        let value = self.arg(index);
        match value.tag {
            value::STRING => Ok(value.as_string()),
            value::INT | value::FLOAT => {
                let string = crate::natives::convert::number_to_string(vm, value);
                self.base.set(index - 1, Reg::of(Value::string(string)));
                Ok(string)
            }
            _ => Err(self.type_error(vm, index, "string")),
        }
    }

    #[inline]
    pub fn check_table(self, vm: &Vm, index: usize) -> Result<Ref<Table>, Raised> {
        let value = self.arg(index);
        if value.tag == value::TABLE { Ok(value.as_table()) } else { Err(self.type_error(vm, index, "table")) }
    }

    /// A function of either kind.
    pub fn check_function(self, vm: &Vm, index: usize) -> Result<Value, Raised> {
        let value = self.arg(index);
        if value.is_function() { Ok(value) } else { Err(self.type_error(vm, index, "function")) }
    }

    /// A full userdata whose data is a `T`.
    pub fn check_userdata<T: 'static>(self, vm: &Vm, index: usize, name: &str) -> Result<Ref<Userdata>, Raised> {
        let value = self.arg(index);
        if value.tag == value::USERDATA {
            let userdata = value.as_userdata();
            if userdata.data.borrow().as_ref().is_some_and(|data| data.is::<T>()) {
                return Ok(userdata);
            }
        }
        Err(self.type_error(vm, index, name))
    }

    pub fn opt_int(self, vm: &Vm, index: usize, default: i64) -> Result<i64, Raised> {
        if self.is_none_or_nil(index) { Ok(default) } else { self.check_int(vm, index) }
    }

    pub fn opt_num(self, vm: &Vm, index: usize, default: f64) -> Result<f64, Raised> {
        if self.is_none_or_nil(index) { Ok(default) } else { self.check_num(vm, index) }
    }

    pub fn opt_str(self, vm: &Vm, index: usize) -> Result<Option<Ref<LuaString>>, Raised> {
        if self.is_none_or_nil(index) { Ok(None) } else { self.check_str(vm, index).map(Some) }
    }

    pub fn opt_table(self, vm: &Vm, index: usize) -> Result<Option<Ref<Table>>, Raised> {
        if self.is_none_or_nil(index) { Ok(None) } else { self.check_table(vm, index).map(Some) }
    }

    /// Truth of an argument; absent is false.
    pub fn truthy(self, index: usize) -> bool {
        self.arg(index).is_truthy()
    }
}
