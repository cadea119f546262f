//! The write barrier: what tells the collector that an object got a reference (see `heap/cards.rs`).
//!
//! It is one store to a table of cards, without a branch or a load of the object: compiled code has neither an exit nor a
//! call for it, and nothing at all where the value is known to be a number.

use crate::heap::cards::{CARD_SHIFT, CARDS, Card};
use crate::value::STRING;
use crate::vm::Vm;

/// The object at `address` is about to refer to a value with the tag, if that is a reference.
#[inline(always)]
pub fn touch(vm: &Vm, address: u64, tag: u8) {
    if tag >= STRING {
        vm.cards.set((address >> CARD_SHIFT) as usize & (CARDS - 1), Card { dirty: 1 });
    }
}
