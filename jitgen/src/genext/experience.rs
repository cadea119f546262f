//! Experience: what is found out about the user program while a unit is generated, and saves generating others in vain.
//!
//! It may be wrong: what is taken for a loop header and is none, or for something that varies around a loop and does not,
//! costs facts, no more.

use super::bind::Mismatch;
use super::engine::Engine;
use super::fields::FieldClasses;
use super::joins::{Key, Place};
use super::liveness::Liveness;
use super::loc::{Base, Index, Loc};
use super::promote::{SiteKey, Written};
use super::queue::Order;
use super::state::State;
use super::value::Val;
use super::versions::{Vary, Version, Widening};
use crate::flow::{FieldId, Mutability, Touched};
use crate::timeshift::Instr;
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// What generating a unit leaves to the next.
#[derive(Default)]
pub struct Experience {
    /// Joins that were reached again after they had been generated: loop headers, with the last place in the queue's
    /// order that a back edge comes from.
    pub(super) headers: HashMap<Key, Order>,
    /// What headers were widened by.
    pub(super) widened: HashMap<Site, Widened>,
    /// Fields whose values are promoted: facts on them keep states apart.
    pub(super) promoted: Vec<bool>,
    pub(super) liveness: Liveness,
    /// Of the interpreter.
    pub(super) classes: Option<Rc<FieldClasses>>,
}

impl Experience {
    /// Forgets what is about programs that are gone: what their positions have in them.
    pub fn forget(&mut self, gone: &HashSet<u64>) {
        let is_left = |key: &Key| !key.iter().any(|word| gone.contains(word));
        self.headers.retain(|key, _| is_left(key));
        self.widened.retain(|key, _| is_left(key));
        self.liveness.forget(gone);
    }
}

/// Most loop headers that are remembered.
pub(super) const MAX_HEADERS: usize = 2000;

/// A loop header whatever surrounds it: of a merge point, what the frame that it is in adds to the key. What is found out
/// about a loop of the user program holds where it is inlined too.
pub(super) type Site = Key;

/// A place in terms of the header's frame.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Spot {
    /// A slot of the frame.
    Slot(u32),
    /// An element of the window that the merge point names: in bytes from its begin.
    Element(FieldId, i64),
    /// A location as such.
    Location(Loc),
}

/// What a header was widened by before: in other loops around it, and in other units.
#[derive(Clone, Debug, Default)]
pub(super) struct Widened {
    /// Of what is there in each turn.
    vary: BTreeMap<Spot, Vary>,
    dropped: BTreeSet<Spot>,
    /// Of the rest: in which fields.
    fields: BTreeSet<FieldId>,
    /// What calls in the loop may write.
    written: Touched,
}

/// What is seen inside a loop, that of a version of its header. Of what is not there in each turn, what was forgotten
/// because of a write will not be known when the loop comes around.
#[derive(Debug)]
pub(super) struct Watched {
    site: Site,
    /// The fields of which something was forgotten.
    killed: SmallVec<[FieldId; 12]>,
    /// What calls may write.
    pub written: Touched,
}

/// Of a state at a header: its frame's number and the window of the merge point.
struct Here {
    frame: u32,
    window: Option<(Base, i64)>,
}

impl Here {
    fn spot(&self, place: Place) -> Option<Spot> {
        match place {
            Place::Slot(frame, slot) => (frame == self.frame).then_some(Spot::Slot(slot)),
            Place::Memory(loc) => Some(match (self.window, loc.bytes()) {
                (Some((base, from)), Some(bytes)) if loc.base() == base => Spot::Element(loc.field(), bytes - from),
                _ => Spot::Location(loc),
            }),
            Place::Part(..) => None,
        }
    }

    fn place(&self, spot: Spot) -> Option<Place> {
        match spot {
            Spot::Slot(slot) => Some(Place::Slot(self.frame, slot)),
            Spot::Element(field, bytes) => {
                let (base, from) = self.window?;
                Some(Place::Memory(Loc::new(field, base, Index::Bytes(from + bytes))))
            }
            Spot::Location(loc) => Some(Place::Memory(loc)),
        }
    }
}

