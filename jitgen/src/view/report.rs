//! The report on a translation: portals, functions, colours, the kinds of calls, the size of the image.

use super::svg::svg;
use crate::flow::{Container, FuncKind, Graph, Markup, Module, Op, Touched, dot, print_colored};
use crate::hints::{CallKind, Color, Spec};
use crate::timeshift::Extension;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Graph of a specialisation.
fn graph<'a>(extension: &'a Extension, spec: &Spec) -> &'a Graph {
    extension.module.graph(spec.func).expect("only functions with graphs are specialised")
}

fn name(color: Color) -> &'static str {
    match color {
        Color::Green => "green",
        Color::Red => "red",
    }
}

/// The specialisation's graph as text, each variable after its colour.
pub fn colored_text(extension: &Extension, spec: &Spec) -> String {
    let color = |var: crate::flow::VarId| Some(name(spec.colors[var.index()]));
    print_colored(graph(extension, spec), Some(&extension.module), &color, Markup::PREFIX)
}

/// The specialisation's graph in the dot language, its variables in their colours.
pub fn colored_dot(extension: &Extension, spec: &Spec) -> String {
    dot(graph(extension, spec), Some(&extension.module), &|var| Some(shade(spec.colors[var.index()])))
}

/// The specialisation's graph as SVG, its variables in their colours.
pub fn colored_svg(extension: &Extension, spec: &Spec) -> String {
    svg(graph(extension, spec), Some(&extension.module), &|var| Some(shade(spec.colors[var.index()])))
}

/// Legible on white.
fn shade(color: Color) -> &'static str {
    match color {
        Color::Green => "#087f23",
        Color::Red => "#c01c28",
    }
}

/// What became of an interpreter, as text.
pub fn report(extension: &Extension) -> String {
    let module = &extension.module;
    let mut out = String::new();
    for portal in &module.portals {
        let info = module.func(portal.func);
        let param = |index: &u32| info.params[*index as usize].0.as_str();
        let greens: Vec<&str> = portal.greens.iter().map(param).collect();
        let _ = writeln!(out, "portal {}: greens {}; order {}", info.name, greens.join(", "), param(&portal.order));
    }
    let _ = writeln!(out, "image: {} bytes", crate::image::encode(extension).len());
    out.push_str("\nfunctions\n");
    for (index, info) in module.funcs.iter().enumerate() {
        let specs = extension.coloring.specs.iter().filter(|spec| spec.func.index() == index).count();
        let what = match &info.kind {
            FuncKind::Graph(graph) => {
                let size: usize = graph.blocks.iter().map(|block| block.insts.len()).sum();
                let kind = if info.never_inline { "graph, never inlined" } else { "graph" };
                let unroll = if info.unroll { ", loops unrolled" } else { "" };
                let blocks = graph.blocks.len();
                format!("{kind}{unroll}: {blocks} blocks, {size} operations, {specs} specialisations")
            }
            FuncKind::Residual if info.elidable => "elidable".to_string(),
            FuncKind::Residual => {
                let kind = if declares(module, index) { "indirect" } else { "residual" };
                format!("{kind}: {}", effects(module, &info.effects))
            }
        };
        let what = match info.container.as_ref().map(meaning) {
            Some(meaning) => format!("{meaning}; {what}"),
            None => what,
        };
        let _ = writeln!(out, "  {:24} {what}", info.name);
    }
    for (number, spec) in extension.coloring.specs.iter().enumerate() {
        out.push_str(&specialisation(module, graph(extension, spec), number, spec));
    }
    out
}

/// Whether the function declares a signature of calls through code addresses.
fn declares(module: &Module, func: usize) -> bool {
    module.sigs.iter().any(|sig| sig.declared_by.index() == func)
}

/// What a function on containers stands for.
fn meaning(container: &Container) -> &'static str {
    match container {
        Container::Struct(_) => "allocates a structure",
        Container::Array { .. } => "allocates an array",
        Container::New(spec, _) | Container::Op { spec, .. } => spec.name(),
    }
}

