//! Quasi-immutable fields: compiled code relies on what is in them.
//!
//! A unit is compiled for what the fields it reads hold then, and is discarded when one of them is written
//! ([`crate::portal::Jit::invalidate`]); so on entry they hold it still. A call that may write such a field can return to
//! code that is no longer valid: the next read of the field checks it, and leaves the unit if it has changed. States keep
//! what may have been written since entry, by class.

use super::engine::Engine;
use super::exit::ExitReason;
use super::loc::{Base, Index, Loc};
use super::state::State;
use super::value::Val;
use crate::flow::{CmpOp, Const, ConvOp, FieldId, Link, Mutability, Op, Term, Touched, Ty};
use crate::timeshift::{Dst, Src};
use smallvec::smallvec;
use std::rc::Rc;

impl Engine<'_> {
    /// Reads a quasi-immutable field of something known.
    pub(super) fn rely(&mut self, state: &mut State, field: FieldId, base: Src, to: Dst) {
        let base = self.src(state, base).as_const().expect("greens are constants");
        let info = self.module().field(field);
        let value = Const::new(info.ty, self.read_now(field, base.bits, 0));
        self.note_root(value.ty, value.bits);
        self.relied.insert((field, base.bits));
        let loc = Loc::new(field, Base::Const(base.bits), Index::Bytes(0));
        let val = Val::Const(value.into());
        if state.changed.contains(&info.class) && state.memory.get(&loc) != Some(val) {
            self.flush_before_exit(state);
            let mut found = self.builder.one(state.out, Op::Load(field), smallvec![base.into()], value.ty);
            let mut expected = value;
            if value.ty == Ty::F64 {
                // The bits decide.
                let op = Op::Conv(ConvOp::Bitcast, Ty::I64);
                found = self.builder.one(state.out, op, smallvec![found.into()], Ty::I64);
                expected = Const::new(Ty::I64, value.bits);
            }
            let operands = smallvec![found.into(), expected.into()];
            let cond = self.builder.one(state.out, Op::Cmp(CmpOp::Eq), operands, Ty::Bool);
            let same = self.builder.block(false);
            let other = self.builder.block(true);
            let link = |block| Link { block, args: vec![] };
            let term = Term::Branch { cond: cond.into(), then_to: link(same), else_to: link(other) };
            self.builder.end(state.out, term);
            self.leave_by(state, other, ExitReason::Changed, None);
            state.out = same;
            state.memory.note(loc, val, false);
        }
        state.top().set(to, val);
    }

    /// A call may have written quasi-immutable fields.
    pub(super) fn note_changes(&self, state: &mut State, writes: &Touched) {
        for field in &self.module().fields {
            let is_written = field.mutability == Mutability::QuasiImmutable && writes.contains(field.class);
            if is_written && !state.changed.contains(&field.class) {
                Rc::make_mut(&mut state.changed).insert(field.class);
            }
        }
    }
}
