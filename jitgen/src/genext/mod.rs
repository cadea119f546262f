//! The generating extension at work: runs the instruction streams of [`crate::timeshift`] over frames of boxes and
//! leaves a residual graph.
//!
//! A compile-time `state::State` is a stack of frames (green slots, red boxes), what is known of memory
//! (`memory`), and the open residual block it emits into. A red branch forks the state; where states meet
//! (`merge`) those with equal greens become one; where nothing has been seen at run time an exit (`exit`) leaves the
//! unit. States wait in a queue ordered by user position, so that all that arrive at a join by forward jumps are there
//! before it is generated.

mod align;
mod bind;
mod bound;
mod build;
mod calls;
mod engine;
mod entries;
mod exit;
mod experience;
mod fields;
mod fold;
mod groups;
mod joins;
mod liveness;
mod loc;
mod memory;
mod merge;
mod merge_memory;
mod passing;
mod promote;
mod queue;
mod reach;
mod reliance;
mod request;
mod run;
mod sorted;
mod state;
mod units;
mod value;
mod versions;
mod virtuals;

pub use bound::Bound;
pub use engine::generate;
pub use entries::{Entry, EntryType, NO_CODE, Part, PartValue, Returned, UNBOXED, Wanted, no_code_entry};
pub use exit::{ExitInfo, ExitReason, Making, ResumeFrame, Source, Word, Write};
pub use experience::Experience;
pub use promote::{ProfileView, Seen, SiteKey, Written};
pub use request::{GiveUp, Limits, Request, Residual, Stats};
pub use units::Units;
pub use value::Val;
