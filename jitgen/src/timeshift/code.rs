//! The generating extension's instruction set: what phase 2 writes and [`crate::genext`] runs.
//!
//! A frame of the generating extension has green slots (canonical bits) and red slots (boxes). Variables that are live
//! across blocks share a slot where no block has both; others share the slots above.
//!
//! All that is run of a function lies in a few lists, small and side by side: what compile time waits for is memory, as
//! the streams of a whole interpreter are larger than the caches near the processor.

use crate::flow::{Const, FieldId, FuncId, Op, SigId, Ty, VarId};
use crate::hints::SpecId;
use serde::{Deserialize, Serialize};

/// An operand.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Src {
    Green(u16, Ty),
    Red(u16, Ty),
    /// By its number among those of the code.
    Const(u16),
}

/// Where a result goes.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Dst {
    Green(u16, Ty),
    Red(u16, Ty),
    /// Nobody reads it.
    Nowhere(Ty),
}

impl Dst {
    pub fn ty(self) -> Ty {
        match self {
            Dst::Green(_, ty) | Dst::Red(_, ty) | Dst::Nowhere(ty) => ty,
        }
    }
}

/// Some that follow each other in one of the code's lists.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Run {
    first: u32,
    count: u32,
}

impl Run {
    pub(super) fn new(first: usize, count: usize) -> Run {
        let number = |count| u32::try_from(count).expect("the code of a function has less than 2^32 parts");
        Run { first: number(first), count: number(count) }
    }

    pub(super) fn first(self) -> usize {
        self.first as usize
    }

    pub fn len(self) -> usize {
        self.count as usize
    }

    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    #[inline]
    fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.first as usize..][..self.count as usize]
    }
}

#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Instr {
    /// All operands known: perform it. `Call` is of an elidable function.
    Green { op: Op, args: Run, results: Run },
    /// Likewise, of two operands, or one that stands there twice, with one result: what is done most often.
    Compute { op: Op, args: [Src; 2], to: Dst },
    /// Fold it on boxes, or emit it.
    Red { op: Op, args: Run, results: Run },
    /// The operand under another name.
    Move { from: Src, to: Dst },
    /// Forget that the operand is known.
    Forget { from: Src, to: Dst },
    /// Assumed true without a profile.
    Likely { from: Src, to: Dst },
    /// `known` is there for `promote_few`.
    Promote { from: Src, known: Option<Dst>, to: Dst },
    /// Reads a quasi-immutable field of something known.
    Rely { field: FieldId, base: Src, to: Dst },
    /// Inlined call; the block's jump leads to the continuation, whose parameters receive the results. `inst` is the
    /// call's place in its block of the graph.
    Enter { spec: SpecId, args: Run, inst: u32 },
    /// A call of a unit, by the signature; the block's jump as above. `args` begins with the code's address.
    EnterUnit { sig: SigId, args: Run, results: Run, inst: u32 },
    /// The variables of portal `portal`.
    MergePoint { portal: u32, args: Run },
}

/// A jump inside the frame. Those that do the same are equal.
#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Jump {
    pub block: u32,
    /// What gives the parameters of the block their values, as far as they are not there already.
    pub moves: Run,
    /// One of them reads what another one before it writes: all are read first.
    pub at_once: bool,
    /// To a join.
    pub is_join: bool,
    /// From or to a block in a loop. So nothing need be known of a block to go there, and what is will be there in time.
    pub turns: bool,
}

#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum CodeTerm {
    Jump(Jump),
    Branch { cond: Src, then_to: Jump, else_to: Jump },
    Switch { value: Src, cases: Run, default: Jump },
    Return(Run),
    Unreachable,
}

impl CodeTerm {
    /// Those that are not in lists.
    pub(super) fn jumps(&mut self) -> impl Iterator<Item = &mut Jump> {
        let (one, other) = match self {
            CodeTerm::Jump(jump) | CodeTerm::Switch { default: jump, .. } => (Some(jump), None),
            CodeTerm::Branch { then_to, else_to, .. } => (Some(then_to), Some(else_to)),
            CodeTerm::Return(_) | CodeTerm::Unreachable => (None, None),
        };
        one.into_iter().chain(other)
    }
}

