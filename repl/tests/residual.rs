//! What becomes of hot loops: the residual code that `--dump=residual` shows.

mod support;

use moonshift_benches::PROGRAMS;
use support::{Outcome, Run};

fn dump(arguments: &[&str]) -> String {
    let outcome = Run::ours().args(["--dump=residual"]).args(arguments).outcome();
    assert_eq!(outcome.status, Some(0), "{}", outcome.text());
    String::from_utf8(outcome.stderr).expect("dumps are text")
}

/// The operations of blocks that can come back to `header`, exits aside: from its line to the last jump to it.
fn body<'a>(unit: &'a str, header: &str) -> Vec<&'a str> {
    let lines: Vec<&str> = unit.lines().collect();
    let first = lines.iter().position(|line| line.starts_with(&format!("{header}("))).expect("the header is there");
    let back = format!("{header}(");
    let last = lines.iter().rposition(|line| line.starts_with("    ") && line.contains(&back)).expect("a loop");
    assert!(last > first, "the loop comes back:\n{unit}");
    lines[first + 1..=last].to_vec()
}

/// The block of the last line with a marker.
fn header_of(unit: &str, marker: &str) -> String {
    let before = &unit[..unit.rfind(marker).unwrap_or_else(|| panic!("no `{marker}` in\n{unit}"))];
    let line = before.lines().rfind(|line| line.starts_with("block")).expect("operations are in blocks");
    line.split(['(', ':']).next().expect("a name").to_owned()
}

#[test]
fn a_numeric_loop_is_arithmetic() {
    let text = dump(&["-e", "local n = 100000 local s = 0 for i = 1, n do s = s + i % 7 end print(s)"]);
    let units: Vec<&str> = text.split("-- unit ").filter(|unit| unit.contains("srem")).collect();
    let unit = units.last().expect("a unit with the remainder");
    // The first turn, which establishes the types, lies before the loop.
    let loops = body(unit, &header_of(unit, "srem"));
    assert!(loops.iter().any(|line| line.contains("srem")), "{unit}");
    for line in loops {
        for unwanted in [".tag", "call", "store"] {
            assert!(!line.contains(unwanted), "`{unwanted}` in the loop: {line}\n{unit}");
        }
    }
}

#[test]
fn fields_are_slots_behind_a_guard() {
    let program = PROGRAMS.iter().find(|program| program.name == "nbody").expect("a listed program").path();
    let text = dump(&[program.to_str().expect("a path"), "3000"]);
    // The inner loop of `advance`.
    let unit =
        text.split("-- unit ").find(|unit| unit.lines().next().is_some_and(|line| line.contains("nbody.lua:48")));
    let unit = unit.expect("the unit of the inner loop");
    let reads = unit.lines().filter(|line| line.contains("load_item [Slot].bits")).count();
    assert!(reads >= 7, "{reads} reads of fields in\n{unit}");
    assert!(unit.contains("load Table.shape"), "no guard on the shape in\n{unit}");
    for line in unit.lines() {
        assert!(!line.contains("Node"), "the hash part is read: {line}\n{unit}");
        // `sqrt` is a native function; nothing else is called.
        assert!(!line.contains("= call ") || line.contains("call_native"), "a call: {line}\n{unit}");
    }
}

/// The page of units of a script that has a loop and then this line; with what became of the run.
fn page(name: &str, last: &str) -> (String, Outcome) {
    let folder = support::scratch(name);
    let (page, script) = (folder.join("units.html"), folder.join("sum.lua"));
    std::fs::write(&script, format!("local s = 0\nfor i = 1, 300000 do s = s + i % 7 end\n{last}\n"))
        .expect("a script");
    let view = format!("--view={}", page.display());
    let outcome = Run::ours().args([view.as_str(), script.to_str().expect("a path")]).outcome();
    let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{error}\n{}", outcome.text()));
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
    (text, outcome)
}

/// A script that ends the program itself leaves the page too.
#[test]
fn a_page_of_a_script_that_exits() {
    let (text, outcome) = page("view-exit", "os.exit(3)");
    assert_eq!(outcome.status, Some(3), "{}", outcome.text());
    assert!(text.contains("sum.lua:2 pc ") && text.contains("os.exit(3)"), "no unit in\n{text}");
}

/// The page of units has all that belongs to a unit, and needs nothing but itself.
#[test]
fn a_page_of_units() {
    let (text, outcome) = page("view", "print(s < 1e9)");
    assert_eq!((outcome.status, &outcome.stdout[..]), (Some(0), &b"true\n"[..]), "{}", outcome.text());
    for (what, part) in [
        ("the source", "for i = 1, 300000 do s = s + i % 7 end"),
        ("the bytecode", "FORLOOP"),
        ("the position", "sum.lua:2 pc "),
        ("the residual graph", "<summary>residual operations</summary>"),
        ("residual operations", "= add "),
        ("the graph's picture", "<svg"),
        ("Cranelift's form", "block0("),
        ("machine code", "<summary>machine code</summary>"),
        ("exits", "<th>exit</th><th>why</th><th>where</th>"),
        ("reasons", "<td>branch</td>"),
    ] {
        assert!(text.contains(part), "{what}: no `{part}` in\n{text}");
    }
    assert!(
        !text.contains("<script") && !text.contains("src=") && !text.contains("<link"),
        "the page needs something else"
    );
}
