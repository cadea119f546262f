//! What people can see of the compiler: totals, units, exits, graphs and listings.

use super::{PORTAL, state};
use crate::heap::object::Proto;
use crate::vm::Vm;
use moonshift_jitgen::flow::print_graph;
use moonshift_jitgen::mem::Ref;
use moonshift_jitgen::portal::UnitView;
use moonshift_jitgen::view::{Describe, units_page};
use std::fmt::Write;

/// What [`dump`] shows.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Dump {
    /// The interpreter's flow graphs.
    Graph,
    /// The residual graph of each unit.
    Residual,
    /// The backend's input of each unit.
    Clif,
    /// Machine code of each unit.
    Asm,
}

/// `source:line` of a position.
fn position(greens: &[u64]) -> String {
    let [proto, pc] = *greens else { return "?".into() };
    // SAFETY: the greens of a unit are a prototype, which the unit keeps alive, and a position.
    let proto: Ref<Proto> = unsafe { Ref::from_addr(proto) };
    let line = proto.source.line(pc as usize);
    format!("{}:{line}", String::from_utf8_lossy(&proto.source.source))
}

fn each_unit(vm: &Vm, view: &mut dyn FnMut(UnitView<'_>)) {
    if let Some(state) = state(vm) {
        state.jit().units(view);
    }
}

/// The chosen texts of all units.
pub fn dump(vm: &Vm, what: Dump) -> String {
    let mut out = String::new();
    if what == Dump::Graph {
        if let Some(state) = state(vm) {
            out.push_str(&moonshift_jitgen::flow::print_module(&state.jit().extension().module));
        }
        return out;
    }
    each_unit(vm, &mut |unit| {
        let _ = writeln!(out, "-- unit {} pc {}", position(unit.greens), unit.greens.get(1).copied().unwrap_or(0));
        let text = match what {
            Dump::Residual => unit.graph.map(|graph| print_graph(graph, Some(&unit.extension.module))),
            Dump::Clif => unit.code.and_then(|code| code.dump()).map(|dump| dump.intermediate.clone()),
            Dump::Asm => unit.code.and_then(|code| code.dump()).map(|dump| dump.assembly.clone()),
            Dump::Graph => None,
        };
        let failed = || unit.failure.map_or_else(String::new, |why| format!("-- not compiled: {why}"));
        let _ = writeln!(out, "{}", text.unwrap_or_else(failed));
    });
    out
}

/// All units as one page of HTML: source, bytecode, residual graphs, the backend's texts, exits. Needs
/// [`keep_dumps`](super::JitOptions::keep_dumps).
pub fn page(vm: &Vm, title: &str, source: Option<&str>) -> Option<String> {
    let bytecode = |greens: &[u64]| {
        // SAFETY: the first green of a unit is a prototype, which the unit keeps alive.
        let proto: Ref<Proto> = unsafe { Ref::from_addr(*greens.first()?) };
        Some(moonshift_lang::bytecode::disassemble(&proto.source))
    };
    let place = |greens: &[u64]| format!("{} pc {}", position(greens), greens.get(1).copied().unwrap_or(0));
    let describe = Describe { title, source, bytecode: &bytecode, position: &place };
    Some(units_page(state(vm)?.jit(), &describe))
}

/// Totals, units and exits, for people.
pub fn stats(vm: &Vm) -> String {
    let mut out = String::new();
    let Some(state) = state(vm) else { return "jit: off\n".into() };
    let totals = state.jit().totals();
    let _ = writeln!(
        out,
        "jit: {} compiled, {} failed, {} profiled, {} exits, {} residual operations, {} bytes of code, {:.1} ms generating, {:.1} ms in the backend",
        totals.compiled,
        totals.failed,
        totals.profiled,
        totals.exits,
        totals.residual_ops,
        totals.code_bytes,
        totals.generate_nanos as f64 / 1e6,
        totals.backend_nanos as f64 / 1e6,
    );
    each_unit(vm, &mut |unit| {
        debug_assert_eq!(unit.portal, PORTAL);
        let outcome = match unit.failure {
            Some(why) if !unit.compiled => format!("not compiled: {why}"),
            Some(why) => format!("{} bytes, recompiled {} times, last failed: {why}", unit.code_bytes, unit.recompiles),
            _ if unit.compiled => format!("{} bytes, recompiled {} times", unit.code_bytes, unit.recompiles),
            _ => "profiled".into(),
        };
        let pc = unit.greens.get(1).copied().unwrap_or(0);
        let _ = writeln!(out, "unit {} pc {pc}: entered {} times, {outcome}", position(unit.greens), unit.entered);
        for exit in unit.exits.iter().filter(|exit| exit.taken > 0) {
            let _ = writeln!(
                out,
                "  exit at {} pc {}: {}, taken {} times",
                position(exit.info.greens()),
                exit.info.greens().get(1).copied().unwrap_or(0),
                exit.info.reason.name(),
                exit.taken
            );
        }
    });
    out
}

/// [`stats`] for machines: one JSON object.
pub fn stats_json(vm: &Vm) -> String {
    let Some(state) = state(vm) else { return "{\"jit\":false}\n".into() };
    let totals = state.jit().totals();
    let mut units = vec![];
    each_unit(vm, &mut |unit| {
        let exits: Vec<String> = unit
            .exits
            .iter()
            .filter(|exit| exit.taken > 0)
            .map(|exit| {
                format!(
                    "{{\"position\":{},\"pc\":{},\"reason\":{},\"taken\":{}}}",
                    quote(&position(exit.info.greens())),
                    exit.info.greens().get(1).copied().unwrap_or(0),
                    quote(exit.info.reason.name()),
                    exit.taken
                )
            })
            .collect();
        units.push(format!(
            "{{\"position\":{},\"pc\":{},\"compiled\":{},\"failure\":{},\"entered\":{},\"recompiles\":{},\"code_bytes\":{},\"exits\":[{}]}}",
            quote(&position(unit.greens)),
            unit.greens.get(1).copied().unwrap_or(0),
            unit.compiled,
            unit.failure.map_or_else(|| "null".into(), quote),
            unit.entered,
            unit.recompiles,
            unit.code_bytes,
            exits.join(",")
        ));
    });
    format!(
        "{{\"jit\":true,\"compiled\":{},\"failed\":{},\"profiled\":{},\"exits\":{},\"residual_ops\":{},\"code_bytes\":{},\"generate_ns\":{},\"backend_ns\":{},\"units\":[{}]}}\n",
        totals.compiled,
        totals.failed,
        totals.profiled,
        totals.exits,
        totals.residual_ops,
        totals.code_bytes,
        totals.generate_nanos,
        totals.backend_nanos,
        units.join(",")
    )
}

fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
