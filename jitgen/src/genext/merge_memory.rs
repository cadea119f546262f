//! Merging what several states know of memory.
//!
//! Facts whose base became a parameter are found under its name; they may in turn make parameters. So this goes in rounds:
//! first what lies at bases that are the same in every turn, then what lies at the states' own variables, then what lies
//! at parameters, as long as there are new ones. All maps are sorted: they are walked side by side.

use super::engine::Engine;
use super::joins::Place;
use super::loc::{Base, Index, Loc};
use super::memory::{Entry, Memory};
use super::merge::{Merger, Vals};
use super::sorted::Sorted;
use super::state::State;
use super::versions::Widening;
use crate::flow::VarId;
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;

/// How often parameters may lead to more.
const ROUNDS: usize = 4;

/// What a merge has found of memory.
#[derive(Default)]
struct Found {
    entries: Vec<(Loc, Entry)>,
    /// New names, with those in the first of the states.
    names: HashMap<Loc, Loc>,
}

impl Engine<'_> {
    /// What all the states know, by the names that locations have in the merged state; and for new names, those of the
    /// first state.
    pub(super) fn merge_memory(
        &mut self,
        merger: &mut Merger,
        states: &[State],
        widening: &Widening,
    ) -> (Memory, Sorted<Loc, Loc>) {
        let mut found = Found::default();
        found.entries.reserve(states[0].memory.entries.entries().len());
        self.merge_own(merger, states, widening, &merger.renames(), true, &mut found);
        // The parameters whose facts were looked for.
        let mut done = 0;
        for round in 0..ROUNDS {
            let before = merger.params.len();
            let renames = merger.renames();
            if round == 0 {
                self.merge_own(merger, states, widening, &renames, false, &mut found);
            }
            self.merge_renamed(merger, states, widening, (&renames, done), &mut found);
            done = before;
            // A base that became a parameter after its facts were taken over under the old name: those facts stay true of
            // the old variable, which dominates the join only if all states have it, which they do (the names agreed).
            if merger.params.len() == before {
                break;
            }
        }
        let Found { entries, names } = found;
        (Memory { entries: Sorted::from_unsorted(entries) }, Sorted::from_unsorted(names.into_iter().collect()))
    }

    /// Facts under the names that they have in all of the states; those at `stable` bases, or the others.
    fn merge_own(
        &mut self,
        merger: &mut Merger,
        states: &[State],
        widening: &Widening,
        renames: &[Renames],
        stable: bool,
        found: &mut Found,
    ) {
        let [first, others @ ..] = states else { unreachable!("states are merged") };
        let mut rest: SmallVec<[&[(Loc, Entry)]; 4]> = SmallVec::with_capacity(others.len());
        rest.extend(others.iter().map(|state| state.memory.entries.entries()));
        let mut vals = Vals::with_capacity(states.len());
        'facts: for &(loc, entry) in first.memory.entries.entries() {
            if self.is_stable(loc) != stable || renames[0].concerns(&loc) || widening.dropped.contains(&loc) {
                continue;
            }
            vals.clear();
            vals.push(entry.val);
            let mut dirty = entry.dirty;
            for (rest, renames) in rest.iter_mut().zip(&renames[1..]) {
                // The next, as nearly always, or further on.
                if rest.first().is_some_and(|(other, _)| *other != loc) {
                    let at = rest.iter().position(|(other, _)| *other >= loc).unwrap_or(rest.len());
                    *rest = &rest[at..];
                }
                match rest.first() {
                    Some((other, entry)) if *other == loc && !renames.concerns(&loc) => {
                        vals.push(entry.val);
                        dirty |= entry.dirty;
                    }
                    _ => continue 'facts,
                }
            }
            let val = self.merge_val(merger, Place::Memory(loc), &vals, widening);
            found.entries.push((loc, Entry { val, dirty }));
        }
    }

    /// Facts under the names that parameters give them, all but the first ones, which are `done`.
    fn merge_renamed(
        &mut self,
        merger: &mut Merger,
        states: &[State],
        widening: &Widening,
        (renames, done): (&[Renames], usize),
        found: &mut Found,
    ) {
        let mut renamed = vec![];
        for (index, (state, renames)) in states.iter().zip(renames).enumerate() {
            let facts = renames.facts(&state.memory, merger.renamed_since(index, done));
            if facts.is_empty() {
                return;
            }
            renamed.push(facts);
        }
        let [first, others @ ..] = &renamed[..] else { unreachable!("states are merged") };
        for &(name, original, entry) in first {
            if found.names.contains_key(&name) || widening.dropped.contains(&original) {
                continue;
            }
            let others = others.iter().map_while(|facts| {
                let at = facts.binary_search_by(|(other, ..)| other.cmp(&name)).ok()?;
                Some(facts[at].2.val)
            });
            let vals: Vals = std::iter::once(entry.val).chain(others).collect();
            if vals.len() < states.len() {
                continue;
            }
            let val = self.merge_val(merger, Place::Memory(original), &vals, widening);
            found.names.insert(name, original);
            found.entries.push((name, Entry { val, dirty: false }));
        }
    }
}

/// Stands for a variable, and for others: what is ruled out by it need not be looked up.
pub(super) fn bit(var: VarId) -> u64 {
    1 << (var.0 % 64)
}

/// Of a state: which of its variables a parameter stands for.
#[derive(Default)]
pub(super) struct Renames {
    /// A later one counts.
    names: SmallVec<[(VarId, VarId); 16]>,
    /// Of each variable, one.
    bits: u64,
}

impl FromIterator<(VarId, VarId)> for Renames {
    fn from_iter<I: IntoIterator<Item = (VarId, VarId)>>(pairs: I) -> Renames {
        let mut renames = Renames::default();
        for (var, param) in pairs {
            renames.bits |= bit(var);
            renames.names.push((var, param));
        }
        renames
    }
}

impl Renames {
    fn get(&self, var: VarId) -> Option<VarId> {
        if self.bits & bit(var) == 0 {
            return None;
        }
        self.names.iter().rev().find(|(other, _)| *other == var).map(|&(_, param)| param)
    }

    /// Whether the location gets another name.
    fn concerns(&self, loc: &Loc) -> bool {
        if loc.vars() & self.bits == 0 {
            return false;
        }
        let base = matches!(loc.base(), Base::Var(var) if self.get(var).is_some());
        base || matches!(loc.index(), Index::Var(var, _) if self.get(var).is_some())
    }

    fn rename(&self, mut loc: Loc) -> Loc {
        if let Base::Var(var) = loc.base()
            && let Some(param) = self.get(var)
        {
            loc = loc.at_base(Base::Var(param));
        }
        if let Index::Var(var, bytes) = loc.index()
            && let Some(param) = self.get(var)
        {
            loc = loc.at_index(Index::Var(param, bytes));
        }
        loc
    }

    /// What gets another name because of variables with these bits, sorted by it, with the old one. A delayed write keeps
    /// its own, or is performed before the merge.
    fn facts(&self, memory: &Memory, bits: u64) -> Vec<(Loc, Loc, Entry)> {
        if bits == 0 {
            return vec![];
        }
        let mut facts: Vec<(Loc, Loc, Entry)> = vec![];
        for (loc, entry) in memory.entries.entries() {
            if loc.vars() & bits != 0 && !entry.dirty && self.concerns(loc) {
                facts.push((self.rename(*loc), *loc, *entry));
            }
        }
        // Of two that got one name, the last.
        facts.reverse();
        facts.sort_by_key(|&(name, ..)| name);
        facts.dedup_by_key(|&mut (name, ..)| name);
        facts
    }
}
