//! Where states meet: joins.
//!
//! States meet when their frames stand at the same blocks with the same live greens (the [`Key`]). Those that arrive by
//! forward jumps are all there when the join is generated. They are grouped by their *promoted facts* (constants in
//! fields whose values are promoted: type tags, shapes): a group becomes one state ([`super::merge`]), in which boxes that
//! differ are block parameters; groups stay apart as *versions* while they are few.
//!
//! A join that is reached again after it has been generated is a *loop header* ([`super::versions`]). The first time
//! that happens the unit is begun again with the knowledge.

use super::engine::Engine;
use super::loc::{Base, Loc};
use super::queue::{Order, Pending};
use super::request::GiveUp;
use super::state::{Frame, State};
use super::value::Val;
use super::versions::{Version, Widening};
use crate::flow::Ty;
use crate::timeshift::Dst;
use rustc_hash::{FxHashMap as HashMap, FxHasher};
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};
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

    /// The states that are to become one, at a join. Inside loops those stay apart that differ in what they know of
    /// places the loop may come back with: what one way through the body establishes is not lost to the other.
    fn group(&self, arrivals: Vec<State>) -> Vec<Vec<State>> {
        if arrivals.len() == 1 {
            return vec![arrivals];
        }
        let limit = self.request.limits.max_versions;
        let known: Vec<Known> = arrivals.iter().map(|state| self.known_facts(state)).collect();
        if arrivals[0].regions.last().is_some() {
            let same = |one: &Known, other: &Known| {
                one.stable == other.stable && agree(&one.facts, &other.facts, |loc| !self.is_stable(loc))
            };
            let groups = partition(&known, same);
            if groups.iter().max().is_some_and(|&last| last < limit) {
                return split(arrivals, groups);
            }
        }
        let mut groups = partition(&known, |one, other| agree(&one.facts, &other.facts, |_| true));
        if groups.iter().max().is_some_and(|&last| last >= limit) {
            groups.fill(0);
        }
        split(arrivals, groups)
    }

    /// A join that nothing jumps back to.
    fn merge_plain(&mut self, mut group: Vec<State>) -> State {
        if group.len() == 1 {
            return group.pop().expect("one state");
        }
        self.merge(group, &Widening::default()).state
    }

    fn known_facts(&self, state: &State) -> Known {
        let entries = state.memory.entries.entries();
        let mut facts = Facts::with_capacity(entries.len() / 2);
        let mut stable = FxHasher::default();
        for (loc, entry) in entries {
            if let Val::Const(value) = entry.val
                && self.is_promoted(loc.field())
            {
                facts.push((*loc, value.bits));
                if self.is_stable(*loc) {
                    (loc, value.bits).hash(&mut stable);
                }
            }
        }
        Known { facts, stable: stable.finish(), truths: self.known_truths(state) }
    }

    /// Of the truth values that the block takes: which are known, and what they are. They are there to be branched on,
    /// so keeping them apart is jump threading.
    fn known_truths(&self, state: &State) -> SmallVec<[bool; 8]> {
        let frame = state.top_ref();
        let mut truths = SmallVec::new();
        for &param in &self.code_block(frame).params {
            if let Dst::Red(slot, Ty::Bool) = param {
                let known = frame.reds[slot as usize].as_const();
                truths.push(known.is_some());
                truths.push(known.is_some_and(|value| value.bits != 0));
            }
        }
        truths
    }

    /// Whether a location's base is no box that varies: an entry parameter or a constant.
    pub(super) fn is_stable(&self, loc: Loc) -> bool {
        match loc.base() {
            Base::Const(_) => true,
            Base::Var(var) => self.builder.param_number(var).is_some(),
        }
    }
}

/// Bits of constants in fields whose values are promoted, sorted.
type Facts = Vec<(Loc, u64)>;

/// What a state knows that keeps it apart from others at a join.
struct Known {
    facts: Facts,
    /// A hash of those of the facts that are about stable locations.
    stable: u64,
    truths: SmallVec<[bool; 8]>,
}

/// Whether what both know is the same, and what one knows alone is among what it `may`.
fn agree(one: &Facts, other: &Facts, may: impl Fn(Loc) -> bool) -> bool {
    let (mut ones, mut others) = (&one[..], &other[..]);
    while let ([one, rest @ ..], [other, other_rest @ ..]) = (ones, others) {
        let alone = if one.0 == other.0 {
            if one.1 != other.1 {
                return false;
            }
            (ones, others) = (rest, other_rest);
            continue;
        } else if one.0 < other.0 {
            ones = rest;
            one.0
        } else {
            others = other_rest;
            other.0
        };
        if !may(alone) {
            return false;
        }
    }
    ones.iter().chain(others).all(|&(loc, _)| may(loc))
}

/// The number of its group for each state: one that agrees with all that is known in it, and in known truth values.
fn partition(arrivals: &[Known], agrees: impl Fn(&Known, &Known) -> bool) -> Vec<usize> {
    let mut groups: Vec<Known> = vec![];
    let mut numbers = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let found = groups.iter().position(|group| group.truths == arrival.truths && agrees(arrival, group));
        let Some(number) = found else {
            numbers.push(groups.len());
            groups.push(Known { facts: arrival.facts.clone(), truths: arrival.truths.clone(), ..*arrival });
            continue;
        };
        numbers.push(number);
        add_facts(&mut groups[number].facts, &arrival.facts);
    }
    numbers
}

/// Adds facts that agree with those that are there.
fn add_facts(facts: &mut Facts, more: &Facts) {
    let mut at = 0;
    for &(loc, bits) in more {
        while facts.get(at).is_some_and(|(other, _)| *other < loc) {
            at += 1;
        }
        if facts.get(at).is_none_or(|(other, _)| *other != loc) {
            facts.insert(at, (loc, bits));
        }
    }
}

fn split(arrivals: Vec<State>, numbers: Vec<usize>) -> Vec<Vec<State>> {
    let count = numbers.iter().max().map_or(0, |&last| last + 1);
    let mut groups: Vec<Vec<State>> = vec![];
    groups.resize_with(count, || Vec::with_capacity(arrivals.len().min(4)));
    for (state, number) in arrivals.into_iter().zip(numbers) {
        groups[number].push(state);
    }
    groups
}

fn join_first(joins: &HashMap<Key, Rc<Join>>, key: &Key) -> State {
    joins[key].arrivals[0].clone()
}
