//! The heap: non-moving objects in blocks of equal cells, and arrays that objects own.
//!
//! # Invariants
//!
//! * An object lives until a collection that does not reach it. Collections happen at polls only (`collect.rs`), so code
//!   between polls holds plain references.
//! * Every object begins with a [`Header`], whose kind says its type; a cell with kind `Free` is on the free list of its
//!   size class.
//! * `bytes` is exact: cells and arrays, each at its allocated size.
//! * Types that have something to drop (`needs_drop`) have blocks of their own: the others are swept by whoever allocates.

mod blocks;
pub mod cards;
pub mod collect;
mod finalize;
pub mod make;
pub mod mark;
pub mod object;
mod sweep;
mod weak;

use crate::string::Interner;
use crate::table::{Element, ElementTag};
use crate::vm::trap::Trap;
use blocks::Class;
use cards::{CARDS, Card};
use moonshift_jitgen::mem::{Arr, Ref};
use object::{Header, Kind, Proto};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::cell::{Cell, RefCell};

/// Cells are multiples of this.
const GRAIN: usize = 16;
/// Largest cell of a block; larger objects have an allocation of their own.
const LARGEST: usize = 512;
const SIZES: usize = LARGEST / GRAIN;
/// One for each size, twice: the second half is for types that have something to drop.
const CLASSES: usize = 2 * SIZES;
/// [`Header::class`] of an object with an allocation of its own.
pub const LARGE: u8 = 255;

/// All objects of one vm.
pub struct Heap {
    classes: [Class; CLASSES],
    /// Objects with an allocation of their own: address and size.
    large: RefCell<Vec<(usize, usize)>>,
    /// All short strings.
    pub strings: Interner,
    /// All prototypes.
    pub protos: RefCell<Vec<Ref<Proto>>>,
    /// Bytes in use.
    pub bytes: Cell<usize>,
    /// Bytes allocated since the last collection, less what may be allocated before the next: above zero, the trap asks
    /// for a collection.
    pub debt: Cell<isize>,
    /// Colour of objects that the current or last collection reached.
    black: Cell<u8>,
    /// Colour of new objects.
    white: Cell<u8>,
    pub cards: Arr<Card>,
    pub control: collect::Control,
    trap: Ref<Trap>,
}

impl Heap {
    pub fn new(trap: Ref<Trap>) -> Heap {
        let heap = Heap {
            classes: std::array::from_fn(|_| Class::default()),
            large: RefCell::default(),
            strings: Interner::default(),
            protos: RefCell::default(),
            bytes: Cell::new(0),
            debt: Cell::new(-(collect::FIRST_THRESHOLD as isize)),
            black: Cell::new(1),
            white: Cell::new(1),
            // SAFETY: the heap frees the cards when it is dropped.
            cards: unsafe { Arr::from_ptr(allocate(CARDS) as *mut Card) },
            control: collect::Control::default(),
            trap,
        };
        heap.clear_cards();
        heap
    }

    /// The header of a new object; its class is set when the object is placed.
    #[inline(always)]
    pub fn header(&self, kind: Kind) -> Header {
        Header { kind, mark: Cell::new(self.white.get()), flags: Cell::new(0), class: 0 }
    }

