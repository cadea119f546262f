//! Values of the host's inside Lua.

use super::error::{Error, Result};
use super::handle::Handle;
use super::table::Table;
use crate::value::Value as Core;
use std::ffi::c_void;

/// An address of the host's; Lua only compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightUserData(pub *mut c_void);

/// A value of the host's, of any type.
#[derive(Clone, Debug)]
pub struct AnyUserData(pub(super) Handle);

impl AnyUserData {
    /// Whether it holds a `T`.
    pub fn is<T: 'static>(&self) -> bool {
        self.with(|_: &mut T| ()).is_ok()
    }

    /// Works on what it holds.
    pub fn with<T: 'static, R>(&self, work: impl FnOnce(&mut T) -> R) -> Result<R> {
        let lua = self.0.lua();
        let userdata = self.0.core().as_userdata();
        let mut data = userdata.data.try_borrow_mut().map_err(|_| Error::UserDataBorrowError)?;
        let data = data.as_mut().and_then(|data| data.downcast_mut::<T>()).ok_or(Error::UserDataTypeMismatch)?;
        let result = work(data);
        drop(lua);
        Ok(result)
    }

    /// Takes out what it holds; scripts are left with an empty userdata.
    pub fn take<T: 'static>(&self) -> Result<T> {
        let _lua = self.0.lua();
        let userdata = self.0.core().as_userdata();
        let mut slot = userdata.data.try_borrow_mut().map_err(|_| Error::UserDataBorrowError)?;
        match slot.take().map(|data| data.downcast::<T>()) {
            Some(Ok(data)) => Ok(*data),
            Some(Err(other)) => {
                *slot = Some(other);
                Err(Error::UserDataTypeMismatch)
            }
            None => Err(Error::UserDataTypeMismatch),
        }
    }

    pub fn set_metatable(&self, metatable: Option<Table>) -> Result<()> {
        let lua = self.0.lua();
        let metatable = metatable.map(|metatable| metatable.0.core_in(&lua).as_table());
        lua.vm().set_metatable(self.0.core(), metatable);
        Ok(())
    }

    pub fn metatable(&self) -> Option<Table> {
        let lua = self.0.lua();
        let metatable = lua.vm().metatable_of(self.0.core())?;
        Some(Table(Handle::new(&lua, Core::table(metatable))))
    }
}

impl PartialEq for AnyUserData {
    fn eq(&self, other: &AnyUserData) -> bool {
        self.0.same(&other.0)
    }
}
