//! Partial data: what is known of memory at compile time, and writes that are delayed.
//!
//! A [`Loc`] names a scalar part of a structure or array element by field, base and index. The map holds the value
//! last read from or written to it on this path. A *dirty* entry has not been written yet: only elements of
//! virtualizable arrays are delayed, and [`Memory::take_dirty`] gives them for writing before anybody else could look.
//!
//! Aliasing: locations of different classes never overlap. Of one class, two locations with one base are distinct when
//! their constant offsets differ; two different bases may be the same address. Elements of *overlapping* arrays
//! (register windows) with different bases may coincide at different indices.

use super::fields::Fields;
use super::loc::{Base, Index, Loc};
use super::sorted::Sorted;
use super::value::{ConstBits, Val};
use crate::flow::{FieldId, VarId};
use smallvec::SmallVec;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    pub val: Val,
    pub dirty: bool,
}

/// States are copied at every branch.
pub type Entries = Sorted<Loc, Entry>;

/// Elements of an array, by place.
pub struct Elements<'a> {
    /// They come first.
    entries: &'a [(Loc, Entry)],
    /// Where they begin.
    from: Loc,
    stride: i64,
}

impl<'a> Elements<'a> {
    /// With their numbers, counted from where the elements begin.
    pub fn iter(self) -> impl Iterator<Item = (i64, &'a Loc, &'a Entry)> {
        let shift = (self.stride.count_ones() == 1).then(|| self.stride.trailing_zeros());
        let place = |loc: &Loc| loc.bytes().expect("elements are at constant places");
        let from = place(&self.from);
        self.entries.iter().take_while(move |(loc, _)| loc.is_beside(&self.from)).map(move |(loc, entry)| {
            let bytes = place(loc) - from;
            // A division for each would be felt.
            (shift.map_or_else(|| bytes / self.stride, |shift| bytes >> shift), loc, entry)
        })
    }
}

#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub entries: Entries,
}

impl Memory {
    pub fn get(&self, loc: &Loc) -> Option<Val> {
        self.entries.get(loc).map(|entry| entry.val)
    }

    pub fn note(&mut self, loc: Loc, val: Val, dirty: bool) {
        self.entries.insert(loc, Entry { val, dirty });
    }

    /// Likewise, where [`Sorted::find`] has found that it is, or will be.
    pub fn note_at(&mut self, found: Result<usize, usize>, loc: Loc, val: Val, dirty: bool) {
        self.entries.insert_at(found, loc, Entry { val, dirty });
    }

    pub fn is_dirty(&self, loc: &Loc) -> bool {
        self.entries.get(loc).is_some_and(|entry| entry.dirty)
    }

    /// Whether the write of a location is still to come.
    pub fn set_dirty(&mut self, loc: &Loc, dirty: bool) {
        if let Some(entry) = self.entries.get_mut(loc) {
            entry.dirty = dirty;
        }
    }

    /// The delayed writes.
    pub fn delayed(&self) -> impl Iterator<Item = (Loc, Val)> {
        self.entries.iter().filter(|(_, entry)| entry.dirty).map(|(&loc, entry)| (loc, entry.val))
    }

    /// Takes the delayed writes: their entries are clean afterwards.
    pub fn take_dirty(&mut self) -> Vec<(Loc, Val)> {
        let out: Vec<(Loc, Val)> = self.delayed().collect();
        if !out.is_empty() {
            self.entries.values_mut().for_each(|entry| entry.dirty = false);
        }
        out
    }

    /// Entries that a write to `loc` may change, `loc` itself not counted. Those that are dirty must be written first.
    pub fn aliases(&self, fields: &Fields<'_>, loc: &Loc) -> SmallVec<[Loc; 4]> {
        self.meeting(fields, loc, |_| true)
    }

    /// Whether nothing but constant places of the same array or structure is known of the location's field, which is the
    /// only one of its class: then nothing aliases it. `at` is where it is, or would be.
    pub fn is_apart(&self, fields: &Fields<'_>, loc: &Loc, at: usize) -> bool {
        let entries = self.entries.entries();
        let other = |(other, _): &&(Loc, Entry)| !other.is_beside(loc);
        let (before, after) = (entries[..at].iter().rev().find(other), entries[at..].iter().find(other));
        let is_of_field = |(other, _): &(Loc, Entry)| other.field() == loc.field();
        fields.beside(loc.field()).len() == 1 && !before.is_some_and(is_of_field) && !after.is_some_and(is_of_field)
    }

