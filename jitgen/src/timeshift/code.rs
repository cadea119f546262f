//! The generating extension's instruction set: what phase 2 writes and [`crate::genext`] runs.
//!
//! A frame of the generating extension has green slots (canonical bits) and red slots (boxes). Variables that are live
//! across blocks share a slot where no block has both; others share the slots above.

use crate::flow::{Const, FieldId, FuncId, Op, SigId, Ty, VarId};
use crate::hints::SpecId;
use serde::{Deserialize, Serialize};

/// An operand.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Src {
    Green(u32, Ty),
    Red(u32, Ty),
    Const(Const),
}

/// Where a result goes.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Dst {
    Green(u32, Ty),
    Red(u32, Ty),
    /// Nobody reads it.
    Nowhere(Ty),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Instr {
    /// All operands known: perform it. `Call` is of an elidable function.
    Green { op: Op, args: Vec<Src>, results: Vec<Dst> },
    /// Fold it on boxes, or emit it.
    Red { op: Op, args: Vec<Src>, results: Vec<Dst> },
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
    Enter { spec: SpecId, args: Vec<Src>, inst: u32 },
    /// A call of a unit, by the signature; the block's jump as above. `args` begins with the code's address.
    EnterUnit { sig: SigId, args: Vec<Src>, results: Vec<Dst>, inst: u32 },
    /// The variables of portal `portal`.
    MergePoint { portal: u32, args: Vec<Src> },
}

/// A jump inside the frame.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Jump {
    pub block: u32,
    /// Parallel to the parameters of the block.
    pub args: Vec<Src>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum CodeTerm {
    Jump(Jump),
    Branch { cond: Src, then_to: Jump, else_to: Jump },
    Switch { value: Src, cases: Vec<(u64, Jump)>, default: Jump },
    Return(Vec<Src>),
    Unreachable,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CodeBlock {
    pub params: Vec<Dst>,
    pub code: Vec<Instr>,
    pub term: CodeTerm,
    /// The variables live on entry, by slot; parameters last.
    pub live: Vec<(VarId, Dst)>,
    /// How many of them are no parameters.
    pub waiting: u32,
    /// The slots of the greens among them, in their order.
    pub live_greens: Vec<u32>,
    /// How many of those are no parameters.
    pub waiting_greens: u32,
    /// Position in reverse postorder of the function.
    pub order: u32,
    /// Headers of the loops around it, outermost first, by their positions. A header is in its own loop. The loop that a
    /// merge point heads does not count: user positions order what happens in it.
    pub loops: Vec<u32>,
    /// States may meet here: several links lead here, or it is a merge point or the continuation of a call.
    pub is_join: bool,
    /// Begins with a merge point: which portal.
    pub merge_point: Option<u32>,
}

impl CodeBlock {
    /// What is live in a frame that stands at the block. If it does not run, it waits for a call of which the block's
    /// parameters are the results: they are not there yet.
    pub fn live(&self, runs: bool) -> &[(VarId, Dst)] {
        if runs { &self.live } else { &self.live[..self.waiting as usize] }
    }

    /// The slots of greens among that.
    pub fn live_greens(&self, runs: bool) -> &[u32] {
        if runs { &self.live_greens } else { &self.live_greens[..self.waiting_greens as usize] }
    }

    /// Whether loops may come around to it.
    pub fn is_header(&self) -> bool {
        self.merge_point.is_some() || self.loops.last() == Some(&self.order)
    }
}

/// The instruction stream of one specialisation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Code {
    pub spec: SpecId,
    pub func: FuncId,
    /// Parallel to the blocks of the function's graph; the same numbers.
    pub blocks: Vec<CodeBlock>,
    pub green_slots: u32,
    pub red_slots: u32,
}
