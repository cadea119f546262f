//! What is asked of the generating extension, and what it gives.

use super::entries::{EntryType, Returned};
use super::exit::ExitInfo;
use super::experience::Experience;
use super::promote::ProfileView;
use super::units::Units;
use crate::flow::{FieldId, Graph};
use std::cell::RefCell;

/// Bounds on one compilation.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    /// Residual operations of a unit.
    pub max_ops: usize,
    /// Versions of a loop header, or of a join, kept apart by promoted facts.
    pub max_versions: usize,
    /// Values of a promotion before `promote_few` gives up.
    pub few: usize,
    /// Values of a promotion that are switched on at all.
    pub max_cases: usize,
    /// Delayed writes that exits perform themselves.
    pub max_delayed: usize,
    /// How often a unit is begun again, or a header widened.
    pub max_restarts: usize,
    /// Residual operations of a unit that is inlined where it is called.
    pub inlined_ops: usize,
    /// Units inlined in one another.
    pub inlined_depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_ops: 30_000,
            max_versions: 4,
            few: 4,
            max_cases: 8,
            max_delayed: 64,
            max_restarts: 200,
            inlined_ops: 100,
            inlined_depth: 3,
        }
    }
}

/// What to compile: the portal specialised to values of its greens.
pub struct Request<'a> {
    pub portal: u32,
    /// Parallel to the portal's greens.
    pub greens: Vec<u64>,
    pub profile: &'a dyn ProfileView,
    pub units: &'a dyn Units,
    /// What generating others has left.
    pub experience: &'a RefCell<Experience>,
    pub limits: Limits,
    /// The unit is one of a typed entry.
    pub entry: Option<&'a EntryType>,
    /// The unit is a loop: where the user program leaves it, the unit is left.
    pub is_loop: bool,
}

/// The residual code of a unit. Its graph takes the portal's reds and returns `(status, value)`.
#[derive(Clone, Debug)]
pub struct Residual {
    pub graph: Graph,
    /// By the `id` of `Term::Exit`.
    pub exits: Vec<ExitInfo>,
    /// Heap references that the code, or what was found out for it, relies on: they must stay alive as long as it.
    pub roots: Vec<u64>,
    /// Heap references among the greens of merge points in the outermost frame other than the unit's own: the code may be
    /// running when what it was compiled for is gone, and one of them in its place.
    pub continued: Vec<u64>,
    /// Quasi-immutable fields, with the addresses of what they are in, that must not change.
    pub relied: Vec<(FieldId, u64)>,
    /// Of a typed entry: what its callers get. `None` if its returns have nothing in common.
    pub returned: Option<Returned>,
    /// The unit calls itself through its typed entry, and expects something else than what is returned: it has to be
    /// generated again, now that this is known.
    pub misjudged: bool,
    pub stats: Stats,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// How often generation was begun again because a loop header was found.
    pub restarts: usize,
    /// How often a loop header was widened.
    pub widenings: usize,
    /// Versions of loop headers beyond the first.
    pub versions: usize,
}

/// Why no code was generated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GiveUp {
    TooLarge,
    TooManyRestarts,
    /// The portal's results do not fit the unit convention.
    Results,
}

impl std::fmt::Display for GiveUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            GiveUp::TooLarge => "the unit grew too large",
            GiveUp::TooManyRestarts => "the unit did not settle",
            GiveUp::Results => "the portal returns more than a status and a value",
        })
    }
}
