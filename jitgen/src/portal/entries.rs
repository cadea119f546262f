//! Typed entries of units: which there are, the cells their callers go through, and how their exits are completed.
//!
//! An entry is found out to be of use while a caller is generated. It is compiled then, in the middle of that. While it is
//! generated nobody knows what it returns: where it calls itself, what it has returned so far is taken for all. Where that
//! was wrong, or nothing was returned before, it is generated again.

use super::exits::Exits;
use crate::abi::Pair;
use crate::backend::PendingExits;
use crate::flow::Module;
use crate::genext::{EntryType, Part, PartValue, Returned, Source, UNBOXED, Wanted, no_code_entry};
use crate::mem::Reach;
use crate::timeshift::Extension;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

/// Typed entries of one unit.
const MAX_ENTRIES: usize = 4;
/// How often an entry may return otherwise than its callers expect.
const MAX_MISSES: u32 = 8;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum EntryState {
    /// It is generated, and what it returns is not known yet. Whether calls of it were left out.
    Open {
        left_out: bool,
    },
    /// There is code, or there will be.
    Declared,
    Failed,
    /// There is no entry here any more.
    Vacant,
}

/// A typed entry.
pub(super) struct TypedEntry {
    pub wanted: Wanted,
    pub returned: Option<Returned>,
    pub state: EntryState,
    /// It had code, which was discarded.
    pub discarded: bool,
    /// The address of its code. Callers know the cell's.
    pub cell: Box<Cell<u64>>,
    pub misses: u32,
}

impl TypedEntry {
    fn vacant() -> TypedEntry {
        TypedEntry {
            wanted: Wanted { portal: u32::MAX, greens: vec![], args: vec![] },
            returned: None,
            state: EntryState::Vacant,
            cell: Box::new(Cell::new(no_code_entry())),
            misses: 0,
            discarded: false,
        }
    }

    pub fn ty(&self) -> EntryType {
        EntryType { args: self.wanted.args.clone(), returned: self.returned.clone() }
    }

    fn has_code(&self) -> bool {
        self.cell.get() != no_code_entry()
    }

    /// Whether callers may go through it.
    fn is_good(&self) -> bool {
        self.state == EntryState::Declared && self.misses <= MAX_MISSES
    }
}

/// The typed entries of a compiler.
#[derive(Default)]
pub(super) struct Entries {
    all: RefCell<Vec<TypedEntry>>,
}

impl Entries {
    /// What a caller that is being compiled is told.
    pub fn answer(&self, wanted: &Wanted) -> crate::genext::Entry {
        use crate::genext::Entry;
        let mut all = self.all.borrow_mut();
        let same_unit =
            |entry: &&TypedEntry| entry.wanted.portal == wanted.portal && entry.wanted.greens == wanted.greens;
        let count = all.iter().filter(same_unit).count();
        match all.iter_mut().find(|entry| entry.wanted == *wanted) {
            None if count < MAX_ENTRIES => Entry::Missing,
            None => Entry::None,
            Some(entry) if entry.is_good() && !entry.has_code() && entry.discarded => Entry::Missing,
            Some(entry) if entry.is_good() => {
                let cell = std::ptr::from_ref(&*entry.cell) as usize as u64;
                Entry::Compiled { cell, returned: entry.returned.clone().expect("declared entries know") }
            }
            Some(TypedEntry { state: EntryState::Open { .. }, cell, .. }) => {
                Entry::Open { cell: std::ptr::from_ref(&**cell) as usize as u64 }
            }
            Some(_) => Entry::None,
        }
    }

    /// A call of the entry could not be made through it, because it is open.
    pub fn leave_out(&self, wanted: &Wanted) {
        let mut all = self.all.borrow_mut();
        let entry = all.iter_mut().find(|entry| entry.wanted == *wanted);
        if let Some(TypedEntry { state: EntryState::Open { left_out }, .. }) = entry {
            *left_out = true;
        }
    }

    /// An entry to compile: a new one, or one whose code was discarded.
    pub fn open(&self, wanted: &Wanted) -> Option<u32> {
        let mut all = self.all.borrow_mut();
        if let Some(known) = all.iter().position(|entry| entry.wanted == *wanted) {
            return (all[known].is_good() && !all[known].has_code()).then_some(known as u32);
        }
        let vacant = all.iter().position(|entry| entry.state == EntryState::Vacant);
        let at = vacant.unwrap_or_else(|| {
            all.push(TypedEntry::vacant());
            all.len() - 1
        });
        all[at].wanted = wanted.clone();
        all[at].state = EntryState::Open { left_out: false };
        Some(at as u32)
    }

    /// Makes room where entries of programs were that are not reached: their callers are not either.
    pub fn release(&self, module: &Module, heap: &dyn Reach) {
        for entry in self.all.borrow_mut().iter_mut().filter(|entry| entry.state != EntryState::Vacant) {
            let Wanted { portal, greens, .. } = &entry.wanted;
            if module.references(*portal, greens).any(|reference| !heap.is_reached(reference)) {
                *entry = TypedEntry::vacant();
            }
        }
    }

