//! Merging: several states become one, at the start of a block that all of them jump to.

use super::align::Groups;
use super::engine::Engine;
use super::joins::Place;
use super::loc::Loc;
use super::merge_memory::{Renames, bit};
use super::sorted::Sorted;
use super::state::{Known, State};
use super::value::Val;
use super::versions::{Vary, Widening};
use super::virtuals::{Made, Virtual, Virtuals};
use crate::flow::{Arg, BlockId, Ty, VarId};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::rc::Rc;

impl Engine<'_> {
    /// Merges states into one, at the start of a new residual block that all of them jump to. Gives the block and its
    /// parameters.
    pub(super) fn merge(&mut self, mut states: Vec<State>, widening: &Widening) -> Merged {
        let containers = self.align(&mut states, widening);
        let block = self.builder.block(false);
        let known = states.iter().map(|state| state.known.clone()).collect();
        let mut merger = Merger { block, params: vec![], args: vec![], tuples: vec![], known };
        merger.args.resize_with(states.len(), || Vec::with_capacity(USUAL_PARAMS));
        let mut merged = states[0].clone();
        merged.out = block;
        let mut vals = Vals::with_capacity(states.len());
        for (frame, slot) in self.live_slots(&states[0]) {
            let place = Place::Slot(frame, slot);
            vals.clear();
            for state in &states {
                vals.push(state.frames[frame as usize].reds[slot as usize]);
            }
            let val = self.merge_val(&mut merger, place, &vals, widening);
            if merged.frames[frame as usize].reds[slot as usize] != val {
                Rc::make_mut(&mut merged.frames[frame as usize]).reds[slot as usize] = val;
            }
        }
        let changes = states.iter().flat_map(|state| state.changed.iter()).chain(&widening.changed);
        merged.changed = Rc::new(changes.copied().collect());
        merged.virtuals = self.merge_containers(&mut merger, &states, &containers, widening);
        let (memory, names) = self.merge_memory(&mut merger, &states, widening);
        merged.memory = memory;
        merged.known = states[1..].iter().fold(merged.known, |known, state| known.common(&state.known));
        merged.fresh = self.builder.graph.vars.len();
        for (index, mut state) in states.into_iter().enumerate() {
            self.write_back_others(&mut state, &merged.memory);
            let vals = std::mem::take(&mut merger.args[index]);
            let operands: Vec<Arg> = vals.into_iter().map(|val| self.arg(&mut state, val)).collect();
            self.builder.jump(state.out, block, operands);
        }
        Merged { state: merged, block, params: merger.params, names }
    }

    /// The virtual containers of the merged state, box by box.
    fn merge_containers(
        &mut self,
        merger: &mut Merger,
        states: &[State],
        containers: &Groups,
        widening: &Widening,
    ) -> Virtuals {
        let mut merged = BTreeMap::new();
        for (&first, ids) in containers {
            let virts: Option<Vec<&Virtual>> = states
                .iter()
                .zip(ids)
                .map(|(state, id)| match state.virtuals.get(id) {
                    Some(Made::Not(virt)) => Some(virt),
                    _ => None,
                })
                .collect();
            let virts = virts.expect("aligned containers are virtual");
            let mut virt = virts[0].clone();
            for (part, val) in virt.vals_mut().enumerate() {
                let vals: Vals = virts.iter().filter_map(|virt| virt.vals().nth(part).copied()).collect();
                *val = self.merge_val(merger, Place::Part(first, part as u32), &vals, widening);
            }
            merged.insert(first, Made::Not(virt));
        }
        Rc::new(merged)
    }

    #[inline]
    pub(super) fn merge_val(&mut self, merger: &mut Merger, place: Place, vals: &[Val], widening: &Widening) -> Val {
        // The states agree about what is virtual.
        let [first @ (Val::Dead | Val::Virtual(..)), ..] = vals else {
            let same = vals.iter().all(|&val| val == vals[0]);
            let vary = if widening.vary.is_empty() { None } else { widening.vary.get(&place) };
            return if same && vary.is_none() { vals[0] } else { self.merge_vals(merger, vals, vary) };
        };
        *first
    }

    /// Boxes that differ, or are to be a parameter.
    fn merge_vals(&mut self, merger: &mut Merger, vals: &[Val], vary: Option<&Vary>) -> Val {
        if vals.contains(&Val::Dead) {
            return Val::Dead;
        }
        if vary.is_none()
            && let Some(val) = merger.unlearned(vals)
        {
            return val;
        }
        let own = self.builder.val_ty(vals[0]);
        // The type in which the value travels: that of the variables behind casts, if they agree.
        let mut carried = vary.and_then(|vary| vary.ty);
        if carried.is_none() {
            let mut roots = vals.iter().filter_map(|&val| match val {
                Val::Cast(_, var) => Some(self.builder.ty(var)),
                Val::Var(_) | Val::Addr { .. } => Some(own),
                _ => None,
            });
            carried = roots.next().filter(|&first| roots.all(|ty| ty == first));
        }
        let mut carried = carried.filter(|ty| ty.bits() == 64 && own.bits() == 64).unwrap_or(own);
        let mut cast = Vals::with_capacity(vals.len());
        for &val in vals {
            if let Some(val) = self.recast(val, carried) {
                cast.push(val);
            }
        }
        if cast.len() < vals.len() {
            (cast, carried) = (Vals::from_slice(vals), own);
        }
        let vals = cast;
        let tuple = (carried, vals.clone());
        let apart = vary.is_some_and(|vary| vary.apart);
        let known = merger.tuples.iter().find(|(known, _)| *known == tuple);
        let var = match known {
            Some(&(_, var)) if !apart => var,
            _ => {
                let var = self.builder.param(merger.block, carried);
                merger.params.push(var);
                for (args, val) in merger.args.iter_mut().zip(vals) {
                    args.push(val);
                }
                // Constants that are equal by chance vary apart.
                if !apart && (vary.is_none() || !matches!(tuple.1[0], Val::Const(_))) {
                    merger.tuples.push((tuple, var));
                }
                var
            }
        };
        if carried == own { Val::Var(var) } else { Val::Cast(own, var) }
    }

    /// A box as another type of the same width, without emitting anything.
    pub(super) fn recast(&self, val: Val, ty: Ty) -> Option<Val> {
        let own = self.builder.val_ty(val);
        if own == ty {
            return Some(val);
        }
        if own.bits() != 64 || ty.bits() != 64 {
            return None;
        }
        Some(match val {
            Val::Const(value) => Val::constant(ty, value.bits),
            Val::Var(var) | Val::Cast(_, var) if self.builder.ty(var) == ty => Val::Var(var),
            Val::Var(var) | Val::Cast(_, var) => Val::Cast(ty, var),
            Val::Virtual(_, id) if ty != Ty::F64 => Val::Virtual(ty, id),
            Val::Virtual(..) | Val::Addr { .. } | Val::Dead => return None,
        })
    }
}

