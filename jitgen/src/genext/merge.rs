//! Where states meet: joins, versions, loop headers.
//!
//! States meet when their frames stand at the same blocks with the same live greens (the [`Key`]). Those that arrive by
//! forward jumps are all there when the join is generated. They are grouped by their *promoted facts* (constants in
//! fields whose values are promoted: type tags, shapes): a group becomes one state, in which boxes that differ are
//! block parameters; groups stay apart as *versions* while they are few.
//!
//! A join that is reached again after it has been generated is a *loop header*. The first time that happens the unit is
//! begun again with the knowledge. A header keeps, for each version, the state it assumed and a [`Snapshot`] of the
//! generator. A back edge that satisfies a version's assumptions becomes a jump. One that differs in promoted facts, or
//! knows more of them, becomes a version of its own (so facts established in the first iteration become invariants of
//! the second). One that differs otherwise widens the version: the generator returns to the snapshot and generates the
//! region again with parameters in the places that vary. Widening only ever turns assumptions into parameters or drops
//! them, so it ends.

use super::engine::{Engine, GiveUp, Order, Pending};
use super::memory::{Base, Entry, Index, Loc, Memory};
use super::state::{Region, State};
use super::value::{ConstBits, Val};
use crate::flow::{Arg, BlockId, Ty, VarId};
use crate::timeshift::Dst;
use rustc_hash::FxHashMap as HashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Position and live greens of every frame.
pub(super) type Key = Vec<u64>;

/// A place of a state that holds a box.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(super) enum Place {
    /// Frame and red slot.
    Slot(u32, u32),
    Memory(Loc),
}

/// What widening has taken from a version.
#[derive(Clone, Debug, Default)]
pub(super) struct Widening {
    /// Places that are parameters. Locations are named as in the first of the version's arrivals.
    vary: BTreeMap<Place, Vary>,
    /// Facts that do not hold on every back edge, named likewise.
    dropped: BTreeSet<Loc>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Vary {
    /// The type the loop-carried value has, where it is not the box's own.
    ty: Option<Ty>,
    /// Not the same parameter as another place that has the same value on entry.
    apart: bool,
}

#[derive(Clone)]
pub(super) struct Version {
    /// As assumed at the start of `block`.
    state: State,
    block: BlockId,
    params: Vec<VarId>,
    /// The names its locations had in the first of its arrivals.
    names: BTreeMap<Loc, Loc>,
    /// The states it was made from, and the snapshot to return to for widening.
    arrivals: Vec<State>,
    widening: Widening,
    snapshot: usize,
}

#[derive(Clone, Default)]
pub(super) struct Join {
    /// States waiting for the join to be generated.
    arrivals: Vec<State>,
    generated: bool,
    /// Of a loop header.
    versions: Vec<Rc<Version>>,
}

/// The generator as it was when a version was about to be generated.
#[derive(Clone)]
pub(super) struct Snapshot {
    queue: BTreeMap<(Order, u64), Pending>,
    joins: HashMap<Key, Rc<Join>>,
    vars: usize,
    blocks: usize,
    exits: usize,
    emitted: usize,
    /// Open blocks of pending states, with the number of their operations.
    open: Vec<(BlockId, usize)>,
}

/// How a state fails to satisfy a version.
#[derive(Default, Debug)]
struct Mismatch {
    vary: Vec<(Place, Vary)>,
    lost: Vec<Loc>,
    /// Some of it concerns promoted facts.
    promoted: bool,
    /// The version cannot be widened to meet the state: shapes of boxes disagree in a way no place can express.
    hopeless: bool,
}

impl Engine<'_> {
    pub(super) fn key(&self, state: &State) -> Key {
        let mut key = Vec::with_capacity(16 * state.frames.len());
        let last = state.frames.len() - 1;
        for (index, frame) in state.frames.iter().enumerate() {
            let block = self.code_block(frame);
            key.push((frame.spec.0 as u64) << 32 | frame.block as u64);
            for &(_, dst) in &block.live {
                // The results of the call a frame is suspended in are not there yet.
                if index != last && block.params.contains(&dst) {
                    continue;
                }
                if let Dst::Green(slot, _) = dst {
                    key.push(frame.greens[slot as usize]);
                }
            }
        }
        key
    }

