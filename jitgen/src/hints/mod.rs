//! The hint annotator: which variables are green (known at compile time) and which are red.
//!
//! Two passes. `demand` walks backwards from what asks for greens (`concrete`, the greens of a portal at its merge
//! point, unrolled loops) to constants, promotions and parameters, across calls, to a fixpoint; it reports what cannot be
//! green with the whole chain. A request for the result of a call is about that call alone (`deps`). `color` then colours each function forwards, once for every combination of argument
//! colours it is called with (a *specialisation*):
//!
//! * a foldable operation on greens is green, any other red;
//! * the result of a promotion is green;
//! * a join is green only if demanded, and red otherwise: a constant that arrives there becomes a variable when
//!   another constant arrives by another way;
//! * the result of a call is green when every return of the callee returns a green.

mod color;
mod demand;
mod deps;
mod error;
mod rooting;

pub(crate) use color::is_inlined;
pub use color::{CallKind, Color, Coloring, Spec, SpecId};
pub use error::HintError;
pub use rooting::rooting;

use crate::flow::{Module, Op};
use demand::name;
use error::Step;

/// Colours all functions reachable from the portals.
///
/// # Errors
/// What must be green and cannot be, each with the chain of reasons.
pub fn annotate(module: &Module) -> Result<Coloring, Vec<HintError>> {
    let demands = demand::demands(module)?;
    let coloring = color::color(module, &demands);
    check(module, &coloring)?;
    Ok(coloring)
}

/// The two passes have to come to the same: what was asked for is green in every specialisation. It is not where
/// recursion decides: the results of a function are red to itself.
fn check(module: &Module, coloring: &Coloring) -> Result<(), Vec<HintError>> {
    let mut errors = vec![];
    for spec in &coloring.specs {
        let graph = module.graph(spec.func).expect("only functions with graphs are specialised");
        let info = module.func(spec.func);
        for inst in graph.blocks.iter().flat_map(|block| &block.insts) {
            let asked: Vec<_> = match inst.op {
                Op::Concrete => inst.args.to_vec(),
                Op::MergePoint => {
                    let portal = module.portals.iter().find(|portal| portal.func == spec.func);
                    portal.into_iter().flat_map(|portal| &portal.greens).map(|&at| inst.args[at as usize]).collect()
                }
                _ => vec![],
            };
            for arg in asked.into_iter().filter(|&arg| spec.color(arg) == Color::Red) {
                let (arg, func) = (name(graph, arg), &info.name);
                let what = format!("`{arg}` must be green, and is red in `{func}`: results of recursive functions are");
                errors.push(HintError { chain: vec![Step { what, span: inst.span }] });
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}