fn effects(module: &Module, effects: &crate::flow::Effects) -> String {
    let touched = |what: &str, touched: &Touched| match touched {
        Touched::Nothing => None,
        // What no graph reads or writes has no class.
        Touched::Classes(classes) if classes.is_empty() => None,
        Touched::Everything => Some(format!("{what} everything")),
        Touched::Classes(classes) => {
            let names: Vec<&str> = classes.iter().map(|class| module.classes[class.index()].as_str()).collect();
            Some(format!("{what} {}", names.join(", ")))
        }
    };
    let flag = |what: &str, is: bool| is.then(|| what.to_string());
    let all: Vec<String> = [
        touched("reads", &effects.reads),
        touched("writes", &effects.writes),
        flag("collects", effects.collects),
        flag("calls", effects.calls),
    ]
    .into_iter()
    .flatten()
    .collect();
    if all.is_empty() { "touches nothing that graphs touch".to_string() } else { all.join("; ") }
}

fn specialisation(module: &Module, graph: &Graph, number: usize, spec: &Spec) -> String {
    let info = module.func(spec.func);
    let mut out = String::new();
    let params: Vec<String> =
        info.params.iter().zip(&spec.params).map(|((param, _), &color)| format!("{param}: {}", name(color))).collect();
    let results: Vec<&str> = spec.results.iter().map(|&color| name(color)).collect();
    let _ =
        writeln!(out, "\nspecialisation {number}: {}({}) -> ({})", info.name, params.join(", "), results.join(", "));
    let count = |wanted: Color| spec.colors.iter().filter(|&&color| color == wanted).count();
    let _ = writeln!(out, "  variables: {} green, {} red", count(Color::Green), count(Color::Red));
    // By kind, callee and what it becomes: how often, and where first.
    let mut calls: BTreeMap<(&str, String), (usize, u32)> = BTreeMap::new();
    for (block, of) in graph.blocks.iter().enumerate() {
        for (index, inst) in of.insts.iter().enumerate() {
            let callee = match inst.op {
                Op::Call(func) => module.func(func).name.clone(),
                Op::CallIndirect(sig) | Op::CallUnit(sig) | Op::CallEntry(sig) => {
                    module.func(module.sigs[sig.index()].declared_by).name.clone()
                }
                _ => continue,
            };
            // What a residual call is that the generator knows more of.
            let residual = match inst.op {
                Op::CallIndirect(_) | Op::CallUnit(_) | Op::CallEntry(_) => "indirect",
                Op::Call(func) if module.func(func).container.is_some() => "oopspec",
                _ => "residual",
            };
            let (kind, callee) = match spec.call(block as u32, index as u32) {
                Some(CallKind::Green) => ("green", callee),
                Some(CallKind::Yellow(to)) => ("yellow", format!("{callee}, specialisation {}", to.0)),
                Some(CallKind::Gray(to)) => ("gray", format!("{callee}, specialisation {}", to.0)),
                Some(CallKind::Red(to)) => ("red", format!("{callee}, specialisation {}", to.0)),
                Some(CallKind::Portal) => ("portal", callee),
                Some(CallKind::Residual) | None => (residual, callee),
            };
            calls.entry((kind, callee)).or_insert((0, inst.span.line)).0 += 1;
        }
    }
    for ((kind, callee), (times, line)) in calls {
        let times = if times == 1 { String::new() } else { format!(", {times} times") };
        let _ = writeln!(out, "  {kind} call of {callee} (line {line}{times})");
    }
    let promotions = graph.blocks.iter().flat_map(|block| &block.insts).filter(|inst| inst.op.is_hint());
    let mut hints: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    promotions.for_each(|inst| hints.entry(inst.op.name()).or_default().push(inst.span.line));
    for (hint, mut lines) in hints {
        lines.sort();
        lines.dedup();
        let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
        let _ = writeln!(out, "  {hint} at line {}", lines.join(", "));
    }
    out
}
