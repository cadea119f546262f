//! Where states meet: joins.
//!
//! States meet when their frames stand at the same blocks with the same live greens (the [`Key`]). Those that arrive by
//! forward jumps are all there when the join is generated. They are grouped ([`super::groups`]): a group becomes one state
//! ([`super::merge`]), in which boxes that differ are block parameters.
//!
//! A join that is reached again after it has been generated is a *loop header* ([`super::versions`]). The first time
//! that happens the unit is begun again with the knowledge.

use super::engine::Engine;
use super::loc::{Base, Loc};
use super::queue::{Order, Pending};
use super::request::GiveUp;
use super::state::{Frame, State};
use super::versions::{Version, Widening};
use crate::timeshift::Dst;
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use std::rc::Rc;

/// Position and live greens of every frame; of a join, its region too.
pub(super) type Key = SmallVec<[u64; 12]>;

/// A place of a state that holds a box.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(super) enum Place {
    /// Frame and red slot.
    Slot(u32, u32),
    Memory(Loc),
    /// In a virtual container, by its number: which of its boxes.
    Part(u32, u32),
}

#[derive(Clone, Default)]
pub(super) struct Join {
    /// States waiting for the join to be generated.
    pub arrivals: Vec<State>,
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
        let block = self.code_block(frame);
        let greens = block.live_greens(runs);
        // The region is added.
        key.reserve(greens.len() + 2);
        key.push((frame.spec.0 as u64) << 32 | frame.block as u64);
        for &slot in greens {
            key.push(frame.greens[slot as usize]);
        }
    }

    /// The red slots alive in a state.
    pub(super) fn live_slots(&self, state: &State) -> Vec<(u32, u32)> {
        let last = state.frames.len() - 1;
        let live = |index: usize| self.code_block(&state.frames[index]).live(index == last);
        let mut slots = Vec::with_capacity((0..=last).map(|index| live(index).len()).sum());
        for index in 0..=last {
            for &(_, dst) in live(index) {
                if let Dst::Red(slot, _) = dst {
                    slots.push((index as u32, slot));
                }
            }
        }
        slots
    }

    /// The state stands at a join with this key, in this place in the queue's order, and comes `from` another.
    pub(super) fn arrive_at_join(
        &mut self,
        mut state: State,
        mut key: Key,
        order: Order,
        from: Order,
    ) -> Result<(), GiveUp> {
        self.leave_regions(&mut state, &key, &order);
        key.push(state.region());
        let Some(join) = self.joins.get_mut(&key) else {
            let join = Join { arrivals: vec![state], ..Join::default() };
            self.joins.insert(key.clone(), Rc::new(join));
            self.builder.work += 1;
            self.enqueue(order, Pending::Join(key));
            return Ok(());
        };
        if !join.generated {
            let join = Rc::make_mut(join);
            join.arrivals.push(state);
            if join.arrivals.len() == 1 {
                self.enqueue(order, Pending::Join(key));
            }
            return Ok(());
        }
        let header = &key[..key.len() - 1];
        let extent = self.experience.headers.get(header);
        if extent.is_none_or(|extent| *extent < from) {
            // A loop header found, or its loop reaches further than known: what was generated assumed too much.
            self.experience.headers.insert(Key::from_slice(header), from);
            self.restart.get_or_insert(self.builder.work);
            return Ok(());
        }
        if self.restart.is_some() {
            return Ok(());
        }
        self.enqueue(order, Pending::Back(key, state));
        Ok(())
    }

    /// Takes the loops off that the state has left.
    fn leave_regions(&self, state: &mut State, key: &Key, order: &Order) {
        while let Some(region) = state.regions.last() {
            if *region.header == *key {
                // A back edge: the header lies in the region around its loop.
                state.regions.pop();
                break;
            }
            if *region.order <= *order && *order <= *region.extent {
                break;
            }
            state.regions.pop();
        }
    }

    pub(super) fn generate_join(&mut self, key: Key) -> Result<(), GiveUp> {
        let join = Rc::make_mut(self.joins.get_mut(&key).expect("queued joins exist"));
        let arrivals = std::mem::take(&mut join.arrivals);
        join.generated = true;
        let groups = self.group(arrivals);
        let is_header = self.experience.headers.contains_key(&key[..key.len() - 1]) && self.restart.is_none();
        if !is_header {
            let mut groups = groups.into_iter();
            let first = groups.next().expect("a join has arrivals");
            for group in groups {
                let state = self.merge_plain(group);
                self.enqueue_single(state);
            }
            let state = self.merge_plain(first);
            return self.go(state);
        }
        // The versions of a header are generated one after the other, each from the snapshot before it; the groups
        // that wait are in the queue as joins of their own.
        let mut groups = groups.into_iter();
        let mut first = groups.next().expect("a join has arrivals");
        let rest: Vec<Vec<State>> = groups.collect();
        if !rest.is_empty() {
            let join = Rc::make_mut(self.joins.get_mut(&key).expect("queued joins exist"));
            join.arrivals = rest.into_iter().flatten().collect();
            let order = self.order(&join_first(&self.joins, &key));
            self.enqueue(order, Pending::Join(key.clone()));
        }
        let widening = self.foreseen(&mut first);
        self.new_version(key, first, widening)
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

fn join_first(joins: &HashMap<Key, Rc<Join>>, key: &Key) -> State {
    joins[key].arrivals[0].clone()
}
