//! What all handles have in common: the machine and a root.

use super::lua::{Inner, Lua};
use crate::value::Value as Core;
use std::fmt;
use std::rc::Weak;

/// A value of the machine, kept alive.
pub(super) struct Handle {
    machine: Weak<Inner>,
    slot: usize,
}

impl Handle {
    pub(super) fn new(lua: &Lua, value: Core) -> Handle {
        Handle { machine: lua.downgrade(), slot: lua.vm().root(value) }
    }

    /// The machine.
    ///
    /// # Panics
    /// If it is gone.
    #[track_caller]
    pub(super) fn lua(&self) -> Lua {
        Lua::from_inner(self.machine.upgrade().expect("the Lua machine of this handle has been dropped"))
    }

    /// The value, to be used in its own machine only.
    #[track_caller]
    pub(super) fn core(&self) -> Core {
        self.lua().vm().rooted(self.slot)
    }

    /// The value, for use in `lua`.
    ///
    /// # Panics
    /// If that is another machine than the handle's.
    #[track_caller]
    pub(super) fn core_in(&self, lua: &Lua) -> Core {
        assert!(lua.is(&self.machine), "the handle belongs to another Lua machine");
        lua.vm().rooted(self.slot)
    }

    /// Whether two handles are of the same object.
    pub(super) fn same(&self, other: &Handle) -> bool {
        Weak::ptr_eq(&self.machine, &other.machine) && self.core().raw_equals(other.core())
    }
}

impl Clone for Handle {
    fn clone(&self) -> Handle {
        Handle::new(&self.lua(), self.core())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(inner) = self.machine.upgrade() {
            inner.vm().unroot(self.slot);
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.machine.upgrade() {
            Some(inner) => write!(f, "{:?}", inner.vm().rooted(self.slot)),
            None => f.write_str("<of a machine that is gone>"),
        }
    }
}