    /// The red slots alive in a state.
    fn live_slots(&self, state: &State) -> Vec<(u32, u32)> {
        let mut slots = vec![];
        let last = state.frames.len() - 1;
        for (index, frame) in state.frames.iter().enumerate() {
            let block = self.code_block(frame);
            for &(_, dst) in &block.live {
                if index != last && block.params.contains(&dst) {
                    continue;
                }
                if let Dst::Red(slot, _) = dst {
                    slots.push((index as u32, slot));
                }
            }
        }
        slots
    }

    pub(super) fn arrive_at_join(&mut self, mut state: State, from: Order) -> Result<(), GiveUp> {
        let (key, header) = self.locate_join(&mut state);
        let order = self.order(&state);
        let join = Rc::make_mut(self.joins.entry(key.clone()).or_default());
        if !join.generated {
            join.arrivals.push(state);
            if join.arrivals.len() == 1 {
                self.enqueue(order, Pending::Join(key));
            }
            return Ok(());
        }
        let extent = self.headers.get(&header);
        if extent.is_none_or(|extent| *extent < from) {
            // A loop header found, or its loop reaches further than known: what was generated assumed too much. The
            // rest is generated to find others.
            self.headers.insert(header, from);
            self.restart = true;
            return Ok(());
        }
        if self.restart {
            return Ok(());
        }
        self.enqueue(order, Pending::Back(key, state));
        Ok(())
    }

    /// The join a state stands at: its key, and the key without its region. Loops that the state has left are taken off.
    fn locate_join(&self, state: &mut State) -> (Key, Key) {
        let header = self.key(state);
        let order = self.order(state);
        let mut inside = 0;
        while let Some(region) = state.regions.last() {
            if *region.header == header {
                // A back edge: the header lies in the region around its loop.
                state.regions.pop();
                break;
            }
            let extent = &self.headers[&*region.header];
            if *region.order <= order && order <= *extent {
                break;
            }
            state.regions.pop();
        }
        if let Some(region) = state.regions.last() {
            inside = region.id;
        }
        let mut key = header.clone();
        key.push(inside);
        (key, header)
    }

    pub(super) fn generate_join(&mut self, key: Key) -> Result<(), GiveUp> {
        let join = Rc::make_mut(self.joins.get_mut(&key).expect("queued joins exist"));
        let arrivals = std::mem::take(&mut join.arrivals);
        join.generated = true;
        let groups = self.group(arrivals);
        let is_header = self.headers.contains_key(&key[..key.len() - 1]) && !self.restart;
        if !is_header {
            let mut groups = groups.into_iter();
            let first = groups.next().expect("a join has arrivals");
            for group in groups {
                let state = self.merge_plain(group);
                self.enqueue_single(state);
            }
            let state = self.merge_plain(first);
            return self.go(state);
        }
        // The versions of a header are generated one after the other, each from the snapshot before it; the groups
        // that wait are in the queue as joins of their own.
        let mut groups = groups.into_iter();
        let first = groups.next().expect("a join has arrivals");
        let rest: Vec<Vec<State>> = groups.collect();
        if !rest.is_empty() {
            let join = Rc::make_mut(self.joins.get_mut(&key).expect("queued joins exist"));
            join.arrivals = rest.into_iter().flatten().collect();
            let order = self.order(&join_first(&self.joins, &key));
            self.enqueue(order, Pending::Join(key.clone()));
        }
        self.new_version(key, first, Widening::default())
    }

    /// The states that are to become one, at a join. Inside loops those stay apart that differ in what they know of
    /// places the loop may come back with: what one way through the body establishes is not lost to the other.
    fn group(&self, arrivals: Vec<State>) -> Vec<Vec<State>> {
        if arrivals.len() == 1 {
            return vec![arrivals];
        }
        let limit = self.request.limits.max_versions;
        let arrivals: Vec<(Facts, Vec<bool>, State)> =
            arrivals.into_iter().map(|state| (self.promoted_facts(&state), self.known_truths(&state), state)).collect();
        let compatible =
            |one: &Facts, other: &Facts| one.iter().all(|(loc, val)| other.get(loc).is_none_or(|other| other == val));
        let in_loop = arrivals[0].2.regions.last().is_some();
        let carried =
            |one: &Facts, other: &Facts| one.keys().all(|loc| other.contains_key(loc) || !self.is_stable(*loc));
        let equal = |one: &Facts, other: &Facts| compatible(one, other) && carried(one, other) && carried(other, one);
        if in_loop {
            let groups = partition(&arrivals, equal);
            if groups.iter().max().is_some_and(|&last| last < limit) {
                return split(arrivals, groups);
            }
        }
        let mut groups = partition(&arrivals, compatible);
        if groups.iter().max().is_some_and(|&last| last >= limit) {
            groups.fill(0);
        }
        split(arrivals, groups)
    }

