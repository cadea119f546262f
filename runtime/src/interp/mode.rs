//! Which build of the dispatch loop this is: its text is built a second time, in `crate::watch`.

/// Whether this build of the dispatch loop looks at hooks.
pub const WATCHED: bool = false;
