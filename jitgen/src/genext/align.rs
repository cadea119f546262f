//! Which virtual containers of several states become one where the states are merged.
//!
//! Containers stay virtual that are found at the same places, have the same shape, and correspond one to one: two boxes
//! that refer to one container in one state refer to one container in all. The others are forced, each in its state.
//! A container of the merged state has the number that it has in the first of them.

use super::engine::Engine;
use super::joins::Place;
use super::loc::Loc;
use super::state::State;
use super::value::Val;
use super::versions::Widening;
use super::virtuals::Made;
use std::collections::{BTreeMap, BTreeSet};

/// For each container that stays virtual, by its number in the first state: its numbers in all of them.
pub(super) type Groups = BTreeMap<u32, Vec<u32>>;

/// One attempt: what corresponds, and what must be forced first.
#[derive(Default)]
struct Attempt {
    groups: Groups,
    /// By state: the number in the first state for the number in this one.
    back: Vec<BTreeMap<u32, u32>>,
    doomed: BTreeSet<(usize, u32)>,
}

impl Attempt {
    fn doom(&mut self, ids: impl IntoIterator<Item = Option<u32>>) {
        self.doomed.extend(ids.into_iter().enumerate().filter_map(|(state, id)| Some((state, id?))));
    }

    /// Takes the containers with these numbers to be one; true if that is new and possible.
    fn join(&mut self, states: &[State], ids: &[u32]) -> bool {
        let known: BTreeSet<u32> =
            self.back.iter().zip(ids).filter_map(|(back, id)| back.get(id)).copied().chain([ids[0]]).collect();
        let others: Vec<Vec<u32>> = known.iter().filter_map(|id| self.groups.get(id)).cloned().collect();
        if others.iter().any(|other| other == ids) {
            return false;
        }
        let virts = || states.iter().zip(ids).filter_map(|(state, id)| state.virtuals.get(id));
        let shapes = || virts().map(|made| if let Made::Not(virt) = made { Some(virt) } else { None });
        let first = shapes().next().flatten();
        let same = shapes().all(|virt| virt.zip(first).is_some_and(|(virt, first)| virt.same_shape(first)));
        if !others.is_empty() || !same {
            self.doom(ids.iter().map(|&id| Some(id)));
            for other in others {
                self.doom(other.into_iter().map(Some));
            }
            return false;
        }
        for (back, &id) in self.back.iter_mut().zip(ids) {
            back.insert(id, ids[0]);
        }
        self.groups.insert(ids[0], ids.to_vec());
        true
    }
}

impl Engine<'_> {
    /// Makes the states agree about their virtual containers.
    pub(super) fn align(&mut self, states: &mut [State], widening: &Widening) -> Groups {
        let has_virtuals = |state: &State| state.virtuals.values().any(|made| matches!(made, Made::Not(_)));
        if !states.iter().any(has_virtuals) {
            return Groups::new();
        }
        loop {
            let attempt = self.attempt(states, widening);
            if attempt.doomed.is_empty() {
                return attempt.groups;
            }
            for (index, id) in attempt.doomed {
                if let Some(Made::Not(_)) = states[index].virtuals.get(&id) {
                    self.force(&mut states[index], id);
                }
            }
        }
    }

    fn attempt(&self, states: &[State], widening: &Widening) -> Attempt {
        let mut attempt = Attempt { back: vec![BTreeMap::new(); states.len()], ..Attempt::default() };
        let mut work: Vec<(Place, Vec<Val>)> = vec![];
        for (frame, slot) in self.live_slots(&states[0]) {
            let vals = states.iter().map(|state| state.frames[frame as usize].reds[slot as usize]).collect();
            work.push((Place::Slot(frame, slot), vals));
        }
        // A delayed write stays one only where all states have it, under a name that lasts.
        let delayed: BTreeSet<Loc> =
            states.iter().flat_map(|state| state.memory.delayed().map(|(loc, _)| loc)).collect();
        for loc in delayed {
            let vals: Option<Vec<Val>> = states.iter().map(|state| state.memory.get(&loc)).collect();
            match vals {
                Some(vals) if self.is_stable(loc) && !widening.dropped.contains(&loc) => {
                    work.push((Place::Memory(loc), vals));
                }
                _ => {
                    let written = |state: &State| Some(state.virtual_of(state.memory.get(&loc)?)?.0);
                    attempt.doom(states.iter().map(written));
                }
            }
        }
        while let Some((place, vals)) = work.pop() {
            if vals.contains(&Val::Dead) {
                continue;
            }
            let virts = || states.iter().zip(&vals).map(|(state, &val)| state.virtual_of(val));
            if virts().all(|virt| virt.is_none()) {
                continue;
            }
            let ids: Option<Vec<u32>> = virts().map(|virt| virt.map(|(id, _)| id)).collect();
            match ids {
                Some(ids) if !widening.vary.contains_key(&place) => {
                    if attempt.join(states, &ids) {
                        let virts: Vec<_> = virts().flatten().map(|(_, virt)| virt).collect();
                        for part in 0..virts[0].vals().count() {
                            let vals = virts.iter().filter_map(|virt| virt.vals().nth(part).copied()).collect();
                            work.push((Place::Part(ids[0], part as u32), vals));
                        }
                    }
                }
                _ => {
                    let ids: Vec<Option<u32>> = virts().map(|virt| virt.map(|(id, _)| id)).collect();
                    attempt.doom(ids);
                }
            }
        }
        attempt
    }
}
