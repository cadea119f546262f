//! The machine as hosts see it.

use super::chunk::{AsChunk, Chunk};
use super::convert::{FromLua, IntoLua};
use super::error::{Error, Result, failure, raise, raise_limit};
use super::function::{Function, HostFunction};
use super::handle::Handle;
use super::multi::{FromLuaMulti, IntoLuaMulti};
use super::string::String;
use super::table::Table;
use super::userdata::AnyUserData;
use super::value::Value;
use crate::error::{Raised, traceback};
use crate::stdlib;
use crate::value::Value as Core;
use crate::vm::Vm;
use std::any::{Any, TypeId};
use std::rc::{Rc, Weak};

pub(super) struct Inner {
    vm: Box<Vm>,
}

impl Inner {
    pub(super) fn vm(&self) -> &Vm {
        &self.vm
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        stdlib::flush_standard(&self.vm);
    }
}

/// How a machine is to run.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct LuaOptions {
    /// The mode of the just-in-time compiler.
    #[cfg(feature = "jit")]
    pub jit: crate::jit::JitMode,
}

impl LuaOptions {
    pub fn new() -> LuaOptions {
        LuaOptions::default()
    }

    #[cfg(feature = "jit")]
    fn apply(self, vm: &Vm) {
        // Where there is no backend the interpreter runs everything.
        let _ = crate::jit::attach(vm, crate::jit::JitOptions { mode: self.jit, ..Default::default() });
    }

    #[cfg(not(feature = "jit"))]
    fn apply(self, _vm: &Vm) {}

    #[cfg(feature = "jit")]
    pub fn jit(mut self, mode: crate::jit::JitMode) -> LuaOptions {
        self.jit = mode;
        self
    }
}

/// A Lua machine. Clones are the same machine; it lives as long as one of them.
#[derive(Clone)]
pub struct Lua {
    inner: Rc<Inner>,
}

impl Default for Lua {
    fn default() -> Self {
        Lua::new()
    }
}

impl Lua {
    /// A machine with the standard library and, where there is one for the platform, the just-in-time compiler.
    pub fn new() -> Lua {
        Lua::new_with(LuaOptions::default())
    }

    /// A machine with the standard library.
    pub fn new_with(options: LuaOptions) -> Lua {
        let vm = Vm::new();
        options.apply(&vm);
        stdlib::open_all(&vm);
        vm.on_limit.set(raise_limit);
        Lua { inner: Rc::new(Inner { vm }) }
    }

    /// The machine below the API.
    pub fn vm(&self) -> &Vm {
        self.inner.vm()
    }

    pub(super) fn from_inner(inner: Rc<Inner>) -> Lua {
        Lua { inner }
    }

    pub(super) fn downgrade(&self) -> Weak<Inner> {
        Rc::downgrade(&self.inner)
    }

    pub(super) fn is(&self, other: &Weak<Inner>) -> bool {
        std::ptr::eq(Rc::as_ptr(&self.inner), other.as_ptr())
    }

    /// Source text to be run, or made into a function.
    #[track_caller]
    pub fn load(&self, chunk: impl AsChunk) -> Chunk {
        let caller = std::panic::Location::caller();
        Chunk::new(self.clone(), chunk, caller)
    }

    /// The table of globals.
    pub fn globals(&self) -> Table {
        Table(Handle::new(self, Core::table(self.vm().globals())))
    }

    pub fn create_string(&self, bytes: impl AsRef<[u8]>) -> Result<String> {
        Ok(String(Handle::new(self, Core::string(self.vm().new_string(bytes.as_ref())))))
    }

    pub fn create_table(&self) -> Result<Table> {
        self.create_table_with_capacity(0, 0)
    }

    /// An empty table with room for elements of a sequence and for other fields.
    pub fn create_table_with_capacity(&self, elements: usize, fields: usize) -> Result<Table> {
        Ok(Table(Handle::new(self, Core::table(self.vm().new_table_sized(elements, fields)))))
    }

