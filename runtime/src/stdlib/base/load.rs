//! Loading chunks.

use crate::error::Raised;
use crate::error::messages::until_zero;
use crate::stdlib::chunk::{Source, compile_chunk, read_chunk_file};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

pub(super) fn load(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let chunk = call.arg(1);
    let name = call.opt_str(vm, 2)?;
    let mode = call.opt_str(vm, 3)?;
    let mode = mode.as_ref().map_or(&b"bt"[..], |mode| mode.as_bytes());
    let env = if call.has(4) { call.arg(4) } else { Value::table(vm.globals()) };
    if matches!(chunk.tag, value::STRING | value::INT | value::FLOAT) {
        let text = call.check_str(vm, 1)?;
        let name = until_zero(name.as_ref().map_or(text.as_bytes(), |name| name.as_bytes()));
        return finish(vm, call, Source { text: text.as_bytes(), name, mode }, env);
    }
    call.check_function(vm, 1)?;
    let mut text = Vec::new();
    loop {
        let piece = match vm.protected(|| vm.call_without_yield(chunk, &[])) {
            Ok(results) => results.get(0),
            Err(error) if vm.is_kill(error) => return Err(vm.raise(error)),
            Err(error) => return call.ret2(Value::nil(), error),
        };
        match piece.tag {
            value::NIL => break,
            value::STRING if piece.as_string().len == 0 => break,
            value::STRING => text.extend_from_slice(piece.as_string().as_bytes()),
            value::INT | value::FLOAT => crate::natives::convert::write_number(&mut text, piece),
            _ => {
                let message = vm.position(1) + "reader function must return a string";
                return call.ret2(Value::nil(), Value::string(vm.new_string(message.as_bytes())));
            }
        }
    }
    let name = until_zero(name.as_ref().map_or(&b"=(load)"[..], |name| name.as_bytes()));
    finish(vm, call, Source { text: &text, name, mode }, env)
}

pub(super) fn loadfile(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let path = call.opt_str(vm, 1)?;
    let mode = call.opt_str(vm, 2)?;
    let env = if call.has(3) { call.arg(3) } else { Value::table(vm.globals()) };
    let (text, name) = match read_chunk_file(path.as_ref().map(|path| path.as_bytes())) {
        Ok(read) => read,
        Err(message) => return call.ret2(Value::nil(), Value::string(vm.new_string(&message))),
    };
    let mode = mode.as_ref().map_or(&b"bt"[..], |mode| mode.as_bytes());
    finish(vm, call, Source { text: &text, name: &name, mode }, env)
}

pub(super) fn dofile(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let path = call.opt_str(vm, 1)?;
    let raise = |message: Vec<u8>| vm.raise(Value::string(vm.new_string(&message)));
    let (text, name) = read_chunk_file(path.as_ref().map(|path| path.as_bytes())).map_err(raise)?;
    let source = Source { text: &text, name: &name, mode: b"bt" };
    let function = compile_chunk(vm, source, Value::table(vm.globals())).map_err(raise)?;
    let results = vm.call(function, &[])?;
    call.ret_all(vm, &results.to_vec())
}

fn finish(vm: &Vm, call: Call, source: Source<'_>, env: Value) -> Result<usize, Raised> {
    vm.charge(source.text.len() / 8)?;
    match compile_chunk(vm, source, env) {
        Ok(function) => call.ret(function),
        Err(message) => call.ret2(Value::nil(), Value::string(vm.new_string(&message))),
    }
}
