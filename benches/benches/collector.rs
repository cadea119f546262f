//! The tables of the collector in the README: programs that allocate, as whole processes that take turns, and the longest time
//! that `measures/pause.lua` is held up.
//!
//! `cargo bench -p moonshift-benches --bench collector -- [--rounds N] [--sample] [program...]`

use std::path::PathBuf;

use moonshift_benches::ALLOCATION;
use moonshift_benches::process::{ENGINES, command, is_present, run_if_asked, time};
use moonshift_benches::ratio::{cell, geometric_mean, markdown, median, median_ratio};

/// How many objects live while pauses are measured.
const LIVE: u32 = 1_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if run_if_asked(&arguments) {
        return;
    }
    let rounds = arguments.iter().skip_while(|&argument| argument != "--rounds").nth(1);
    let rounds = rounds.map_or(5, |text| text.parse().expect("--rounds takes a number"));
    let use_sample = arguments.iter().any(|argument| argument == "--sample");
    let engines: Vec<&str> = ENGINES[..3].iter().copied().filter(|engine| is_present(engine)).collect();
    times(&arguments, &engines, rounds, use_sample);
    pauses(&engines, rounds);
}

fn times(names: &[String], engines: &[&str], rounds: usize, use_sample: bool) {
    let is_named = |name: &str| names.iter().any(|given| name.ends_with(given.as_str()));
    let any_named = ALLOCATION.iter().any(|program| is_named(program.name));
    let mut rows = Vec::new();
    let mut ratios: [Vec<f64>; 2] = Default::default();
    for program in ALLOCATION.iter().filter(|program| !any_named || is_named(program.name)) {
        let size = if use_sample { program.sample } else { program.bench };
        let mut taken: [Vec<f64>; 3] = Default::default();
        for _ in 0..rounds {
            for (engine, times) in engines.iter().zip(&mut taken) {
                times.push(time(engine, &program.path(), size));
            }
        }
        let [interpreter, jit, reference] = &taken;
        let name = program.name.rsplit('/').next().expect("there is a last part");
        let mut row = vec![name.to_owned(), size.to_string(), format!("{:.3}", median(jit))];
        for (ours, all) in [interpreter, jit].iter().zip(&mut ratios) {
            let ratio = median_ratio(ours, reference);
            all.push(ratio);
            row.push(cell(ratio));
        }
        eprintln!("{}", row.join("  "));
        rows.push(row);
    }
    let mut last = vec!["geometric mean".to_owned(), String::new(), String::new()];
    last.extend(ratios.map(|all| cell(geometric_mean(&all))));
    rows.push(last);
    println!("{}", markdown(&["program", "size", "JIT, s", "interpreter / lua5.4", "JIT / lua5.4"], &rows));
    println!("Whole processes, medians of {rounds} interleaved rounds; below 1 ours is faster.\n");
}

fn pauses(engines: &[&str], rounds: usize) {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("measures/pause.lua");
    let mut taken: [Vec<f64>; 3] = Default::default();
    for _ in 0..rounds {
        for (engine, longest) in engines.iter().zip(&mut taken) {
            let output = command(engine, &script, LIVE).output().expect("the engine is there").stdout;
            let output = String::from_utf8(output).expect("numbers are text");
            let line = output.lines().find_map(|line| line.strip_prefix("longest"));
            longest.push(line.expect("it prints that").trim().parse().expect("a number"));
        }
    }
    let row = taken.each_ref().map(|longest| format!("{:.1}", median(longest)));
    let mut cells = vec!["longest pause, ms".to_owned()];
    cells.extend(row);
    println!("{}", markdown(&["a million objects live", "interpreter", "JIT", "lua5.4"], &[cells]));
}