    pub fn create_table_from<K: IntoLua, V: IntoLua>(
        &self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Table> {
        let table = self.create_table()?;
        for (key, value) in entries {
            table.raw_set(key, value)?;
        }
        Ok(table)
    }

    pub fn create_sequence_from<T: IntoLua>(&self, elements: impl IntoIterator<Item = T>) -> Result<Table> {
        let table = self.create_table()?;
        for (index, element) in elements.into_iter().enumerate() {
            table.raw_set(index as i64 + 1, element)?;
        }
        Ok(table)
    }

    /// A function of the host's. Its errors are Lua errors; a panic goes through Lua and comes out at the host's call.
    pub fn create_function<F, A, R>(&self, function: F) -> Result<Function>
    where
        F: Fn(&Lua, A) -> Result<R> + 'static,
        A: FromLuaMulti,
        R: IntoLuaMulti,
    {
        let call = move |lua: &Lua, arguments| function(lua, A::from_lua_multi(arguments, lua)?)?.into_lua_multi(lua);
        Ok(HostFunction::create(self, Box::new(call)))
    }

    /// A function of the host's that changes what it captured. Calling it while it runs is an error.
    pub fn create_function_mut<F, A, R>(&self, function: F) -> Result<Function>
    where
        F: FnMut(&Lua, A) -> Result<R> + 'static,
        A: FromLuaMulti,
        R: IntoLuaMulti,
    {
        let function = std::cell::RefCell::new(function);
        self.create_function(move |lua, arguments| match function.try_borrow_mut() {
            Ok(mut function) => function(lua, arguments),
            Err(_) => Err(Error::RecursiveMutCallback),
        })
    }

    /// A value of the host's as a Lua value; scripts can do with it what its metatable allows.
    pub fn create_any_userdata<T: 'static>(&self, data: T) -> Result<AnyUserData> {
        let userdata = self.vm().new_userdata(Box::new(data), 1);
        Ok(AnyUserData(Handle::new(self, Core::userdata(userdata))))
    }

    /// Keeps something of the host's with the machine, one of a type; gives back what was there.
    pub fn set_app_data<T: 'static>(&self, data: T) -> Option<T> {
        let boxed: Box<dyn Any> = Box::new(AppData(data));
        let before = self.vm().app_data.borrow_mut().insert(TypeId::of::<AppData<T>>(), boxed)?;
        before.downcast::<AppData<T>>().ok().map(|data| data.0)
    }

    /// Looks at what [`Lua::set_app_data`] was given.
    pub fn with_app_data<T: 'static, R>(&self, look: impl FnOnce(&T) -> R) -> Option<R> {
        let data = self.vm().app_data.borrow();
        data.get(&TypeId::of::<AppData<T>>())?.downcast_ref::<AppData<T>>().map(|data| look(&data.0))
    }

    pub fn remove_app_data<T: 'static>(&self) -> Option<T> {
        let data = self.vm().app_data.borrow_mut().remove(&TypeId::of::<AppData<T>>())?;
        data.downcast::<AppData<T>>().ok().map(|data| data.0)
    }

    /// Bytes that the machine's objects take.
    pub fn used_memory(&self) -> usize {
        self.vm().heap.bytes.get()
    }

    /// A full garbage collection, finalizers included.
    pub fn gc_collect(&self) -> Result<()> {
        self.protect(|vm| {
            vm.collect_full();
            Ok(())
        })
    }

    /// Limits how much scripts may do from now on, or lifts the limit. A unit of fuel is a call or a turn of a loop, or
    /// about as much work in the library: a pattern that backtracks for ever runs out like a loop that does. What runs
    /// when nothing is left fails with [`Error::OutOfFuel`]; a script that catches the error gets no further than its
    /// next call. The same program uses the same fuel in every mode of the compiler.
    ///
    /// ```
    /// # use moonshift::{Error, Lua};
    /// let lua = Lua::new();
    /// lua.set_fuel(Some(10_000));
    /// let outcome = lua.load("while true do end").exec();
    /// assert!(matches!(outcome, Err(Error::OutOfFuel(_))));
    /// ```
    pub fn set_fuel(&self, fuel: Option<u64>) {
        self.vm().set_fuel(fuel);
    }

    /// What is left of the fuel, if there is a limit.
    pub fn fuel(&self) -> Option<u64> {
        self.vm().fuel()
    }

    /// Sends what scripts print to the host instead of the standard output.
    pub fn set_output(&self, output: impl std::io::Write + 'static) {
        stdlib::redirect_standard(self.vm(), Box::new(output));
    }

    /// Writes out what scripts have printed.
    pub fn flush_output(&self) {
        stdlib::flush_standard(self.vm());
    }

    /// Converts a value of the host's.
    pub fn pack(&self, value: impl IntoLua) -> Result<Value> {
        value.into_lua(self)
    }

    /// Converts a Lua value.
    pub fn unpack<T: FromLua>(&self, value: Value) -> Result<T> {
        T::from_lua(value, self)
    }

    /// Runs something on the machine; a Lua error comes back with its traceback.
    pub(super) fn protect<R>(&self, run: impl FnOnce(&Vm) -> std::result::Result<R, Raised>) -> Result<R> {
        let vm = self.vm();
        let mut trace = None;
        let outcome = vm.protected(|| {
            run(vm).inspect_err(|Raised| {
                // The frames are still those of the error.
                trace = Some(traceback::traceback(vm, 0));
            })
        });
        outcome.map_err(|value| failure(self, value, trace.unwrap_or_default()))
    }

    /// Raises an error of the host's.
    pub(super) fn raise(&self, error: Error) -> Raised {
        raise(self.vm(), error)
    }
}

/// Keeps the host's data apart from what the library keeps by type.
struct AppData<T>(T);

impl std::fmt::Debug for Lua {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lua({:p})", Rc::as_ptr(&self.inner))
    }
}
