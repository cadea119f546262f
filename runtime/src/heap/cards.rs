//! Cards: which parts of the heap were written since somebody looked.
//!
//! # Invariant
//!
//! Since the cards were last cleared: whenever an object that lies in a block got a reference to another object, or references
//! in it moved from one place to another, the card of the object's address was marked. Objects that change in other ways than tables, cells, closures
//! and userdata do have means of their own: threads a list, shapes `Heap::reach_shape`.
//!
//! A card stands for all the pages that its index is that of; marks are hints, so sharing one costs time alone.

use super::Heap;

/// A card is for this many bytes.
pub const CARD_SHIFT: u32 = 12;
/// How many cards there are; a power of two.
pub const CARDS: usize = 1 << 16;

/// Whether something in a page of the heap was written.
#[derive(Copy, Clone)]
#[repr(C)]
pub struct Card {
    pub dirty: u8,
}

impl Heap {
    /// Whether something in the page of an address was written.
    pub(super) fn is_dirty(&self, address: usize) -> bool {
        self.cards.get((address >> CARD_SHIFT) & (CARDS - 1)).dirty != 0
    }

    /// Nothing was written yet.
    pub(super) fn clear_cards(&self) {
        // SAFETY: the cards are `CARDS` bytes that this heap owns.
        unsafe { std::ptr::write_bytes(self.cards.as_ptr(), 0, CARDS) };
    }
}
