//! Calls and returns.

use crate::error::Raised;
use crate::vm::{Reg, Vm};
use moonshift_jitgen::mem::Arr;

/// Calls whatever is in `slot[0]` with `nargs` arguments after it; results from `slot[0]` on.
pub fn call_any(_vm: &Vm, _slot: Arr<Reg>, _nargs: usize) -> Result<usize, Raised> {
    todo!()
}