    /// Those of the aliases that are dirty.
    pub fn dirty_aliases(&self, fields: &Fields<'_>, loc: &Loc) -> SmallVec<[Loc; 4]> {
        if !fields.beside(loc.field()).iter().any(|&field| fields.get(field).virtualizable) {
            return SmallVec::new();
        }
        self.meeting(fields, loc, |entry| entry.dirty)
    }

    fn meeting(&self, fields: &Fields<'_>, loc: &Loc, wanted: impl Fn(&Entry) -> bool) -> SmallVec<[Loc; 4]> {
        let overlapping = fields.get(loc.field()).overlapping;
        let mut found = SmallVec::new();
        for &field in fields.beside(loc.field()) {
            let entries = self.at_field(field);
            let mut at = 0;
            while let Some((other, entry)) = entries.get(at)
                && other.field() == field
            {
                if other.is_beside(loc) {
                    at += entries[at..].partition_point(|(other, _)| other.is_beside(loc));
                    continue;
                }
                at += 1;
                if wanted(entry) && other != loc && may_alias(loc, other, overlapping) {
                    found.push(*other);
                }
            }
        }
        found
    }

    /// The entries of a field, and those of others behind them.
    fn at_field(&self, field: FieldId) -> &[(Loc, Entry)] {
        let entries = self.entries.entries();
        &entries[entries.partition_point(|(loc, _)| loc.field() < field)..]
    }

    /// What is known of elements of virtualizable arrays that begin at the base, at constant places from a distance in
    /// bytes on: a field at a time.
    pub fn elements_from(&self, fields: &Fields<'_>, base: Base, from: i64) -> impl Iterator<Item = Elements<'_>> {
        fields.virtualizable().iter().map(move |&field| {
            let from = Loc::new(field, base, Index::Bytes(from));
            let entries = self.entries.entries();
            let entries = &entries[entries.partition_point(|(loc, _)| *loc < from)..];
            Elements { entries, from, stride: fields.get(field).stride as i64 }
        })
    }

    /// Entries that a write to a location of the field may change, wherever it is.
    pub fn of_class(&self, fields: &Fields<'_>, field: FieldId) -> Vec<Loc> {
        let of_field =
            |&field| self.at_field(field).iter().map(|(loc, _)| *loc).take_while(move |loc| loc.field() == field);
        fields.beside(field).iter().flat_map(of_field).collect()
    }

    /// Delayed writes to the locations never happen. They come from the entries, in their order.
    pub fn forget(&mut self, locs: &[Loc]) {
        self.entries.remove_all(locs);
    }

    /// Changes the values that `concerns` finds.
    pub fn change(&mut self, concerns: impl Fn(&Val) -> bool, change: impl Fn(&mut Val)) {
        if self.entries.iter().any(|(_, entry)| concerns(&entry.val)) {
            self.entries.values_mut().for_each(|entry| change(&mut entry.val));
        }
    }

    pub fn replace(&mut self, var: VarId, value: ConstBits) {
        // Only words can be addresses or indices.
        let names = value.ty.bits() == 64;
        let is_it = |val: Val| matches!(val, Val::Var(v) | Val::Cast(_, v) if v == var);
        let named = |loc: &Loc| names && (loc.is_based_on(var) || loc.is_indexed_by(var));
        let entries = self.entries.entries();
        let Some(first) = entries.iter().position(|(loc, entry)| is_it(entry.val) || named(loc)) else { return };
        let mut renamed = SmallVec::<[Loc; 4]>::new();
        for (loc, entry) in self.entries.rest_mut(first) {
            entry.val = entry.val.replaced(var, value);
            if named(loc) {
                renamed.push(*loc);
            }
        }
        for loc in renamed {
            let entry = self.entries.remove(&loc).expect("just seen");
            if loc.is_indexed_by(var) {
                // Comes back when it is read again; a delayed write has a constant index.
                debug_assert!(!entry.dirty);
                continue;
            }
            self.entries.insert(loc.at_base(Base::Const(value.bits)), entry);
        }
    }
}

/// Of locations of one class.
fn may_alias(one: &Loc, other: &Loc, overlapping: bool) -> bool {
    match (one.base() == other.base(), one.index(), other.index()) {
        (true, Index::Bytes(a), Index::Bytes(b)) => a == b,
        (true, Index::Var(a, i), Index::Var(b, j)) if a == b => i == j,
        (true, ..) => true,
        (false, a, b) => {
            // Elements of separate arrays of one kind coincide only at one index; structures at any base.
            match (a, b) {
                (Index::Bytes(a), Index::Bytes(b)) if !overlapping => a == b,
                (Index::Var(a, i), Index::Var(b, j)) if !overlapping && a == b => i == j,
                _ => true,
            }
        }
    }
}
