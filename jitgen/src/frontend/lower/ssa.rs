//! Direct construction of SSA form: variables are numbered slots, read and written per block; block parameters are made
//! where a read needs them. (After Braun et al., "Simple and Efficient Construction of Static Single Assignment Form".)
//! Superfluous parameters are left to the simplifier.
//!
//! A block is *sealed* when all links to it exist. Operations on constants are folded at once, and branches on constants
//! become jumps, so code that is never reached has no links to it.

use crate::flow::{Arg, BlockId, Const, Graph, Link, Op, Span, Term, Ty, VarId};
use crate::transform::fold::{fold, identity};
use std::collections::HashMap;

/// A variable of the source, or a place for a value that several branches produce.
pub type Slot = usize;

pub struct Ssa {
    pub graph: Graph,
    /// Where operations go. Without links to it, code here is dead.
    pub current: BlockId,
    pub span: Span,
    slots: Vec<(Ty, String)>,
    definitions: HashMap<(BlockId, Slot), Arg>,
    /// Links to each block: the block they come from, and which of its links it is.
    predecessors: Vec<Vec<(BlockId, usize)>>,
    sealed: Vec<bool>,
    incomplete: HashMap<BlockId, Vec<(Slot, VarId)>>,
}

impl Ssa {
    pub fn new(name: &str) -> Ssa {
        Ssa {
            graph: Graph::new(name),
            current: Graph::ENTRY,
            span: Span::default(),
            slots: vec![],
            definitions: HashMap::new(),
            predecessors: vec![vec![]],
            sealed: vec![true],
            incomplete: HashMap::new(),
        }
    }

    pub fn slot(&mut self, ty: Ty, name: String) -> Slot {
        self.slots.push((ty, name));
        self.slots.len() - 1
    }

    pub fn block(&mut self) -> BlockId {
        self.predecessors.push(vec![]);
        self.sealed.push(false);
        self.graph.block()
    }

    pub fn write(&mut self, slot: Slot, value: Arg) {
        if let Arg::Var(var) = value {
            let info = &mut self.graph.vars[var.index()];
            if info.name.is_empty() {
                info.name.clone_from(&self.slots[slot].1);
            }
        }
        self.definitions.insert((self.current, slot), value);
    }

    pub fn read(&mut self, slot: Slot) -> Arg {
        self.read_at(self.current, slot)
    }

    fn read_at(&mut self, block: BlockId, slot: Slot) -> Arg {
        if let Some(&value) = self.definitions.get(&(block, slot)) {
            return value;
        }
        let (ty, name) = self.slots[slot].clone();
        let value = if !self.sealed[block.index()] {
            let param = self.graph.param(block, ty, name);
            self.incomplete.entry(block).or_default().push((slot, param));
            param.into()
        } else {
            match self.predecessors[block.index()][..] {
                // Unreachable, or read before it is written, which rustc refuses.
                [] => Const::new(ty, 0).into(),
                [(predecessor, _)] => self.read_at(predecessor, slot),
                _ => {
                    let param = self.graph.param(block, ty, name);
                    self.definitions.insert((block, slot), param.into());
                    self.fill(block, slot);
                    param.into()
                }
            }
        };
        self.definitions.insert((block, slot), value);
        value
    }

    /// Gives the newest parameter of a block its arguments.
    fn fill(&mut self, block: BlockId, slot: Slot) {
        for (predecessor, link) in self.predecessors[block.index()].clone() {
            let value = self.read_at(predecessor, slot);
            self.graph.blocks[predecessor.index()].term.links_mut()[link].args.push(value);
        }
    }

    /// Declares that all links to the block exist.
    pub fn seal(&mut self, block: BlockId) {
        self.sealed[block.index()] = true;
        for (slot, _) in self.incomplete.remove(&block).unwrap_or_default() {
            self.fill(block, slot);
        }
    }

    /// Continues in a block all of whose links exist.
    pub fn enter(&mut self, block: BlockId) {
        self.seal(block);
        self.current = block;
    }

    /// Ends the current block; what follows is dead until another block is entered.
    pub fn terminate(&mut self, term: Term) {
        if self.is_dead() {
            return;
        }
        let from = self.current;
        for (index, link) in term.links().into_iter().enumerate() {
            debug_assert!(!self.sealed[link.block.index()], "a link to a sealed block");
            self.predecessors[link.block.index()].push((from, index));
        }
        let block = &mut self.graph.blocks[from.index()];
        (block.term, block.span) = (term, self.span);
        let dead = self.block();
        self.enter(dead);
    }

    pub fn jump(&mut self, block: BlockId) {
        self.terminate(Term::Jump(link(block)));
    }

    pub fn branch(&mut self, cond: Arg, then_to: BlockId, else_to: BlockId) {
        match cond {
            Arg::Const(value) => self.jump(if value.bits != 0 { then_to } else { else_to }),
            cond => self.terminate(Term::Branch { cond, then_to: link(then_to), else_to: link(else_to) }),
        }
    }

    pub fn switch(&mut self, value: Arg, cases: Vec<(u64, BlockId)>, default: BlockId) {
        if let Arg::Const(value) = value {
            let target = cases.iter().find(|(bits, _)| *bits == value.bits).map_or(default, |(_, block)| *block);
            return self.jump(target);
        }
        let cases = cases.into_iter().map(|(bits, block)| (bits, link(block))).collect();
        self.terminate(Term::Switch { value, cases, default: link(default) });
    }

    /// Whether nothing leads to the current block.
    pub fn is_dead(&self) -> bool {
        let at = self.current.index();
        self.current != Graph::ENTRY && self.sealed[at] && self.predecessors[at].is_empty()
    }

    pub fn ty(&self, arg: Arg) -> Ty {
        self.graph.ty(arg)
    }

    /// Appends an operation with any number of results.
    pub fn emit_many(&mut self, op: Op, args: Vec<Arg>, results: &[Ty]) -> Vec<Arg> {
        let constants: Option<Vec<Const>> = args
            .iter()
            .map(|arg| match arg {
                Arg::Const(value) => Some(*value),
                Arg::Var(_) => None,
            })
            .collect();
        if let Some(folded) = constants.and_then(|constants| fold(op, &constants)) {
            return folded.into_iter().map(Arg::Const).collect();
        }
        if let Some(value) = identity(op, &args) {
            return vec![value];
        }
        let span = self.span;
        let results = self.graph.push(self.current, op, args, results, span);
        results.into_iter().map(Arg::Var).collect()
    }

    pub fn emit(&mut self, op: Op, args: Vec<Arg>, result: Ty) -> Arg {
        self.emit_many(op, args, &[result])[0]
    }

    pub fn effect(&mut self, op: Op, args: Vec<Arg>) {
        let span = self.span;
        self.graph.push(self.current, op, args, &[], span);
    }

    pub fn constant(ty: Ty, bits: u64) -> Arg {
        Const::new(ty, bits).into()
    }
}

fn link(block: BlockId) -> Link {
    Link { block, args: vec![] }
}
