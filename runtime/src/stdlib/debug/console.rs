//! `debug.debug`: commands from the standard input, until one is `cont`.

use crate::error::Raised;
use crate::stdlib::{Source, compile_chunk, io, set_field};
use crate::table::Table;
use crate::value::Value;
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

pub(super) fn open(vm: &Vm, library: Ref<Table>) {
    // Scripts that replace `io.stdin` do not take the console away.
    let input = io::standard_input(vm);
    set_field(vm, library, "debug", Value::native(vm.new_native_with("debug.debug", debug, &[input], None)));
}

fn debug(vm: &Vm, call: Call) -> Result<usize, Raised> {
    loop {
        io::flush_standard(vm);
        io::write_standard_error(b"lua_debug> ");
        let line = io::read_line(vm, call.upvalue(0))?;
        let Some(line) = line.to_string_object().filter(|line| line.as_bytes() != b"cont\n") else {
            return call.ret0();
        };
        let source = Source { text: line.as_bytes(), name: b"=(debug command)", mode: b"bt" };
        let failure = match compile_chunk(vm, source, Value::table(vm.globals())) {
            Err(message) => message,
            Ok(command) => match vm.call_protected(command, &[]) {
                Ok(_) => continue,
                Err(error) => vm.tostring(error)?.as_bytes().to_vec(),
            },
        };
        io::write_standard_error(&failure);
        io::write_standard_error(b"\n");
    }
}
