//! Strings: short ones are interned, so that equality is identity; long ones are compared by content.

mod intern;

pub use intern::Interner;

use crate::heap::object::Header;
use moonshift_jitgen::marks::{heap, residual};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;

/// Longest interned string, in bytes.
pub const SHORT: usize = 40;

/// An immutable byte string.
#[heap]
#[repr(C)]
pub struct LuaString {
    pub header: Header,
    /// Of short strings always, of long ones when `hashed`.
    pub hash: Cell<u32>,
    pub len: usize,
    /// The bytes, which lie behind the object; a zero byte follows them.
    pub data: Arr<u8>,
    /// Short strings: next of the interner's chain.
    pub next: Cell<Option<Ref<LuaString>>>,
    /// Whether `hash` is valid.
    pub hashed: Cell<bool>,
    /// 1 + the event whose metamethod name this is, 0 for other strings.
    pub event: Cell<u8>,
}

impl LuaString {
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `data` is the address of `len` bytes behind the object, which never change.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }

    #[inline(always)]
    pub fn is_short(&self) -> bool {
        self.len <= SHORT
    }

    /// Equality by content.
    #[inline(always)]
    pub fn equals(&self, other: Ref<LuaString>) -> bool {
        std::ptr::eq(self, other.as_ptr()) || (!self.is_short() && long_equals(self, &other))
    }

    /// The hash, computed on first use for long strings.
    #[inline]
    pub fn hash(&self) -> u32 {
        if !self.hashed.get() {
            self.hash.set(hash_bytes(self.as_bytes()));
            self.hashed.set(true);
        }
        self.hash.get()
    }

    pub fn to_str_lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

/// Equality of two strings of which one is long.
#[residual(pure)]
#[inline(never)]
pub fn long_equals(x: &LuaString, y: &LuaString) -> bool {
    x.len == y.len && x.as_bytes() == y.as_bytes()
}

/// A hash of bytes, eight at a time: multiply and fold.
pub fn hash_bytes(bytes: &[u8]) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = (bytes.len() as u64).wrapping_mul(K) ^ seed();
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
        state = fold(state ^ word, K);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        let mut word = [0; 8];
        word[..rest.len()].copy_from_slice(rest);
        state = fold(state ^ u64::from_le_bytes(word), K);
    }
    (state ^ (state >> 32)) as u32
}

#[inline(always)]
fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Differs from process to process, so that nobody can prepare colliding keys.
fn seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    static SEED: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *SEED.get_or_init(|| std::collections::hash_map::RandomState::new().build_hasher().finish())
}
