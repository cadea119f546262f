//! The queue of states that wait, in the order in which the user program comes by them; and what need not wait.

use super::engine::Engine;
use super::exit::ExitReason;
use super::joins::Key;
use super::request::GiveUp;
use super::state::{Frame, State};
use crate::timeshift::CodeBlock;
use smallvec::SmallVec;
use std::collections::hash_map::Entry;
use std::rc::Rc;

/// Place of a pending state in the queue: of each frame, outermost first, the user position, for each loop around its
/// block the header and the turn, and the block. What lies in a loop comes before what lies behind it, an earlier turn
/// before a later, a state inside a call before one that waits at the call's continuation.
pub(super) type Order = SmallVec<[u64; 10]>;

#[derive(Clone)]
pub(super) enum Pending {
    Single(State),
    Join(Key),
    /// Comes back to a join that was generated. It waits here because what it leads to may undo the work of states
    /// that are not in the queue.
    Back(Key, State),
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
        self.write_order(state, &mut order);
        order
    }

    /// How much of an order is one frame's.
    pub(super) fn own_order(&self, frame: &Frame) -> usize {
        2 + 2 * self.code_block(frame).loops.len().min(frame.turns.len())
    }

    fn write_order(&self, state: &State, order: &mut Order) {
        for frame in &state.frames {
            let block = self.code_block(frame);
            order.push(frame.position);
            for (&header, &turn) in block.loops.iter().zip(&frame.turns) {
                order.push(header as u64);
                order.push(turn);
            }
            order.push(block.order as u64);
        }
        order.push(u64::MAX);
    }

    /// The state's place in the queue's order, if it is on its way to a loop header: nobody else asks.
    pub(super) fn order_before(&self, state: &State, to: &CodeBlock) -> Order {
        if to.is_header() { self.order(state) } else { Order::new() }
    }

    /// The state stands at the start of its frame's block, and comes from the place `from` in the queue's order, which
    /// counts if the block is a loop header. It is `alone` if no other comes from there.
    pub(super) fn arrive(&mut self, mut state: State, from: Order, alone: bool) -> Result<Option<State>, GiveUp> {
        self.check_size()?;
        let block = self.code_block(state.top_ref());
        debug_assert!(block.is_join);
        if alone && self.queue.first().is_none() && !block.is_header() {
            return Ok(Some(state));
        }
        let mut key = None;
        if block.merge_point.is_some() {
            self.reach_merge_point(&mut state, block);
            let key = key.insert(self.key(&state));
            self.foresee_header(&state, key);
        }
        let order = self.order(&state);
        if self.leaves_loop(&state, &order, key.as_ref()) {
            self.leave_unit(state, ExitReason::LoopLeft);
            return Ok(None);
        }
        if alone && self.is_next(&state, &order) {
            let passes = match &key {
                Some(key) => self.pass_merge_point(&state, key),
                None => !block.is_header(),
            };
            if passes {
                return Ok(Some(state));
            }
        }
        let key = key.unwrap_or_else(|| self.key(&state));
        self.arrive_at_join(state, key, order, from)?;
        Ok(None)
    }

    /// Whether the join that the state stands at would be the next in the queue, and the state all that arrives: what
    /// waits comes later. Unless it is a loop header itself it need not be remembered: all that comes around to it does so
    /// by one.
    fn is_next(&self, state: &State, order: &Order) -> bool {
        let is_first = self.queue.first().is_none_or(|first| order < first);
        is_first && state.regions.last().is_none_or(|region| *region.order <= *order && *order <= *region.extent)
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
                place.insert(Rc::clone(&self.passed_join));
                self.builder.work += 1;
                true
            }
        }
    }

    /// Whether a state has reached a merge point, with this key, of the outermost frame that lies outside the loop the
    /// unit is.
    fn leaves_loop(&mut self, state: &State, order: &Order, key: Option<&Key>) -> bool {
        let Some(key) = key else { return false };
        if !self.request.is_loop || state.frames.len() > 1 {
            return false;
        }
        let Some((start, key)) = &self.start else {
            if !self.experience.headers.contains_key(key) {
                // The unit will be begun again anyhow: until then all headers are found fastest without versions.
                self.set_aside.extend(std::mem::take(&mut self.experience.headers));
            }
            self.start = Some((order.clone(), key.clone()));
            return false;
        };
        // The unit may begin in the middle of an outer loop, which would come around to it.
        *order < *start || self.experience.headers.get(key).is_some_and(|extent| order > extent)
    }
}
