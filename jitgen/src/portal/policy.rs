//! When units are compiled, and how far that may go.

use crate::genext::Limits;

/// When to do what.
#[derive(Copy, Clone, Debug)]
pub struct Policy {
    /// Watched runs before a unit is compiled.
    pub profile_runs: u32,
    /// Merge points a watched run passes.
    pub profile_merges: usize,
    /// Merge points passed after an exit while its unit may still be compiled again.
    pub exit_merges: usize,
    /// Exits of a unit before it is compiled again; doubles each time.
    pub exits_before_recompile: u32,
    pub max_recompiles: u32,
    /// Most bytes of the native stack that a call of a unit may take: what needs more stays interpreted. Interpreters
    /// whose users' calls nest on the native stack say here what their check of the depth counts on.
    pub max_frame: Option<u32>,
    pub limits: Limits,
    /// A seed: what was seen at some sites is kept from the compiler, so that code leaves there. For tests.
    pub cut_promotions: Option<u64>,
    /// Keep residual graphs and the backend's texts.
    pub keep_dumps: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            profile_runs: 2,
            profile_merges: 400,
            exit_merges: 60,
            exits_before_recompile: 4,
            max_recompiles: 12,
            max_frame: None,
            limits: Limits::default(),
            cut_promotions: None,
            keep_dumps: false,
        }
    }
}
