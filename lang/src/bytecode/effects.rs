//! What an instruction reads and writes: the one description that the verifier and liveness share.

use super::{Instr, Kind, Proto, RK_CONST, info, op};

/// How a range of registers is used.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// A Lua value is read.
    Read,
    /// A cell is read or written through.
    Cell,
    /// A to-be-closed variable, a Lua value or its cell, is read.
    Close,
    /// A Lua value is written.
    Write,
    /// A cell is written.
    WriteCell,
    /// The values are lost (a call uses the registers from its base up), before anything is written.
    Clobber,
    /// Values up to top are written, from here on.
    Open,
    /// The values from here up to top are read: some fixed ones, then an open list.
    ReadOpen,
}

/// A use of `count` registers from `first` on.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    pub access: Access,
    pub first: usize,
    pub count: usize,
}

/// Calls `f` for every use of registers by the instruction, reads first. Counts are not checked against `max_stack`.
///
/// What loop instructions write only when they jump (or only when they do not) is in [`edge_write`].
pub fn effects(proto: &Proto, i: Instr, f: &mut dyn FnMut(Effect)) {
    let max = proto.max_stack as usize;
    let (a, b, c) = (i.a(), i.b(), i.c());
    let mut use_ = |access, first, count| f(Effect { access, first, count });
    // A call uses everything above its base.
    let above = |first: usize| max.saturating_sub(first);
    let Some(info) = info(i.op()) else {
        return;
    };
    for operand in info.operands {
        let value = operand.get(i) as usize;
        match operand.kind {
            Kind::Read if matches!(i.op(), op::GETCELL | op::SETCELL) => use_(Access::Cell, value, 1),
            Kind::Read => use_(Access::Read, value, 1),
            Kind::Rk if value < RK_CONST => use_(Access::Read, value, 1),
            _ => {}
        }
    }
    match i.op() {
        op::LOADNIL => use_(Access::Write, a, b + 1),
        op::NEWCELL => {
            use_(Access::Read, a, 1);
            use_(Access::WriteCell, a, 1);
        }
        op::SELF => use_(Access::Write, a, 2),
        op::SETLIST => {
            use_(Access::Read, a, 1);
            if b == 0 { use_(Access::ReadOpen, a + 1, above(a + 1)) } else { use_(Access::Read, a + 1, b) }
        }
        op::CONCAT => {
            use_(Access::Read, a, b);
            use_(Access::Write, a, 1);
        }
        op::FORPREP => {
            use_(Access::Read, a, 3);
            use_(Access::Write, a, 3);
        }
        op::FORLOOP => {
            use_(Access::Read, a, 3);
            use_(Access::Write, a, 2);
        }
        op::TFORPREP => use_(Access::Read, a, 4),
        op::TFORCALL => {
            use_(Access::Read, a, 3);
            use_(Access::Clobber, a + 4, above(a + 4));
            use_(Access::Write, a + 4, c);
        }
        op::TFORLOOP => use_(Access::Read, a + 4, 1),
        op::CALL | op::TAILCALL => {
            use_(Access::Read, a, 1);
            if b == 0 {
                use_(Access::ReadOpen, a + 1, above(a + 1))
            } else {
                use_(Access::Read, a + 1, b - 1)
            }
            if i.op() == op::CALL {
                use_(Access::Clobber, a, above(a));
                if c == 0 { use_(Access::Open, a, above(a)) } else { use_(Access::Write, a, c - 1) }
            }
        }
        op::RETURN => {
            if b == 0 {
                use_(Access::ReadOpen, a, above(a))
            } else {
                use_(Access::Read, a, b - 1)
            }
        }
        op::VARARG => {
            if c == 0 {
                use_(Access::Open, a, above(a))
            } else {
                use_(Access::Write, a, c - 1)
            }
        }
        op::CLOSURE => {
            if let Some(child) = proto.children.get(i.d()) {
                for upvalue in child.upvalues.iter().filter(|u| u.in_parent_register) {
                    use_(Access::Cell, upvalue.index as usize, 1);
                }
            }
        }
        op::CLOSE => use_(Access::Close, a, above(a)),
        _ => {}
    }
    for operand in info.operands {
        if operand.kind == Kind::Write {
            use_(Access::Write, operand.get(i) as usize, 1);
        }
    }
}

/// The register that a loop instruction writes on one of its two ways out: (it jumps, the register).
pub fn edge_write(i: Instr) -> Option<(bool, usize)> {
    match i.op() {
        op::FORPREP => Some((false, i.a() + 3)),
        op::FORLOOP => Some((true, i.a() + 3)),
        op::TFORLOOP => Some((true, i.a() + 2)),
        _ => None,
    }
}

/// Where an instruction jumps, if it can.
pub fn jump_target(i: Instr) -> Option<usize> {
    match i.op() {
        op::JMP..=op::JNGEK | op::FORPREP | op::FORLOOP | op::TFORPREP | op::TFORLOOP => Some(i.d()),
        _ => None,
    }
}

/// Whether control can go on to the next instruction.
pub fn falls_through(i: Instr) -> bool {
    !matches!(i.op(), op::JMP | op::LOOP | op::TFORPREP | op::TAILCALL | op::RETURN | op::RETURN0 | op::RETURN1)
}

/// The register that an instruction marks as to be closed.
pub fn marks_tbc(i: Instr) -> Option<usize> {
    match i.op() {
        op::TBC => Some(i.a()),
        op::TFORPREP => Some(i.a() + 3),
        _ => None,
    }
}
