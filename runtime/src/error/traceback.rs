//! Positions and tracebacks, from the frame records.

use crate::heap::object::{Frame, Proto};
use crate::value::{self, Value};
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;

/// The function of a frame.
pub fn function(frame: Frame) -> Value {
    frame.base.back(1).get(0).value()
}

/// The prototype of a Lua frame, and the index of the instruction it is at.
pub fn lua_position(frame: Frame) -> Option<(Ref<Proto>, usize)> {
    let function = function(frame);
    (function.tag == value::CLOSURE).then(|| (function.as_closure().proto, frame.pc.wrapping_sub(1)))
}

/// The line a frame is at; 0 when unknown.
pub fn line(frame: Frame) -> u32 {
    lua_position(frame).map_or(0, |(proto, pc)| proto.source.line(pc))
}

/// "chunk:line: " of the function at a level.
pub fn position(vm: &Vm, level: usize) -> String {
    match vm.frames().nth(level).and_then(lua_position) {
        Some((proto, pc)) => {
            let line = proto.source.line(pc);
            let name = chunk_id(&proto.source.source);
            if line == 0 { format!("{name}:?: ") } else { format!("{name}:{line}: ") }
        }
        None => String::new(),
    }
}

/// Length of a displayable chunk name, with a final zero, as the reference has it.
const ID_SIZE: usize = 60;

/// A chunk name as messages show it.
pub fn chunk_id(source: &[u8]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match source.first() {
        None => "?".into(),
        Some(b'=') => text(&source[1..source.len().min(ID_SIZE)]),
        Some(b'@') => {
            let name = &source[1..];
            if name.len() < ID_SIZE { text(name) } else { format!("...{}", text(&name[name.len() - (ID_SIZE - 4)..])) }
        }
        Some(_) => {
            let first_line = source.split(|&b| b == b'\n').next().unwrap_or(source);
            // Room for the quotes, "string", dots and the final zero.
            let room = ID_SIZE - "[string \"...\"]".len() - 1;
            if first_line.len() == source.len() && source.len() <= room {
                format!("[string \"{}\"]", text(source))
            } else {
                format!("[string \"{}...\"]", text(&first_line[..first_line.len().min(room)]))
            }
        }
    }
}
