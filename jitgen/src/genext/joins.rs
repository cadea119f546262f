//! Where states meet: joins.
//!
//! States meet when their frames stand at the same blocks with the same live greens, at the same place in the user program
//! (the [`Key`]): what is reached again further on in it is no loop, though nobody asks for the place any more. Those that arrive by
//! forward jumps are all there when the join is generated. They are grouped ([`super::groups`]): a group becomes one state
//! ([`super::merge`]), in which boxes that differ are block parameters.
//!
//! A join that is reached again after it has been generated is a *loop header* ([`super::versions`]). The first time
//! that happens the unit is begun again with the knowledge.

use super::engine::Engine;
use super::loc::{Base, Loc};
use super::queue::{Origin, Pending};
use super::request::GiveUp;
use super::state::{Frame, State};
use super::versions::{Version, Widening};
use crate::timeshift::Dst;
use indexmap::IndexMap;
use indexmap::map::Entry;
use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;
use std::rc::Rc;

/// Block, user position and live greens of every frame; of a join, its region too, last.
pub(super) type Key = SmallVec<[u64; 12]>;

/// All that there are, in the order in which they were reached.
pub(super) type Joins = IndexMap<Key, Join, FxBuildHasher>;

/// A place of a state that holds a box.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(super) enum Place {
    /// Frame and red slot.
    Slot(u32, u32),
    Memory(Loc),
    /// In a virtual container, by its number: which of its boxes.
    Part(u32, u32),
}

#[derive(Default)]
pub(super) struct Join {
    /// States waiting for the join to be generated, if there are any. Snapshots share them.
    pub arrivals: Option<Rc<Vec<State>>>,
    pub generated: bool,
    /// Of a loop header.
    pub versions: Vec<Rc<Version>>,
}

impl Engine<'_> {
    pub(super) fn key(&self, state: &State) -> Key {
        let mut key = Key::new();
        let last = state.frames.len() - 1;
        for (index, frame) in state.frames.iter().enumerate() {
            self.write_key(frame, index == last, &mut key);
        }
        key
    }

    /// What the running frame adds to the key.
    pub(super) fn own_key(&self, state: &State) -> Key {
        let mut key = Key::new();
        self.write_key(state.top_ref(), true, &mut key);
        key
    }

    fn write_key(&self, frame: &Frame, runs: bool, key: &mut Key) {
        let greens = self.code(frame).live_greens(frame.block, runs);
        // The region is added.
        key.reserve(greens.len() + 3);
        key.push((frame.spec.0 as u64) << 32 | frame.block as u64);
        key.push(frame.position);
        for &slot in greens {
            key.push(frame.greens[slot as usize]);
        }
    }

    /// The red slots alive in a state.
    pub(super) fn live_slots(&self, state: &State) -> Vec<(u32, u32)> {
        let last = state.frames.len() - 1;
        let live = |index: usize| self.live(&state.frames[index], index == last);
        let mut slots = Vec::with_capacity((0..=last).map(|index| live(index).len()).sum());
        for index in 0..=last {
            for &(_, dst) in live(index) {
                if let Dst::Red(slot, _) = dst {
                    slots.push((index as u32, u32::from(slot)));
                }
            }
        }
        slots
    }

    /// The state stands at a join with this key, in this place in the queue's order, and comes `from` another.
    pub(super) fn arrive_at_join(&mut self, mut state: State, mut key: Key, from: Origin) -> Result<(), GiveUp> {
        self.leave_regions(&mut state, &key);
        key.push(state.region());
        let entry = match self.joins.entry(key) {
            Entry::Vacant(place) => {
                let number = place.index();
                let mut arrivals = Vec::with_capacity(2);
                arrivals.push(state);
                let arrivals = Rc::new(arrivals);
                place.insert(Join { arrivals: Some(Rc::clone(&arrivals)), ..Join::default() });
                self.builder.work += 1;
                let order = self.order(&arrivals[0]);
                self.enqueue(order, Pending::Join(number));
                return Ok(());
            }
            Entry::Occupied(entry) => entry,
        };
        let number = entry.index();
        if !entry.get().generated {
            let arrivals = entry.into_mut().arrivals.as_mut().expect("it was queued for what arrived");
            Rc::make_mut(arrivals).push(state);
            return Ok(());
        }
        let header = Key::from_slice(without_region(entry.key()));
        let from = self.order_of(&state, &from);
        let extent = self.experience.headers.get(&header);
        if extent.is_none_or(|extent| *extent < from) {
            // A loop header found, or its loop reaches further than known: what was generated assumed too much.
            self.experience.headers.insert(header, from);
            self.restart.get_or_insert(self.builder.work);
            return Ok(());
        }
        if self.restart.is_some() {
            return Ok(());
        }
        let order = self.order(&state);
        self.enqueue(order, Pending::Back(number, state));
        Ok(())
    }

    /// Takes the loops off that the state has left.
    fn leave_regions(&self, state: &mut State, key: &[u64]) {
        while let Some(region) = state.regions.last() {
            if region.header[..] == *key {
                // A back edge: the header lies in the region around its loop.
                state.regions.pop();
                break;
            }
            if self.is_within(state, region) {
                break;
            }
            state.regions.pop();
        }
    }

    pub(super) fn generate_join(&mut self, number: usize) -> Result<(), GiveUp> {
        let (key, join) = self.joins.get_index_mut(number).expect("queued joins exist");
        let mut arrivals = Rc::unwrap_or_clone(join.arrivals.take().expect("queued joins have arrivals"));
        join.generated = true;
        let is_header = self.restart.is_none() && self.experience.headers.contains_key(without_region(key));
        if let (1, false) = (arrivals.len(), is_header) {
            return self.go(arrivals.pop().expect("one state"));
        }
        let mut groups = self.group(arrivals).into_iter();
        let mut first = groups.next().expect("a join has arrivals");
        if !is_header {
            for group in groups {
                let state = self.merge_plain(group);
                self.enqueue_single(state);
            }
            let state = self.merge_plain(first);
            return self.go(state);
        }
        // The versions of a header are generated one after the other, each from the snapshot before it; the groups
        // that wait are in the queue as the join once more.
        let rest: Vec<State> = groups.flatten().collect();
        if let Some(one) = rest.first() {
            let order = self.order(one);
            self.joins[number].arrivals = Some(Rc::new(rest));
            self.enqueue(order, Pending::Join(number));
        }
        let widening = self.foreseen(&mut first);
        self.new_version(number, first, widening)
    }

    /// A join that nothing jumps back to.
    fn merge_plain(&mut self, mut group: Vec<State>) -> State {
        if group.len() == 1 {
            return group.pop().expect("one state");
        }
        self.merge(group, &Widening::default()).state
    }

    /// Whether a location's base is no box that varies: an entry parameter or a constant.
    pub(super) fn is_stable(&self, loc: Loc) -> bool {
        match loc.base() {
            Base::Const(_) => true,
            Base::Var(var) => self.builder.param_number(var).is_some(),
        }
    }
}

/// Of the key of a join.
pub(super) fn without_region(key: &[u64]) -> &[u64] {
    &key[..key.len() - 1]
}