pub(super) struct Merged {
    pub state: State,
    pub block: BlockId,
    pub params: Vec<VarId>,
    pub names: Sorted<Loc, Loc>,
}

/// Room for as many parameters as most joins have.
const USUAL_PARAMS: usize = 8;

/// One box of each of the states.
pub(super) type Vals = SmallVec<[Val; 4]>;

pub(super) struct Merger {
    block: BlockId,
    pub(super) params: Vec<VarId>,
    /// By state, then by parameter.
    args: Vec<Vec<Val>>,
    /// The parameters that may stand for other places with the same boxes.
    tuples: Vec<((Ty, Vals), VarId)>,
    /// By state: what was learned of variables on its way.
    known: Vec<Known>,
}

impl Merger {
    /// The variable that all the boxes are, where some are constants only because of what was learned of the variable on
    /// the way: its parameter would be the variable itself.
    fn unlearned(&self, vals: &[Val]) -> Option<Val> {
        let is = |var: VarId| {
            vals.iter().zip(&self.known).all(|(val, known)| match *val {
                Val::Var(other) | Val::Cast(_, other) => other == var,
                Val::Const(value) => known.get(&var).is_some_and(|known| known.bits == value.bits),
                _ => false,
            })
        };
        let not_const = vals.iter().find(|val| !matches!(val, Val::Const(_)));
        if let Some(&val) = not_const {
            let same = vals.iter().all(|other| *other == val || matches!(other, Val::Const(_)));
            return val.root().filter(|&var| same && is(var)).map(|_| val);
        }
        let Val::Const(first) = vals[0] else { return None };
        self.known[0].iter().find(|&(&var, &known)| known == first && is(var)).map(|(&var, _)| Val::Var(var))
    }

    /// The bits of a state's variables that parameters from a number on stand for.
    pub(super) fn renamed_since(&self, state: usize, param: usize) -> u64 {
        let args = self.args[state][param..].iter();
        args.filter_map(|val| match val {
            Val::Var(var) | Val::Cast(_, var) => Some(bit(*var)),
            _ => None,
        })
        .fold(0, |bits, bit| bits | bit)
    }

    /// By state.
    pub(super) fn renames(&self) -> Vec<Renames> {
        self.args
            .iter()
            .map(|args| {
                let pairs = args.iter().zip(&self.params);
                pairs
                    .filter_map(|(val, &param)| match val {
                        Val::Var(var) | Val::Cast(_, var) => Some((*var, param)),
                        _ => None,
                    })
                    .collect()
            })
            .collect()
    }
}
