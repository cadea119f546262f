//! Calling Lua values from Rust.

use super::{Reg, Vm, stack};
use crate::error::{Raised, traceback};
use crate::heap::object::Frame;
use crate::interp;
use crate::natives::close;
use crate::value::{self, Value};
use moonshift_jitgen::mem::Arr;

/// Results of a call. They lie above everything that is a root: read them before anything can run or collect.
#[derive(Copy, Clone)]
pub struct Results {
    pub slot: Arr<Reg>,
    pub count: usize,
}

impl Results {
    /// A result from 0; nil when there are fewer.
    #[inline(always)]
    pub fn get(self, index: usize) -> Value {
        if index < self.count { self.slot.get(index).value() } else { Value::nil() }
    }

    pub fn to_vec(self) -> Vec<Value> {
        (0..self.count).map(|index| self.get(index)).collect()
    }
}

impl Vm {
    /// First register above all that the innermost frame uses.
    pub fn scratch(&self) -> Arr<Reg> {
        let frame = self.frame.get().get(0);
        frame.base.offset(frame_size(frame))
    }

    /// Calls any value. For natives and hosts; in a native only when its frame is the innermost one.
    pub fn call(&self, function: Value, args: &[Value]) -> Result<Results, Raised> {
        let slot = self.scratch();
        let needed = (args.len() + 1) * std::mem::size_of::<Reg>();
        if slot.addr() + needed as u64 > self.bulk_limit() {
            return Err(self.raise_message("stack overflow"));
        }
        slot.set(0, Reg::of(function));
        for (index, &arg) in args.iter().enumerate() {
            slot.set(index + 1, Reg::of(arg));
        }
        let count = self.call_at(slot, args.len())?;
        Ok(Results { slot, count })
    }

    /// Calls any value and takes its first result.
    pub fn call1(&self, function: Value, args: &[Value]) -> Result<Value, Raised> {
        Ok(self.call(function, args)?.get(0))
    }

    /// [`Vm::call`] of what must not yield.
    pub fn call_without_yield(&self, function: Value, args: &[Value]) -> Result<Results, Raised> {
        let no_yield = self.threads.no_yield.get();
        self.threads.no_yield.set(no_yield + 1);
        let results = self.call(function, args);
        self.threads.no_yield.set(no_yield);
        results
    }

    /// Calls the value in `slot[0]` with `nargs` arguments that follow it; leaves the results from `slot[0]` on and says
    /// how many. The registers lie at or above the end of the innermost frame, or are a native's own arguments.
    pub fn call_at(&self, slot: Arr<Reg>, nargs: usize) -> Result<usize, Raised> {
        if !self.has_native_room() {
            return Err(self.raise_overflow("C stack overflow"));
        }
        let depth = self.native_depth.get() + 1;
        if depth >= stack::MAX_NATIVE_CALLS {
            if depth == stack::MAX_NATIVE_CALLS {
                return Err(self.raise_overflow("C stack overflow"));
            }
            if depth >= stack::MAX_HANDLER_CALLS {
                return Err(self.raise_message("error in error handling"));
            }
        }
        self.native_depth.set(depth);
        let result = self.owning(|| self.enter(|| interp::calls::call_any(self, slot, nargs)));
        self.native_depth.set(depth - 1);
        result
    }

    /// Whether the native stack has room for as many levels of Lua code as the depth limit still allows: they do not
    /// look at it themselves.
    #[inline]
    pub fn has_native_room(&self) -> bool {
        let levels = self.trap.limit().saturating_sub(self.frame.get().addr()) as usize / std::mem::size_of::<Frame>();
        // Outside of `enter` this is the host's stack.
        !self.entered.get() || stack::native_position() >= self.native_limit.get() + levels * stack::LEVEL
    }

    /// [`Vm::call_at`] that catches errors: on failure pending to-be-closed variables are closed, the frames are
    /// restored and the error value is returned.
    pub fn call_at_protected(&self, slot: Arr<Reg>, nargs: usize) -> Result<usize, Value> {
        self.protected(|| self.call_at(slot, nargs))
    }

    /// Runs `f` and catches Lua errors in it (see [`Vm::call_at_protected`]).
    pub fn protected<R>(&self, f: impl FnOnce() -> Result<R, Raised>) -> Result<R, Value> {
        let frame = self.frame.get();
        let record = frame.get(0);
        let pending = close::pending(self);
        let subject = self.current_thread().state.hook.subject.get();
        f().map_err(|Raised| {
            self.current_thread().state.hook.subject.set(subject);
            self.frame.set(frame);
            frame.set(0, record);
            self.end_overflow();
            let error = close::close_after_error(self, pending, self.error.get());
            self.frame.set(frame);
            frame.set(0, record);
            self.error.set(Value::nil());
            error
        })
    }

    /// Calls any value and catches errors.
    pub fn call_protected(&self, function: Value, args: &[Value]) -> Result<Results, Value> {
        self.protected(|| self.call(function, args))
    }
}

/// How many registers a frame uses from its base on.
pub fn frame_size(frame: Frame) -> usize {
    let function = traceback::function(frame);
    if function.tag == value::CLOSURE { function.as_closure().proto.max_stack } else { frame.pc }
}