    pub fn ty(&self, entry: u32) -> EntryType {
        self.with(entry, |entry| entry.ty())
    }

    pub fn is_good(&self, entry: u32) -> bool {
        self.with(entry, |entry| entry.is_good())
    }

    /// The entry was generated, and this is what its returns have in common. Whether it was called where that was not
    /// known; `None` if it is of no use.
    pub fn declare(&self, entry: u32, returned: Option<&Returned>) -> Option<bool> {
        self.with(entry, |entry| {
            let EntryState::Open { left_out } = entry.state else { return Some(false) };
            entry.returned = Some(returned?.clone());
            entry.state = EntryState::Declared;
            Some(left_out)
        })
    }

    fn with<T>(&self, entry: u32, run: impl FnOnce(&mut TypedEntry) -> T) -> T {
        run(&mut self.all.borrow_mut()[entry as usize])
    }

    /// Callers find the code, or that there is none.
    pub fn install(&self, entry: u32, code: Option<u64>) {
        self.with(entry, |entry| {
            entry.discarded = code.is_none();
            entry.cell.set(code.unwrap_or(no_code_entry()));
        });
    }

    pub fn fail(&self, entry: u32) {
        self.with(entry, |entry| entry.state = EntryState::Failed);
        self.install(entry, None);
    }

    /// The entry with this cell returned otherwise than a caller expected.
    pub fn missed(&self, cell: u64) {
        let mut all = self.all.borrow_mut();
        if let Some(entry) = all.iter_mut().find(|entry| std::ptr::from_ref(&*entry.cell) as usize as u64 == cell) {
            entry.misses += 1;
        }
    }
}

/// Completes the portal's call after a unit left through the exit, entered with these reds: the portal's results.
pub type Finish = Box<dyn Fn(u64, &[u64]) -> Vec<u64>>;

/// Completes the exits of typed entries, which their callers know nothing of. Code knows its address.
#[derive(Default)]
pub(super) struct Settler {
    pub pending: PendingExits,
    pub exits: RefCell<Exits>,
    pub entries: Entries,
    pub finish: OnceCell<Finish>,
    extension: Arc<Extension>,
}

impl Settler {
    pub fn new(extension: Arc<Extension>) -> Settler {
        Settler { extension, ..Settler::default() }
    }

    /// What code calls that has left its values among the pending.
    pub extern "C" fn settle(settler: *const Settler, exit: u64) -> Pair {
        // SAFETY: the address is that of `UnitInfo`, which outlives the code; all units run in one thread.
        let settler = unsafe { &*settler };
        settler.complete(exit)
    }

    fn complete(&self, exit: u64) -> Pair {
        let module = &self.extension.module;
        let (info, (portal, _, entry)) = {
            let exits = self.exits.borrow();
            let record = exits.get(exit);
            (record.info.clone(), record.unit.clone())
        };
        let portal = &module.portals[portal as usize];
        let live = self.pending.peek(info.live as usize);
        let live = info.numbered(&live);
        let entered = info.entered.iter().map(|source| match source {
            Source::Live(index) => live[*index as usize],
            _ => unreachable!("typed entries pass what they were entered with"),
        });
        let reds: Vec<u64> = entered.collect();
        let finish = self.finish.get().expect("typed entries are made only where somebody completes them");
        let results = finish(exit, &reds);
        let mut words = [0; 2];
        words[2 - results.len()..].copy_from_slice(&results);
        let returned = entry.and_then(|entry| self.entries.with(entry, |entry| entry.returned.clone()));
        let reds_of = |param: u32| reds[param as usize - portal.greens.iter().filter(|&&green| green < param).count()];
        match returned.and_then(|returned| unbox(module, &returned, words, reds_of)) {
            Some(value) => Pair { a: UNBOXED, b: value },
            None => Pair { a: words[0], b: words[1] },
        }
    }
}

/// What a unit would have passed that has returned with these words and left the rest in memory, if it is as expected.
fn unbox(module: &Module, returned: &Returned, words: [u64; 2], param: impl Fn(u32) -> u64) -> Option<u64> {
    if returned.words != words {
        return None;
    }
    let mut passed = 0;
    for Part { param: base, field, index, value } in &returned.parts {
        let field = module.field(*field);
        let address = crate::eval::memory::address(field, param(*base), *index as u64);
        // SAFETY: the portal has returned and left a value there, as it does whenever it returns with these words.
        let bits = unsafe { crate::eval::memory::load(field, address) };
        match value {
            PartValue::Known(known) if *known != bits => return None,
            PartValue::Known(_) => {}
            PartValue::Passed(_) => passed = bits,
        }
    }
    Some(passed)
}
