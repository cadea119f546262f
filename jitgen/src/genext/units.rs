//! Calls of units: inlined, through a typed entry ([`super::entries`]), or as the interpreter calls them.
//!
//! The interpreter calls the code of a unit through an `#[indirect(enters(portal))]` function, when it has found some. What
//! the unit would do is known here: its portal, run from the same greens. Where that is little, it is done in place, as a
//! frame of the portal on top of the caller's; an exit there leaves both to the interpreter.

use super::engine::Engine;
use super::entries::{Entry, UnitCall, Wanted};
use super::request::GiveUp;
use super::state::State;
use super::value::Val;
use crate::flow::{Op, Portal, SigId, Ty};
use crate::timeshift::{Dst, Jump};
use smallvec::SmallVec;

/// The units there are, as far as compiling another needs to know.
pub trait Units {
    /// Residual operations of the unit of a call of the portal, if it is compiled. Greens are parallel to the portal's.
    fn ops(&self, portal: u32, greens: &[u64]) -> Option<usize>;

    /// The typed entry for a call.
    fn entry(&self, wanted: &Wanted) -> Entry;

    /// Compiles a typed entry that is missing, if that is possible. Others are generated meanwhile.
    fn make(&self, wanted: &Wanted) -> Entry;

    /// A call of an entry that is open was not made through it.
    fn leave_out(&self, wanted: &Wanted);
}

/// No units.
impl Units for () {
    fn ops(&self, _: u32, _: &[u64]) -> Option<usize> {
        None
    }

    fn entry(&self, _: &Wanted) -> Entry {
        Entry::None
    }

    fn make(&self, _: &Wanted) -> Entry {
        Entry::None
    }

    fn leave_out(&self, _: &Wanted) {}
}

/// What became of a call through a typed entry.
pub(super) enum Entered {
    /// There is none.
    Not(State),
    /// It returned as expected.
    Typed(State),
}

impl Engine<'_> {
    /// A call of a unit: `vals` begin with the address of its code.
    pub(super) fn enter_unit(
        &mut self,
        mut state: State,
        sig: SigId,
        vals: &[Val],
        results: &[Dst],
        inst: u32,
        jump: &Jump,
    ) -> Result<Option<State>, GiveUp> {
        let enters = self.module().enters(Op::CallIndirect(sig)).expect("the call of a unit");
        let portal = &self.module().portals[enters.portal as usize];
        let params = enters.params.iter().map(|&param| vals[param as usize + 1]).collect();
        let call = UnitCall { sig, enters, portal, vals, params, results, jump };
        if self.inlines(&state, &call) {
            self.note_greens(&call);
            let spec = self.bound.extension().coloring.portals[enters.portal as usize];
            self.enter(&mut state, spec, &call.params, inst, jump);
            return Ok(Some(state));
        }
        state = match self.typed_call(state, &call) {
            Entered::Not(state) => state,
            Entered::Typed(state) => {
                self.note_greens(&call);
                return self.jump(state, jump);
            }
        };
        let args: SmallVec<[Val; 8]> = [vals[0]].into_iter().chain(call.reds()).collect();
        let types: SmallVec<[Ty; 2]> = results.iter().map(|&dst| dst.ty()).collect();
        let words = self.residual_call_of(&mut state, Op::CallUnit(sig), &args, vals, &types);
        for (&dst, val) in results.iter().zip(words) {
            state.top().set(dst, val);
        }
        self.jump(state, jump)
    }

    /// What is called lives as long as the code that calls it.
    fn note_greens(&mut self, call: &UnitCall<'_>) {
        for &green in &call.portal.greens {
            if let Val::Const(value) = call.params[green as usize] {
                self.note_root(value.ty, value.bits);
            }
        }
    }

    /// Whether the unit is to be inlined: it is small, and not running already.
    fn inlines(&self, state: &State, call: &UnitCall<'_>) -> bool {
        let limits = self.request.limits;
        let Some(greens) = call.greens() else { return false };
        let portals = &self.module().portals;
        let is_portal = |func| portals.iter().any(|portal| portal.func == func);
        let around = state.frames.iter().filter(|frame| is_portal(self.code(frame).func));
        if around.count() > limits.inlined_depth {
            return false;
        }
        let runs = state.frames.iter().any(|frame| {
            self.code(frame).func == call.portal.func && same_program(call.portal, &frame.user_greens, &greens)
        });
        let number = call.enters.portal;
        !runs && self.request.units.ops(number, &greens).is_some_and(|ops| ops <= limits.inlined_ops)
    }
}

/// Whether two positions lie in one part of the user program: they differ in the order at most.
fn same_program(portal: &Portal, one: &[u64], other: &[u64]) -> bool {
    let same = |index: usize| portal.greens[index] == portal.order || one.get(index) == other.get(index);
    (0..portal.greens.len()).all(same)
}