    /// A join that nothing jumps back to.
    fn merge_plain(&mut self, mut group: Vec<State>) -> State {
        if group.len() == 1 {
            return group.pop().expect("one state");
        }
        self.merge(group, &Widening::default()).state
    }

    /// Of the truth values that the block takes: which are known, and what they are. They are there to be branched on,
    /// so keeping them apart is jump threading.
    fn known_truths(&self, state: &State) -> Vec<bool> {
        let frame = state.top_ref();
        let mut truths = vec![];
        for &param in &self.code_block(frame).params {
            if let Dst::Red(slot, Ty::Bool) = param {
                let known = frame.reds[slot as usize].as_const();
                truths.push(known.is_some());
                truths.push(known.is_some_and(|value| value.bits != 0));
            }
        }
        truths
    }

    fn promoted_facts(&self, state: &State) -> Facts {
        state
            .memory
            .entries
            .iter()
            .filter(|(loc, entry)| self.is_promoted(loc.field) && matches!(entry.val, Val::Const(_)))
            .map(|(&loc, entry)| (loc, entry.val))
            .collect()
    }

    /// Generates a version of a loop header from the states that enter it.
    fn new_version(&mut self, key: Key, arrivals: Vec<State>, widening: Widening) -> Result<(), GiveUp> {
        let snapshot = self.take_snapshot(&arrivals);
        self.open_version(key, arrivals, widening, snapshot)
    }

    fn open_version(
        &mut self,
        key: Key,
        arrivals: Vec<State>,
        widening: Widening,
        snapshot: usize,
    ) -> Result<(), GiveUp> {
        let mut merged = self.merge(arrivals.clone(), &widening);
        // States that satisfy the version may come from elsewhere too, where none of this was computed or learned.
        self.builder.floor(merged.block);
        merged.state.known = Rc::default();
        self.regions += 1;
        merged.state.regions.push(Region {
            header: Rc::new(key[..key.len() - 1].to_vec()),
            id: self.regions,
            order: Rc::new(self.order(&merged.state)),
        });
        let state = merged.state.clone();
        let Merged { block, params, names, .. } = merged;
        let version = Rc::new(Version { state: state.clone(), block, params, names, arrivals, widening, snapshot });
        let join = self.joins.get_mut(&key).expect("a header is a join");
        Rc::make_mut(join).versions.push(version);
        self.enqueue_single(state);
        Ok(())
    }

    fn take_snapshot(&mut self, arrivals: &[State]) -> usize {
        let mut open = vec![];
        let mut note = |state: &State, builder: &super::build::Builder| {
            open.push((state.out, builder.graph.blocks[state.out.index()].insts.len()));
        };
        for state in arrivals {
            note(state, &self.builder);
        }
        for pending in self.queue.values() {
            match pending {
                Pending::Single(state) | Pending::Back(_, state) => note(state, &self.builder),
                Pending::Join(key) => {
                    for state in &self.joins[key].arrivals {
                        note(state, &self.builder);
                    }
                }
            }
        }
        self.snapshots.push(Snapshot {
            queue: self.queue.clone(),
            joins: self.joins.clone(),
            vars: self.builder.graph.vars.len(),
            blocks: self.builder.graph.blocks.len(),
            exits: self.exits.len(),
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
        self.joins = saved.joins;
        self.exits.truncate(saved.exits);
        self.builder.emitted = saved.emitted;
        self.builder.restore(saved.blocks, saved.vars, &saved.open);
        self.likely.retain(|var| var.index() < saved.vars);
    }

    /// A state comes back to a loop header.
    pub(super) fn back_edge(&mut self, key: Key, mut state: State) -> Result<(), GiveUp> {
        let versions = self.joins[&key].versions.clone();
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
                let widening = self.carried(&state, version);
                return self.new_version(key, vec![state], widening);
            }
            return self.close(state, &versions[index], args);
        }
        if let Some((index, mismatch)) = &best
            && !mismatch.promoted
        {
            return self.widen(key, *index, mismatch);
        }
        if versions.len() < limits.max_versions {
            self.stats.versions += 1;
            let widening = self.carried(&state, &versions[versions.len() - 1]);
            return self.new_version(key, vec![state], widening);
        }
        match best {
            Some((index, mismatch)) => self.widen(key, index, &mismatch),
            None => Err(GiveUp::TooManyRestarts),
        }
    }

