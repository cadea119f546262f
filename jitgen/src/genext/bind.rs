//! Whether a state satisfies a version's assumptions, and with which values of its parameters.

use super::engine::Engine;
use super::joins::Place;
use super::loc::{Base, Index, Loc};
use super::memory::Entry;
use super::state::State;
use super::value::Val;
use super::versions::{Vary, Version};
use crate::flow::{AliasClass, Ty, VarId};
use smallvec::{SmallVec, smallvec};
use std::collections::BTreeMap;

/// How a state fails to satisfy a version.
#[derive(Default, Debug)]
pub(super) struct Mismatch {
    pub vary: Vec<(Place, Vary)>,
    pub lost: Vec<Loc>,
    /// What the version takes to be unchanged since the unit was entered.
    pub changed: Vec<AliasClass>,
    /// Some of it concerns promoted facts.
    pub promoted: bool,
    /// The version cannot be widened to meet the state: shapes of boxes disagree in a way no place can express.
    pub hopeless: bool,
}

/// What an attempt to bind has found.
#[derive(Default)]
struct Found {
    /// By parameter.
    binding: SmallVec<[Option<Val>; 16]>,
    mismatch: Mismatch,
    /// For each virtual container of the version: that of the state, and where it was met.
    containers: BTreeMap<u32, (u32, Place)>,
    /// Containers of the state that a parameter gets the address of.
    escaping: Vec<u32>,
}

impl Found {
    /// Whether a container of the version may be this one of the state.
    fn agrees(&self, assumed: u32, here: u32) -> bool {
        match self.containers.get(&assumed) {
            Some(&(known, _)) => known == here,
            None => self.containers.values().all(|&(known, _)| known != here),
        }
    }
}

