//! Exits. More than half of a unit's operations would be exits that store what is alive, most of it what the exit before
//! has stored: so exits that pass the same first values share the code that stores those. An exit stores what is its own
//! and jumps to where the rest is stored, and so on up a tree whose root leaves the unit.
//!
//! The tree is that of the common prefixes of what exits pass; generation orders the values of exits so that prefixes are
//! long. A value that several exits pass was computed on every way to each of them, so on every way to the code they share.

use super::lower::Lowering;
use super::memory::trusted;
use crate::backend::pending::{AREA, EXIT, MAX_VALUES, packed};
use crate::backend::{CompileError, EXITED, PendingExits};
use crate::flow::{Arg, BlockId, Graph, Term, Ty};
use cranelift_codegen::ir::{self, InstBuilder, Value, types};
use rustc_hash::FxHashMap as HashMap;

/// Sharing costs two operations more for each place that stores; it has to save as many.
const MIN_SAVED: u32 = 3;

/// A value to store, behind those of its parent.
struct Node {
    value: Arg,
    parent: u32,
    /// Its number among the values.
    index: u32,
    /// Exits that end here, and nodes below.
    uses: u32,
    /// Where this value and those of the parents are stored, if that is shared.
    block: Option<ir::Block>,
}

/// What the exits of a graph pass.
#[derive(Default)]
pub(super) struct Exits {
    /// Parents before children.
    nodes: Vec<Node>,
    /// By parent and value.
    numbers: HashMap<(u32, Arg), u32>,
    /// What all exits end with.
    leave: Option<ir::Block>,
}

/// The parent of first values.
const ROOT: u32 = u32::MAX;

impl Exits {
    pub(super) fn find(graph: &Graph, order: &[BlockId]) -> Exits {
        let mut this = Exits::default();
        for id in order {
            if let Term::Exit { args, .. } = &graph.blocks[id.index()].term {
                this.add(args);
            }
        }
        this
    }

    fn add(&mut self, args: &[Arg]) {
        let mut node = ROOT;
        for (index, &value) in args.iter().enumerate() {
            let next = self.nodes.len() as u32;
            let number = *self.numbers.entry((node, value)).or_insert(next);
            if number == next {
                self.nodes.push(Node { value, parent: node, index: index as u32, uses: 0, block: None });
                self.note_use(node);
            }
            node = number;
        }
        self.note_use(node);
    }

    fn note_use(&mut self, node: u32) {
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.uses += 1;
        }
    }

    fn node(&self, args: &[Arg]) -> u32 {
        args.iter().fold(ROOT, |node, &value| self.numbers[&(node, value)])
    }
}

impl Lowering<'_> {
    /// Makes blocks for what is shared.
    pub(super) fn share_exits(&mut self) {
        // By node: how many values are stored from the last shared block on.
        let mut lengths: Vec<u32> = Vec::with_capacity(self.exits.nodes.len());
        for number in 0..self.exits.nodes.len() {
            let node = &self.exits.nodes[number];
            let before = lengths.get(node.parent as usize).copied().unwrap_or(0);
            let is_shared = node.uses > 1 && (node.uses - 1) * (before + 1) >= MIN_SAVED;
            lengths.push(if is_shared { 0 } else { before + 1 });
            if is_shared {
                let block = self.cold_block();
                self.exits.nodes[number].block = Some(block);
            }
        }
    }

    pub(super) fn exit(&mut self, id: u32, args: &[Arg]) -> Result<(), CompileError> {
        if self.graph.results != [Ty::I64, Ty::I64] {
            return self.unsupported("an exit of a graph that does not return a status and a value");
        }
        if args.len() > MAX_VALUES {
            return self.unsupported("an exit with so many live values");
        }
        let pending = self.pending();
        let exit = self.builder.ins().iconst(types::I64, packed(id, args.len()) as i64);
        self.builder.ins().store(trusted(), exit, pending, EXIT);
        let node = self.exits.node(args);
        self.store_up(pending, node);
        Ok(())
    }

    fn pending(&mut self) -> Value {
        self.builder.ins().iconst(types::I64, self.info.pending as i64)
    }

    /// Stores the values up to where that is shared, and goes there.
    fn store_up(&mut self, pending: Value, mut node: u32) {
        while let Some(&Node { value, parent, index, block, .. }) = self.exits.nodes.get(node as usize) {
            if let Some(block) = block {
                self.builder.ins().jump(block, &[]);
                return;
            }
            // Narrow values are the low bytes of their slots: the machines supported are little endian.
            let value = self.arg(value);
            self.builder.ins().store(trusted(), value, pending, AREA + index as i32 * 8);
            node = parent;
        }
        let leave = self.exits.leave.unwrap_or_else(|| self.cold_block());
        self.exits.leave = Some(leave);
        self.builder.ins().jump(leave, &[]);
    }

    fn cold_block(&mut self) -> ir::Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// What exits share, and what they end with.
    pub(super) fn leaves(&mut self) {
        for number in (0..self.exits.nodes.len()).rev() {
            let Some(block) = self.exits.nodes[number].block.take() else { continue };
            self.builder.switch_to_block(block);
            let pending = self.pending();
            self.store_up(pending, number as u32);
        }
        let Some(leave) = self.exits.leave else { return };
        self.builder.switch_to_block(leave);
        let pending = self.pending();
        let signature = super::calls::signature(&[Ty::Ptr], &[Ty::I64], self.builder.func.signature.call_conv);
        let signature = self.builder.import_signature(signature);
        let code = self.builder.ins().iconst(types::I64, PendingExits::commit as *const () as i64);
        let call = self.builder.ins().call_indirect(signature, code, &[pending]);
        let id = self.builder.inst_results(call)[0];
        if let Some(settle) = self.info.settle {
            let call_conv = self.builder.func.signature.call_conv;
            let signature = super::calls::signature(&[Ty::Ptr, Ty::I64], &[Ty::I64; 2], call_conv);
            let signature = self.builder.import_signature(signature);
            let code = self.builder.ins().iconst(types::I64, settle.code as i64);
            let context = self.builder.ins().iconst(types::I64, settle.context as i64);
            let call = self.builder.ins().call_indirect(signature, code, &[context, id]);
            let words = self.builder.inst_results(call).to_vec();
            self.builder.ins().return_(&words);
            return;
        }
        let status = self.builder.ins().iconst(types::I64, EXITED as i64);
        self.builder.ins().return_(&[status, id]);
    }
}
