//! Handles through which an interpreter reaches its memory, and which the front end understands.
//!
//! * [`Ref<T>`] is a copyable handle to a heap object `T`. `Ref<T>` dereferences to `&T`, so `r.field` is a read of
//!   an immutable field, and `r.cell.get()` / `r.cell.set(v)` read and write a field of type `Cell<_>`. rustc thereby
//!   enforces what the generator assumes: a field that is not a cell never changes after construction.
//! * [`Arr<T>`] is a copyable address of an array of `T` without a length.
//!
//! # Invariants
//!
//! Both are plain addresses: nothing keeps the memory alive. Whoever makes one (`unsafe`) promises that the object
//! outlives every use of the handle and its copies, and for `Arr` that every index used is inside the allocation. An
//! interpreter keeps the promise by collecting only at polls, where every live reference is in a root, and by
//! verifying its bytecode before running it.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// A copyable handle to a heap object. The size of a pointer; `Option<Ref<T>>` too.
#[repr(transparent)]
pub struct Ref<T>(NonNull<T>);

impl<T> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Ref<T> {}
impl<T> PartialEq for Ref<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Ref<T> {}
impl<T> std::hash::Hash for Ref<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> std::fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ref({:p})", self.0)
    }
}

impl<T> Ref<T> {
    /// # Safety
    /// `address` points to a live `T`, which outlives every use of the handle and its copies.
    #[inline(always)]
    pub unsafe fn from_ptr(address: *const T) -> Self {
        // SAFETY: the caller promises a live object, so the address is not null.
        Ref(unsafe { NonNull::new_unchecked(address.cast_mut()) })
    }

    /// # Safety
    /// As [`Ref::from_ptr`], of an address that [`Ref::addr`] gave.
    #[inline(always)]
    pub unsafe fn from_addr(address: u64) -> Self {
        // SAFETY: passed on to the caller.
        unsafe { Ref::from_ptr(address as usize as *const T) }
    }

    /// The address as an integer: for payloads and comparisons.
    #[inline(always)]
    pub fn addr(self) -> u64 {
        self.0.as_ptr() as usize as u64
    }

    /// The address as a pointer.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the maker of the handle promised a live object (module invariant).
        unsafe { self.0.as_ref() }
    }
}

/// The address of an array whose length is known to its owner only. May be null when the length is zero.
#[repr(transparent)]
pub struct Arr<T>(*mut T, PhantomData<T>);

impl<T> Clone for Arr<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Arr<T> {}
impl<T> PartialEq for Arr<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
impl<T> Eq for Arr<T> {}
impl<T> std::fmt::Debug for Arr<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Arr({:p})", self.0)
    }
}

impl<T: Copy> Arr<T> {
    /// # Safety
    /// Every index later used through this handle, its copies and its offsets lies inside one live allocation of `T`.
    #[inline(always)]
    pub unsafe fn from_ptr(address: *mut T) -> Self {
        Arr(address, PhantomData)
    }

    /// The empty array.
    #[inline(always)]
    pub fn null() -> Self {
        Arr(std::ptr::null_mut(), PhantomData)
    }

    /// Element `index`.
    #[inline(always)]
    pub fn get(self, index: usize) -> T {
        // SAFETY: the maker promised that used indices are inside the allocation (module invariant).
        unsafe { *self.0.add(index) }
    }

    /// Writes element `index`.
    #[inline(always)]
    pub fn set(self, index: usize, value: T) {
        // SAFETY: as in `get`.
        unsafe { *self.0.add(index) = value }
    }

    /// The array that begins at element `index`.
    #[inline(always)]
    pub fn offset(self, index: usize) -> Self {
        // SAFETY: as in `get`; one past the end is allowed by the contract of `from_ptr` as long as it is not read.
        Arr(unsafe { self.0.add(index) }, PhantomData)
    }

    /// The array that begins `index` elements before this one.
    #[inline(always)]
    pub fn back(self, index: usize) -> Self {
        // SAFETY: as in `offset`.
        Arr(unsafe { self.0.sub(index) }, PhantomData)
    }

    /// The address as a pointer.
    #[inline(always)]
    pub fn as_ptr(self) -> *mut T {
        self.0
    }

    /// The address as an integer.
    #[inline(always)]
    pub fn addr(self) -> u64 {
        self.0 as usize as u64
    }
}

/// A collector at the end of a marking.
pub trait Reach {
    /// Whether it has been reached.
    fn is_reached(&self, reference: u64) -> bool;

    /// Whether a portal frame may have this among its greens that began with something else there: after a tail call.
    fn is_continued(&self, reference: u64) -> bool {
        self.is_reached(reference)
    }

    fn reach(&mut self, reference: u64);
}