impl Engine<'_> {
    /// Others are generated meanwhile: with what was found out, and what they find out is known afterwards.
    pub(super) fn lend_experience<T>(&mut self, generate: impl FnOnce(&mut Self) -> T) -> T {
        self.learn_watched();
        // Which joins are headers must not change while a unit is generated.
        let headers = self.experience.headers.clone();
        self.request.experience.replace(std::mem::take(&mut self.experience));
        let result = generate(self);
        let found = self.request.experience.take();
        self.set_aside.extend(found.headers);
        self.experience = Experience { headers, ..found };
        self.experience.promoted.resize(self.module().fields.len(), false);
        result
    }

    /// A merge point that the user program was seen to come back to is a loop header before anything comes back to it here.
    pub(super) fn foresee_header(&mut self, state: &State, key: &Key) {
        let frame = state.top_ref();
        let site = SiteKey::merge_point(self.code(frame).func, &frame.user_greens);
        let Some(last) = self.request.profile.back_edge(site) else { return };
        if self.experience.headers.contains_key(key) {
            return;
        }
        let mut extent = self.order(state);
        extent.truncate(extent.len() - 1 - self.own_order(frame));
        extent.extend([last, u64::MAX]);
        self.experience.headers.insert(key.clone(), extent);
    }

    /// The header at which a state stands.
    pub(super) fn header_site(&self, state: &State) -> Site {
        if self.code_block(state.top_ref()).is_merge_point { self.own_key(state) } else { self.key(state) }
    }

    fn here(&self, state: &State) -> Here {
        let (code, block) = (self.code(state.top_ref()), self.code_block(state.top_ref()));
        let window = match code.instrs(block).first() {
            Some(&Instr::MergePoint { portal, args }) => {
                let live = self.module().portals[portal as usize].live.as_ref();
                live.and_then(|live| self.src(state, code.srcs(args)[live.window as usize]).place())
            }
            _ => None,
        };
        Here { frame: state.frames.len() as u32 - 1, window }
    }

    /// Inside the loops that the state is in, a write makes unknown what is there.
    pub(super) fn note_killed(&mut self, state: &State, locs: &[Loc]) {
        if state.regions.is_empty() {
            return;
        }
        let mut last = None;
        for loc in locs {
            if last == Some(loc.field()) || self.is_stable(*loc) {
                continue;
            }
            last = Some(loc.field());
            for region in &state.regions {
                let killed = &mut self.watched[region.id as usize - 1].killed;
                if !killed.contains(&loc.field()) {
                    killed.push(loc.field());
                }
            }
        }
    }

    /// A call in the loops that the state is in.
    pub(super) fn note_written(&mut self, state: &State, writes: &Touched) {
        for region in &state.regions {
            self.watched[region.id as usize - 1].written.add(writes);
        }
    }

    /// A loop is opened, by a version of its header, which has the next number.
    pub(super) fn watch(&mut self, site: Site) {
        self.watched.push(Watched { site, killed: SmallVec::new(), written: Touched::Nothing });
    }

    /// What was seen in loops until now becomes experience.
    pub(super) fn learn_watched(&mut self) {
        for watched in &self.watched {
            if !watched.killed.is_empty() || watched.written != Touched::Nothing {
                let known = self.experience.widened.entry(watched.site.clone()).or_default();
                known.fields.extend(&watched.killed);
                known.written.add(&watched.written);
            }
        }
    }

    /// A version turned out to assume too much.
    pub(super) fn remember(&mut self, version: &Version, mismatch: &Mismatch) {
        let here = self.here(&version.state);
        let mut more = Widened::default();
        for &(place, vary) in &mismatch.vary {
            match place {
                Place::Memory(loc) if self.is_promoted(loc.field()) => {}
                Place::Memory(loc) if !self.is_stable(loc) => _ = more.fields.insert(loc.field()),
                place => more.vary.extend(here.spot(place).map(|spot| (spot, vary))),
            }
        }
        for &loc in &mismatch.lost {
            match self.is_stable(loc) {
                true => more.dropped.extend(here.spot(Place::Memory(loc))),
                false => _ = more.fields.insert(loc.field()),
            }
        }
        let known = self.experience.widened.entry(self.header_site(&version.state)).or_default();
        known.vary.extend(more.vary);
        known.dropped.extend(more.dropped);
        known.fields.extend(more.fields);
    }

    /// Drops what will not be known when the loop comes around to a header, from experience.
    pub(super) fn forget_killed(&mut self, site: &Site, state: &mut State) {
        let Some(widened) = self.experience.widened.get(site) else { return };
        let is_killed = |id: FieldId| {
            let field = self.module().field(id);
            widened.fields.contains(&id)
                || field.mutability != Mutability::Immutable && widened.written.contains(field.class)
        };
        let killed = state
            .memory
            .entries
            .iter()
            .filter(|(loc, entry)| !entry.dirty && !self.is_stable(**loc) && is_killed(loc.field()));
        let killed: Vec<Loc> = killed.map(|(&loc, _)| loc).collect();
        state.memory.forget(&killed);
    }

    /// What a header will be widened by, from experience and from the profile.
    pub(super) fn foreseen(&mut self, arrivals: &mut [State]) -> Widening {
        self.learn_watched();
        let site = self.header_site(&arrivals[0]);
        let here = self.here(&arrivals[0]);
        let frame = arrivals[0].top_ref();
        let written = if self.code_block(frame).is_merge_point {
            let header = SiteKey::merge_point(self.code(frame).func, &frame.user_greens);
            self.request.profile.written(header)
        } else {
            // The loop is the interpreter's own: the merge point before it is not its header.
            Written::default()
        };
        let known = self.experience.widened.entry(site.clone()).or_default();
        known.fields.extend(written.fields.iter().filter(|(.., others)| *others).map(|(field, ..)| *field));
        arrivals.iter_mut().for_each(|state| self.forget_killed(&site, state));
        let seen = written.elements.iter().filter(|(field, _)| !self.is_promoted(*field));
        let seen = seen.filter_map(|&(field, bytes)| Some((here.place(Spot::Element(field, bytes))?, Vary::default())));
        let widened = &self.experience.widened[&site];
        let known = widened.vary.iter().filter_map(|(&spot, &vary)| Some((here.place(spot)?, vary)));
        let vary: BTreeMap<Place, Vary> = seen.chain(known).collect();
        let dropped = widened.dropped.iter().filter_map(|&spot| match here.place(spot)? {
            Place::Memory(loc) => Some(loc),
            _ => None,
        });
        let dropped = dropped.collect();
        let foreseen = vary.keys().copied().collect();
        Widening { vary, dropped, foreseen, ..Widening::default() }
    }

    /// A state goes on with a version: what varies around the loop shows.
    pub(super) fn remember_varying(&mut self, state: &State, version: &Version) {
        let is_param = |there: Val| there.root().is_some_and(|var| version.param(var).is_some());
        let varies = |there: Val, here: Val| {
            let ty = match here {
                Val::Cast(_, var) => Some(self.builder.ty(var)),
                _ => None,
            };
            (there != here && here != Val::Dead).then_some(Vary { ty, apart: false })
        };
        let slots = self.live_slots(state).into_iter().filter_map(|(frame, slot)| {
            let [there, here] = [&version.state, state].map(|state| state.frames[frame as usize].reds[slot as usize]);
            Some((Place::Slot(frame, slot), varies(there, here).filter(|_| is_param(there))?))
        });
        let stable = |loc: &Loc| self.is_stable(*loc) && !self.is_promoted(loc.field());
        let entries = version.state.memory.entries.iter();
        let entries = entries.filter(|(loc, entry)| is_param(entry.val) && stable(loc));
        let memory =
            entries.filter_map(|(loc, entry)| Some((Place::Memory(*loc), varies(entry.val, state.memory.get(loc)?)?)));
        let here = self.here(&version.state);
        let more: Vec<(Spot, Vary)> =
            slots.chain(memory).filter_map(|(place, vary)| Some((here.spot(place)?, vary))).collect();
        if !more.is_empty() {
            self.experience.widened.entry(self.header_site(&version.state)).or_default().vary.extend(more);
        }
    }
}
