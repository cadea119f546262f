//! The profile: what the evaluator saw at promotions and branches.

use crate::eval::{Flow, Observer, Site};
use crate::flow::{BlockId, FieldId, FuncId, Module, Ty};
use crate::genext::{ProfileView, Seen, SiteKey, Written};
use crate::mem::Reach;
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// How many different values of a site are kept.
const KEPT: usize = 12;

#[derive(Clone, Debug, Default)]
struct Entry {
    values: Vec<(u64, u64)>,
    many: bool,
    /// The values are heap references.
    references: bool,
    owners: Owners,
}

/// A loop of the user program.
#[derive(Clone, Debug)]
struct Loop {
    last: u64,
    written: Written,
    owners: Owners,
}

/// Most elements of a window that are noted for a loop.
const MOST_WRITTEN: usize = 100;

/// What a site belongs to: the heap references among its portal's greens. Without them nobody comes there any more.
type Owners = SmallVec<[u64; 1]>;

/// What was seen, by site.
#[derive(Debug, Default)]
pub struct Profile {
    sites: RefCell<HashMap<SiteKey, Entry>>,
    /// By merge point: the last position that the user program came back to it from.
    loops: RefCell<HashMap<SiteKey, Loop>>,
    /// What evaluations that are watched now have passed: they may record there still.
    watched: RefCell<Vec<u64>>,
}

impl Profile {
    fn record(&self, (site, owners): (SiteKey, &Owners), value: u64, references: bool) {
        let mut sites = self.sites.borrow_mut();
        let new = || Entry { references, owners: owners.clone(), ..Entry::default() };
        let entry = sites.entry(site).or_insert_with(new);
        if let Some((_, count)) = entry.values.iter_mut().find(|(seen, _)| *seen == value) {
            *count += 1;
        } else if entry.values.len() < KEPT {
            entry.values.push((value, 1));
        } else {
            entry.many = true;
        }
    }

    fn record_back_edge(&self, (header, owners): (SiteKey, &Owners), from: u64, written: &[Write]) {
        let mut loops = self.loops.borrow_mut();
        let new = || Loop { last: from, written: Written::default(), owners: owners.clone() };
        let seen = loops.entry(header).or_insert_with(new);
        seen.last = from.max(seen.last);
        let Written { elements, fields } = &mut seen.written;
        for &write in written {
            match write {
                Write::Element(field, bytes) => {
                    if elements.len() < MOST_WRITTEN && !elements.contains(&(field, bytes)) {
                        elements.push((field, bytes));
                    }
                }
                Write::Other(field, base) => match fields.iter_mut().find(|(known, ..)| *known == field) {
                    Some((_, first, others)) => *others |= *first != base,
                    None => fields.push((field, base, false)),
                },
            }
        }
    }

    /// Reaches the heap references that were seen at sites that are reached.
    pub fn trace(&self, heap: &mut dyn Reach) {
        for &owner in self.watched.borrow().iter() {
            heap.reach(owner);
        }
        for entry in self.sites.borrow().values().filter(|entry| entry.references) {
            if entry.owners.iter().all(|&owner| heap.is_reached(owner)) {
                for &(value, _) in entry.values.iter().filter(|(value, _)| *value != 0) {
                    heap.reach(value);
                }
            }
        }
    }

    /// Forgets sites that are not reached.
    pub fn release(&self, heap: &dyn Reach) {
        let is_reached = |owners: &Owners| owners.iter().all(|&owner| heap.is_reached(owner));
        self.sites.borrow_mut().retain(|_, entry| is_reached(&entry.owners));
        self.loops.borrow_mut().retain(|_, seen| is_reached(&seen.owners));
    }
}

impl ProfileView for Profile {
    fn seen(&self, site: SiteKey) -> Seen {
        let sites = self.sites.borrow();
        let Some(entry) = sites.get(&site) else { return Seen::default() };
        let mut values = SmallVec::from_slice(&entry.values);
        if values.len() > 1 {
            values.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        }
        Seen { values, many: entry.many }
    }

    fn back_edge(&self, header: SiteKey) -> Option<u64> {
        self.loops.borrow().get(&header).map(|seen| seen.last)
    }

    fn written(&self, header: SiteKey) -> Written {
        self.loops.borrow().get(&header).map(|seen| seen.written.clone()).unwrap_or_default()
    }
}

/// A profile in which nothing, or less, was seen at some sites.
pub(super) struct Cut<'a> {
    profile: &'a dyn ProfileView,
    seed: u64,
}

impl<'a> Cut<'a> {
    pub fn new(profile: &'a dyn ProfileView, seed: u64) -> Cut<'a> {
        Cut { profile, seed }
    }
}

impl ProfileView for Cut<'_> {
    fn seen(&self, site: SiteKey) -> Seen {
        let mut seen = self.profile.seen(site);
        let mut mixed = (site.0 ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93);
        match mixed >> 56 {
            0..8 => Seen::default(),
            8..24 => {
                seen.values.truncate(1);
                seen
            }
            _ => seen,
        }
    }

    fn back_edge(&self, header: SiteKey) -> Option<u64> {
        self.profile.back_edge(header)
    }

    fn written(&self, header: SiteKey) -> Written {
        self.profile.written(header)
    }
}

/// When a watched evaluation stops.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Until {
    /// After so many merge points.
    Merges(usize),
    /// Never: to the end.
    End,
}

/// A portal frame at its last merge point.
struct PortalFrame {
    depth: usize,
    greens: Vec<u64>,
    owners: Owners,
    window: Option<u64>,
    writes: Writes,
}

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Write {
    /// A part of an element of the window, in bytes from its begin.
    Element(FieldId, i64),
    /// Of a structure or array.
    Other(FieldId, u64),
}

