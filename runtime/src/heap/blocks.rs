//! Blocks: cells of one size, from which objects are allocated.
//!
//! # Invariants
//!
//! * A class allocates from one list of free cells at a time: that of the block opened last, or what is left of a new block. Opened
//!   blocks are *young*: only they hold objects that the last collection has not seen.
//! * A block is *pending* from the end of a marking until it is swept. Nothing is allocated in it meanwhile, so its
//!   objects are all older than that end.
//! * `open` lists the blocks that are neither pending nor young and have free cells.

use super::object::{Header, Kind};
use super::{GRAIN, Heap, SIZES};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};

/// Size of a block, and the first address of each is a multiple of a page.
pub(super) const BLOCK: usize = 32 * 1024;
const PAGE: usize = 1 << super::cards::CARD_SHIFT;
const LAYOUT: Layout = match Layout::from_size_align(BLOCK, PAGE) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two"),
};

/// Cells of one size.
#[derive(Default)]
pub(super) struct Class {
    /// First free cell of the block in use, linked through offset 8; 0: none.
    pub free: Cell<usize>,
    /// Never used part of the newest block.
    bump: Cell<usize>,
    bump_end: Cell<usize>,
    pub blocks: RefCell<Blocks>,
}

#[derive(Default)]
pub(super) struct Blocks {
    pub all: Vec<Block>,
    /// Numbers without a block.
    vacant: Vec<usize>,
    open: Vec<usize>,
    pending: Vec<usize>,
}

pub(super) struct Block {
    /// 0: none.
    address: usize,
    /// First free cell.
    free: usize,
    young: bool,
}

/// The size of a class's cells.
pub(super) fn size_of_class(index: usize) -> usize {
    (index % SIZES + 1) * GRAIN
}

impl Heap {
    /// A cell of a class whose free list is empty.
    #[inline(never)]
    pub(super) fn refill(&self, index: usize) -> usize {
        let class = &self.classes[index];
        let size = size_of_class(index);
        loop {
            if class.bump.get() < class.bump_end.get() {
                let cell = class.bump.get();
                class.bump.set(cell + size);
                return cell;
            }
            let mut blocks = class.blocks.borrow_mut();
            if let Some(number) = blocks.open.pop() {
                let block = &mut blocks.all[number];
                block.young = true;
                let cell = std::mem::take(&mut block.free);
                // SAFETY: a cell on a free list holds the address of the next one at offset 8.
                class.free.set(unsafe { *((cell + 8) as *const usize) });
                return cell;
            }
            drop(blocks);
            // What has something to drop is swept at polls.
            if index < SIZES && self.sweep_next(index, &|address| self.drop_plain(address)) > 0 {
                continue;
            }
            // SAFETY: the layout's size is not zero.
            let address = unsafe { alloc(LAYOUT) } as usize;
            if address == 0 {
                handle_alloc_error(LAYOUT);
            }
            let mut blocks = class.blocks.borrow_mut();
            let block = Block { address, free: 0, young: true };
            match blocks.vacant.pop() {
                Some(number) => blocks.all[number] = block,
                None => blocks.all.push(block),
            }
            class.bump.set(address);
            class.bump_end.set(address + BLOCK / size * size);
        }
    }

    /// Makes blocks pending: all of them, or the young ones. None is then.
    pub(super) fn start_sweeping_blocks(&self, only_young: bool) {
        for (index, class) in self.classes.iter().enumerate() {
            let size = size_of_class(index);
            class.free.set(0);
            while class.bump.get() < class.bump_end.get() {
                let cell = class.bump.get();
                // SAFETY: the cell was never used.
                unsafe { *(cell as *mut u8) = Kind::Free as u8 };
                class.bump.set(cell + size);
            }
            let mut blocks = class.blocks.borrow_mut();
            debug_assert!(blocks.pending.is_empty());
            let Blocks { all, pending, open, .. } = &mut *blocks;
            if !only_young {
                open.clear();
            }
            // The last one is swept first: new objects come to lie at low addresses.
            for (number, block) in all.iter_mut().enumerate().rev() {
                if block.address != 0 && (block.young || !only_young) {
                    block.young = false;
                    block.free = 0;
                    pending.push(number);
                }
            }
        }
    }

    /// Sweeps one pending block of a class: how many cells it has, or 0 if there was none.
    pub(super) fn sweep_next(&self, index: usize, drop_object: &dyn Fn(usize)) -> usize {
        let class = &self.classes[index];
        let mut blocks = class.blocks.borrow_mut();
        let Some(number) = blocks.pending.pop() else { return 0 };
        let size = size_of_class(index);
        let block = blocks.all[number].address;
        let (black, white) = (self.black.get(), self.white.get());
        // The pace is that of allocation: what is freed does not put the next slice off.
        let debt = self.debt.get();
        let (mut free, mut live, mut freed) = (0, 0, 0);
        let count = BLOCK / size;
        for cell in (0..count).rev().map(|at| block + at * size) {
            // SAFETY: cells of a block hold objects or are free; all begin with a header.
            let header = unsafe { &*(cell as *const Header) };
            if header.kind != Kind::Free {
                if header.mark.get() == black || header.mark.get() == white {
                    live += 1;
                    continue;
                }
                drop_object(cell);
                freed += size;
            }
            // SAFETY: nobody refers to the cell any more.
            unsafe { free_cell(cell, size, free) };
            free = cell;
        }
        self.sub_bytes(freed);
        self.debt.set(debt);
        if live == 0 {
            // SAFETY: no cell of the block is in use or on a free list.
            unsafe { dealloc(block as *mut u8, LAYOUT) };
            blocks.all[number] = Block { address: 0, free: 0, young: false };
            blocks.vacant.push(number);
        } else if free != 0 {
            blocks.all[number].free = free;
            blocks.open.push(number);
        }
        count
    }

    /// Calls `visit` with every object in a block of which the page its address lies in satisfies `wanted`.
    pub(super) fn visit_cells(&self, wanted: &dyn Fn(usize) -> bool, visit: &mut dyn FnMut(&Header)) {
        for (index, class) in self.classes.iter().enumerate() {
            let size = size_of_class(index);
            for block in class.blocks.borrow().all.iter().filter(|block| block.address != 0) {
                let mut end = block.address + BLOCK / size * size;
                if (block.address..end).contains(&class.bump.get()) {
                    end = class.bump.get();
                }
                for page in (block.address..block.address + BLOCK).step_by(PAGE).filter(|&page| wanted(page)) {
                    let mut cell = block.address + (page - block.address).div_ceil(size) * size;
                    while cell < end.min(page + PAGE) {
                        // SAFETY: cells that were used hold objects or are free; all begin with a header.
                        let header = unsafe { &*(cell as *const Header) };
                        if header.kind != Kind::Free {
                            visit(header);
                        }
                        cell += size;
                    }
                }
            }
        }
    }
}

/// # Safety
/// Nobody refers to the cell.
unsafe fn free_cell(cell: usize, size: usize, next: usize) {
    // SAFETY: a cell has at least 16 bytes.
    unsafe {
        if cfg!(feature = "gc-stress") {
            std::ptr::write_bytes(cell as *mut u8, 0xdb, size);
        }
        *(cell as *mut u8) = Kind::Free as u8;
        *((cell + 8) as *mut usize) = next;
    }
}
