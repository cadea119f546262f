//! The bytecode verifier: what it accepts, the interpreter can run without checking operands.
//!
//! For every function, nested ones included:
//! * operands: registers below `max_stack`, constants of the right kind, upvalues, children, caches and loop numbers in
//!   range, numbers of loops and caches used once;
//! * jumps: in range, forward, but for the loop instructions, which jump back; control never runs off the end;
//! * registers: what is read has been written on every path; a cell is used as a cell only, and what is used as a cell
//!   is one on every path; the end of an open list is known where it is used; variables to be closed are marked from
//!   lower registers to higher ones, and closed before the function returns.
//!
//! The last group is a forward dataflow over a few sets per instruction.

use super::effects::{Access, edge_write, effects, falls_through, jump_target, marks_tbc};
use super::regset::RegSet;
use super::{Field, Instr, Kind, Proto, RK_CONST, info, op};
use std::fmt;

/// Functions nest at most this deep.
pub(super) const MAX_DEPTH: usize = 200;

/// Why a prototype is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Child numbers from the outermost function to the one concerned.
    pub path: Vec<usize>,
    /// Instruction, if it is about one.
    pub pc: Option<usize>,
    pub message: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function")?;
        for n in &self.path {
            write!(f, "/{n}")?;
        }
        if let Some(pc) = self.pc {
            write!(f, ", instruction {pc}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for VerifyError {}

type Result<T = ()> = std::result::Result<T, (Option<usize>, String)>;

/// Checks a prototype and its children.
pub fn verify(proto: &Proto) -> std::result::Result<(), VerifyError> {
    verify_at(proto, &mut Vec::new())
}

fn verify_at(proto: &Proto, path: &mut Vec<usize>) -> std::result::Result<(), VerifyError> {
    let check = shape(proto).and_then(|()| instructions(proto)).and_then(|()| registers(proto));
    check.map_err(|(pc, message)| VerifyError { path: path.clone(), pc, message })?;
    for (i, child) in proto.children.iter().enumerate() {
        path.push(i);
        if path.len() > MAX_DEPTH {
            return Err(VerifyError { path: path.clone(), pc: None, message: "functions nest too deep".into() });
        }
        captures(proto, child).map_err(|message| VerifyError { path: path.clone(), pc: None, message })?;
        verify_at(child, path)?;
        path.pop();
    }
    Ok(())
}

fn ensure(condition: bool, message: impl FnOnce() -> String) -> Result {
    if condition { Ok(()) } else { Err((None, message())) }
}

/// Whole-function properties.
fn shape(proto: &Proto) -> Result {
    let len = proto.code.len();
    ensure(len > 0, || "no code".into())?;
    ensure(u32::try_from(len).is_ok(), || "too much code".into())?;
    ensure(proto.max_stack >= 2 && proto.num_params <= proto.max_stack, || "too few registers".into())?;
    ensure(proto.upvalues.len() <= 255, || "too many upvalues".into())?;
    // Each is used by an instruction, and what they count takes memory.
    let most = len.min(LAST_NUMBER + 1);
    ensure(proto.num_loops as usize <= most, || "too many loops".into())?;
    ensure(proto.num_caches as usize <= most, || "too many caches".into())?;
    ensure(proto.lines.is_empty() || proto.lines.len() == len, || "line table does not fit the code".into())?;
    ensure(!falls_through(proto.code[len - 1]), || "control runs off the end".into())?;
    let mut start = 0;
    for local in &proto.locals {
        let ordered = start <= local.start_pc && local.start_pc <= local.end_pc && local.end_pc as usize <= len;
        ensure(ordered && local.reg < proto.max_stack, || "bad variable information".into())?;
        start = local.start_pc;
    }
    Ok(())
}

/// A child's upvalues against the function that makes it.
fn captures(proto: &Proto, child: &Proto) -> std::result::Result<(), String> {
    for upvalue in &child.upvalues {
        let index = upvalue.index as usize;
        if upvalue.in_parent_register {
            if index >= proto.max_stack as usize {
                return Err("captured register out of range".into());
            }
        } else {
            let Some(outer) = proto.upvalues.get(index) else {
                return Err("captured upvalue out of range".into());
            };
            if outer.assigned_after_init != upvalue.assigned_after_init {
                return Err("upvalue marks disagree".into());
            }
        }
    }
    Ok(())
}

/// Each instruction by itself.
fn instructions(proto: &Proto) -> Result {
    let mut seen =
        Seen { loops: vec![false; proto.num_loops as usize], caches: vec![false; proto.num_caches as usize] };
    for (pc, &i) in proto.code.iter().enumerate() {
        instruction(proto, pc, i, &mut seen).map_err(|(_, message)| (Some(pc), message))?;
    }
    Ok(())
}

/// Numbers that were used.
struct Seen {
    loops: Vec<bool>,
    caches: Vec<bool>,
}

/// The last number of a loop or cache, shared by all beyond it.
const LAST_NUMBER: usize = 0xffff;

/// Marks a number as used; whether that is allowed.
fn use_number(seen: &mut [bool], number: usize) -> bool {
    seen.get_mut(number).is_some_and(|seen| !std::mem::replace(seen, true) || number == LAST_NUMBER)
}

fn instruction(proto: &Proto, pc: usize, i: Instr, seen: &mut Seen) -> Result {
    let Some(info) = info(i.op()) else {
        return Err((None, format!("unknown opcode {}", i.op())));
    };
    let max = proto.max_stack as usize;
    for operand in info.operands {
        let value = operand.get(i) as usize;
        let constant = |index: usize, kind: Kind| match proto.constants.get(index) {
            Some(k) => match kind {
                Kind::KNum => k.is_number(),
                Kind::KStr => k.as_str().is_some(),
                _ => true,
            },
            None => false,
        };
        let good = match operand.kind {
            Kind::Write | Kind::Read | Kind::Range => value < max,
            Kind::Rk if value < RK_CONST => value < max,
            Kind::Rk => constant(value - RK_CONST, Kind::KAny),
            Kind::KNum | Kind::KStr | Kind::KAny => constant(value, operand.kind),
            Kind::Up => value < proto.upvalues.len(),
            Kind::Target => {
                let back = matches!(i.op(), op::LOOP | op::FORLOOP | op::TFORLOOP);
                value < proto.code.len() && if back { value <= pc } else { value > pc }
            }
            Kind::Loop => use_number(&mut seen.loops, value),
            Kind::Child => value < proto.children.len(),
            Kind::Cache => use_number(&mut seen.caches, value),
            Kind::Swapped => value <= 1,
            Kind::Int => true,
        };
        ensure(good, || format!("{}: operand {:?} is {value}", info.name, operand.field))?;
    }
    // Fields that mean nothing must be zero, so that there is one encoding.
    ensure(i == canonical(i, info), || format!("{}: unused operand is set", info.name))?;
    let detail = match i.op() {
        op::SETUP => proto.upvalues[i.b()].assigned_after_init,
        op::CONCAT => i.b() >= 2,
        op::TFORCALL => i.c() >= 1 && i.a() + 7 <= max,
        op::FORPREP | op::FORLOOP => i.a() + 4 <= max,
        op::TFORPREP => i.a() + 4 <= max && proto.code[i.d()].op() == op::TFORCALL && proto.code[i.d()].a() == i.a(),
        op::TFORLOOP => i.a() + 5 <= max,
        op::VARARG => proto.is_vararg,
        op::CLOSE => i.b() <= 1,
        _ => true,
    };
    ensure(detail, || format!("{}: operands do not fit", info.name))?;
    let mut in_range = true;
    effects(proto, i, &mut |e| in_range &= e.first + e.count <= max.max(e.first));
    ensure(in_range, || format!("{}: registers out of range", info.name))
}

/// The instruction with every field cleared that its opcode does not use.
fn canonical(i: Instr, info: &super::OpInfo) -> Instr {
    let mut mask = 0xff;
    for operand in info.operands {
        mask |= match operand.field {
            Field::A => 0xff00,
            Field::B => 0xffff_0000,
            Field::C => 0xffff_0000_0000,
            Field::D | Field::Sd => 0xffff_ffff_0000_0000,
            Field::E => 0xffff_0000_0000_0000,
        };
    }
    Instr(i.0 & mask)
}

/// What is known before an instruction.
#[derive(Copy, Clone, PartialEq)]
struct State {
    /// Written on every path.
    defined: RegSet,
    /// A cell on every path.
    cell: RegSet,
    /// A cell on some path.
    maybe_cell: RegSet,
    /// To be closed, on some path.
    tbc: RegSet,
    /// An open list starts here.
    open: Option<usize>,
}

impl State {
    fn meet(self, other: State) -> State {
        State {
            defined: self.defined.intersection(other.defined),
            cell: self.cell.intersection(other.cell),
            maybe_cell: self.maybe_cell.union(other.maybe_cell),
            tbc: self.tbc.union(other.tbc),
            open: if self.open == other.open { self.open } else { None },
        }
    }

    fn write(&mut self, set: RegSet, is_cell: bool) {
        self.defined = self.defined.union(set);
        self.lose_cells(set);
        if is_cell {
            self.cell = self.cell.union(set);
            self.maybe_cell = self.maybe_cell.union(set);
        }
    }

    fn lose_cells(&mut self, set: RegSet) {
        self.cell = self.cell.difference(set);
        self.maybe_cell = self.maybe_cell.difference(set);
    }
}

/// The dataflow.
fn registers(proto: &Proto) -> Result {
    let entry = State {
        defined: RegSet::range(0, proto.num_params as usize),
        cell: RegSet::EMPTY,
        maybe_cell: RegSet::EMPTY,
        tbc: RegSet::EMPTY,
        open: None,
    };
    let mut states: Vec<Option<State>> = vec![None; proto.code.len()];
    states[0] = Some(entry);
    let mut work = vec![0];
    while let Some(pc) = work.pop() {
        let i = proto.code[pc];
        let state = states[pc].expect("only reached instructions are on the list");
        let out = transfer(proto, i, state).map_err(|message| (Some(pc), message))?;
        for (jumps, next) in [(true, jump_target(i)), (false, falls_through(i).then_some(pc + 1))] {
            let Some(next) = next else {
                continue;
            };
            let mut out = out;
            if let Some((_, reg)) = edge_write(i).filter(|(on_jump, _)| *on_jump == jumps) {
                out.write(RegSet::range(reg, 1), false);
            }
            let merged = states[next].map_or(out, |old| old.meet(out));
            if states[next] != Some(merged) {
                states[next] = Some(merged);
                work.push(next);
            }
        }
    }
    Ok(())
}

/// A register and all above it.
fn from(register: usize) -> RegSet {
    RegSet::range(register, 256 - register)
}

/// Checks an instruction against what is known, and what is known after it.
fn transfer(proto: &Proto, i: Instr, before: State) -> std::result::Result<State, String> {
    let mut state = before;
    let mut problem = None;
    let mut consumed = false;
    let mut opened = None;
    effects(proto, i, &mut |e| {
        let set = RegSet::range(e.first, e.count);
        let mut need = |good: bool, what: &str| {
            if !good && problem.is_none() {
                problem = Some(format!("{i:?}: {what}"));
            }
        };
        let plain = |set: RegSet, state: &State| set.intersection(state.maybe_cell).is_empty();
        match e.access {
            Access::Read => {
                need(set.difference(state.defined).is_empty(), "reads a register that may be unset");
                need(plain(set, &state), "reads a cell as a value");
            }
            Access::Cell => need(set.difference(state.cell).is_empty(), "needs a cell"),
            Access::ReadOpen => {
                consumed = true;
                match state.open {
                    Some(open) if open >= e.first => {
                        let fixed = RegSet::range(e.first, open - e.first);
                        need(fixed.difference(state.defined).is_empty(), "reads a register that may be unset");
                        need(plain(fixed, &state), "reads a cell as a value");
                    }
                    _ => need(false, "needs an open list"),
                }
            }
            Access::Close => {}
            Access::Write => state.write(set, false),
            Access::WriteCell => state.write(set, true),
            Access::Clobber => {
                state.defined = state.defined.difference(set);
                state.lose_cells(set);
            }
            Access::Open => {
                state.defined = state.defined.difference(set);
                state.lose_cells(set);
                opened = Some(e.first);
            }
        }
    });
    if let Some(message) = problem {
        return Err(message);
    }
    if let Some(register) = marks_tbc(i) {
        if !state.tbc.intersection(from(register)).is_empty() {
            return Err(format!("{i:?}: registers above are to be closed already"));
        }
        state.tbc = state.tbc.union(RegSet::range(register, 1));
    }
    match i.op() {
        op::CLOSE => state.tbc = state.tbc.difference(from(i.a())),
        op::RETURN | op::RETURN0 | op::RETURN1 | op::TAILCALL if !state.tbc.is_empty() => {
            return Err(format!("{i:?}: variables to be closed are left"));
        }
        _ => {}
    }
    let keeps_open = i.op() == op::CLOSE && i.b() == 1;
    if keeps_open && before.open.is_none() {
        return Err(format!("{i:?}: needs an open list"));
    }
    if before.open.is_some() && !consumed && !keeps_open {
        return Err(format!("{i:?}: an open list is lost"));
    }
    state.open = if keeps_open { before.open } else { opened };
    Ok(state)
}