    fn widen(&mut self, key: Key, index: usize, mismatch: &Mismatch) -> Result<(), GiveUp> {
        self.stats.widenings += 1;
        if self.stats.widenings > self.request.limits.max_restarts {
            return Err(GiveUp::TooManyRestarts);
        }
        let version = self.joins[&key].versions[index].clone();
        let mut widening = version.widening.clone();
        for &(place, vary) in &mismatch.vary {
            let place = match place {
                Place::Memory(loc) => Place::Memory(version.names.get(&loc).copied().unwrap_or(loc)),
                slot => slot,
            };
            let slot = widening.vary.entry(place).or_insert(vary);
            // Two back edges that disagree on the type: the box's own.
            if slot.ty != vary.ty {
                slot.ty = None;
            }
            slot.apart |= vary.apart;
        }
        widening.dropped.extend(mismatch.lost.iter().map(|loc| version.names.get(loc).copied().unwrap_or(*loc)));
        self.restore(version.snapshot);
        Rc::make_mut(self.joins.get_mut(&key).expect("a header is a join")).generated = true;
        self.open_version(key, version.arrivals.clone(), widening, version.snapshot)
    }

    /// A version for a back edge: everything that varies around the loop starts as a parameter, so that the version
    /// can be its own successor.
    fn carried(&self, state: &State, version: &Version) -> Widening {
        let mut widening = Widening::default();
        let mut consider = |place: Place, here: Val, there: Option<Val>, promoted: bool| {
            if promoted && matches!(here, Val::Const(_)) {
                return;
            }
            let is_param = there.and_then(Val::root).is_some_and(|var| version.params.contains(&var));
            if is_param || there != Some(here) && !(there.is_none() && matches!(here, Val::Const(_))) {
                let ty = match here {
                    Val::Cast(_, var) => Some(self.builder.ty(var)),
                    _ => None,
                };
                widening.vary.insert(place, Vary { ty, apart: false });
            }
        };
        for (frame, slot) in self.live_slots(state) {
            let here = state.frames[frame as usize].reds[slot as usize];
            let there = version.state.frames[frame as usize].reds[slot as usize];
            consider(Place::Slot(frame, slot), here, Some(there), false);
        }
        for (&loc, entry) in state.memory.entries.iter() {
            let there = version.state.memory.get(&loc);
            let stable = self.is_stable(loc);
            if stable {
                consider(Place::Memory(loc), entry.val, there, self.is_promoted(loc.field));
            }
        }
        widening
    }

    /// Whether a location's base is no box that varies: an entry parameter or a constant.
    fn is_stable(&self, loc: Loc) -> bool {
        match loc.base {
            Base::Const(_) => true,
            Base::Var(var) => self.builder.graph.params().contains(&var),
        }
    }

    /// Whether the state knows promoted facts that the version does not assume.
    fn gains(&self, state: &State, version: &Version) -> bool {
        state.memory.entries.iter().any(|(loc, entry)| {
            self.is_promoted(loc.field)
                && matches!(entry.val, Val::Const(_))
                && self.is_stable(*loc)
                && !version.widening.dropped.contains(loc)
                && version.state.memory.get(loc) != Some(entry.val)
        })
    }

    /// Ends a state with a jump to a version.
    fn close(&mut self, mut state: State, version: &Version, args: Vec<Val>) -> Result<(), GiveUp> {
        let dirty: Vec<Loc> =
            state.memory.entries.iter().filter(|(_, entry)| entry.dirty).map(|(&loc, _)| loc).collect();
        for loc in dirty {
            // The version's own location of this place may be named by a parameter: it is written back then.
            let delayed = version.state.memory.entries.get(&loc).is_some_and(|entry| entry.dirty);
            if !delayed {
                self.write_back(&mut state, loc);
            }
        }
        let operands: Vec<Arg> = args.into_iter().map(|val| self.arg(&mut state, val)).collect();
        self.builder.jump(state.out, version.block, operands);
        Ok(())
    }

