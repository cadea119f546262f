//! The queue of states that wait, in the order in which the user program comes by them; and what need not wait.

use super::engine::Engine;
use super::exit::ExitReason;
use super::joins::{Join, Key};
use super::request::GiveUp;
use super::state::{Frame, Region, State};
use crate::timeshift::CodeBlock;
use indexmap::map::Entry;
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::rc::Rc;

/// Place of a pending state in the queue: of each frame, outermost first, the user position, for each loop around its
/// block the header and the turn, and the block. What lies in a loop comes before what lies behind it, an earlier turn
/// before a later, a state inside a call before one that waits at the call's continuation.
pub(super) type Order = SmallVec<[u64; 10]>;

/// Where a state comes from that arrives somewhere: of its place in the order what is not its place still.
#[derive(Default)]
pub(super) struct Origin {
    /// How many of its frames are where they were.
    under: usize,
    words: SmallVec<[u64; 6]>,
}

#[derive(Clone)]
pub(super) enum Pending {
    Single(State),
    /// By number.
    Join(usize),
    /// Comes back to a join that was generated. It waits here because what it leads to may undo the work of states
    /// that are not in the queue.
    Back(usize, State),
}

/// What waits, the next last. There is little at a time.
#[derive(Clone, Default)]
pub(super) struct Queue {
    waiting: Vec<(Order, Pending)>,
}

impl Queue {
    /// After what waits in the same place.
    fn insert(&mut self, order: Order, pending: Pending) {
        let at = self.waiting.partition_point(|(other, _)| *other > order);
        self.waiting.insert(at, (order, pending));
    }

    pub fn pop(&mut self) -> Option<Pending> {
        self.waiting.pop().map(|(_, pending)| pending)
    }

    fn first(&self) -> Option<&Order> {
        self.waiting.last().map(|(order, _)| order)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.waiting.iter().rev().map(|(_, pending)| pending)
    }
}

