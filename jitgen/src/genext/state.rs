//! The compile-time state: frames of boxes.

use super::memory::Memory;
use super::value::{ConstBits, Val};
use crate::flow::{Arg, BlockId, Op, VarId};
use crate::hints::SpecId;
use crate::timeshift::Dst;
use std::collections::HashMap;

/// A frame of the interpreter at compile time.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub spec: SpecId,
    /// The block to run next. For a suspended caller: the continuation of its call.
    pub block: u32,
    /// For a suspended caller: block and instruction of the call in its graph.
    pub call: (u32, u32),
    pub greens: Vec<u64>,
    pub reds: Vec<Val>,
    /// Portals: the order green at the last merge point. Others: 0.
    pub position: u64,
    /// Portals: all greens at the last merge point.
    pub user_greens: Vec<u64>,
}

impl Frame {
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

/// One of the states alive at compile time: a path through the user program.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The running frame last.
    pub frames: Vec<Frame>,
    pub memory: Memory,
    /// Pure operations emitted on the way here, for reuse; forgotten at merges.
    pub emitted: HashMap<(Op, Vec<Arg>), Vec<VarId>>,
    /// What is known of variables: for those that come back from `emitted`.
    pub known: HashMap<VarId, ConstBits>,
    /// The open residual block.
    pub out: BlockId,
}

impl State {
    pub fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a running state has a frame")
    }

    pub fn top_ref(&self) -> &Frame {
        self.frames.last().expect("a running state has a frame")
    }

    /// From here on, on this path, `var` is `value`.
    pub fn learn(&mut self, var: VarId, value: ConstBits) {
        self.known.insert(var, value);
        let replace = |val: &mut Val| match *val {
            Val::Var(v) if v == var => *val = Val::Const(value),
            Val::Cast(ty, v) if v == var => *val = Val::Const(ConstBits { ty, bits: value.bits }),
            _ => {}
        };
        for frame in &mut self.frames {
            frame.reds.iter_mut().for_each(replace);
        }
        self.memory.replace(var, value);
    }
}