    /// The values of a version's parameters that make `state` satisfy its assumptions.
    fn bind(&self, state: &State, version: &Version) -> Result<Vec<Val>, Mismatch> {
        let mut binding: HashMap<VarId, Val> = HashMap::default();
        let mut mismatch = Mismatch::default();
        for (frame, slot) in self.live_slots(state) {
            let assumed = version.state.frames[frame as usize].reds[slot as usize];
            let here = state.frames[frame as usize].reds[slot as usize];
            self.unify(
                version,
                assumed,
                unlearn(state, assumed, here),
                Place::Slot(frame, slot),
                &mut binding,
                &mut mismatch,
            );
        }
        // Locations whose base is a parameter wait until it is bound.
        let mut pending: Vec<(Loc, Entry)> =
            version.state.memory.entries.iter().map(|(&loc, &entry)| (loc, entry)).collect();
        loop {
            let before = pending.len();
            let mut later = vec![];
            for (loc, entry) in std::mem::take(&mut pending) {
                match translate(loc, &version.params, &binding) {
                    Some(here) => match state.memory.entries.get(&here) {
                        // A dirty assumption has to be found under its own name: its write is still to come.
                        Some(found) if !entry.dirty || here == loc => {
                            let place = Place::Memory(loc);
                            self.unify(
                                version,
                                entry.val,
                                unlearn(state, entry.val, found.val),
                                place,
                                &mut binding,
                                &mut mismatch,
                            );
                        }
                        _ => {
                            let fact = matches!(entry.val, Val::Const(_)) && loc == here;
                            mismatch.promoted |= fact && self.is_promoted(loc.field);
                            mismatch.lost.push(loc);
                        }
                    },
                    None => later.push((loc, entry)),
                }
            }
            pending = later;
            if pending.is_empty() || pending.len() == before {
                break;
            }
        }
        for (loc, _) in pending {
            mismatch.lost.push(loc);
        }
        if !mismatch.vary.is_empty() || !mismatch.lost.is_empty() {
            return Err(mismatch);
        }
        let mut args = vec![];
        for param in &version.params {
            match binding.get(param) {
                Some(&val) => args.push(val),
                None => {
                    // Nothing alive reads it any more.
                    args.push(Val::constant(self.builder.ty(*param), 0));
                }
            }
        }
        Ok(args)
    }

    fn unify(
        &self,
        version: &Version,
        assumed: Val,
        here: Val,
        place: Place,
        binding: &mut HashMap<VarId, Val>,
        mismatch: &mut Mismatch,
    ) {
        if assumed == Val::Dead {
            return;
        }
        let mut apart = false;
        let param = assumed.root().filter(|var| version.params.contains(var));
        if let Some(param) = param {
            let ty = self.builder.ty(param);
            let val = match assumed {
                Val::Addr { bytes, .. } => match here {
                    Val::Addr { base, bytes: other, .. } if other == bytes => Some(Val::Var(base)),
                    _ => None,
                },
                _ if here == Val::Dead => None,
                _ => self.recast(here, ty),
            };
            match (val, binding.get(&param)) {
                (Some(val), None) => {
                    binding.insert(param, val);
                    return;
                }
                (Some(val), Some(&other)) if val == other => return,
                (Some(_), Some(_)) => apart = true,
                (None, _) => {}
            }
        } else if assumed == here {
            return;
        }
        if let Place::Memory(loc) = place {
            mismatch.promoted |= self.is_promoted(loc.field) && matches!(assumed, Val::Const(_));
        }
        let ty = match here {
            Val::Cast(_, var) => Some(self.builder.ty(var)),
            _ => None,
        };
        if here == Val::Dead {
            mismatch.hopeless = true;
        }
        mismatch.vary.push((place, Vary { ty, apart }));
    }