impl Engine<'_> {
    /// Puts a state into the queue that meets no other where it stands.
    pub(super) fn enqueue_single(&mut self, state: State) {
        let order = self.order(&state);
        self.enqueue(order, Pending::Single(state));
    }

    pub(super) fn enqueue(&mut self, order: Order, pending: Pending) {
        self.queue.insert(order, pending);
    }

    pub(super) fn order(&self, state: &State) -> Order {
        let len: usize = state.frames.iter().map(|frame| 2 + 2 * frame.turns.len()).sum();
        let mut order = Order::with_capacity(len + 1);
        self.write_order(&state.frames, |word| order.push(word));
        order.push(u64::MAX);
        order
    }

    /// How much of an order is one frame's.
    pub(super) fn own_order(&self, frame: &Frame) -> usize {
        2 + 2 * self.code(frame).loops(self.code_block(frame)).len().min(frame.turns.len())
    }

    fn write_order(&self, frames: &[Rc<Frame>], mut word: impl FnMut(u64)) {
        let all = self.each_of_order(frames, |part| {
            word(part);
            ControlFlow::<()>::Continue(())
        });
        debug_assert!(all.is_continue());
    }

    /// What frames add to the place in the queue's order, until it is enough.
    fn each_of_order<B>(&self, frames: &[Rc<Frame>], mut word: impl FnMut(u64) -> ControlFlow<B>) -> ControlFlow<B> {
        for frame in frames {
            let block = self.code_block(frame);
            word(frame.position)?;
            for (&header, &turn) in self.code(frame).loops(block).iter().zip(&frame.turns) {
                word(header as u64)?;
                word(turn)?;
            }
            word(block.order as u64)?;
        }
        ControlFlow::Continue(())
    }

    /// How the state's place in the queue's order compares with another: most differ in the first word.
    fn compare_order(&self, state: &State, other: &Order) -> Ordering {
        let mut rest = other.iter();
        let mut compare = |word: u64| match rest.next().map(|other| word.cmp(other)) {
            Some(Ordering::Equal) => ControlFlow::Continue(()),
            Some(order) => ControlFlow::Break(order),
            None => ControlFlow::Break(Ordering::Greater),
        };
        match self.each_of_order(&state.frames, &mut compare) {
            ControlFlow::Break(order) => order,
            ControlFlow::Continue(()) => match compare(u64::MAX) {
                ControlFlow::Break(order) => order,
                ControlFlow::Continue(()) => Ordering::Equal,
            },
        }
    }

    /// Whether the state's place lies in the loop.
    pub(super) fn is_within(&self, state: &State, region: &Region) -> bool {
        self.compare_order(state, &region.order).is_ge() && self.compare_order(state, &region.extent).is_le()
    }

    /// Where the state is, if it is on its way to a loop header, which nobody else asks: it will have left the place of its
    /// last frames.
    pub(super) fn order_before(&self, state: &State, last: usize, to: &CodeBlock) -> Origin {
        let mut from = Origin::default();
        if to.is_header {
            from.under = state.frames.len() - last;
            self.write_order(&state.frames[from.under..], |word| from.words.push(word));
        }
        from
    }

    /// The place in the queue's order that a state came from.
    pub(super) fn order_of(&self, state: &State, from: &Origin) -> Order {
        let mut order = Order::new();
        self.write_order(&state.frames[..from.under], |word| order.push(word));
        order.extend_from_slice(&from.words);
        order.push(u64::MAX);
        order
    }

    /// The state stands at the start of its frame's block, and comes from the place `from` in the queue's order, which
    /// counts if the block is a loop header. It is `alone` if no other comes from there.
    pub(super) fn arrive(&mut self, mut state: State, from: Origin, alone: bool) -> Result<Option<State>, GiveUp> {
        self.check_size()?;
        let block = self.code_block(state.top_ref());
        if alone && self.queue.first().is_none() && !block.is_header {
            return Ok(Some(state));
        }
        let mut key = None;
        if block.is_merge_point {
            self.reach_merge_point(&mut state, block);
            let key = key.insert(self.key(&state));
            self.foresee_header(&state, key);
        }
        if self.leaves_loop(&state, key.as_ref()) {
            self.leave_unit(state, ExitReason::LoopLeft);
            return Ok(None);
        }
        if alone && self.is_next(&state) {
            let passes = match &key {
                Some(key) => self.pass_merge_point(&state, key),
                None => !block.is_header,
            };
            if passes {
                return Ok(Some(state));
            }
        }
        let key = key.unwrap_or_else(|| self.key(&state));
        self.arrive_at_join(state, key, from)?;
        Ok(None)
    }

    /// Whether the join that the state stands at would be the next in the queue, and the state all that arrives: what
    /// waits comes later. Unless it is a loop header itself it need not be remembered: all that comes around to it does so
    /// by one.
    fn is_next(&self, state: &State) -> bool {
        let is_first = self.queue.first().is_none_or(|first| self.compare_order(state, first).is_lt());
        is_first && state.regions.last().is_none_or(|region| self.is_within(state, region))
    }

    /// Whether the state may go on from a merge point at which nothing else arrives: nothing is known to come back to it.
    /// Should something do so, it was generated.
    fn pass_merge_point(&mut self, state: &State, key: &Key) -> bool {
        if self.experience.headers.contains_key(key) {
            return false;
        }
        let mut key = key.clone();
        key.push(state.region());
        match self.joins.entry(key) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(Join { generated: true, ..Join::default() });
                self.builder.work += 1;
                true
            }
        }
    }

    /// Whether a state has reached a merge point, with this key, of the outermost frame that lies outside the loop the
    /// unit is.
    fn leaves_loop(&mut self, state: &State, key: Option<&Key>) -> bool {
        let Some(key) = key else { return false };
        if !self.request.is_loop || state.frames.len() > 1 {
            return false;
        }
        let Some((start, key)) = &self.start else {
            if !self.experience.headers.contains_key(key) {
                // The unit will be begun again anyhow: until then all headers are found fastest without versions.
                self.set_aside.extend(std::mem::take(&mut self.experience.headers));
            }
            self.start = Some((self.order(state), key.clone()));
            return false;
        };
        // The unit may begin in the middle of an outer loop, which would come around to it.
        let is_behind = |extent| self.compare_order(state, extent).is_gt();
        self.compare_order(state, start).is_lt() || self.experience.headers.get(key).is_some_and(is_behind)
    }
}