/// What a portal frame was seen to write.
#[derive(Default)]
struct Writes {
    log: Vec<Write>,
    /// How many there were when a position was last visited.
    visits: HashMap<u64, usize>,
}

/// Elements further than this from a window's begin are not its frame's.
const FURTHEST: i64 = 1 << 12;

/// Most writes of a frame that are remembered in their order.
const MOST_LOGGED: usize = 1 << 12;

impl Writes {
    fn note(&mut self, write: Write) {
        if self.log.last() == Some(&write) {
            return;
        }
        if self.log.len() >= MOST_LOGGED {
            // What came before what is not known from here on: all counts as written in each loop.
            self.visits.clear();
            self.log.sort_unstable();
            self.log.dedup();
            self.log.truncate(MOST_LOGGED / 2);
        }
        self.log.push(write);
    }
}

/// Records an evaluation into a profile.
pub struct Recorder<'a> {
    module: &'a Module,
    profile: &'a Profile,
    until: Until,
    passed: usize,
    /// The portal frames at their last merge points.
    portals: Vec<PortalFrame>,
    /// Function and block of each waiting frame.
    path: Vec<(FuncId, u32)>,
    /// Its part of what is watched.
    watched: Vec<u64>,
}

impl<'a> Recorder<'a> {
    pub fn new(module: &'a Module, profile: &'a Profile, until: Until) -> Recorder<'a> {
        Recorder { module, profile, until, passed: 0, portals: vec![], path: vec![], watched: vec![] }
    }

    /// The evaluation goes on from the middle of a portal frame, inside of those before.
    pub fn enter(&mut self, func: FuncId, depth: usize, greens: &[u64]) {
        let owners: Owners = self.module.references(self.portal(func), greens).collect();
        for &owner in &owners {
            if !self.watched.contains(&owner) {
                self.watched.push(owner);
                self.profile.watched.borrow_mut().push(owner);
            }
        }
        self.portals.push(PortalFrame {
            depth,
            greens: greens.to_vec(),
            owners,
            window: None,
            writes: Writes::default(),
        });
    }

    fn portal(&self, func: FuncId) -> u32 {
        let number = self.module.portals.iter().position(|portal| portal.func == func);
        number.expect("merge points are portals'") as u32
    }

    fn record(&self, site: Site, depth: usize, value: u64, references: bool) {
        let (from, greens, owners) = match self.portals.iter().rev().find(|frame| frame.depth <= depth) {
            Some(frame) => (frame.depth, frame.greens.as_slice(), &frame.owners),
            None => (1, &[][..], &Owners::new()),
        };
        let waiting = self.path[from - 1..depth - 1].iter().copied();
        let site = SiteKey::new(greens, waiting.chain([(site.func, site.block.0)]));
        self.profile.record((site, owners), value, references);
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        let mut watched = self.profile.watched.borrow_mut();
        for owner in &self.watched {
            let at = watched.iter().rposition(|other| other == owner).expect("watched until here");
            watched.swap_remove(at);
        }
    }
}

impl Observer for Recorder<'_> {
    fn suspend(&mut self, depth: usize, func: FuncId, block: BlockId) {
        self.path.truncate(depth - 1);
        self.path.push((func, block.0));
    }

    fn promote(&mut self, site: Site, depth: usize, ty: Ty, value: u64) {
        self.record(site, depth, value, ty == Ty::Ref);
    }

    fn branch(&mut self, site: Site, depth: usize, index: usize) {
        self.record(site, depth, index as u64, false);
    }

    fn merge_point(&mut self, func: FuncId, depth: usize, args: &[u64]) -> Flow {
        if let Until::Merges(limit) = self.until
            && self.passed >= limit
        {
            return Flow::Stop;
        }
        self.passed += 1;
        let portal = &self.module.portals[self.portal(func) as usize];
        let greens: Vec<u64> = portal.greens.iter().map(|&index| args[index as usize]).collect();
        let order = portal.greens.iter().position(|&green| green == portal.order).expect("the order is a green");
        let position = greens[order];
        let mut writes = Writes::default();
        if let Some(frame) = self.portals.iter_mut().find(|frame| frame.depth == depth)
            && greens
                .iter()
                .zip(&frame.greens)
                .enumerate()
                .all(|(index, (now, before))| index == order || now == before)
        {
            writes = std::mem::take(&mut frame.writes);
            let before = frame.greens[order];
            if position <= before {
                let visit = writes.visits.get(&position).copied().unwrap_or(0);
                let header = SiteKey::merge_point(func, &greens);
                self.profile.record_back_edge((header, &frame.owners), before, &writes.log[visit..]);
            }
        }
        writes.visits.insert(position, writes.log.len());
        self.portals.retain(|frame| frame.depth < depth);
        self.enter(func, depth, &greens);
        let frame = self.portals.last_mut().expect("just entered");
        frame.window = portal.live.as_ref().map(|live| args[live.window as usize]);
        frame.writes = writes;
        Flow::Continue
    }

    fn store(&mut self, field: FieldId, base: u64, index: u64) {
        let info = self.module.field(field);
        // A callee may write what its caller gets.
        let reach = if info.virtualizable { 2 } else { self.portals.len() };
        for frame in self.portals.iter_mut().rev().take(reach) {
            let write = if info.virtualizable {
                let Some(window) = frame.window else { continue };
                let bytes = base.wrapping_add(index.wrapping_mul(info.stride as u64)).wrapping_sub(window) as i64;
                if !(0..FURTHEST).contains(&bytes) {
                    continue;
                }
                Write::Element(field, bytes)
            } else {
                Write::Other(field, base)
            };
            frame.writes.note(write);
        }
    }

    fn leave(&mut self, depth: usize) {
        self.portals.retain(|frame| frame.depth < depth);
    }
}
