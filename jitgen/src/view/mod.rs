//! What people can see: coloured graphs as text, dot and SVG, the report on a translation, and compiled units as a page.
//!
//! All are functions to strings. The command `jitgen` ([`crate::view`] on files) and pages of units are made of them.

mod layout;
mod report;
mod svg;
#[cfg(feature = "run")]
mod units;

pub use report::{colored_dot, colored_svg, colored_text, report};
pub use svg::svg;
#[cfg(feature = "run")]
pub use units::{Describe, units_page};
