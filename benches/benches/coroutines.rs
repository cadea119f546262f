//! The table of coroutines in the README: `measures/coroutines.lua` in the plain interpreter, with the JIT and in
//! `lua5.4`, each in a process of its own, taking turns; medians over rounds.
//!
//! `cargo bench -p moonshift-benches --bench coroutines -- [--rounds N] [--count N]`; `--count` is how many wait at once.

use std::path::PathBuf;

use moonshift_benches::process::{ENGINES, command, run_if_asked};
use moonshift_benches::ratio::{cell, markdown, median};

/// What the script prints, what that is, and how it is shown.
const ROWS: [(&str, &str, f64); 5] = [
    ("switch", "resume and yield, ns", 1.0),
    ("life", "create, resume twice, end, ns", 1.0),
    ("start", "start of one more, ns", 1.0),
    ("finish", "end of one of them, ns", 1.0),
    ("memory", "memory of one that waits, KiB", 1024.0),
];

fn script() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("measures/coroutines.lua")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if run_if_asked(&arguments) {
        return;
    }
    let number = |name: &str, default: u32| {
        let after = arguments.iter().skip_while(|&argument| argument != name).nth(1);
        after.map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
    };
    let (rounds, count) = (number("--rounds", 5), number("--count", 100_000));
    let mut runs: [Vec<String>; 3] = Default::default();
    for _ in 0..rounds {
        for (engine, outputs) in ENGINES[..3].iter().zip(&mut runs) {
            outputs.extend(run(engine, count));
        }
    }
    let rows: Vec<Vec<String>> = ROWS
        .iter()
        .map(|&(key, title, unit)| {
            let medians = runs.each_ref().map(|outputs| {
                let values: Vec<f64> = outputs.iter().map(|output| value(output, key) / unit).collect();
                median(&values)
            });
            let shown = medians.map(|value| if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") });
            let mut row = vec![title.to_owned()];
            row.extend(shown);
            row.push(cell(medians[1] / medians[2]));
            row
        })
        .collect();
    println!("{}", markdown(&["a coroutine's", "interpreter", "JIT", "lua5.4", "JIT / lua5.4"], &rows));
    println!("Medians of {rounds} interleaved rounds, {count} waiting at once in the last three rows.");
}

/// What the script prints in one engine; `None` where it is not installed.
fn run(engine: &str, count: u32) -> Option<String> {
    let output = command(engine, &script(), count).output().ok()?;
    assert!(output.status.success(), "{engine}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("numbers are text"))
}

fn value(output: &str, key: &str) -> f64 {
    let line = output.lines().find_map(|line| line.strip_prefix(key));
    line.expect("the script prints all of them").trim().parse().expect("they are numbers")
}
