//! Exits: where residual code leaves the unit, and how the interpreter's frames are rebuilt from what it knows.
//!
//! An exit stands at the start of a block of the interpreter's graphs. The frames are described by the origin of each
//! live variable; only what is neither known nor a parameter of the unit is passed. Delayed writes are described in the
//! same way: whoever completes the exit performs them, so that memory shows what the interpreter would have left there,
//! and code that is hardly ever run stays small.

use super::engine::Engine;
use super::loc::Base;
use super::state::State;
use super::value::Val;
use super::virtuals::Step;
use crate::flow::{Arg, BlockId, FieldId, FuncId, Term, VarId};
use crate::timeshift::Dst;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Why an exit is there.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum ExitReason {
    /// A promotion met a value not seen before.
    Promotion,
    /// A promotion that never ran while it was watched.
    PromotionUnseen,
    /// A branch went a way not seen before.
    Branch,
    /// A branch that never ran while it was watched.
    BranchUnseen,
    /// The user program left the loop that the unit is.
    LoopLeft,
    /// A quasi-immutable field was written while the unit ran.
    Changed,
    /// There is no code behind a typed entry any more.
    NoCode,
    /// What was called through a typed entry returned otherwise than expected.
    Returned,
}

impl ExitReason {
    pub fn name(self) -> &'static str {
        match self {
            ExitReason::Promotion => "promotion",
            ExitReason::PromotionUnseen => "promotion-unseen",
            ExitReason::Branch => "branch",
            ExitReason::BranchUnseen => "branch-unseen",
            ExitReason::LoopLeft => "loop-left",
            ExitReason::Changed => "changed",
            ExitReason::NoCode => "no-code",
            ExitReason::Returned => "returned",
        }
    }
}

/// Where the value of a variable is when the exit is taken, as canonical bits; in 12 bytes, as exits are full of them.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Source {
    Const(Word),
    /// The unit's own parameter: whoever entered it still has it.
    Entry(u32),
    /// Passed by the exit.
    Live(u32),
    /// An address: so many bytes behind a parameter of the unit.
    EntryAt(u32, i32),
    /// So many bytes behind what the exit passes.
    LiveAt(u32, i32),
    /// A container that is made on the way out: by the number of its [`Making::New`].
    Made(u32),
}

/// 64 bits that may lie at any multiple of 4 bytes.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
#[repr(C, packed(4))]
pub struct Word(pub u64);

/// A step of making the containers that were virtual in the unit, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Making {
    /// Calls the function that makes one.
    New {
        func: FuncId,
        args: Vec<Source>,
    },
    /// Calls a function that puts something into one.
    Fill {
        func: FuncId,
        args: Vec<Source>,
    },
    Store(Write),
}

/// A frame to rebuild.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResumeFrame {
    pub func: FuncId,
    pub block: u32,
    /// For a suspended caller, the call in its block; otherwise 0.
    pub inst: u32,
    /// Of a portal: the greens at its last merge point.
    pub greens: SmallVec<[u64; 4]>,
    pub env: Vec<(VarId, Source)>,
}

/// A write to perform before the frames run.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// Of a structure or of an array's elements.
    pub field: FieldId,
    pub base: Source,
    /// Of the element; 0 in structures.
    pub index: i64,
    pub value: Source,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExitInfo {
    pub reason: ExitReason,
    /// Before anything else.
    pub making: Vec<Making>,
    /// In any order: no two meet.
    pub writes: Vec<Write>,
    /// Outermost first.
    pub frames: SmallVec<[ResumeFrame; 1]>,
    /// How many values the exit passes.
    pub live: u32,
    /// By the number that [`Source::Live`] has: which of the values that the exit passes it is. All are as numbered if it
    /// is empty.
    pub places: Vec<u32>,
    /// Of a typed entry: what the unit was entered with, as far as the portal knows.
    pub entered: Vec<Source>,
    /// For [`ExitReason::Returned`], the cell of the typed entry.
    pub entry: Option<u64>,
}

