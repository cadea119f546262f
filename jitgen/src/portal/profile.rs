//! The profile: what the evaluator saw at promotions and branches.

use crate::eval::{Flow, Observer, Site};
use crate::flow::{BlockId, FuncId, Module, Ty};
use crate::genext::{ProfileView, Seen, SiteKey};
use rustc_hash::FxHashMap as HashMap;
use std::cell::RefCell;

/// How many different values of a site are kept.
const KEPT: usize = 12;

#[derive(Clone, Debug, Default)]
struct Entry {
    values: Vec<(u64, u64)>,
    many: bool,
    /// The values are heap references.
    references: bool,
}

/// What was seen, by site. Heap references in it are roots.
#[derive(Debug, Default)]
pub struct Profile {
    sites: RefCell<HashMap<SiteKey, Entry>>,
    /// By merge point: the last position that the user program came back to it from.
    loops: RefCell<HashMap<SiteKey, u64>>,
}

impl Profile {
    fn record(&self, site: SiteKey, value: u64, references: bool) {
        let mut sites = self.sites.borrow_mut();
        let entry = sites.entry(site).or_default();
        entry.references = references;
        if let Some((_, count)) = entry.values.iter_mut().find(|(seen, _)| *seen == value) {
            *count += 1;
        } else if entry.values.len() < KEPT {
            entry.values.push((value, 1));
        } else {
            entry.many = true;
        }
    }

    fn record_back_edge(&self, header: SiteKey, from: u64) {
        let mut loops = self.loops.borrow_mut();
        let last = loops.entry(header).or_default();
        *last = from.max(*last);
    }

    /// Heap references that were seen.
    pub fn references(&self, visit: &mut dyn FnMut(u64)) {
        for entry in self.sites.borrow().values().filter(|entry| entry.references) {
            for &(value, _) in entry.values.iter().filter(|(value, _)| *value != 0) {
                visit(value);
            }
        }
    }
}

impl ProfileView for Profile {
    fn seen(&self, site: SiteKey) -> Seen {
        let sites = self.sites.borrow();
        let Some(entry) = sites.get(&site) else { return Seen::default() };
        let mut values = entry.values.clone();
        values.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
        Seen { values, many: entry.many }
    }

    fn back_edge(&self, header: SiteKey) -> Option<u64> {
        self.loops.borrow().get(&header).copied()
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
}

/// When a watched evaluation stops.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Until {
    /// After so many merge points.
    Merges(usize),
    /// Never: to the end.
    End,
}

/// Records an evaluation into a profile.
pub struct Recorder<'a> {
    module: &'a Module,
    profile: &'a Profile,
    until: Until,
    passed: usize,
    /// Depth and greens of the portal frames at their last merge points.
    portals: Vec<(usize, Vec<u64>)>,
    /// Function and block of each waiting frame.
    path: Vec<(FuncId, u32)>,
}

impl<'a> Recorder<'a> {
    /// `portals`: depth and greens of the portal frames that the evaluation goes on from the middle of, outermost first.
    pub fn new(
        module: &'a Module,
        profile: &'a Profile,
        portals: Vec<(usize, Vec<u64>)>,
        until: Until,
    ) -> Recorder<'a> {
        Recorder { module, profile, until, passed: 0, portals, path: vec![] }
    }

    fn site(&self, site: Site, depth: usize) -> SiteKey {
        let (from, greens) = match self.portals.iter().rev().find(|(at, _)| *at <= depth) {
            Some((at, greens)) => (*at, greens.as_slice()),
            None => (1, &[][..]),
        };
        let waiting = self.path[from - 1..depth - 1].iter().copied();
        SiteKey::new(greens, waiting.chain([(site.func, site.block.0)]))
    }
}

impl Observer for Recorder<'_> {
    fn suspend(&mut self, depth: usize, func: FuncId, block: BlockId) {
        self.path.truncate(depth - 1);
        self.path.push((func, block.0));
    }

    fn promote(&mut self, site: Site, depth: usize, ty: Ty, value: u64) {
        self.profile.record(self.site(site, depth), value, ty == Ty::Ref);
    }

    fn branch(&mut self, site: Site, depth: usize, index: usize) {
        self.profile.record(self.site(site, depth), index as u64, false);
    }

    fn merge_point(&mut self, func: FuncId, depth: usize, args: &[u64]) -> Flow {
        if let Until::Merges(limit) = self.until
            && self.passed >= limit
        {
            return Flow::Stop;
        }
        self.passed += 1;
        let portal = self.module.portals.iter().find(|portal| portal.func == func).expect("merge points are portals'");
        let greens: Vec<u64> = portal.greens.iter().map(|&index| args[index as usize]).collect();
        let order = portal.greens.iter().position(|&green| green == portal.order).expect("the order is a green");
        if let Some((_, before)) = self.portals.iter().find(|(at, _)| *at == depth)
            && greens[order] <= before[order]
            && greens.iter().zip(before).enumerate().all(|(index, (now, before))| index == order || now == before)
        {
            self.profile.record_back_edge(SiteKey::merge_point(func, &greens), before[order]);
        }
        self.portals.retain(|(at, _)| *at < depth);
        self.portals.push((depth, greens));
        Flow::Continue
    }

    fn leave(&mut self, depth: usize) {
        self.portals.retain(|(at, _)| *at < depth);
    }
}
