//! Loop headers and their versions.
//!
//! A header keeps, for each version, the state it assumed and a [`Snapshot`] of the generator. A back edge that satisfies
//! a version's assumptions becomes a jump. One that differs in promoted facts, or knows more of them, becomes a version
//! of its own (so facts established in the first iteration become invariants of the second). One that differs otherwise
//! widens the version: the generator returns to the snapshot and generates the region again with parameters in the
//! places that vary. Widening only ever turns assumptions into parameters or drops them, so it ends.

use super::bind::Mismatch;
use super::engine::Engine;
use super::joins::{Key, Place, without_region};
use super::loc::Loc;
use super::merge::Merged;
use super::queue::{Pending, Queue};
use super::request::GiveUp;
use super::sorted::Sorted;
use super::state::{Known, Region, State};
use super::value::Val;
use crate::flow::{AliasClass, Arg, BlockId, Ty, VarId};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What widening has taken from a version.
#[derive(Clone, Debug, Default)]
pub(super) struct Widening {
    /// Places that are parameters. Locations are named as in the first of the version's arrivals.
    pub vary: BTreeMap<Place, Vary>,
    /// Facts that do not hold on every back edge, named likewise.
    pub dropped: BTreeSet<Loc>,
    /// What may have been written since the unit was entered.
    pub changed: BTreeSet<AliasClass>,
    /// Those of the places that experience says. What types they have in this loop has yet to be seen.
    pub foreseen: BTreeSet<Place>,
    /// Parts of virtual containers that were considered.
    pub seen: BTreeSet<Place>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Vary {
    /// The type the loop-carried value has, where it is not the box's own.
    pub ty: Option<Ty>,
    /// Not the same parameter as another place that has the same value on entry.
    pub apart: bool,
}

#[derive(Clone)]
pub(super) struct Version {
    /// As assumed at the start of `block`.
    pub state: State,
    pub block: BlockId,
    pub params: Vec<VarId>,
    /// The names that locations had in the first of its arrivals, where they are others now.
    pub names: Sorted<Loc, Loc>,
    /// The states it was made from, and the snapshot to return to for widening.
    pub arrivals: Vec<State>,
    pub widening: Widening,
    pub snapshot: usize,
}

impl Version {
    /// The number of the parameter that a variable is: they were made one after the other.
    pub fn param(&self, var: VarId) -> Option<usize> {
        self.params.binary_search(&var).ok()
    }
}

/// The generator as it was when a version was about to be generated.
#[derive(Clone)]
pub(super) struct Snapshot {
    queue: Queue,
    /// How many joins there were.
    joins: usize,
    waiting: Vec<Waiting>,
    vars: usize,
    blocks: usize,
    exits: usize,
    returns: usize,
    emitted: usize,
    /// Open blocks of pending states, with the number of their operations.
    open: Vec<(BlockId, usize)>,
}

/// A join that waited.
#[derive(Clone)]
struct Waiting {
    number: usize,
    arrivals: Option<Rc<Vec<State>>>,
    /// Some groups of what had arrived were.
    generated: bool,
}

impl Engine<'_> {
    /// Generates a version of a loop header from the states that enter it.
    pub(super) fn new_version(
        &mut self,
        join: usize,
        mut arrivals: Vec<State>,
        widening: Widening,
    ) -> Result<(), GiveUp> {
        arrivals.iter_mut().for_each(|state| self.forget_unreachable(state));
        let snapshot = self.take_snapshot(&arrivals);
        self.open_version(join, arrivals, widening, snapshot)
    }

    fn open_version(
        &mut self,
        join: usize,
        arrivals: Vec<State>,
        widening: Widening,
        snapshot: usize,
    ) -> Result<(), GiveUp> {
        let mut merged = self.merge(arrivals.clone(), &widening);
        // States that satisfy the version may come from elsewhere too, where none of this was computed or learned.
        self.builder.floor(merged.block);
        merged.state.known = Known::default();
        self.regions += 1;
        self.watch(self.header_site(&merged.state));
        let (key, _) = self.joins.get_index(join).expect("a header is a join");
        let header = without_region(key);
        merged.state.regions.push(Region {
            header: Rc::new(Key::from_slice(header)),
            id: self.regions,
            order: Rc::new(self.order(&merged.state)),
            extent: Rc::new(self.experience.headers[header].clone()),
        });
        let state = merged.state.clone();
        let Merged { block, params, names, .. } = merged;
        let version = Rc::new(Version { state: state.clone(), block, params, names, arrivals, widening, snapshot });
        self.joins[join].versions.push(version);
        self.enqueue_single(state);
        Ok(())
    }

