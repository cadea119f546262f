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
        "enter                    indirect: reads everything; writes everything; collects; calls",
        "indirect call of enter (line ",
        "portal call of run",
        "promote at line",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    assert!(text.lines().any(|line| line.starts_with("image: ")));
}

/// An interpreter with a call of every kind, each on a line of its own.
const KINDS: &str = "\
#[heap] pub struct Pair { pub first: Cell<i64>, pub second: Cell<i64> }
#[heap] pub struct List { pub length: Cell<i64> }
#[portal(greens(pc), order = pc)]
pub fn run(mut pc: usize, address: usize, mut x: i64) -> i64 {
    loop {
        merge_point();
        let known = square(pc as i64);
        x += square(x);
        let sign = sign(x);
        store(x);
        x += sum(x, known);
        x += enter(address, x);
        let list = list();
        push(list, x);
        let pair = pair(x, known);
        log(pair.first.get());
        log(sign);
        if x > 9 { return matches(pc, x); }
        pc += 1;
    }
}
#[portal(greens(at), order = at)]
pub fn matches(mut at: usize, x: i64) -> i64 {
    loop { merge_point(); if x > 9 { return apart(x); } at += 1; }
}
#[elidable] pub fn square(n: i64) -> i64 { n * n }
fn sign(n: i64) -> i64 { if n < 0 { return 1; } 2 }
fn store(n: i64) { if n > 3 { log(n); } }
fn sum(n: i64, k: i64) -> i64 { if n > 3 { return n; } n + k }
#[residual] pub fn log(n: i64) {}
#[indirect(calls)] pub fn enter(address: usize, n: i64) -> i64 { n }
#[oopspec(list.new)] pub fn list() -> Ref<List> { todo() }
#[oopspec(list.push)] #[residual(writes(List))] pub fn push(list: Ref<List>, n: i64) {}
#[allocates(Pair { first, second })] pub fn pair(first: i64, second: i64) -> Ref<Pair> { todo() }
#[never_inline] fn apart(n: i64) -> i64 { n + 1 }
";

#[test]
fn every_kind_of_call() {
    let path = std::env::temp_dir().join(format!("kinds-of-calls-{}.rs", std::process::id()));
    std::fs::write(&path, KINDS).expect("a file for a while");
    let done = command(&[path.to_str().expect("a path of text")]);
    std::fs::remove_file(&path).expect("it is there");
    let text = String::from_utf8(done.stdout).expect("text");
    let (functions, run) = text.split_once("\nspecialisation 0: run(").expect("the first portal's first");
    let (run, rest) = run.split_once("\nspecialisation ").expect("others");
    let calls: Vec<&str> = run.lines().filter(|line| line.contains(" call of ")).map(str::trim).collect();
    let expected = [
        "gray call of store, specialisation 2 (line 10)",
        "green call of square (line 7)",
        "indirect call of enter (line 12)",
        "oopspec call of list (line 13)",
        "oopspec call of pair (line 15)",
        "oopspec call of push (line 14)",
        "portal call of matches (line 18)",
        "red call of sum, specialisation 3 (line 11)",
        "residual call of log (line 16, 2 times)",
        "residual call of square (line 8)",
        "yellow call of sign, specialisation 1 (line 9)",
    ];
    assert_eq!(calls, expected, "{text}");
    assert!(rest.contains("  residual call of apart (line 24)"), "{text}");
    for line in [
        "portal run: greens pc; order pc",
        "portal matches: greens at; order at",
        "square                   elidable",
        "enter                    indirect: ",
        "list                     list.new; residual: ",
        "push                     list.push; residual: ",
        "pair                     allocates a structure; residual: ",
        "apart                    graph, never inlined: ",
    ] {
        assert!(functions.contains(line), "no `{line}` in\n{text}");
    }
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