impl ExitInfo {
    /// What an exit has passed, as it is numbered.
    pub fn numbered<'v>(&self, passed: &'v [u64]) -> Cow<'v, [u64]> {
        match &self.places[..] {
            [] => Cow::Borrowed(passed),
            places => places.iter().map(|&place| passed[place as usize]).collect(),
        }
    }

    /// Greens of the innermost portal frame: where in the user program.
    pub fn greens(&self) -> &[u64] {
        self.frames.iter().rev().map(|frame| &frame.greens[..]).find(|greens| !greens.is_empty()).unwrap_or_default()
    }
}

/// By variable: the last exit described that passes it, and its place there.
#[derive(Default)]
pub(super) struct Passed {
    places: Vec<(u32, u32)>,
    /// How many exits were described; some may have been taken back.
    exits: u32,
    /// Room to list what an exit passes and writes, whose number is known in the end.
    live: Vec<Arg>,
    writes: Vec<Write>,
}

impl Passed {
    fn next_exit(&mut self) {
        self.exits += 1;
    }

    /// The variable's place among what the exit passes; `next` if it has none yet, and then it has.
    fn place(&mut self, var: VarId, next: u32) -> u32 {
        if self.places.len() <= var.index() {
            self.places.resize(var.index() + 1, (0, 0));
        }
        let place = &mut self.places[var.index()];
        if place.0 != self.exits {
            *place = (self.exits, next);
        }
        place.1
    }
}

/// What an exit passes and makes, as far as it is known.
#[derive(Default)]
struct Leaving {
    live: Vec<Arg>,
    known: Option<(VarId, u64)>,
    making: Vec<Making>,
    /// Numbers of the containers that `making` makes.
    made: BTreeMap<u32, u32>,
}

