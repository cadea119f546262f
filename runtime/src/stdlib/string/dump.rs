//! `string.dump`.

use crate::error::Raised;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

pub(super) fn dump(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let function = call.check_function(vm, 1)?;
    if function.tag != value::CLOSURE {
        return Err(vm.raise_string(1, "unable to dump given function"));
    }
    let bytes = moonshift_lang::bytecode::dump(&function.as_closure().proto.source, call.truthy(2));
    call.ret(Value::string(vm.new_string(&bytes)))
}