/// What running it asks for, in one line of a cache.
#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
#[repr(align(64))]
pub struct CodeBlock {
    pub(super) instrs: Run,
    pub term: CodeTerm,
    /// Headers of the loops around it, outermost first, by their positions. A header is in its own loop. The loop that a
    /// merge point heads does not count: user positions order what happens in it.
    pub(super) loops: Run,
    /// Whether loops may come around to it.
    pub is_header: bool,
    /// Begins with a merge point.
    pub is_merge_point: bool,
    /// Position in reverse postorder of the function.
    pub order: u32,
}

/// What is there on entry of a block.
#[derive(Copy, Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct LiveIn {
    pub(super) params: Run,
    /// The variables, by slot; parameters last.
    pub(super) live: Run,
    /// How many of them are no parameters.
    pub(super) waiting: u32,
    /// The slots of the greens among them, in their order.
    pub(super) live_greens: Run,
    /// How many of those are no parameters.
    pub(super) waiting_greens: u32,
}

/// The instruction stream of one specialisation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Code {
    pub spec: SpecId,
    pub func: FuncId,
    /// Parallel to the blocks of the function's graph; the same numbers.
    pub blocks: Vec<CodeBlock>,
    /// Parallel to the blocks.
    pub(super) live_in: Vec<LiveIn>,
    pub green_slots: u32,
    pub red_slots: u32,
    pub consts: Vec<Const>,
    pub(super) instrs: Vec<Instr>,
    pub(super) srcs: Vec<Src>,
    pub(super) dsts: Vec<Dst>,
    pub(super) moves: Vec<(Src, Dst)>,
    pub(super) cases: Vec<(u64, Jump)>,
    pub(super) loops: Vec<u32>,
    pub(super) live: Vec<(VarId, Dst)>,
    pub(super) live_greens: Vec<u16>,
}

impl Code {
    #[inline]
    pub fn instrs(&self, block: &CodeBlock) -> &[Instr] {
        block.instrs.of(&self.instrs)
    }

    #[inline]
    pub fn params(&self, block: u32) -> &[Dst] {
        self.live_in[block as usize].params.of(&self.dsts)
    }

    #[inline]
    pub fn srcs(&self, run: Run) -> &[Src] {
        run.of(&self.srcs)
    }

    #[inline]
    pub fn dsts(&self, run: Run) -> &[Dst] {
        run.of(&self.dsts)
    }

    /// Of a jump.
    #[inline]
    pub fn moves(&self, run: Run) -> &[(Src, Dst)] {
        run.of(&self.moves)
    }

    /// Of a switch.
    pub fn cases(&self, run: Run) -> &[(u64, Jump)] {
        run.of(&self.cases)
    }

    /// The jump of a switch for a value, if it is a case. Most cases are numbers in a row, as they stand in an `enum`.
    pub fn case(&self, run: Run, bits: u64) -> Option<&Jump> {
        let cases = self.cases(run);
        let expected = bits.wrapping_sub(cases.first()?.0);
        match cases.get(expected as usize) {
            Some((case, jump)) if *case == bits => Some(jump),
            _ => cases.iter().find(|(case, _)| *case == bits).map(|(_, jump)| jump),
        }
    }

    #[inline]
    pub fn loops(&self, block: &CodeBlock) -> &[u32] {
        block.loops.of(&self.loops)
    }

    /// What is live in a frame that stands at the block. If it does not run, it waits for a call of which the block's
    /// parameters are the results: they are not there yet.
    pub fn live(&self, block: u32, runs: bool) -> &[(VarId, Dst)] {
        let live_in = &self.live_in[block as usize];
        let live = live_in.live.of(&self.live);
        if runs { live } else { &live[..live_in.waiting as usize] }
    }

    /// The slots of greens among that.
    pub fn live_greens(&self, block: u32, runs: bool) -> &[u16] {
        let live_in = &self.live_in[block as usize];
        let live = live_in.live_greens.of(&self.live_greens);
        if runs { live } else { &live[..live_in.waiting_greens as usize] }
    }
}

#[cfg(test)]
mod tests {
    use super::{CodeBlock, Dst, Instr, Src};

    #[test]
    fn what_is_run_is_small() {
        assert_eq!((size_of::<Src>(), size_of::<Dst>()), (4, 4));
        assert!(size_of::<Instr>() <= 28);
        assert_eq!(size_of::<CodeBlock>(), 64);
    }
}
