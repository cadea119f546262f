//! Strings: bytes that need not be UTF-8.

use super::error::{Error, Result};
use super::handle::Handle;
use super::lua::Lua;
use crate::string::LuaString;
use moonshift_jitgen::mem::Ref;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A Lua string.
#[derive(Clone)]
pub struct String(pub(super) Handle);

impl String {
    /// The bytes.
    pub fn as_bytes(&self) -> BorrowedBytes<'_> {
        BorrowedBytes { string: self.0.core().as_string(), _lua: self.0.lua(), _handle: PhantomData }
    }

    /// The text, if it is UTF-8.
    pub fn to_str(&self) -> Result<BorrowedStr<'_>> {
        let bytes = self.as_bytes();
        match std::str::from_utf8(&bytes) {
            Ok(_) => Ok(BorrowedStr(bytes)),
            Err(error) => Err(Error::from_lua("string", "&str", Some(error.to_string()))),
        }
    }

    /// The text, with marks for what is not UTF-8.
    pub fn to_string_lossy(&self) -> std::string::String {
        std::string::String::from_utf8_lossy(&self.as_bytes()).into_owned()
    }
}

impl PartialEq for String {
    fn eq(&self, other: &String) -> bool {
        *self.as_bytes() == *other.as_bytes()
    }
}

impl Eq for String {}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for String {
    fn eq(&self, other: &T) -> bool {
        *self.as_bytes() == *other.as_ref()
    }
}

impl fmt::Debug for String {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_string_lossy().fmt(f)
    }
}

impl fmt::Display for String {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_string_lossy().fmt(f)
    }
}

/// The bytes of a [`String`], which with the machine stay as long as this.
pub struct BorrowedBytes<'a> {
    string: Ref<LuaString>,
    _lua: Lua,
    /// While the handle is borrowed its root stands.
    _handle: PhantomData<&'a String>,
}

impl Deref for BorrowedBytes<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.string.as_bytes()
    }
}

impl AsRef<[u8]> for BorrowedBytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for BorrowedBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The text of a [`String`].
pub struct BorrowedStr<'a>(BorrowedBytes<'a>);

impl Deref for BorrowedStr<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("checked when it was made")
    }
}

impl AsRef<str> for BorrowedStr<'_> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl PartialEq<str> for BorrowedStr<'_> {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for BorrowedStr<'_> {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl fmt::Debug for BorrowedStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl fmt::Display for BorrowedStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
