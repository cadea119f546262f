//! Positions and tracebacks, from the frame records.

use super::messages::called_as;
use crate::heap::object::{Frame, Proto};
use crate::table::{table_entry, table_get_str};
use crate::value::{self, Value};
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;
pub use moonshift_lang::chunk_id;

/// The function of a frame.
pub fn function(frame: Frame) -> Value {
    let function = frame.base.back(1).get(0).value();
    if function.tag == value::TAIL_CALLED { Value::closure(function.as_closure()) } else { function }
}

/// Whether the function of a frame took the place of one that called it last.
pub fn is_tail_called(frame: Frame) -> bool {
    frame.base.back(1).get(0).tag == value::TAIL_CALLED
}

/// The prototype of a Lua frame, and the index of the instruction it is at.
pub fn lua_position(frame: Frame) -> Option<(Ref<Proto>, usize)> {
    let function = function(frame);
    (function.tag == value::CLOSURE).then(|| (function.as_closure().proto, frame.pc.saturating_sub(1)))
}

/// The line a frame is at; 0 when unknown.
pub fn line(frame: Frame) -> u32 {
    lua_position(frame).map_or(0, |(proto, pc)| proto.source.line(pc))
}

/// A prototype's chunk name as messages show it.
pub fn chunk_name(proto: Ref<Proto>) -> String {
    let name = &proto.source.source;
    // Stripped of what is for messages.
    if name.is_empty() && proto.source.lines.is_empty() {
        return "?".into();
    }
    String::from_utf8_lossy(&chunk_id(name)).into_owned()
}

/// "chunk:line: " of the function at a level. Without a line, errors of operations say -1, those that natives raise
/// for their callers nothing.
pub fn position(vm: &Vm, level: usize) -> String {
    match vm.frames().nth(level).and_then(lua_position) {
        Some((proto, pc)) => match proto.source.line(pc) {
            0 if level == 0 => format!("{}:-1: ", chunk_name(proto)),
            0 => String::new(),
            line => format!("{}:{line}: ", chunk_name(proto)),
        },
        None => String::new(),
    }
}

/// A function's name as a field of a loaded module ("string.rep", "print"), if it is one.
pub fn global_name(vm: &Vm, function: Value) -> Option<String> {
    let loaded = table_get_str(vm.registry(), vm.new_string(b"_LOADED")).to_table()?;
    let mut at = 0;
    while let Some((next, module, fields)) = table_entry(loaded, at) {
        at = next;
        let (Some(module), Some(fields)) = (module.to_string_object(), fields.to_table()) else { continue };
        let mut position = 0;
        while let Some((next, name, value)) = table_entry(fields, position) {
            position = next;
            if value.tag == function.tag
                && value.bits == function.bits
                && let Some(name) = name.to_string_object()
            {
                let name = name.to_str_lossy();
                let module = module.to_str_lossy();
                return Some(if module == "_G" { name.into_owned() } else { format!("{module}.{name}") });
            }
        }
    }
    None
}

/// What a native is called when nothing tells how it was reached.
pub fn native_name(vm: &Vm, function: Value) -> String {
    if let Some(name) = global_name(vm, function) {
        return name;
    }
    match function.as_native().name {
        "" => "?".into(),
        name => name.into(),
    }
}

/// Frames shown at each end of a long traceback.
const HEAD: usize = 10;
const TAIL: usize = 11;

/// "stack traceback:" and a line for each frame from `level` on (0: the running function).
pub fn traceback(vm: &Vm, level: usize) -> String {
    let mut out = String::from("stack traceback:");
    // Below the main thread is the host.
    let host = usize::from(vm.frames_end_at_host());
    let shown = (vm.frames().count() + host).saturating_sub(level);
    let skipped = if shown > HEAD + TAIL + 1 { HEAD..shown - TAIL } else { 0..0 };
    for (index, frame) in vm.frames().enumerate().skip(level) {
        let row = index - level;
        if skipped.contains(&row) {
            if row == skipped.start {
                // The reference does not count the first.
                out.push_str(&format!("\n\t...\t(skipping {} levels)", skipped.len() - 1));
            }
            continue;
        }
        out.push_str("\n\t");
        match lua_position(frame) {
            Some((proto, pc)) => match proto.source.line(pc) {
                0 => out.push_str(&format!("{}: in ", chunk_name(proto))),
                line => out.push_str(&format!("{}:{line}: in ", chunk_name(proto))),
            },
            None => out.push_str("[C]: in "),
        }
        out.push_str(&frame_name(vm, frame, index));
        if is_tail_called(frame) {
            out.push_str("\n\t(...tail calls...)");
        }
    }
    if host > 0 && shown > 0 {
        out.push_str("\n\t[C]: in ?");
    }
    out
}

fn frame_name(vm: &Vm, frame: Frame, level: usize) -> String {
    let function = function(frame);
    if let Some(name) = global_name(vm, function) {
        return format!("function '{name}'");
    }
    if let Some((kind, name)) = called_as(vm, level) {
        return format!("{kind} '{name}'");
    }
    match lua_position(frame) {
        Some((proto, _)) if proto.source.line_defined == 0 => "main chunk".into(),
        Some((proto, _)) => format!("function <{}:{}>", chunk_name(proto), proto.source.line_defined),
        None => "?".into(),
    }
}
