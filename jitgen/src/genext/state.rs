//! The compile-time state: frames of boxes.

use super::joins::Key;
use super::memory::Memory;
use super::queue::Order;
use super::sorted::Sorted;
use super::value::{ConstBits, Val};
use super::virtuals::{Made, Virtuals};
use crate::flow::{AliasClass, BlockId, Const, Ty, VarId};
use crate::hints::SpecId;
use crate::timeshift::{Code, CodeBlock, Dst, Src};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Room for as many slots as the dispatch loop of an interpreter has: its frame is copied at each fork, and then in one piece.
const USUAL_GREENS: usize = 18;
const USUAL_REDS: usize = 26;

/// A frame of the interpreter at compile time.
#[derive(Debug)]
pub(super) struct Frame {
    pub spec: SpecId,
    /// The block to run next. For a suspended caller: the continuation of its call.
    pub block: u32,
    /// For a suspended caller: block and instruction of the call in its graph.
    pub call: (u32, u32),
    pub greens: SmallVec<[u64; USUAL_GREENS]>,
    pub reds: SmallVec<[Val; USUAL_REDS]>,
    /// For each loop around the block, how often its header was jumped back to.
    pub turns: SmallVec<[u64; 4]>,
    /// Portals: the order green at the last merge point. Others: 0.
    pub position: u64,
    /// Portals: all greens at the last merge point.
    pub user_greens: SmallVec<[u64; 4]>,
}

impl Clone for Frame {
    /// As would be derived, but slices are copied as such.
    fn clone(&self) -> Frame {
        Frame {
            spec: self.spec,
            block: self.block,
            call: self.call,
            greens: SmallVec::from_slice(&self.greens),
            reds: SmallVec::from_slice(&self.reds),
            turns: SmallVec::from_slice(&self.turns),
            position: self.position,
            user_greens: SmallVec::from_slice(&self.user_greens),
        }
    }
}

impl Frame {
    /// Counts the turns of the loops when the frame goes from one block to another.
    pub fn turn(&mut self, code: &Code, from: &CodeBlock, to: &CodeBlock) {
        let (around, inside) = (code.loops(from), code.loops(to));
        let common = around.iter().zip(inside).take_while(|(a, b)| a == b).count();
        self.turns.truncate(common);
        if let (Some(turn), true) = (self.turns.last_mut(), inside.get(common.wrapping_sub(1)) == Some(&to.order)) {
            *turn += 1;
        }
        self.turns.resize(inside.len(), 0);
    }

    pub fn src(&self, code: &Code, src: Src) -> Val {
        match src {
            Src::Const(number) => Val::Const(code.consts[number as usize].into()),
            Src::Green(slot, ty) => Val::constant(ty, self.greens[slot as usize]),
            Src::Red(slot, _) => self.reds[slot as usize],
        }
    }

    /// Of an operand that is known.
    pub fn bits(&self, code: &Code, src: Src) -> Option<u64> {
        match src {
            Src::Const(number) => Some(code.consts[number as usize].bits),
            Src::Green(slot, _) => Some(self.greens[slot as usize]),
            Src::Red(slot, _) => match self.reds[slot as usize] {
                Val::Const(value) => Some(value.bits),
                _ => None,
            },
        }
    }

    pub fn slots<'f>(&'f mut self, code: &'f Code) -> Slots<'f> {
        Slots { consts: &code.consts, greens: &mut self.greens, reds: &mut self.reds }
    }

    pub fn set(&mut self, dst: Dst, val: Val) {
        match dst {
            Dst::Green(slot, _) => {
                let Val::Const(value) = val else { unreachable!("greens are constants") };
                self.greens[slot as usize] = value.bits;
            }
            Dst::Red(slot, _) => self.reds[slot as usize] = val,
            Dst::Nowhere(_) => {}
        }
    }
}

/// Those of a frame, while it runs alone.
pub(super) struct Slots<'f> {
    consts: &'f [Const],
    greens: &'f mut [u64],
    reds: &'f mut [Val],
}

