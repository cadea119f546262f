//! The hint annotator: which variables are green (known at compile time) and which are red.
//!
//! Two passes. `demand` walks backwards from what asks for greens (`concrete`, the greens of a portal at its merge
//! point, unrolled loops) to constants, promotions and parameters, across calls, to a fixpoint; it reports what cannot be
//! green with the whole chain. `color` then colours each function forwards, once for every combination of argument
//! colours it is called with (a *specialisation*):
//!
//! * a foldable operation on greens is green, any other red;
//! * the result of a promotion is green;
//! * a join is green only if demanded, and red otherwise: a constant that arrives there becomes a variable when
//!   another constant arrives by another way;
//! * the result of a call is green when every return of the callee returns a green.

mod color;
mod demand;
mod error;
mod rooting;

pub(crate) use color::is_inlined;
pub use color::{CallKind, Color, Coloring, Spec, SpecId};
pub use error::HintError;
pub use rooting::rooting;

use crate::flow::Module;

/// Colours all functions reachable from the portals.
pub fn annotate(module: &Module) -> Result<Coloring, Vec<HintError>> {
    let demands = demand::demands(module)?;
    Ok(color::color(module, &demands))
}
