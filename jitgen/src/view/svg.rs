//! Graphs as SVG, one box a block.

use super::layout::{Place, layout};
use crate::flow::{BlockId, Graph, Markup, Module, Printer, VarId, link_label};
use std::fmt::Write;

/// Of the monospaced text, in pixels.
const CHARACTER: f64 = 6.65;
const LINE: f64 = 14.0;
const MARGIN: f64 = 8.0;

/// The graph as an SVG document. `color` names the colour of a variable, if it has one.
pub fn svg(graph: &Graph, module: Option<&Module>, color: &dyn Fn(VarId) -> Option<&'static str>) -> String {
    let texts: Vec<Vec<String>> = (0..graph.blocks.len()).map(|index| lines(graph, module, color, index)).collect();
    let sizes: Vec<(f64, f64)> = texts.iter().map(|lines| size(lines)).collect();
    let layout = layout(graph, &sizes);
    let mut boxes = String::new();
    let mut links = String::new();
    // Links that go up have lanes of their own to the right of everything.
    let mut lanes = 0;
    for (index, block) in graph.blocks.iter().enumerate() {
        let Some(place) = layout.places[index] else { continue };
        boxes.push_str(&block_box(place, &texts[index], block.cold));
        let targets = block.term.links();
        for (number, link) in targets.iter().enumerate() {
            let Some(to) = layout.places[link.block.index()] else { continue };
            let from_x = place.x + place.width * (number + 1) as f64 / (targets.len() + 1) as f64;
            let from_y = place.y + place.height;
            let to_x = to.x + to.width / 2.0;
            let path = if to.layer > place.layer {
                let middle = (from_y + to.y) / 2.0;
                format!("M{from_x:.1},{from_y:.1} C{from_x:.1},{middle:.1} {to_x:.1},{middle:.1} {to_x:.1},{:.1}", to.y)
            } else {
                lanes += 1;
                let lane = layout.width + 14.0 * f64::from(lanes);
                let (below, above) = (from_y + 12.0, to.y - 12.0);
                format!("M{from_x:.1},{from_y:.1} V{below:.1} H{lane:.1} V{above:.1} H{to_x:.1} V{:.1}", to.y)
            };
            let _ = writeln!(links, "<path d=\"{path}\" fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\"/>");
            let label = link_label(graph, &block.term, number);
            if !label.is_empty() {
                let (x, y) = (from_x + 3.0, from_y + 11.0);
                let _ = writeln!(links, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"#555\">{}</text>", escape(&label));
            }
        }
    }
    let (width, height) = (layout.width + 14.0 * f64::from(lanes + 1) + 2.0 * MARGIN, layout.height + 4.0 * MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"{:.0} {:.0} {width:.0} {height:.0}\" font-family=\"monospace\" font-size=\"11\">\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0,0 L8,4 L0,8 z\" fill=\"#555\"/></marker></defs>\n{links}{boxes}</svg>\n",
        -MARGIN,
        -2.0 * MARGIN
    )
}

fn lines(
    graph: &Graph,
    module: Option<&Module>,
    color: &dyn Fn(VarId) -> Option<&'static str>,
    block: usize,
) -> Vec<String> {
    let mut printer = Printer::with(graph, module, Some(color), Markup::SVG);
    if block == 0 {
        printer.header();
    }
    printer.block(BlockId(block as u32));
    printer.out.lines().map(str::to_string).collect()
}

/// Of a block with this text.
fn size(lines: &[String]) -> (f64, f64) {
    let longest = lines.iter().map(|line| visible(line)).max().unwrap_or(0);
    (longest as f64 * CHARACTER + 2.0 * MARGIN, lines.len() as f64 * LINE + MARGIN)
}

/// Characters of a line that are seen: elements are not, an entity is one.
fn visible(line: &str) -> usize {
    let mut count = 0;
    let mut hidden = false;
    for c in line.chars() {
        match c {
            '<' => hidden = true,
            '>' => hidden = false,
            // An entity counts at its beginning.
            '&' => {
                count += 1;
                hidden = true;
            }
            ';' if hidden => hidden = false,
            _ if !hidden => count += 1,
            _ => {}
        }
    }
    count
}

fn block_box(place: Place, lines: &[String], cold: bool) -> String {
    let Place { x, y, width, height, .. } = place;
    let fill = if cold { "#e8ecf2" } else { "#ffffff" };
    let mut out = format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"3\" fill=\"{fill}\" \
         stroke=\"#333\"/>\n"
    );
    for (index, line) in lines.iter().enumerate() {
        let (x, y) = (x + MARGIN, y + (index + 1) as f64 * LINE);
        let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{line}</text>");
    }
    out
}

/// Text as XML and HTML have it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_of_a_line() {
        assert_eq!(visible("<tspan fill=\"green\">pc#1</tspan>&#160;&lt;&#160;2"), 8);
    }
}