impl Engine<'_> {
    /// Ends the state with an exit at the start of its frame's block.
    pub(super) fn leave_unit(&mut self, mut state: State, reason: ExitReason) {
        self.describe_exit(&mut state, reason, None);
    }

    /// On one way, by block `out`, the unit is left; on the other the state goes on. A variable that is known on this way
    /// only need not be passed.
    pub(super) fn leave_by(
        &mut self,
        state: &mut State,
        out: BlockId,
        reason: ExitReason,
        known: Option<(VarId, u64)>,
    ) {
        if state.virtuals.is_empty() {
            // Nothing will be made on the way out: the state stays as it is.
            let on = std::mem::replace(&mut state.out, out);
            self.describe_exit(state, reason, known);
            state.out = on;
        } else {
            self.describe_exit(&mut State { out, ..state.clone() }, reason, known);
        }
    }

    fn describe_exit(&mut self, state: &mut State, reason: ExitReason, known: Option<(VarId, u64)>) {
        let mut leaving = Leaving { live: std::mem::take(&mut self.passed.live), known, ..Leaving::default() };
        leaving.live.clear();
        self.passed.next_exit();
        let mut entered = vec![];
        // Whoever completes the exit of a typed entry did not enter the unit.
        if self.request.entry.is_some() {
            for &param in &self.builder.graph.params()[..self.reds] {
                entered.push(Source::Live(leaving.live.len() as u32));
                leaving.live.push(param.into());
            }
        }
        let writes = self.writes(state, &mut leaving);
        let mut frames = SmallVec::with_capacity(state.frames.len());
        let last = state.frames.len() - 1;
        for index in 0..state.frames.len() {
            let frame = state.frames[index].clone();
            let live = self.live(&frame, index == last);
            let (greens, reds) = (&frame.greens[..], &frame.reds[..]);
            let mut env = Vec::with_capacity(live.len());
            for &(var, dst) in live {
                let source = match dst {
                    Dst::Green(slot, _) => Source::Const(Word(greens[slot as usize])),
                    Dst::Red(slot, _) => match reds[slot as usize] {
                        Val::Dead => continue,
                        val => self.source(state, val, &mut leaving),
                    },
                    Dst::Nowhere(_) => continue,
                };
                env.push((var, source));
            }
            let (block, inst) = if index == last { (frame.block, 0) } else { frame.call };
            let greens = SmallVec::from_slice(&frame.user_greens);
            frames.push(ResumeFrame { func: self.code(&frame).func, block, inst, greens, env });
        }
        let id = self.exits.len() as u32;
        let Leaving { live, making, .. } = leaving;
        let (count, places) = (live.len() as u32, vec![]);
        self.exits.push(ExitInfo { reason, making, writes, frames, live: count, places, entered, entry: None });
        self.builder.end(state.out, Term::Exit { id, args: live.to_vec() });
        self.passed.live = live;
    }

    fn writes(&mut self, state: &mut State, leaving: &mut Leaving) -> Vec<Write> {
        let memory = state.memory.clone();
        let mut writes = std::mem::take(&mut self.passed.writes);
        writes.clear();
        // Most are in one window.
        let mut last: Option<(Base, Source)> = None;
        for (loc, val) in memory.delayed() {
            let base = match (last, loc.base()) {
                (Some((last, source)), base) if last == base => source,
                (_, Base::Var(var)) => self.source(state, Val::Var(var), leaving),
                (_, Base::Const(bits)) => Source::Const(Word(bits)),
            };
            last = Some((loc.base(), base));
            let index = self.element_number(&loc);
            let value = self.source(state, val, leaving);
            writes.push(Write { field: loc.field(), base, index, value });
        }
        let exactly = writes.to_vec();
        self.passed.writes = writes;
        exactly
    }

    #[inline]
    fn source(&mut self, state: &mut State, val: Val, leaving: &mut Leaving) -> Source {
        // Bits are bits: a cast needs no conversion here.
        match val {
            Val::Const(value) => Source::Const(Word(value.bits)),
            Val::Var(var) | Val::Cast(_, var) => self.source_of(var, leaving),
            Val::Addr { base, bytes, .. } => self.source_behind(base, bytes, leaving),
            other => self.source_of_container(state, other, leaving),
        }
    }

    fn source_of(&mut self, var: VarId, leaving: &mut Leaving) -> Source {
        if let Some((_, bits)) = leaving.known.filter(|(known, _)| *known == var) {
            return Source::Const(Word(bits));
        }
        // The parameters are the graph's first variables, and those of the portal the first of them.
        if var.index() < self.reds {
            return Source::Entry(var.0);
        }
        let next = leaving.live.len() as u32;
        let place = self.passed.place(var, next);
        if place == next {
            leaving.live.push(Arg::Var(var));
        }
        Source::Live(place)
    }

    /// Of an address that was not computed: whoever completes the exit does that.
    fn source_behind(&mut self, base: VarId, bytes: i32, leaving: &mut Leaving) -> Source {
        match self.source_of(base, leaving) {
            Source::Const(Word(bits)) => Source::Const(Word(bits.wrapping_add_signed(bytes.into()))),
            Source::Entry(number) => Source::EntryAt(number, bytes),
            Source::Live(number) => Source::LiveAt(number, bytes),
            other => unreachable!("a variable is {other:?}"),
        }
    }

    /// Of a container, made or not.
    fn source_of_container(&mut self, state: &mut State, val: Val, leaving: &mut Leaving) -> Source {
        match state.resolve(val) {
            Val::Virtual(_, id) => {
                self.make_on_exit(state, id, leaving);
                Source::Made(leaving.made[&id])
            }
            other => self.source(state, other, leaving),
        }
    }

    /// Describes the making of a container and of all it refers to.
    fn make_on_exit(&mut self, state: &mut State, id: u32, leaving: &mut Leaving) {
        let mut ids = state.reachable([id]);
        ids.retain(|id| !leaving.made.contains_key(id));
        for step in self.steps(state, &ids) {
            let making = match step {
                Step::Make { id, func, args } => {
                    let args = self.sources(state, &args, leaving);
                    let number = leaving.made.len() as u32;
                    leaving.made.insert(id, number);
                    Making::New { func, args }
                }
                Step::Call { func, args } => Making::Fill { func, args: self.sources(state, &args, leaving) },
                Step::Store { id, field, index, val } => {
                    let value = self.source(state, val, leaving);
                    Making::Store(Write { field, base: Source::Made(leaving.made[&id]), index, value })
                }
            };
            leaving.making.push(making);
        }
    }

    fn sources(&mut self, state: &mut State, vals: &[Val], leaving: &mut Leaving) -> Vec<Source> {
        vals.iter().map(|&val| self.source(state, val, leaving)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, Write};

    #[test]
    fn descriptions_are_small() {
        assert_eq!((size_of::<Source>(), size_of::<Write>()), (12, 40));
    }
}
