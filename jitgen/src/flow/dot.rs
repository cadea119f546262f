//! Graphs as input for Graphviz, one node a block, variables in colours.

use super::print::Printer;
use super::{BlockId, Graph, Module, Term, VarId};

/// The graph in the dot language. `color` names the colour of a variable, if it has one.
pub fn dot(graph: &Graph, module: Option<&Module>, color: &dyn Fn(VarId) -> Option<&'static str>) -> String {
    let mut out = String::new();
    out.push_str(&format!("digraph \"{}\" {{\n", graph.name.escape_default()));
    out.push_str(
        "  node [shape=box, fontname=\"monospace\", fontsize=10];\n  edge [fontname=\"monospace\", fontsize=9];\n",
    );
    for (index, block) in graph.blocks.iter().enumerate() {
        let mut printer = Printer::new(graph, module, Some(color));
        if index == 0 {
            printer.header();
        }
        printer.block(BlockId(index as u32));
        let style = if block.cold { ", style=filled, fillcolor=\"#eeeeee\"" } else { "" };
        out.push_str(&format!("  b{index} [label=<{}>{style}];\n", printer.out));
        for (number, link) in block.term.links().iter().enumerate() {
            let label = link_label(graph, &block.term, number);
            out.push_str(&format!("  b{index} -> b{} [label=\"{label}\"];\n", link.block.0));
        }
    }
    out.push_str("}\n");
    out
}

/// What a terminator's link is for: `true`, a case of a switch, nothing.
pub(crate) fn link_label(graph: &Graph, term: &Term, number: usize) -> String {
    match term {
        Term::Branch { .. } => ["true", "false"][number].to_string(),
        Term::Switch { value, cases, .. } => match cases.get(number) {
            Some(&(bits, _)) => super::Const::new(graph.ty(*value), bits).to_string(),
            None => "default".to_string(),
        },
        _ => String::new(),
    }
}