impl Slots<'_> {
    #[inline]
    pub fn src(&self, src: Src) -> Val {
        match src {
            Src::Const(number) => Val::Const(self.consts[number as usize].into()),
            Src::Green(slot, ty) => Val::constant(ty, self.greens[slot as usize]),
            Src::Red(slot, _) => self.reds[slot as usize],
        }
    }

    /// Of an operand of a green operation.
    #[inline]
    pub fn known(&self, src: Src) -> Const {
        match src {
            Src::Const(number) => self.consts[number as usize],
            Src::Green(slot, ty) => Const { ty, bits: self.greens[slot as usize] },
            Src::Red(slot, _) => self.reds[slot as usize].as_const().expect("greens are constants"),
        }
    }

    #[inline]
    pub fn set(&mut self, dst: Dst, val: Val) {
        match dst {
            Dst::Green(slot, _) => {
                let Val::Const(value) = val else { unreachable!("greens are constants") };
                self.greens[slot as usize] = value.bits;
            }
            Dst::Red(slot, _) => self.reds[slot as usize] = val,
            Dst::Nowhere(_) => {}
        }
    }

    #[inline]
    pub fn set_bits(&mut self, dst: Dst, ty: Ty, bits: u64) {
        match dst {
            Dst::Green(slot, _) => self.greens[slot as usize] = bits,
            dst => self.set(dst, Val::constant(ty, bits)),
        }
    }
}

/// One of the states alive at compile time: a path through the user program.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The running frame last. Shared between states until written.
    pub frames: Vec<Rc<Frame>>,
    pub memory: Memory,
    /// The containers that were not made, and those that were forced.
    pub virtuals: Virtuals,
    /// The loops it is in, outermost first.
    pub regions: Vec<Region>,
    /// Classes of quasi-immutable fields that may have been written since the unit was entered.
    pub changed: Rc<BTreeSet<AliasClass>>,
    /// What is known of variables: for results of pure operations that are used again.
    pub known: Known,
    /// The open residual block.
    pub out: BlockId,
    /// Variables from this number on were made while the running frame ran: no other frame has them.
    pub fresh: usize,
}

/// A version of a loop header, and the loop it opens: what lies inside is generated for this version alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Region {
    /// The header's position and greens, without the region it lies in.
    pub header: Rc<Key>,
    pub id: u64,
    /// The header's place in the queue's order.
    pub order: Rc<Order>,
    /// The last place that a back edge comes from.
    pub extent: Rc<Order>,
}

/// Constants that variables are known to be.
pub(super) type Known = Sorted<VarId, ConstBits>;

impl State {
    #[inline]
    pub fn top(&mut self) -> &mut Frame {
        let top = self.frames.last_mut().expect("a running state has a frame");
        if Rc::get_mut(top).is_none() {
            *top = Rc::new(Frame::clone(top));
        }
        Rc::get_mut(top).expect("shared with nobody now")
    }

    pub fn top_ref(&self) -> &Frame {
        self.frames.last().expect("a running state has a frame")
    }

    /// The innermost loop it is in, by the version of its header; 0 outside of loops.
    pub fn region(&self) -> u64 {
        self.regions.last().map_or(0, |region| region.id)
    }

    /// From here on, on this path, `var` is `value`.
    pub fn learn(&mut self, var: VarId, value: ConstBits) {
        self.learn_outside_memory(var, value);
        self.memory.replace(var, value);
    }

    /// As [`State::learn`], of a variable that memory knows nothing of.
    pub fn learn_outside_memory(&mut self, var: VarId, value: ConstBits) {
        self.known.insert(var, value);
        let is_it = |val: &Val| matches!(*val, Val::Var(v) | Val::Cast(_, v) if v == var);
        let first = if var.index() < self.fresh { 0 } else { self.frames.len() - 1 };
        for frame in &mut self.frames[first..] {
            if let Some(at) = frame.reds.iter().position(is_it) {
                let reds = &mut Rc::make_mut(frame).reds[at..];
                reds.iter_mut().for_each(|val| *val = val.replaced(var, value));
            }
        }
        if self.virtuals.is_empty() {
            return;
        }
        let concerned = |made: &Made| matches!(made, Made::Not(virt) if virt.vals().any(is_it));
        if self.virtuals.values().any(concerned) {
            for made in Rc::make_mut(&mut self.virtuals).values_mut() {
                if let Made::Not(virt) = made {
                    virt.vals_mut().for_each(|val| *val = val.replaced(var, value));
                }
            }
        }
    }
}