    fn take_snapshot(&mut self, arrivals: &[State]) -> usize {
        let mut open = vec![];
        let mut waiting = vec![];
        let mut note = |state: &State, builder: &super::build::Builder| {
            open.push((state.out, builder.graph.blocks[state.out.index()].insts.len()));
        };
        for state in arrivals {
            note(state, &self.builder);
        }
        for pending in self.queue.iter() {
            match pending {
                Pending::Single(state) | Pending::Back(_, state) => note(state, &self.builder),
                &Pending::Join(number) => {
                    let join = &self.joins[number];
                    for state in join.arrivals.iter().flat_map(|arrivals| &**arrivals) {
                        note(state, &self.builder);
                    }
                    waiting.push(Waiting { number, arrivals: join.arrivals.clone(), generated: join.generated });
                }
            }
        }
        self.snapshots.push(Snapshot {
            queue: self.queue.clone(),
            joins: self.joins.len(),
            waiting,
            vars: self.builder.graph.vars.len(),
            blocks: self.builder.graph.blocks.len(),
            exits: self.exits.len(),
            returns: self.returns.len(),
            emitted: self.builder.emitted,
            open,
        });
        self.snapshots.len() - 1
    }

    /// Returns to a snapshot: what was generated since is gone.
    fn restore(&mut self, snapshot: usize) {
        self.snapshots.truncate(snapshot + 1);
        let saved = self.snapshots[snapshot].clone();
        self.queue = saved.queue;
        self.joins.truncate(saved.joins);
        // Others that there were had been generated; all that can have been added to them is versions.
        for join in self.joins.values_mut() {
            join.versions.retain(|version| version.snapshot < snapshot);
        }
        for Waiting { number, arrivals, generated } in saved.waiting {
            let join = &mut self.joins[number];
            (join.arrivals, join.generated) = (arrivals, generated);
        }
        self.exits.truncate(saved.exits);
        self.returns.truncate(saved.returns);
        self.builder.emitted = saved.emitted;
        self.builder.restore(saved.blocks, saved.vars, &saved.open);
        self.likely.retain(|var| var.index() < saved.vars);
    }

    /// A state comes back to a loop header.
    pub(super) fn back_edge(&mut self, join: usize, mut state: State) -> Result<(), GiveUp> {
        let versions = self.joins[join].versions.clone();
        // All versions stand at one place in the queue's order.
        if let Some(version) = versions.first() {
            state.top().turns.clone_from(&version.state.top_ref().turns);
        }
        let limits = self.request.limits;
        let mut best: Option<(usize, Mismatch)> = None;
        let mut fits: Option<(usize, Vec<Val>)> = None;
        for (index, version) in versions.iter().enumerate() {
            match self.bind(&state, version) {
                Ok(args) => fits = Some((index, args)),
                Err(mismatch) if !mismatch.hopeless => {
                    let better = best.as_ref().is_none_or(|(_, other)| !mismatch.promoted && other.promoted);
                    if better {
                        best = Some((index, mismatch));
                    }
                }
                Err(_) => {}
            }
        }
        if let Some((index, args)) = fits {
            let version = &versions[index];
            // Knowing more than the first version assumed is worth a version: facts of the first iteration.
            let gains = versions.len() == 1 && self.gains(&state, version);
            if gains {
                self.stats.versions += 1;
                self.forget_rewritten(&mut state, &versions);
                let widening = self.carried(&state, version);
                return self.new_version(join, vec![state], widening);
            }
            return self.close(state, &versions[index], args);
        }
        if let Some((index, mismatch)) = &best
            && !mismatch.promoted
        {
            return self.widen(join, *index, mismatch);
        }
        if versions.len() < limits.max_versions {
            self.stats.versions += 1;
            self.forget_rewritten(&mut state, &versions);
            let widening = self.carried(&state, &versions[versions.len() - 1]);
            return self.new_version(join, vec![state], widening);
        }
        match best {
            Some((index, mismatch)) => self.widen(join, index, &mismatch),
            None => Err(GiveUp::TooManyRestarts),
        }
    }

