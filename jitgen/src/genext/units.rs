//! Calls of units: inlined, or residual.
//!
//! The interpreter calls the code of a unit through an `#[indirect(enters(portal))]` function, when it has found some. What
//! the unit would do is known here: its portal, run from the same greens. Where that is little, it is done in place, as a
//! frame of the portal on top of the caller's; an exit there leaves both to the interpreter.

use super::engine::{Engine, GiveUp, dst_ty};
use super::state::State;
use super::value::Val;
use crate::flow::{Op, Portal, SigId, Ty};
use crate::timeshift::{Dst, Jump};
use smallvec::SmallVec;

/// The units there are, as far as compiling another needs to know.
pub trait Units {
    /// Residual operations of the unit of a call of the portal, if it is compiled. Greens are parallel to the portal's.
    fn ops(&self, portal: u32, greens: &[u64]) -> Option<usize>;
}

/// No units.
impl Units for () {
    fn ops(&self, _: u32, _: &[u64]) -> Option<usize> {
        None
    }
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
        let params: SmallVec<[Val; 8]> = enters.params.iter().map(|&param| vals[param as usize + 1]).collect();
        if self.inlines(&state, enters.portal, &params) {
            for &green in &portal.greens {
                if let Val::Const(value) = params[green as usize] {
                    self.note_root(value.ty, value.bits);
                }
            }
            let spec = self.bound.extension().coloring.portals[enters.portal as usize];
            self.enter(&mut state, spec, &params, inst, jump);
            return Ok(Some(state));
        }
        let reds = params.iter().enumerate().filter(|(index, _)| !portal.greens.contains(&(*index as u32)));
        let args: SmallVec<[Val; 8]> = [vals[0]].into_iter().chain(reds.map(|(_, &val)| val)).collect();
        let types: SmallVec<[Ty; 2]> = results.iter().map(|&dst| dst_ty(dst)).collect();
        let words = self.residual_call_of(&mut state, Op::CallUnit(sig), &args, vals, &types);
        for (&dst, val) in results.iter().zip(words) {
            state.top().set(dst, val);
        }
        self.jump(state, jump)
    }

    /// Whether the unit for these parameters is to be inlined: it is small, and not running already.
    fn inlines(&self, state: &State, number: u32, params: &[Val]) -> bool {
        let limits = self.request.limits;
        let portal = &self.module().portals[number as usize];
        let greens = portal.greens.iter().map(|&green| params[green as usize].as_const().map(|value| value.bits));
        let Some(greens) = greens.collect::<Option<Vec<u64>>>() else { return false };
        let portals = &self.module().portals;
        let is_portal = |func| portals.iter().any(|portal| portal.func == func);
        let around = state.frames.iter().filter(|frame| is_portal(self.code(frame).func));
        if around.count() > limits.inlined_depth {
            return false;
        }
        let runs = state
            .frames
            .iter()
            .any(|frame| self.code(frame).func == portal.func && same_program(portal, &frame.user_greens, &greens));
        !runs && self.request.units.ops(number, &greens).is_some_and(|ops| ops <= limits.inlined_ops)
    }
}

/// Whether two positions lie in one part of the user program: they differ in the order at most.
fn same_program(portal: &Portal, one: &[u64], other: &[u64]) -> bool {
    let same = |index: usize| portal.greens[index] == portal.order || one.get(index) == other.get(index);
    (0..portal.greens.len()).all(same)
}
