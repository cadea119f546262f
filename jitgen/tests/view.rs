//! What people can see: reports, coloured graphs, pages of units, and the command that prints them.

#[path = "../examples/support/mod.rs"]
mod support;
#[path = "../examples/tlr/interp.rs"]
#[allow(dead_code)]
mod tlr;

use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::places;
use moonshift_jitgen::view::{Describe, colored_dot, colored_svg, colored_text, report, units_page};
use std::process::{Command, Output};
use support::Machine;
use tlr::{Byte, Reg};

const TL: &str = include_str!("../examples/tl/interp.rs");

/// Elements are closed in the order in which they were opened.
#[track_caller]
fn well_formed(xml: &str) {
    let mut open = vec![];
    for element in xml.split('<').skip(1) {
        let (tag, _) = element.split_once('>').expect("a `<` of an element");
        if tag.starts_with('!') || tag.ends_with('/') || tag.starts_with("meta") {
            continue;
        }
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "in {element}"),
            None => open.push(tag.split_whitespace().next().expect("a name")),
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
}

#[test]
fn report_of_colours_and_calls() {
    let extension = support::extension(TL, |_| {});
    let text = report(&extension);
    for line in [
        "portal run: greens program, pc, depth; order pc",
        "live                     elidable",
        "power                    graph, loops unrolled",
        "specialisation 0: run(program: green, pc: green, depth: green, stack: red) -> (red)",
        "red call of arithmetic, specialisation",
        "residual call of enter (indirect)",
        "portal call of run",
        "promote at line",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    assert!(text.lines().any(|line| line.starts_with("image: ")));
}

#[test]
fn coloured_graphs() {
    let extension = support::extension(TL, |_| {});
    let spec = extension.coloring.spec(extension.coloring.portals[0]);
    let text = colored_text(&extension, spec);
    assert!(text.contains("red:stack#") && text.contains("green:pc#"), "{text}");
    let svg = colored_svg(&extension, spec);
    well_formed(&svg);
    let graph = extension.module.graph(spec.func).expect("the portal has a graph");
    assert_eq!(svg.matches("<rect").count(), graph.reverse_postorder().len());
    assert!(svg.contains("<tspan fill=\"#087f23\">pc#") && svg.contains("<tspan fill=\"#c01c28\">stack#"));
    assert!(colored_dot(&extension, spec).starts_with("digraph"));
}

#[test]
fn a_page_of_units() {
    let mut program: Vec<Byte> = tlr::SQUARE.iter().copied().map(Byte).collect();
    let mut memory = [Reg { value: 0 }; 3];
    // SAFETY: program and registers live to the end; the interpreter is of that text.
    let (code, regs, jit) = unsafe {
        let jit = support::compiler(
            include_str!("../examples/tlr/interp.rs"),
            &places![[Byte] { 0 }, [Reg] { value }],
            &[],
            support::eager(),
            Machine::Native,
        );
        (Arr::from_ptr(program.as_mut_ptr()), Arr::from_ptr(memory.as_mut_ptr()), jit)
    };
    for n in [3, 40, 40] {
        assert_eq!(support::run(&jit, &[code.addr(), 0, n, regs.addr()]), [n * n]);
    }
    let page = units_page(
        &jit,
        &Describe {
            title: "the square <loop>",
            source: Some("a * a & so on"),
            bytecode: &|greens| Some(format!("{} bytes from {}", tlr::SQUARE.len(), greens[1])),
            position: &|greens| format!("at {}", greens[1]),
        },
    );
    well_formed(&page);
    for text in [
        "<h1>the square &lt;loop&gt;</h1>",
        "a * a &amp; so on",
        &format!("{} bytes from 0", tlr::SQUARE.len()),
        "<h2>at 0</h2>",
        "iadd",
        "<svg",
        "block0(a#0: i64, regs#1: ptr)",
    ] {
        assert!(page.contains(text), "no `{text}` in\n{page}");
    }
    assert!(!page.contains("http") || page.matches("http").count() == page.matches("www.w3.org").count());
}

fn command(arguments: &[&str]) -> Output {
    let folder = env!("CARGO_MANIFEST_DIR");
    Command::new(env!("CARGO_BIN_EXE_jitgen")).args(arguments).current_dir(folder).output().expect("it runs")
}

#[test]
fn the_command() {
    let done = command(&["examples/brainf/interp.rs"]);
    let text = String::from_utf8(done.stdout).expect("text");
    assert!(done.status.success());
    assert!(
        text.contains("residual call of read") && text.contains("read                     residual: touches nothing"),
        "{text}"
    );
    let done = command(&["--form", "svg", "--function", "power", "examples/tl/interp.rs"]);
    let text = String::from_utf8(done.stdout).expect("text");
    well_formed(&text);
    assert!(text.contains("fn&#160;power"), "{text}");
}

#[test]
fn the_command_says_what_is_wrong() {
    for (arguments, message) in [
        (&["--form", "picture", "x.rs"][..], "unknown form `picture`"),
        (&[], "no file is given"),
        (&["nowhere.rs"], "nowhere.rs: "),
        (&["tests/view.rs", "--root", "well_formed"], "outside the subset"),
    ] {
        let done = command(arguments);
        let text = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success() && text.contains(message), "{arguments:?}: {text}");
    }
}
