//! `string.dump`.

use crate::error::Raised;
use crate::vm::{Call, Vm};

pub(super) fn dump(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.check_function(vm, 1)?;
    Err(vm.raise_string(1, "unable to dump given function"))
}
