//! Functions: Lua's and the host's.

use super::error::{Result, raise_panic};
use super::handle::Handle;
use super::lua::{Inner, Lua};
use super::multi::{FromLuaMulti, IntoLuaMulti, MultiValue};
use super::value::Value;
use crate::error::Raised;
use crate::value::Value as Core;
use crate::vm::{Call, Vm};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Weak;

/// A function of either kind.
#[derive(Clone, Debug)]
pub struct Function(pub(super) Handle);

impl Function {
    /// Calls it. An error of the script's comes with the traceback of where it was raised.
    pub fn call<R: FromLuaMulti>(&self, arguments: impl IntoLuaMulti) -> Result<R> {
        let lua = self.0.lua();
        let function = self.0.core();
        // The handles in `arguments` are roots until the call has begun.
        let arguments = arguments.into_lua_multi(&lua)?;
        let values: Vec<Core> = arguments.iter().map(|value| value.to_core(&lua)).collect();
        let results = lua.protect(|vm| {
            let results = vm.call(function, &values)?;
            Ok((0..results.count).map(|index| Value::from_core(&lua, results.get(index))).collect::<MultiValue>())
        })?;
        drop(arguments);
        R::from_lua_multi(results, &lua)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.0.same(&other.0)
    }
}

type Callback = dyn Fn(&Lua, MultiValue) -> Result<MultiValue>;

/// What the native of a host's function holds.
pub(super) struct HostFunction {
    machine: Weak<Inner>,
    call: Box<Callback>,
}

impl HostFunction {
    pub(super) fn create(lua: &Lua, call: Box<Callback>) -> Function {
        let host = HostFunction { machine: lua.downgrade(), call };
        let native = lua.vm().new_native_with("", enter, &[], Some(Box::new(host)));
        Function(Handle::new(lua, Core::native(native)))
    }
}

/// The native of all host functions.
fn enter(vm: &Vm, call: Call) -> std::result::Result<usize, Raised> {
    let native = call.callee();
    let host = native.host.as_ref().and_then(|host| host.downcast_ref::<HostFunction>()).expect("made with one");
    let Some(inner) = host.machine.upgrade() else {
        return Err(vm.raise_message("the machine is being dropped"));
    };
    let lua = Lua::from_inner(inner);
    let arguments = (1..=call.nargs()).map(|index| Value::from_core(&lua, call.arg(index))).collect();
    // A panic must not unwind the frames of the machine, which are not all Rust's.
    let outcome = catch_unwind(AssertUnwindSafe(|| (host.call)(&lua, arguments)));
    vm.pass_kill()?;
    match outcome {
        Ok(Ok(results)) => {
            let values: Vec<Core> = results.iter().map(|value| value.to_core(&lua)).collect();
            call.ret_all(vm, &values)
        }
        Ok(Err(error)) => Err(lua.raise(error)),
        Err(payload) => Err(raise_panic(&lua, payload)),
    }
}