    /// A box as another type of the same width, without emitting anything.
    fn recast(&self, val: Val, ty: Ty) -> Option<Val> {
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
            Val::Addr { .. } | Val::Dead => return None,
        })
    }

    /// Merges states into one, at the start of a new residual block that all of them jump to. Gives the block and its
    /// parameters.
    fn merge(&mut self, states: Vec<State>, widening: &Widening) -> Merged {
        let block = self.builder.block(false);
        let known = states.iter().map(|state| state.known.clone()).collect();
        let mut merger =
            Merger { block, params: vec![], args: vec![vec![]; states.len()], tuples: HashMap::default(), known };
        let mut merged = states[0].clone();
        merged.out = block;
        for (frame, slot) in self.live_slots(&states[0]) {
            let place = Place::Slot(frame, slot);
            let vals: Vec<Val> = states.iter().map(|state| state.frames[frame as usize].reds[slot as usize]).collect();
            let val = self.merge_val(&mut merger, place, vals, widening);
            if merged.frames[frame as usize].reds[slot as usize] != val {
                Rc::make_mut(&mut merged.frames[frame as usize]).reds[slot as usize] = val;
            }
        }
        merged.memory = Memory::default();
        // Facts whose base became a parameter are found under its name; they may in turn make parameters.
        let mut names: BTreeMap<Loc, Loc> = BTreeMap::new();
        for round in 0..5 {
            let renames: Vec<HashMap<VarId, VarId>> = merger.renames();
            let mut views: Vec<BTreeMap<Loc, (Loc, Entry)>> = vec![];
            for (index, state) in states.iter().enumerate() {
                let mut view = BTreeMap::new();
                for (&loc, &entry) in state.memory.entries.iter() {
                    let name = rename(loc, &renames[index]);
                    // A delayed write keeps its own name, or is performed before the merge.
                    if entry.dirty && name != loc {
                        continue;
                    }
                    view.insert(name, (loc, entry));
                }
                views.push(view);
            }
            let todo: Vec<Loc> = views[0].keys().filter(|name| !names.contains_key(name)).copied().collect();
            let before = merger.params.len();
            for name in todo {
                let original = views[0][&name].0;
                if widening.dropped.contains(&original) {
                    continue;
                }
                // In the first round, only facts whose base is no box that may still become a parameter.
                if round == 0 && !self.is_stable(name) {
                    continue;
                }
                let Some(found) = views.iter().map(|view| view.get(&name)).collect::<Option<Vec<_>>>() else {
                    continue;
                };
                names.insert(name, original);
                let vals: Vec<Val> = found.iter().map(|(_, entry)| entry.val).collect();
                let dirty = found.iter().any(|(_, entry)| entry.dirty);
                let val = self.merge_val(&mut merger, Place::Memory(original), vals, widening);
                merged.memory.note(name, val, dirty);
            }
            if round > 1 && merger.params.len() == before {
                break;
            }
        }
        // A base that became a parameter after its facts were taken over under the old name: those facts stay true of
        // the old variable, which dominates the join only if all states have it, which they do (the names agreed).
        if let [_, others @ ..] = states.as_slice()
            && !others.is_empty()
        {
            Rc::make_mut(&mut merged.known)
                .retain(|var, value| others.iter().all(|state| state.known.get(var) == Some(value)));
        }
        for (index, mut state) in states.into_iter().enumerate() {
            let dirty: Vec<Loc> =
                state.memory.entries.iter().filter(|(_, entry)| entry.dirty).map(|(&loc, _)| loc).collect();
            for loc in dirty {
                if !merged.memory.entries.get(&loc).is_some_and(|entry| entry.dirty) {
                    self.write_back(&mut state, loc);
                }
            }
            let vals = std::mem::take(&mut merger.args[index]);
            let operands: Vec<Arg> = vals.into_iter().map(|val| self.arg(&mut state, val)).collect();
            self.builder.jump(state.out, block, operands);
        }
        Merged { state: merged, block, params: merger.params, names }
    }

    fn merge_val(&mut self, merger: &mut Merger, place: Place, vals: Vec<Val>, widening: &Widening) -> Val {
        if vals.contains(&Val::Dead) {
            return Val::Dead;
        }
        let vary = widening.vary.get(&place);
        let same = vals.iter().all(|&val| val == vals[0]);
        if same && vary.is_none() {
            return vals[0];
        }
        if vary.is_none()
            && let Some(val) = merger.unlearned(&vals)
        {
            return val;
        }
        let own = self.builder.val_ty(vals[0]);
        // The type in which the value travels: that of the variables behind casts, if they agree.
        let mut carried = vary.and_then(|vary| vary.ty);
        if carried.is_none() {
            let roots: Vec<Ty> = vals
                .iter()
                .filter_map(|&val| match val {
                    Val::Cast(_, var) => Some(self.builder.ty(var)),
                    Val::Var(_) | Val::Addr { .. } => Some(own),
                    _ => None,
                })
                .collect();
            if let Some(&first) = roots.first()
                && roots.iter().all(|&ty| ty == first)
            {
                carried = Some(first);
            }
        }
        let carried = carried.filter(|ty| ty.bits() == 64 && own.bits() == 64).unwrap_or(own);
        let cast: Option<Vec<Val>> = vals.iter().map(|&val| self.recast(val, carried)).collect();
        let (vals, carried) = match cast {
            Some(vals) => (vals, carried),
            None => (vals, own),
        };
        let tuple = (carried, vals.clone());
        let apart = vary.is_some_and(|vary| vary.apart);
        let var = match merger.tuples.get(&tuple) {
            Some(&var) if !apart => var,
            _ => {
                let var = self.builder.param(merger.block, carried);
                merger.params.push(var);
                for (args, val) in merger.args.iter_mut().zip(vals) {
                    args.push(val);
                }
                // Constants that are equal by chance vary apart.
                if !apart && (vary.is_none() || !matches!(tuple.1[0], Val::Const(_))) {
                    merger.tuples.insert(tuple, var);
                }
                var
            }
        };
        if carried == own { Val::Var(var) } else { Val::Cast(own, var) }
    }
}