    fn widen(&mut self, join: usize, index: usize, mismatch: &Mismatch) -> Result<(), GiveUp> {
        self.stats.widenings += 1;
        if self.stats.widenings > self.request.limits.max_restarts {
            return Err(GiveUp::TooManyRestarts);
        }
        let version = self.joins[join].versions[index].clone();
        let mut widening = version.widening.clone();
        for &(place, vary) in &mismatch.vary {
            let place = match place {
                Place::Memory(loc) => Place::Memory(version.names.get(&loc).copied().unwrap_or(loc)),
                slot => slot,
            };
            if widening.foreseen.remove(&place) {
                widening.vary.insert(place, vary);
                continue;
            }
            let slot = widening.vary.entry(place).or_insert(vary);
            // Two back edges that disagree on the type: the box's own.
            if slot.ty != vary.ty {
                slot.ty = None;
            }
            slot.apart |= vary.apart;
        }
        self.remember(&version, mismatch);
        self.learn_watched();
        let site = self.header_site(&version.state);
        let mut arrivals = version.arrivals.clone();
        arrivals.iter_mut().for_each(|state| self.forget_killed(&site, state));
        widening.changed.extend(&mismatch.changed);
        widening.dropped.extend(mismatch.lost.iter().map(|loc| version.names.get(loc).copied().unwrap_or(*loc)));
        self.restore(version.snapshot);
        self.open_version(join, arrivals, widening, version.snapshot)
    }

    /// A version for a back edge: everything that varies around the loop starts as a parameter, so that the version
    /// can be its own successor.
    fn carried(&self, state: &State, version: &Version) -> Widening {
        let mut widening = Widening::default();
        for (frame, slot) in self.live_slots(state) {
            let here = state.frames[frame as usize].reds[slot as usize];
            let there = version.state.frames[frame as usize].reds[slot as usize];
            self.carry((state, version), Place::Slot(frame, slot), here, Some(there), &mut widening);
        }
        for (&loc, entry) in state.memory.entries.iter() {
            let promoted = self.is_promoted(loc.field()) && matches!(entry.val, Val::Const(_));
            if self.is_stable(loc) && !promoted {
                let there = version.state.memory.get(&loc);
                self.carry((state, version), Place::Memory(loc), entry.val, there, &mut widening);
            }
        }
        widening
    }

    /// Whether a place varies around the loop, from what is there now and what the version assumed.
    fn carry(
        &self,
        (state, version): (&State, &Version),
        place: Place,
        here: Val,
        there: Option<Val>,
        widening: &mut Widening,
    ) {
        if let (Some((id, virt)), Some((_, other))) =
            (state.virtual_of(here), there.and_then(|there| version.state.virtual_of(there)))
            && virt.same_shape(other)
        {
            for (part, (&here, &there)) in virt.vals().zip(other.vals()).enumerate() {
                let place = Place::Part(id, part as u32);
                // A container is met once: those that refer to themselves end here.
                if widening.seen.insert(place) {
                    self.carry((state, version), place, here, Some(there), widening);
                }
            }
            return;
        }
        let is_param = there.and_then(Val::root).is_some_and(|var| version.param(var).is_some());
        if is_param || there != Some(here) && !(there.is_none() && matches!(here, Val::Const(_))) {
            let ty = match here {
                Val::Cast(_, var) => Some(self.builder.ty(var)),
                _ => None,
            };
            widening.vary.insert(place, Vary { ty, apart: false });
        }
    }

    /// Whether the state knows promoted facts that the version does not assume.
    fn gains(&self, state: &State, version: &Version) -> bool {
        state.memory.entries.iter().any(|(loc, entry)| {
            self.is_promoted(loc.field())
                && matches!(entry.val, Val::Const(_))
                && self.is_stable(*loc)
                && !version.widening.dropped.contains(loc)
                && version.state.memory.get(loc) != Some(entry.val)
        })
    }

    /// Ends a state with a jump to a version.
    fn close(&mut self, mut state: State, version: &Version, args: Vec<Val>) -> Result<(), GiveUp> {
        self.remember_varying(&state, version);
        // The version's own location of a place may be named by a parameter: it is written back then.
        self.write_back_others(&mut state, &version.state.memory);
        let operands: Vec<Arg> = args.into_iter().map(|val| self.arg(&mut state, val)).collect();
        self.builder.jump(state.out, version.block, operands);
        Ok(())
    }
}
