//! Compiled units as one page of HTML that needs nothing else: source, bytecode, residual graph, the backend's texts, exits.

use super::svg::{escape, svg};
use crate::flow::print_graph;
use crate::portal::{Jit, UnitView};
use std::fmt::Write;

/// What the interpreter knows of its programs.
pub struct Describe<'a> {
    pub title: &'a str,
    /// The user program's text.
    pub source: Option<&'a str>,
    /// The bytecode that a unit, given by its greens, was made of.
    pub bytecode: &'a dyn Fn(&[u64]) -> Option<String>,
    /// A position in the user program, given by the greens, in a few words.
    pub position: &'a dyn Fn(&[u64]) -> String,
}

const STYLE: &str = "body{font-family:sans-serif;margin:1.5em;color:#222}pre,svg{background:#f7f7f5;padding:.6em;overflow:auto}\
    pre{font-size:12px;line-height:1.35}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2em .6em;\
    text-align:left}h2{border-top:2px solid #888;padding-top:.6em}summary{cursor:pointer;font-weight:bold;margin:.4em 0}\
    .graph{overflow:auto}.columns{display:flex;gap:1em;flex-wrap:wrap}.columns>*{flex:1 1 24em;min-width:0}";

/// All units of a compiler as a page. Graphs and code are there if [`crate::portal::Policy::keep_dumps`] kept them.
pub fn units_page(jit: &Jit, describe: &Describe<'_>) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style></head>\
         <body>\n<h1>{0}</h1>\n",
        escape(describe.title)
    );
    let totals = jit.totals();
    let _ = writeln!(
        out,
        "<p>{} units compiled, {} given up, {} exits taken, {} bytes of code, {} residual operations, {} µs generating, {} µs in \
         the backend</p>",
        totals.compiled,
        totals.failed,
        totals.exits,
        totals.code_bytes,
        totals.residual_ops,
        totals.generate_nanos / 1000,
        totals.backend_nanos / 1000
    );
    if let Some(source) = describe.source {
        section(&mut out, "source", true, &numbered(source));
    }
    jit.units(&mut |unit| out.push_str(&unit_section(&unit, describe)));
    out.push_str("</body></html>\n");
    out
}

fn section(out: &mut String, title: &str, open: bool, text: &str) {
    let open = if open { " open" } else { "" };
    let _ = writeln!(out, "<details{open}><summary>{title}</summary><pre>{}</pre></details>", escape(text));
}

fn numbered(text: &str) -> String {
    text.lines().enumerate().map(|(index, line)| format!("{:4}  {line}\n", index + 1)).collect()
}

fn unit_section(unit: &UnitView<'_>, describe: &Describe<'_>) -> String {
    let position = (describe.position)(unit.greens);
    let mut out = format!("<h2>{}</h2>\n", escape(&position));
    if let Some(why) = unit.failure {
        let _ = writeln!(out, "<p>Not compiled: {}</p>", escape(why));
    }
    let _ = writeln!(
        out,
        "<p>Entered {} times from outside, compiled again {} times, {} bytes.</p>",
        unit.entered, unit.recompiles, unit.code_bytes
    );
    out.push_str("<div class=\"columns\">\n");
    if let Some(bytecode) = (describe.bytecode)(unit.greens) {
        section(&mut out, "bytecode", true, &bytecode);
    }
    let module = &unit.extension.module;
    if let Some(graph) = unit.graph {
        section(&mut out, "residual operations", true, &print_graph(graph, Some(module)));
    }
    out.push_str("</div>\n");
    if let Some(graph) = unit.graph {
        let drawn = svg(graph, Some(module), &|_| None);
        let _ = writeln!(out, "<details><summary>residual graph</summary><div class=\"graph\">{drawn}</div></details>");
    }
    if let Some(dump) = unit.code.and_then(|code| code.dump()) {
        out.push_str("<div class=\"columns\">\n");
        section(&mut out, "the backend's form", false, &dump.intermediate);
        section(&mut out, "machine code", false, &dump.assembly);
        out.push_str("</div>\n");
    }
    if !unit.exits.is_empty() {
        out.push_str("<table><tr><th>exit</th><th>why</th><th>where</th><th>in</th><th>live</th><th>taken</th></tr>\n");
        for (number, exit) in unit.exits.iter().enumerate() {
            let inside: Vec<&str> =
                exit.info.frames.iter().map(|frame| module.func(frame.func).name.as_str()).collect();
            let _ = writeln!(
                out,
                "<tr><td>{number}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                exit.info.reason.name(),
                escape(&(describe.position)(exit.info.greens())),
                escape(&inside.join(" > ")),
                exit.info.live,
                exit.taken
            );
        }
        out.push_str("</table>\n");
    }
    out
}