    /// Books bytes allocated, and asks for a collection when enough were.
    #[inline(always)]
    pub fn add_bytes(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes);
        let debt = self.debt.get() + bytes as isize;
        self.debt.set(debt);
        if debt > 0 {
            self.trap.request(Trap::COLLECT);
        }
    }

    /// Books bytes freed.
    #[inline(always)]
    pub fn sub_bytes(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() - bytes);
        self.debt.set(self.debt.get() - bytes as isize);
    }

    /// Places an object.
    #[inline(always)]
    pub fn make_sized<T>(&self, object: T) -> Ref<T> {
        self.make_with_tail(0, |_| object)
    }

    /// Places an object with `tail` bytes behind it, whose address `init` gets. `T` is `repr(C)` and begins with a
    /// [`Header`].
    #[inline(always)]
    pub fn make_with_tail<T>(&self, tail: usize, init: impl FnOnce(*mut u8) -> T) -> Ref<T> {
        const { assert!(std::mem::align_of::<T>() <= GRAIN) };
        let size = std::mem::size_of::<T>() + tail;
        let (cell, class) = self.cell(size, if std::mem::needs_drop::<T>() { SIZES } else { 0 });
        // SAFETY: the cell has room for the object and its tail, and nobody else has its address. Every heap type is
        // `repr(C)` with a `Header` first, so its class may be written through a header pointer.
        unsafe {
            let object = cell as *mut T;
            object.write(init((cell + std::mem::size_of::<T>()) as *mut u8));
            (*(cell as *mut Header)).class = class;
            Ref::from_ptr(object)
        }
    }

    /// A cell of at least `size` bytes among classes from `first` on, and its class.
    #[inline(always)]
    fn cell(&self, size: usize, first: usize) -> (usize, u8) {
        if size > LARGEST {
            return (self.large_cell(size), LARGE);
        }
        let grains = size.div_ceil(GRAIN);
        let index = first + grains - 1;
        self.add_bytes(grains * GRAIN);
        let class = &self.classes[index];
        let free = class.free.get();
        if free != 0 {
            // SAFETY: a cell on the free list holds the address of the next one at offset 8.
            class.free.set(unsafe { *((free + 8) as *const usize) });
            return (free, index as u8);
        }
        (self.refill(index), index as u8)
    }

    #[inline(never)]
    fn large_cell(&self, size: usize) -> usize {
        let cell = allocate(size);
        self.large.borrow_mut().push((cell, size));
        self.add_bytes(size);
        cell
    }

    /// An array that an object will own.
    pub fn new_array<T: Copy>(&self, len: usize, fill: T) -> Arr<T> {
        let array = self.new_array_uninit(len);
        for index in 0..len {
            array.set(index, fill);
        }
        array
    }

    /// The same with no content: the caller writes before it reads.
    pub fn new_array_uninit<T: Copy>(&self, len: usize) -> Arr<T> {
        if len == 0 {
            return Arr::null();
        }
        let size = std::mem::size_of::<T>() * len;
        self.add_bytes(size);
        // SAFETY: indices below `len` are inside the allocation; the owner keeps to them.
        unsafe { Arr::from_ptr(allocate(size) as *mut T) }
    }

    /// Another length for an array made by `new_array` with length `len`; what is new has no content. Large arrays move
    /// without being copied where the system can do so.
    pub fn resize_array<T: Copy>(&self, array: Arr<T>, len: usize, new_len: usize) -> Arr<T> {
        if len == 0 || new_len == 0 {
            let new = self.new_array_uninit(new_len);
            self.free_array(array, len);
            return new;
        }
        let (old_size, size) = (std::mem::size_of::<T>() * len, std::mem::size_of::<T>() * new_len);
        self.sub_bytes(old_size);
        self.add_bytes(size);
        // SAFETY: the array was allocated with the old size and its owner uses the new one instead; neither size is 0.
        unsafe {
            let address = realloc(array.as_ptr() as *mut u8, layout(old_size), size);
            if address.is_null() {
                handle_alloc_error(layout(size));
            }
            Arr::from_ptr(address as *mut T)
        }
    }

    /// Another capacity for the array part of a table, of which `len` elements are in use: the payloads, and behind them
    /// in the same allocation the tags.
    pub fn resize_elements(
        &self,
        array: Arr<Element>,
        len: usize,
        capacity: usize,
        new_capacity: usize,
    ) -> (Arr<Element>, Arr<ElementTag>) {
        const SIZE: usize = size_of::<Element>() + size_of::<ElementTag>();
        let tags = |block: Arr<u8>, capacity: usize| block.offset(capacity * size_of::<Element>());
        // SAFETY: an array is its allocation's start.
        let mut block: Arr<u8> = unsafe { Arr::from_ptr(array.as_ptr() as *mut u8) };
        let move_tags = |block: Arr<u8>| {
            // SAFETY: both places hold `len` bytes inside the allocation, of whichever capacity it has now.
            unsafe { std::ptr::copy(tags(block, capacity).as_ptr(), tags(block, new_capacity).as_ptr(), len) };
        };
        if new_capacity < capacity {
            move_tags(block);
        }
        block = self.resize_array(block, SIZE * capacity, SIZE * new_capacity);
        if new_capacity > capacity && len > 0 {
            move_tags(block);
        }
        // SAFETY: the start is aligned for all there is, and tags need no alignment.
        unsafe {
            (
                Arr::from_ptr(block.as_ptr() as *mut Element),
                Arr::from_ptr(tags(block, new_capacity).as_ptr() as *mut ElementTag),
            )
        }
    }

    /// Frees what `resize_elements` made with the same capacity.
    pub fn free_elements(&self, array: Arr<Element>, capacity: usize) {
        // SAFETY: as there.
        let block: Arr<u8> = unsafe { Arr::from_ptr(array.as_ptr() as *mut u8) };
        self.free_array(block, (size_of::<Element>() + size_of::<ElementTag>()) * capacity);
    }

    /// Frees an array made by `new_array` with the same length.
    pub fn free_array<T: Copy>(&self, array: Arr<T>, len: usize) {
        if len != 0 {
            let size = std::mem::size_of::<T>() * len;
            self.sub_bytes(size);
            // SAFETY: the array was allocated with this size, and its owner gives it up.
            unsafe { deallocate(array.as_ptr() as usize, size) };
        }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: nobody runs any more who could mark a card.
        unsafe { deallocate(self.cards.as_ptr() as usize, CARDS) };
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, GRAIN).expect("sizes are below isize::MAX")
}

fn allocate(size: usize) -> usize {
    // SAFETY: the size is not zero.
    let address = unsafe { alloc(layout(size)) };
    if address.is_null() {
        handle_alloc_error(layout(size));
    }
    address as usize
}

/// # Safety
/// `address` came from `allocate` with the same size and is not used any more.
unsafe fn deallocate(address: usize, size: usize) {
    // SAFETY: passed on to the caller.
    unsafe { dealloc(address as *mut u8, layout(size)) }
}
