//! Facts that are of no use in the next turn of a loop.
//!
//! Facts on memory at a variable that no box of a state leads to: what was computed above a loop header is not looked up
//! below, so such a variable is never found again. And what was read behind a call that may have changed it: that call is
//! ahead again. The next turn has other variables in these places, and would have to satisfy the facts.

use super::engine::Engine;
use super::loc::{Base, Index, Loc};
use super::state::State;
use super::value::Val;
use super::versions::Version;
use super::virtuals::Made;
use crate::flow::{FieldId, Graph, Mutability, Op, VarId};
use std::rc::Rc;

/// Variables that boxes lead to, as bits.
struct Reached {
    vars: Vec<u64>,
    changed: bool,
}

impl Reached {
    fn add(&mut self, var: Option<VarId>) {
        if let Some(var) = var.filter(|&var| !self.contains(var)) {
            self.vars[var.index() / 64] |= 1 << (var.index() % 64);
            self.changed = true;
        }
    }

    fn contains(&self, var: VarId) -> bool {
        self.vars[var.index() / 64] >> (var.index() % 64) & 1 != 0
    }
}

impl Engine<'_> {
    /// Drops what this turn has read and the next, of these versions, will read again: calls may write it.
    pub(super) fn forget_rewritten(&self, state: &mut State, versions: &[Rc<Version>]) {
        let ids = || versions.iter().filter_map(|version| Some(version.state.regions.last()?.id));
        let is_written = |field: FieldId| {
            let field = self.module().field(field);
            field.mutability != Mutability::Immutable
                && ids().any(|id| self.watched[id as usize - 1].written.contains(field.class))
        };
        let is_read = |loc: &Loc, val: Val| {
            let def = val.root().and_then(|var| self.builder.def(var));
            matches!(def, Some(def) if matches!(def.op, Op::Load(field) | Op::LoadItem(field) if field == loc.field()))
        };
        let forgotten: Vec<Loc> = (state.memory.entries.iter())
            .filter(|(loc, entry)| !entry.dirty && !self.is_stable(**loc))
            .filter(|(loc, entry)| is_read(loc, entry.val) && is_written(loc.field()))
            .map(|(&loc, _)| loc)
            .collect();
        state.memory.forget(&forgotten);
    }

    /// Drops facts that nothing leads to. Delayed writes stay.
    pub(super) fn forget_unreachable(&self, state: &mut State) {
        let mut reached = Reached { vars: vec![0; self.builder.graph.vars.len().div_ceil(64)], changed: true };
        self.builder.graph.blocks[Graph::ENTRY.index()].params.iter().for_each(|&param| reached.add(Some(param)));
        for (frame, slot) in self.live_slots(state) {
            reached.add(state.frames[frame as usize].reds[slot as usize].root());
        }
        for made in state.virtuals.values() {
            match made {
                Made::Not(virt) => virt.vals().for_each(|val| reached.add(val.root())),
                Made::Yes(val) => reached.add(val.root()),
            }
        }
        let is_reached = |loc: &Loc, reached: &Reached| {
            let base = match loc.base() {
                Base::Var(var) => reached.contains(var),
                Base::Const(_) => true,
            };
            let index = match loc.index() {
                Index::Var(var, _) => reached.contains(var),
                Index::Bytes(_) => true,
            };
            base && index
        };
        while std::mem::take(&mut reached.changed) {
            for (loc, entry) in state.memory.entries.iter() {
                if entry.dirty || is_reached(loc, &reached) {
                    reached.add(entry.val.root());
                }
            }
        }
        let unreachable: Vec<Loc> = (state.memory.entries.iter())
            .filter(|(loc, entry)| !entry.dirty && !is_reached(loc, &reached))
            .map(|(&loc, _)| loc)
            .collect();
        state.memory.forget(&unreachable);
    }
}
