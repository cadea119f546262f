//! The example languages: plain interpreter against compiled code, and against C where there is a C compiler.
//!
//! `cargo bench -p moonshift-jitgen --bench toys [-- NAME ..]` prints one table. All that is compared is run in one process and in
//! turns; a ratio is the median over the rounds. Compiled code is warm: it was compiled on small inputs before.
//!
//! With `-- --cost [NAME ..]` the table says what compiling costs: each program is compiled by a new compiler in each round, and
//! the time for a residual operation is the least of the rounds: what is more is the machine's doing.

#[path = "../../examples/support/mod.rs"]
mod support;

mod c;
mod register;
mod stack;
mod straight;
mod tape;
mod words;

use moonshift_jitgen::portal::{Policy, Totals};
use std::time::{Duration, Instant};

/// One run of a program, and its result.
pub type Run = Box<dyn FnMut() -> u64>;

/// What is compared: all do the same and give the same number.
pub struct Workload {
    pub name: &'static str,
    /// What was compiled to run small inputs.
    pub totals: Totals,
    pub plain: Run,
    pub compiled: Run,
    /// With the options of its C compiler.
    pub c: Option<(&'static str, Run)>,
}

const ROUNDS: usize = 15;

/// Of a program that is compiled only.
const COMPILATIONS: usize = 50;

/// As the examples, without what people would look at.
pub fn policy() -> Policy {
    Policy { keep_dumps: false, ..support::eager() }
}

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

/// A line of the table of costs.
fn cost(make: fn() -> Vec<Workload>, wanted: &dyn Fn(&Workload) -> bool) {
    let rounds: Vec<Vec<Workload>> = (0..COMPILATIONS).map(|_| make()).collect();
    for (index, workload) in rounds[0].iter().enumerate().filter(|(_, workload)| wanted(workload)) {
        let least = |what: fn(&Totals) -> u64| {
            let totals = rounds.iter().map(|round| round[index].totals);
            let times = totals.map(|totals| what(&totals) as f64 / totals.residual_ops as f64 / 1e3);
            times.fold(f64::INFINITY, f64::min)
        };
        let generation = least(|totals| totals.generate_nanos);
        let backend = least(|totals| totals.backend_nanos);
        println!(
            "| {} | {} | {} | {generation:.2} | {backend:.2} | {:.2} |",
            workload.name,
            workload.totals.compiled,
            workload.totals.residual_ops,
            generation + backend
        );
    }
}

const MAKERS: [fn() -> Vec<Workload>; 5] =
    [straight::workloads, register::workloads, stack::workloads, words::workloads, tape::workloads];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (options, names): (Vec<String>, Vec<String>) =
        arguments.into_iter().partition(|argument| argument.starts_with("--"));
    let wanted =
        |workload: &Workload| names.is_empty() || names.iter().any(|name| workload.name.contains(name.as_str()));
    if options.iter().any(|option| option == "--cost") {
        c::leave_out();
        println!(
            "| program | units | residual operations | extension, µs/operation | backend, µs/operation | together |"
        );
        println!("|---|--:|--:|--:|--:|--:|");
        MAKERS.into_iter().for_each(|make| cost(make, &wanted));
        return;
    }
    println!("| program | interpreter | compiled | times as fast | time relative to C |");
    println!("|---|---|---|---|---|");
    for workload in MAKERS.into_iter().flat_map(|make| make()).filter(wanted) {
        println!("{}", row(workload));
    }
}
