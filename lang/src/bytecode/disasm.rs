//! A printed listing of bytecode.

use super::{Constant, Instr, Kind, Proto, RK_CONST, info};
use std::fmt::Write;

/// The listing of a function and its children: one line an instruction, with its source line, operands by kind, and
/// what constants and names stand behind them.
pub fn disassemble(proto: &Proto) -> String {
    let mut out = String::new();
    function(&mut out, proto, "main");
    out
}

fn function(out: &mut String, p: &Proto, name: &str) {
    let vararg = if p.is_vararg { "+" } else { "" };
    let _ = writeln!(
        out,
        "function {name} <{}:{},{}> {}{vararg} params, {} registers, {} upvalues, {} constants, {} instructions",
        String::from_utf8_lossy(&crate::chunk_id(&p.source)),
        p.line_defined,
        p.last_line,
        p.num_params,
        p.max_stack,
        p.upvalues.len(),
        p.constants.len(),
        p.code.len()
    );
    for (pc, &i) in p.code.iter().enumerate() {
        let _ = write!(out, "{pc:6} [{}]\t", p.line(pc));
        instruction(out, p, i);
        out.push('\n');
    }
    for (n, u) in p.upvalues.iter().enumerate() {
        let from = if u.in_parent_register { "register" } else { "upvalue" };
        let constant = if u.assigned_after_init { "" } else { ", never assigned" };
        let _ = writeln!(out, "  upvalue {n} {} = {from} {}{constant}", String::from_utf8_lossy(&u.name), u.index);
    }
    for v in &p.locals {
        let name = String::from_utf8_lossy(&v.name);
        let _ = writeln!(out, "  local {name} = r{} in {}..{}", v.reg, v.start_pc, v.end_pc);
    }
    for (n, child) in p.children.iter().enumerate() {
        out.push('\n');
        function(out, child, &format!("{name}.{n}"));
    }
}

fn instruction(out: &mut String, p: &Proto, i: Instr) {
    let Some(info) = info(i.op()) else {
        let _ = write!(out, "unknown {:#x}", i.0);
        return;
    };
    let _ = write!(out, "{:8}", info.name);
    let mut notes = Vec::new();
    for operand in info.operands {
        let value = operand.get(i);
        let index = value as usize;
        match operand.kind {
            Kind::Write | Kind::Read | Kind::Range => {
                let _ = write!(out, " r{value}");
            }
            Kind::Rk if index < RK_CONST => {
                let _ = write!(out, " r{value}");
            }
            Kind::Rk => notes.push(constant(out, p, index - RK_CONST)),
            Kind::KNum | Kind::KStr | Kind::KAny => notes.push(constant(out, p, index)),
            Kind::Up => {
                let _ = write!(out, " u{value}");
                if let Some(u) = p.upvalues.get(index) {
                    notes.push(String::from_utf8_lossy(&u.name).into_owned());
                }
            }
            Kind::Int => {
                let _ = write!(out, " {value}");
            }
            Kind::Target => {
                let _ = write!(out, " ->{value}");
            }
            Kind::Loop => {
                let _ = write!(out, " loop{value}");
            }
            Kind::Child => {
                let _ = write!(out, " f{value}");
            }
            Kind::Cache => {}
            Kind::Swapped => {
                if value != 0 {
                    notes.push("swapped".into());
                }
            }
        }
    }
    if !notes.is_empty() {
        let _ = write!(out, "\t; {}", notes.join(" "));
    }
}

fn constant(out: &mut String, p: &Proto, index: usize) -> String {
    let _ = write!(out, " k{index}");
    match p.constants.get(index) {
        None => "?".into(),
        Some(Constant::Nil) => "nil".into(),
        Some(Constant::False) => "false".into(),
        Some(Constant::True) => "true".into(),
        Some(Constant::Int(i)) => i.to_string(),
        Some(Constant::Float(f)) => format!("{f:?}"),
        Some(Constant::Str(s)) => format!("\"{}\"", s.escape_ascii()),
    }
}
