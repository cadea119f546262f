//! Names for error messages: what a register or a called function is in the source.
//!
//! A walk over the instructions before the one that failed finds the instruction that put the value there, as long as
//! no jump can have come in between; its operands then tell the name.

use super::effects::{Access, edge_write, effects, jump_target};
use super::{Constant, Instr, Proto, op};

/// Kind ("local", "global", "field", ...) and name.
pub type Description<'p> = (&'static str, &'p [u8]);

/// What the value in register `reg` is called when instruction `pc` is about to use it.
pub fn describe_register(proto: &Proto, pc: usize, reg: usize) -> Option<Description<'_>> {
    if let Some(local) = local_in_register(proto, pc, reg) {
        return Some(("local", local));
    }
    let setter = find_setter(proto, pc, reg)?;
    let i = proto.code[setter];
    match i.op() {
        op::MOVE if i.b() < i.a() => describe_register(proto, setter, i.b()),
        op::GETCELL if i.b() != i.a() => describe_register(proto, setter, i.b()),
        op::GETENV => Some((global_or_field(proto.upvalues.get(i.b()).map(|u| &u.name[..])), string(proto, i.c())?)),
        op::GETFIELD => {
            let env = local_in_register(proto, setter, i.b()).or_else(|| upvalue_in_register(proto, setter, i.b()));
            Some((global_or_field(env), string(proto, i.c())?))
        }
        op::GETTABLE => {
            let env = local_in_register(proto, setter, i.b()).or_else(|| upvalue_in_register(proto, setter, i.b()));
            let name = match describe_register(proto, setter, i.c()) {
                Some(("constant", name)) => name,
                _ => b"?",
            };
            Some((global_or_field(env), name))
        }
        // As the reference, whose instruction has eight bits for it.
        op::GETINT => Some(("field", if i.c() < 256 { &b"integer index"[..] } else { b"?" })),
        op::GETUP => describe_upvalue(proto, i.b()),
        op::LOADK => Some(("constant", string(proto, i.d())?)),
        op::SELF if reg == i.a() => Some(("method", string(proto, i.c())?)),
        _ => None,
    }
}

/// What an upvalue is called.
pub fn describe_upvalue(proto: &Proto, upvalue: usize) -> Option<Description<'_>> {
    let name = &proto.upvalues.get(upvalue)?.name[..];
    Some(("upvalue", if name.is_empty() { b"?" } else { name }))
}

/// What the function is called that instruction `pc` calls, be it by a metamethod.
pub fn function_name_at_call(proto: &Proto, pc: usize) -> Option<Description<'_>> {
    let i: Instr = *proto.code.get(pc)?;
    let event: &'static [u8] = match i.op() {
        op::CALL | op::TAILCALL => return describe_register(proto, pc, i.a()),
        op::TFORCALL => return Some(("for iterator", b"for iterator")),
        op::GETENV | op::GETTABLE | op::GETFIELD | op::GETINT | op::SELF => b"index",
        op::SETENV | op::SETTABLE | op::SETFIELD | op::SETINT => b"newindex",
        op::ADD..=op::SHRK => {
            const EVENTS: [&[u8]; 12] =
                [b"add", b"sub", b"mul", b"div", b"mod", b"pow", b"idiv", b"band", b"bor", b"bxor", b"shl", b"shr"];
            EVENTS[(i.op() - op::ADD) as usize % 12]
        }
        op::UNM => b"unm",
        op::BNOT => b"bnot",
        op::LEN => b"len",
        op::CONCAT => b"concat",
        op::JEQ | op::JNE | op::JEQK | op::JNEK => b"eq",
        op::JLT | op::JNLT | op::JLTK | op::JNLTK | op::JGTK | op::JNGTK => b"lt",
        op::JLE | op::JNLE | op::JLEK | op::JNLEK | op::JGEK | op::JNGEK => b"le",
        op::CLOSE => b"close",
        _ => return None,
    };
    Some(("metamethod", event))
}

fn string(proto: &Proto, constant: usize) -> Option<&[u8]> {
    proto.constants.get(constant).and_then(Constant::as_str)
}

fn global_or_field(table: Option<&[u8]>) -> &'static str {
    if table == Some(b"_ENV") { "global" } else { "field" }
}

/// The variable that has register `reg` at `pc`.
fn local_in_register(proto: &Proto, pc: usize, reg: usize) -> Option<&[u8]> {
    proto.active_locals(pc).filter(|v| v.reg as usize == reg).last().map(|v| &v.name[..])
}

/// The variable whose content was loaded from an upvalue or a cell into a temporary register.
fn upvalue_in_register(proto: &Proto, pc: usize, reg: usize) -> Option<&[u8]> {
    let setter = find_setter(proto, pc, reg)?;
    let i = proto.code[setter];
    match i.op() {
        op::GETUP => proto.upvalues.get(i.b()).map(|u| &u.name[..]),
        op::GETCELL => local_in_register(proto, setter, i.b()),
        _ => None,
    }
}

/// The instruction before `pc` that last wrote `reg`, if it surely did on the way to `pc`.
fn find_setter(proto: &Proto, pc: usize, reg: usize) -> Option<usize> {
    let mut setter = None;
    // Instructions before this one can be jumped over.
    let mut target = 0;
    for (at, &i) in proto.code.iter().enumerate().take(pc) {
        let mut writes = edge_write(i).is_some_and(|(_, r)| r == reg);
        effects(proto, i, &mut |e| {
            let is_write = matches!(e.access, Access::Write | Access::WriteCell | Access::Clobber | Access::Open);
            writes |= is_write && (e.first..e.first + e.count).contains(&reg);
        });
        if let Some(to) = jump_target(i)
            && to > at
            && to <= pc
        {
            target = target.max(to);
        }
        if writes {
            setter = if at < target { None } else { Some(at) };
        }
    }
    setter
}
