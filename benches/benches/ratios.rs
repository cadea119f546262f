//! The table of ratios in the README: every program at its bench size, each engine in a process of its own, start-up and
//! compilation included; engines take turns (interleaved), a ratio is the median over rounds of the two times of one round.
//!
//! `cargo bench -p moonshift-benches --bench ratios -- [--rounds N] [--sample] [program...]`; `--sample` takes the smaller
//! sizes. The process runs itself again as the engine under test, so it needs no installed program.
//!
//! With `--criterion` nothing is run: the table is made of the medians that `cargo bench -p moonshift-benches --bench
//! programs` measured last.

use std::path::Path;

use moonshift_benches::process::{ENGINES, is_present, run_if_asked, time};
use moonshift_benches::ratio::{cell, geometric_mean, markdown, median, median_ratio};
use moonshift_benches::{PROGRAMS, Program};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if run_if_asked(&arguments) {
        return;
    }
    let mut rounds = 5;
    let mut use_sample = false;
    let mut use_criterion = false;
    let mut names = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--rounds" => rounds = rest.next().and_then(|text| text.parse().ok()).expect("--rounds takes a number"),
            "--sample" => use_sample = true,
            "--criterion" => use_criterion = true,
            option if option.starts_with("--") => {} // Cargo's own, as --bench.
            name => names.push(name.to_owned()),
        }
    }
    let chosen: Vec<&Program> =
        PROGRAMS.iter().filter(|program| names.is_empty() || names.iter().any(|name| name == program.name)).collect();
    if use_criterion {
        warm_table(&chosen);
    } else {
        table(&chosen, rounds, use_sample);
    }
}

fn table(programs: &[&Program], rounds: usize, use_sample: bool) {
    let present: Vec<bool> = ENGINES.iter().map(|engine| is_present(engine)).collect();
    let mut rows = Vec::new();
    let mut speedups = Vec::new();
    let mut against_reference = Vec::new();
    for program in programs {
        let size = if use_sample { program.sample } else { program.bench };
        let mut times = vec![Vec::new(); ENGINES.len()];
        for _ in 0..rounds {
            for (engine, name) in ENGINES.iter().enumerate() {
                if present[engine] {
                    times[engine].push(time(name, &program.path(), size));
                }
            }
        }
        let [interpreter, jit, reference, peer] = times.as_slice() else { unreachable!("four engines") };
        let speedup = median_ratio(interpreter, jit);
        let row =
            [speedup, median_ratio(interpreter, reference), median_ratio(reference, jit), median_ratio(peer, jit)];
        speedups.push(row[0]);
        against_reference.push(row[1]);
        let mut cells = vec![program.name.to_owned(), size.to_string(), format!("{:.3}", median(jit))];
        cells.extend(row.iter().map(|&ratio| cell(ratio)));
        cells.push(goal(program, speedup));
        eprintln!("{}", cells.join("  "));
        rows.push(cells);
    }
    let mut last = vec!["geometric mean".to_owned(), String::new(), String::new()];
    last.push(cell(geometric_mean(&speedups)));
    last.push(cell(geometric_mean(&against_reference)));
    last.extend([String::new(), String::new(), String::new()]);
    rows.push(last);
    println!("{}", markdown(&header("JIT, s"), &rows));
    println!(
        "Times of whole processes, medians of {rounds} interleaved rounds; above 1 the second of the two is faster."
    );
}

/// The table of what criterion measured.
fn warm_table(programs: &[&Program]) {
    let mut rows = Vec::new();
    let mut ratios: [Vec<f64>; 2] = Default::default();
    for program in programs {
        let [interpreter, jit, reference, peer] = ENGINES.map(|engine| criterion_median(program, engine));
        let (Some(interpreter), Some(jit)) = (interpreter, jit) else {
            eprintln!("{}: not measured; run `cargo bench -p moonshift-benches --bench programs`", program.name);
            std::process::exit(1);
        };
        let speedup = interpreter / jit;
        let row = [Some(speedup), reference.map(|time| interpreter / time), reference.map(|time| time / jit)];
        ratios[0].extend(row[0]);
        ratios[1].extend(row[1]);
        let mut cells = vec![program.name.to_owned(), program.sample.to_string(), format!("{:.2}", jit / 1e6)];
        cells.extend(row.iter().chain([&peer.map(|time| time / jit)]).map(|ratio| ratio.map_or(String::new(), cell)));
        cells.push(goal(program, speedup));
        rows.push(cells);
    }
    let [speedups, against_reference] = ratios.map(|all| cell(geometric_mean(&all)));
    let empty = String::new;
    rows.push(vec![
        "geometric mean".to_owned(),
        empty(),
        empty(),
        speedups,
        against_reference,
        empty(),
        empty(),
        empty(),
    ]);
    println!("{}", markdown(&header("JIT, ms"), &rows));
    println!(
        "Criterion's medians; interpreter and JIT warm in one process, the others as whole processes. Above 1 the second \
         of the two is faster."
    );
}

/// The median time of one turn, in nanoseconds.
fn criterion_median(program: &Program, engine: &str) -> Option<f64> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), Into::into);
    let file = target.join("criterion").join(program.name).join(engine).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

/// The columns of both tables; the unit of times differs.
fn header(time: &str) -> [&str; 8] {
    ["program", "size", time, "interpreter / JIT", "interpreter / lua5.4", "lua5.4 / JIT", "luajit / JIT", "goal"]
}

/// The goal of interpreter / JIT, and whether it is met. A goal of 1 is "not slower, beyond noise".
fn goal(program: &Program, speedup: f64) -> String {
    const NOISE: f64 = 0.05;
    let least = if program.goal > 1.0 { program.goal } else { 1.0 - NOISE };
    format!("{} {}", cell(program.goal), if speedup >= least { "met" } else { "missed" })
}
