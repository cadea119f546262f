//! Which of the states that meet at a join become one.
//!
//! Those that differ in *promoted facts* (constants in fields whose values are promoted: type tags, shapes) or in known
//! truth values stay apart while they are few.

use super::engine::Engine;
use super::loc::Loc;
use super::memory::Entry;
use super::state::State;
use super::value::Val;
use crate::flow::Ty;
use crate::timeshift::Dst;
use rustc_hash::FxHasher;
use smallvec::{SmallVec, smallvec};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl Engine<'_> {
    /// The states that are to become one, at a join. Inside loops those stay apart that differ in what they know of
    /// places the loop may come back with: what one way through the body establishes is not lost to the other.
    pub(super) fn group(&self, mut arrivals: Vec<State>) -> Groups {
        let limit = self.request.limits.max_versions;
        let in_loop = !arrivals[0].regions.is_empty();
        match &arrivals[..] {
            [_] => return smallvec![arrivals],
            [one, other] if limit > 1 => {
                if self.known_truths(one) == self.known_truths(other) && self.agree(one, other, in_loop) {
                    return smallvec![arrivals];
                }
                let other = arrivals.split_off(1);
                return smallvec![arrivals, other];
            }
            _ => {}
        }
        let known: Vec<Known> = arrivals.iter().map(|state| self.known_facts(state)).collect();
        if in_loop {
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

    /// Whether two states agree in what they know, and inside a loop both know the same of stable locations.
    fn agree(&self, one: &State, other: &State, in_loop: bool) -> bool {
        let fact = |(loc, entry): &(Loc, Entry)| match entry.val {
            Val::Const(value) if self.is_promoted(loc.field()) => Some(value.bits),
            _ => None,
        };
        let may_be_alone = |known: &(Loc, Entry)| fact(known).is_none() || !in_loop || !self.is_stable(known.0);
        let (mut ones, mut others) = (one.memory.entries.entries(), other.memory.entries.entries());
        while let ([one, rest @ ..], [other, other_rest @ ..]) = (ones, others) {
            // As nearly always.
            if one.0 == other.0 && one.1.val == other.1.val {
                (ones, others) = (rest, other_rest);
                continue;
            }
            let agrees = match one.0.cmp(&other.0) {
                Ordering::Less => {
                    ones = rest;
                    may_be_alone(one)
                }
                Ordering::Greater => {
                    others = other_rest;
                    may_be_alone(other)
                }
                Ordering::Equal => {
                    (ones, others) = (rest, other_rest);
                    match (fact(one), fact(other)) {
                        (Some(one), Some(other)) => one == other,
                        _ => may_be_alone(one) && may_be_alone(other),
                    }
                }
            };
            if !agrees {
                return false;
            }
        }
        ones.iter().chain(others).all(may_be_alone)
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
        for &param in self.code(frame).params(frame.block) {
            if let Dst::Red(slot, Ty::Bool) = param {
                let known = frame.reds[slot as usize].as_const();
                truths.push(known.is_some());
                truths.push(known.is_some_and(|value| value.bits != 0));
            }
        }
        truths
    }
}

/// States that become one.
pub(super) type Groups = SmallVec<[Vec<State>; 2]>;

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

fn split(arrivals: Vec<State>, numbers: Vec<usize>) -> Groups {
    let count = numbers.iter().max().map_or(0, |&last| last + 1);
    let mut groups = Groups::new();
    groups.resize_with(count, || Vec::with_capacity(arrivals.len().min(4)));
    for (state, number) in arrivals.into_iter().zip(numbers) {
        groups[number].push(state);
    }
    groups
}
