//! Which elements of a portal's window are alive at its merge points, as the interpreter says.

use super::bound::Bound;
use crate::flow::Portal;
use rustc_hash::FxHashMap as HashMap;
use smallvec::SmallVec;
use std::collections::HashSet;

/// What was asked so far. It costs a call of the interpreter's function each time.
#[derive(Default)]
pub(super) struct Liveness {
    /// By portal and greens.
    points: HashMap<SmallVec<[u64; 6]>, Point>,
}

/// What is known of the elements of the window, 64 at a time.
#[derive(Default)]
pub(super) struct Point {
    first: Elements,
    /// Those behind.
    others: Vec<Elements>,
}

/// A bit for each of them.
#[derive(Copy, Clone, Default)]
struct Elements {
    asked: u64,
    alive: u64,
}

/// Most merge points that are remembered.
const MAX_POINTS: usize = 10_000;

impl Liveness {
    /// Forgets what is about programs that are gone.
    pub fn forget(&mut self, gone: &HashSet<u64>) {
        self.points.retain(|key, _| !key[1..].iter().any(|word| gone.contains(word)));
    }

    /// Before a unit is generated.
    pub fn limit(&mut self) {
        if self.points.len() > MAX_POINTS {
            self.points.clear();
        }
    }

    /// What is known of a merge point of portal `number`.
    pub fn point(&mut self, number: u32, greens: &[u64]) -> &mut Point {
        let mut key = SmallVec::with_capacity(greens.len() + 1);
        key.push(u64::from(number));
        key.extend_from_slice(greens);
        self.points.entry(key).or_default()
    }
}

impl Point {
    /// Whether the element of the window is alive at this point, which is of `portal`, one that knows, with `greens`.
    #[inline]
    pub fn is_live(&mut self, bound: Bound<'_>, portal: &Portal, greens: &[u64], index: i64) -> bool {
        let elements = match index {
            0..64 => self.first,
            _ => self.others.get(index as usize / 64 - 1).copied().unwrap_or_default(),
        };
        let bit = 1 << (index % 64);
        if elements.asked & bit != 0 { elements.alive & bit != 0 } else { self.ask(bound, portal, greens, index) }
    }

    #[cold]
    fn ask(&mut self, bound: Bound<'_>, portal: &Portal, greens: &[u64], index: i64) -> bool {
        let live = portal.live.as_ref().expect("a portal that knows");
        let mut args = SmallVec::<[u64; 6]>::from_slice(greens);
        args.push(index as u64);
        let mut result = [0];
        bound.call(live.func, &args, &mut result);
        let is_live = result[0] != 0;
        let elements = match (index as usize / 64).checked_sub(1) {
            None => &mut self.first,
            Some(at) => {
                self.others.resize(self.others.len().max(at + 1), Elements::default());
                &mut self.others[at]
            }
        };
        elements.asked |= 1 << (index % 64);
        elements.alive |= u64::from(is_live) << (index % 64);
        is_live
    }
}
