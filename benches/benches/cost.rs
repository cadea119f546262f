//! What compiling costs: microseconds for a residual operation, in the generating extension and in the backend.
//!
//! `cargo bench -p moonshift-benches --bench cost -- [--rounds N] [program...]` runs each program in a new state in each round and
//! prints the medians over the rounds. Operations are those of all units that were compiled, units that were compiled
//! again included.

use moonshift_benches::PROGRAMS;
use moonshift_benches::engine::Session;
use moonshift_benches::ratio::{markdown, median};
use serde_json::Value;

fn main() {
    let mut rounds = 15;
    let mut names = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments.next().and_then(|text| text.parse().ok()).expect("--rounds takes a number")
            }
            option if option.starts_with("--") => {} // Cargo's own, as --bench.
            name => names.push(name.to_owned()),
        }
    }
    let mut rows = Vec::new();
    for program in PROGRAMS.iter().filter(|program| names.is_empty() || names.iter().any(|name| name == program.name)) {
        let stats: Vec<Value> = (0..rounds).map(|_| stats(program)).collect();
        let number = |stats: &Value, name: &str| stats[name].as_f64().expect("a number of the report");
        let each = |name: &str| {
            let times: Vec<f64> =
                stats.iter().map(|stats| number(stats, name) / number(stats, "residual_ops") / 1e3).collect();
            median(&times)
        };
        let (extension, backend) = (each("generate_ns"), each("backend_ns"));
        rows.push(vec![
            program.name.to_owned(),
            number(&stats[0], "compiled").to_string(),
            number(&stats[0], "residual_ops").to_string(),
            format!("{extension:.2}"),
            format!("{backend:.2}"),
            format!("{:.2}", extension + backend),
        ]);
    }
    let header =
        ["program", "units", "residual operations", "extension, µs/operation", "backend, µs/operation", "together"];
    print!("{}", markdown(&header, &rows));
}

/// What the compiler says of one run.
fn stats(program: &moonshift_benches::Program) -> Value {
    let session = Session::new(true);
    session.silence();
    session.call(&session.load(program), program.sample);
    serde_json::from_str(&session.compiled()).expect("the report is JSON")
}