/// Constants in fields whose values are promoted.
type Facts = BTreeMap<Loc, Val>;

/// The number of its group for each state: one that agrees with all that is known in it, and in known truth values.
fn partition(arrivals: &[(Facts, Vec<bool>, State)], agrees: impl Fn(&Facts, &Facts) -> bool) -> Vec<usize> {
    let mut groups: Vec<(Facts, &[bool])> = vec![];
    let mut numbers = vec![];
    for (facts, truths, _) in arrivals {
        let found = groups.iter().position(|(other, known)| known == truths && agrees(facts, other));
        let number = found.unwrap_or_else(|| {
            groups.push((Facts::new(), truths));
            groups.len() - 1
        });
        groups[number].0.extend(facts.iter().map(|(&loc, &val)| (loc, val)));
        numbers.push(number);
    }
    numbers
}

fn split(arrivals: Vec<(Facts, Vec<bool>, State)>, numbers: Vec<usize>) -> Vec<Vec<State>> {
    let mut groups: Vec<Vec<State>> = vec![];
    for ((_, _, state), number) in arrivals.into_iter().zip(numbers) {
        if groups.len() <= number {
            groups.resize_with(number + 1, Vec::new);
        }
        groups[number].push(state);
    }
    groups
}

struct Merged {
    state: State,
    block: BlockId,
    params: Vec<VarId>,
    names: BTreeMap<Loc, Loc>,
}

struct Merger {
    block: BlockId,
    params: Vec<VarId>,
    /// By state, then by parameter.
    args: Vec<Vec<Val>>,
    tuples: HashMap<(Ty, Vec<Val>), VarId>,
    /// By state: what was learned of variables on its way.
    known: Vec<Rc<HashMap<VarId, ConstBits>>>,
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
        self.known[0].iter().filter(|&(&var, &known)| known == first && is(var)).map(|(&var, _)| Val::Var(var)).min()
    }

    /// For each state: which of its variables a parameter stands for.
    fn renames(&self) -> Vec<HashMap<VarId, VarId>> {
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

fn rename(mut loc: Loc, names: &HashMap<VarId, VarId>) -> Loc {
    if let Base::Var(var) = loc.base
        && let Some(&param) = names.get(&var)
    {
        loc.base = Base::Var(param);
    }
    if let Index::Var(var, bytes) = loc.index
        && let Some(&param) = names.get(&var)
    {
        loc.index = Index::Var(param, bytes);
    }
    loc
}

/// A version's location in terms of an arriving state; `None` while a parameter it names is not bound.
fn translate(mut loc: Loc, params: &[VarId], binding: &HashMap<VarId, Val>) -> Option<Loc> {
    if let Base::Var(var) = loc.base
        && params.contains(&var)
    {
        loc.base = match *binding.get(&var)? {
            Val::Var(var) | Val::Cast(_, var) => Base::Var(var),
            Val::Const(value) => Base::Const(value.bits),
            Val::Addr { .. } | Val::Dead => return None,
        };
    }
    if let Index::Var(var, bytes) = loc.index
        && params.contains(&var)
    {
        loc.index = match *binding.get(&var)? {
            Val::Var(var) | Val::Cast(_, var) => Index::Var(var, bytes),
            _ => return None,
        };
    }
    Some(loc)
}

fn join_first(joins: &HashMap<Key, Rc<Join>>, key: &Key) -> State {
    joins[key].arrivals[0].clone()
}