impl Engine<'_> {
    /// The values of a version's parameters that make `state` satisfy its assumptions.
    pub(super) fn bind(&self, state: &State, version: &Version) -> Result<Vec<Val>, Mismatch> {
        let mut found = Found { binding: smallvec![None; version.params.len()], ..Found::default() };
        for (frame, slot) in self.live_slots(state) {
            let assumed = version.state.frames[frame as usize].reds[slot as usize];
            let here = state.frames[frame as usize].reds[slot as usize];
            self.unify(state, version, assumed, here, Place::Slot(frame, slot), &mut found);
        }
        // Locations whose base is a parameter wait until it is bound.
        let mut pending: Vec<&(Loc, Entry)> = vec![];
        for known in version.state.memory.entries.entries() {
            if !self.bind_fact(state, version, known, &mut found) {
                pending.push(known);
            }
        }
        loop {
            let before = pending.len();
            pending.retain(|known| !self.bind_fact(state, version, known, &mut found));
            if pending.len() == before {
                break;
            }
        }
        found.mismatch.lost.extend(pending.into_iter().map(|(loc, _)| *loc));
        self.check_escapes(state, version, &mut found);
        found.mismatch.changed = state.changed.difference(&version.state.changed).copied().collect();
        let Found { binding, mismatch, .. } = found;
        if !mismatch.vary.is_empty() || !mismatch.lost.is_empty() || !mismatch.changed.is_empty() {
            return Err(mismatch);
        }
        // Those that have none are read by nobody any more.
        let nothing = |param: &VarId| Val::constant(self.builder.ty(*param), 0);
        Ok(version.params.iter().zip(binding).map(|(param, val)| val.unwrap_or_else(|| nothing(param))).collect())
    }

    /// What the version knows of a location; false if it is named by a parameter that is not bound yet.
    fn bind_fact(&self, state: &State, version: &Version, &(loc, entry): &(Loc, Entry), found: &mut Found) -> bool {
        let Some(here) = translate(loc, version, &found.binding) else { return false };
        match state.memory.entries.get(&here) {
            // A dirty assumption has to be found under its own name: its write is still to come.
            Some(known) if !entry.dirty || here == loc => {
                self.unify(state, version, entry.val, known.val, Place::Memory(loc), found);
            }
            _ => {
                let fact = matches!(entry.val, Val::Const(_)) && loc == here;
                found.mismatch.promoted |= fact && self.keeps_apart(loc);
                found.mismatch.lost.push(loc);
            }
        }
        true
    }

    fn unify(&self, state: &State, version: &Version, assumed: Val, here: Val, place: Place, found: &mut Found) {
        if assumed == Val::Dead {
            return;
        }
        let here = unlearn(state, assumed, here);
        if let Some((id, shape)) = version.state.virtual_of(assumed) {
            match state.virtual_of(here) {
                Some((other, virt)) if found.agrees(id, other) && shape.same_shape(virt) => {
                    if found.containers.insert(id, (other, place)).is_none() {
                        for (part, (&assumed, &here)) in shape.vals().zip(virt.vals()).enumerate() {
                            self.unify(state, version, assumed, here, Place::Part(id, part as u32), found);
                        }
                    }
                }
                here => {
                    // Of another shape, as after a first turn that filled it: worth a version. Otherwise, and if there are
                    // too many, it has to be made before the header.
                    found.mismatch.promoted |= here.is_some_and(|(_, virt)| !shape.same_shape(virt));
                    found.mismatch.vary.push((place, Vary::default()));
                }
            }
            return;
        }
        let mut apart = false;
        let param = assumed.root().and_then(|var| version.param(var));
        if let Some(param) = param {
            let ty = self.builder.ty(version.params[param]);
            let val = match assumed {
                Val::Addr { bytes, .. } => match here {
                    Val::Addr { base, bytes: other, .. } if other == bytes => Some(Val::Var(base)),
                    _ => None,
                },
                _ if here == Val::Dead => None,
                Val::Var(_) | Val::Cast(..) if self.is_misjudged(version, place, here, ty) => None,
                _ => self.recast(here, ty),
            };
            match (val, found.binding[param]) {
                (Some(val), None) => {
                    found.binding[param] = Some(val);
                    found.escaping.extend(state.virtual_of(val).map(|(id, _)| id));
                    return;
                }
                (Some(val), Some(other)) if val == other => return,
                (Some(_), Some(_)) => apart = true,
                (None, _) => {}
            }
        } else if assumed == here {
            return;
        }
        if let Place::Memory(loc) = place {
            found.mismatch.promoted |= matches!(assumed, Val::Const(_)) && self.keeps_apart(loc);
        }
        let ty = match here {
            Val::Cast(_, var) => Some(self.builder.ty(var)),
            _ => None,
        };
        if here == Val::Dead {
            found.mismatch.hopeless = true;
        }
        found.mismatch.vary.push((place, Vary { ty, apart }));
    }

    /// Whether a parameter that is one from experience has another type than what it gets.
    fn is_misjudged(&self, version: &Version, place: Place, here: Val, ty: Ty) -> bool {
        let is_other = matches!(here, Val::Var(var) | Val::Cast(_, var) if self.builder.ty(var) != ty);
        is_other && version.widening.foreseen.contains(&place)
    }

    /// Whether a constant that the version has there, and a state has not, is worth another version: a promoted fact, of
    /// something that is there in each turn. Of the rest every turn makes its own.
    fn keeps_apart(&self, loc: Loc) -> bool {
        self.is_promoted(loc.field()) && self.is_stable(loc)
    }

    /// What is virtual in the version must not be made on the way to it: by a parameter that gets its address, or by a
    /// write that the version does not delay.
    fn check_escapes(&self, state: &State, version: &Version, found: &mut Found) {
        if found.containers.is_empty() {
            return;
        }
        let mut escaping = std::mem::take(&mut found.escaping);
        for (loc, val) in state.memory.delayed() {
            let delayed = version.state.memory.is_dirty(&loc);
            if let (false, Some((id, _))) = (delayed, state.virtual_of(val)) {
                escaping.push(id);
            }
        }
        let escaping = state.reachable(escaping);
        for (id, place) in found.containers.values() {
            if escaping.contains(id) {
                found.mismatch.vary.push((*place, Vary::default()));
            }
        }
    }
}

/// `here`, or `assumed` if `here` is a constant only because that was learned of the variable on the way.
fn unlearn(state: &State, assumed: Val, here: Val) -> Val {
    match (assumed, here) {
        (Val::Var(var) | Val::Cast(_, var), Val::Const(value))
            if state.known.get(&var).is_some_and(|known| known.bits == value.bits) =>
        {
            assumed
        }
        _ => here,
    }
}

/// A version's location in terms of an arriving state; `None` while a parameter it names is not bound.
fn translate(mut loc: Loc, version: &Version, binding: &[Option<Val>]) -> Option<Loc> {
    if let Base::Var(var) = loc.base()
        && let Some(param) = version.param(var)
    {
        loc = loc.at_base(match binding[param]? {
            Val::Var(var) | Val::Cast(_, var) => Base::Var(var),
            Val::Const(value) => Base::Const(value.bits),
            Val::Addr { .. } | Val::Virtual(..) | Val::Dead => return None,
        });
    }
    if let Index::Var(var, bytes) = loc.index()
        && let Some(param) = version.param(var)
    {
        loc = loc.at_index(match binding[param]? {
            Val::Var(var) | Val::Cast(_, var) => Index::Var(var, bytes),
            _ => return None,
        });
    }
    Some(loc)
}
