//! Experience: what is found out about the user program while a unit is generated, and saves generating others in vain.
//!
//! It may be wrong: what is taken for a loop header and is none, or for something that varies around a loop and does not,
//! costs facts, no more.

use super::bind::Mismatch;
use super::engine::Engine;
use super::joins::{Key, Place};
use super::loc::Loc;
use super::promote::SiteKey;
use super::queue::Order;
use super::state::State;
use super::value::Val;
use super::versions::{Vary, Version, Widening};
use crate::flow::FieldId;
use rustc_hash::FxHashMap as HashMap;
use std::collections::HashSet;
use std::collections::{BTreeMap, BTreeSet};

/// What generating a unit leaves to the next.
#[derive(Default)]
pub struct Experience {
    pub(super) headers: HashMap<Key, Order>,
    pub(super) widened: HashMap<Key, Widened>,
    /// By field.
    pub(super) promoted: Vec<bool>,
}

impl Experience {
    /// Forgets what is about programs that are gone: what their positions have in them.
    pub fn forget(&mut self, gone: &HashSet<u64>) {
        let is_left = |key: &Key| !key.iter().any(|word| gone.contains(word));
        self.headers.retain(|key, _| is_left(key));
        self.widened.retain(|key, _| is_left(key));
    }
}

/// Most loop headers that are remembered.
pub(super) const MAX_HEADERS: usize = 2000;

/// What a header was widened by before: in other loops around it, and in other units.
#[derive(Clone, Debug, Default)]
pub(super) struct Widened {
    /// Of what is there in each turn.
    vary: BTreeMap<Place, Vary>,
    dropped: BTreeSet<Loc>,
    /// Of the rest: in which fields.
    fields: BTreeSet<FieldId>,
}

impl Engine<'_> {
    /// A merge point that the user program was seen to come back to is a loop header before anything comes back to it here.
    pub(super) fn foresee_header(&mut self, state: &State) {
        let frame = state.top_ref();
        let site = SiteKey::merge_point(self.code(frame).func, &frame.user_greens);
        let Some(last) = self.request.profile.back_edge(site) else { return };
        let key = self.key(state);
        if self.headers.contains_key(&key) {
            return;
        }
        let mut extent = self.order(state);
        extent.truncate(extent.len() - 1 - self.own_order(frame));
        extent.extend([last, u64::MAX]);
        self.headers.insert(key, extent);
    }

    pub(super) fn remember(&mut self, key: &Key, mismatch: &Mismatch) {
        let mut more = Widened::default();
        for &(place, vary) in &mismatch.vary {
            match place {
                Place::Slot(..) => _ = more.vary.insert(place, vary),
                Place::Memory(loc) if self.is_promoted(loc.field()) => {}
                Place::Memory(loc) if self.is_stable(loc) => _ = more.vary.insert(place, vary),
                Place::Memory(loc) => _ = more.fields.insert(loc.field()),
                Place::Part(..) => {}
            }
        }
        for &loc in &mismatch.lost {
            match self.is_stable(loc) {
                true => _ = more.dropped.insert(loc),
                false => _ = more.fields.insert(loc.field()),
            }
        }
        let known = self.widened.entry(Key::from_slice(&key[..key.len() - 1])).or_default();
        known.vary.extend(more.vary);
        known.dropped.extend(more.dropped);
        known.fields.extend(more.fields);
    }

    /// What a header will be widened by, from experience.
    pub(super) fn foreseen(&self, key: &Key, arrivals: &mut [State]) -> Widening {
        let Some(widened) = self.widened.get(&key[..key.len() - 1]) else { return Widening::default() };
        for state in arrivals {
            let lost =
                state.memory.entries.iter().filter(|(loc, entry)| {
                    !entry.dirty && widened.fields.contains(&loc.field()) && !self.is_stable(**loc)
                });
            let lost: Vec<Loc> = lost.map(|(&loc, _)| loc).collect();
            state.memory.forget(&lost);
        }
        Widening {
            vary: widened.vary.clone(),
            dropped: widened.dropped.clone(),
            foreseen: widened.vary.keys().copied().collect(),
            ..Widening::default()
        }
    }

    /// A state goes on with a version: what varies around the loop shows.
    pub(super) fn remember_varying(&mut self, state: &State, version: &Version) {
        let varies = |there: Val, here: Val| {
            let ty = match here {
                Val::Cast(_, var) => Some(self.builder.ty(var)),
                _ => None,
            };
            let is_param = there.root().is_some_and(|var| version.params.contains(&var));
            (is_param && there != here && here != Val::Dead).then_some(Vary { ty, apart: false })
        };
        let slots = self.live_slots(state).into_iter().filter_map(|(frame, slot)| {
            let [there, here] = [&version.state, state].map(|state| state.frames[frame as usize].reds[slot as usize]);
            Some((Place::Slot(frame, slot), varies(there, here)?))
        });
        let stable = |loc: &Loc| self.is_stable(*loc) && !self.is_promoted(loc.field());
        let memory = version.state.memory.entries.iter().filter_map(|(loc, entry)| {
            Some((Place::Memory(*loc), varies(entry.val, state.memory.get(loc).filter(|_| stable(loc))?)?))
        });
        let more: Vec<(Place, Vary)> = slots.chain(memory).collect();
        let header = &version.state.regions.last().expect("a version is a region").header;
        if !more.is_empty() {
            self.widened.entry(Key::clone(header)).or_default().vary.extend(more);
        }
    }
}
