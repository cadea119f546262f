//! The example languages: plain interpreter against compiled code, and against C where there is a C compiler.
//!
//! `cargo bench -p moonshift-jitgen --bench toys [-- NAME ..]` prints one table. All that is compared is run in one process and in
//! turns; a ratio is the median over the rounds. Compiled code is warm: it was compiled on small inputs before.

#[path = "../../examples/support/mod.rs"]
mod support;

mod c;
mod register;
mod stack;
mod straight;
mod tape;
mod words;

use std::time::{Duration, Instant};

/// One run of a program, and its result.
pub type Run = Box<dyn FnMut() -> u64>;

/// What is compared: all do the same and give the same number.
pub struct Workload {
    pub name: &'static str,
    pub plain: Run,
    pub compiled: Run,
    /// With the options of its C compiler.
    pub c: Option<(&'static str, Run)>,
}

const ROUNDS: usize = 15;

fn time(run: &mut dyn FnMut() -> u64) -> (Duration, u64) {
    let start = Instant::now();
    let result = run();
    (start.elapsed(), result)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A line of the table.
fn row(mut workload: Workload) -> String {
    let (mut plain, mut compiled, mut c) = (vec![], vec![], vec![]);
    for round in 0..=ROUNDS {
        let (plain_time, expected) = time(&mut workload.plain);
        let (compiled_time, result) = time(&mut workload.compiled);
        assert_eq!(result, expected, "{}: compiled code", workload.name);
        let c_time = workload.c.as_mut().map(|(_, c)| {
            let (c_time, result) = time(c);
            assert_eq!(result, expected, "{}: C", workload.name);
            c_time.as_secs_f64()
        });
        // The first round warms up.
        if round > 0 {
            plain.push(plain_time.as_secs_f64());
            compiled.push(compiled_time.as_secs_f64());
            c.extend(c_time);
        }
    }
    let ratio = |above: &[f64], below: &[f64]| median(above.iter().zip(below).map(|(a, b)| a / b).collect());
    let (faster, milliseconds) = (ratio(&plain, &compiled), |times: &[f64]| median(times.to_vec()) * 1e3);
    let against = match &workload.c {
        Some((options, _)) => format!("{:.2} ({options}: {:.3} ms)", ratio(&compiled, &c), milliseconds(&c)),
        None => "-".to_string(),
    };
    format!(
        "| {} | {:.3} ms | {:.3} ms | {faster:.1} | {against} |",
        workload.name,
        milliseconds(&plain),
        milliseconds(&compiled)
    )
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("| program | interpreter | compiled | times as fast | time relative to C |");
    println!("|---|---|---|---|---|");
    let all: [fn() -> Vec<Workload>; 5] =
        [straight::workloads, register::workloads, stack::workloads, words::workloads, tape::workloads];
    for workload in all.into_iter().flat_map(|make| make()) {
        if wanted.is_empty() || wanted.iter().any(|name| workload.name.contains(name.as_str())) {
            println!("{}", row(workload));
        }
    }
}
