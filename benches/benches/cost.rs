//! What compiling costs: microseconds for a residual operation, in the generating extension and in the backend.
//!
//! `cargo bench -p moonshift-benches --bench cost -- [--rounds N] [program...]` runs each program in a new state in each round and
//! prints the least of the rounds: what is more is the machine's doing, not the compiler's. Operations are those of all units
//! that were compiled, units that were compiled again included. The last line is that of all programs together.

use moonshift_benches::PROGRAMS;
use moonshift_benches::engine::Session;
use moonshift_benches::ratio::markdown;
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
    let mut all = Cost::default();
    for program in PROGRAMS.iter().filter(|program| names.is_empty() || names.iter().any(|name| name == program.name)) {
        let stats: Vec<Value> = (0..rounds).map(|_| stats(program)).collect();
        let least = |name: &str| {
            let of = |stats: &Value| stats[name].as_f64().expect("a number of the report");
            stats.iter().map(of).fold(f64::INFINITY, f64::min)
        };
        let cost = Cost {
            units: least("compiled"),
            operations: least("residual_ops"),
            extension: least("generate_ns"),
            backend: least("backend_ns"),
        };
        rows.push(cost.row(program.name));
        all.units += cost.units;
        all.operations += cost.operations;
        all.extension += cost.extension;
        all.backend += cost.backend;
    }
    rows.push(all.row("all"));
    let header = [
        "program",
        "units",
        "residual operations",
        "extension, µs/operation",
        "backend, µs/operation",
        "together",
        "extension's share",
    ];
    print!("{}", markdown(&header, &rows));
}

/// What compiling a program costs; times in nanoseconds.
#[derive(Default)]
struct Cost {
    units: f64,
    operations: f64,
    extension: f64,
    backend: f64,
}

impl Cost {
    fn row(&self, name: &str) -> Vec<String> {
        let each = |time: f64| format!("{:.2}", time / self.operations / 1e3);
        vec![
            name.to_owned(),
            self.units.to_string(),
            self.operations.to_string(),
            each(self.extension),
            each(self.backend),
            each(self.extension + self.backend),
            format!("{:.1} %", 100.0 * self.extension / (self.extension + self.backend)),
        ]
    }
}

/// What the compiler says of one run.
fn stats(program: &moonshift_benches::Program) -> Value {
    let session = Session::new(true);
    session.silence();
    session.call(&session.load(program), program.sample);
    serde_json::from_str(&session.compiled()).expect("the report is JSON")
}
