//! Random programs of the whole language say the same plain and compiled, and what the reference says where it is
//! installed.
//!
//! Many programs run in one process, each in an environment of its own, so that fifty thousand take minutes. From a
//! seed comes always the same program. Variables of the environment:
//!
//! - `WHOLE_LANGUAGE=COUNT` or `FROM..TO`: these seeds instead of the few that always run.
//! - `WHOLE_LANGUAGE_REFERENCE=PROGRAM`: asks this reference instead of `lua5.4`. It is asked if it is of version 5.4.8;
//!   what that one prints for the first programs is recorded besides, as digests (`MOONSHIFT_BLESS=1` records them anew).
//! - `WHOLE_LANGUAGE_ENGINE=always|cut|on`: compiles at once, the same with what was seen hidden at places, or what is hot.
//! - `WHOLE_LANGUAGE_KEEP=FOLDER`: each batch is written there before it runs, so that one that kills the process can be
//!   found.
//! - `WHOLE_LANGUAGE_SHOW=SEED`: prints the program of a seed, with what the reference and the modes say.
//!
//! With the feature `gc-stress` all of this runs with a collection at every poll.

#![cfg(feature = "jit")]

mod batch;
mod expressions;
mod library;
mod loops;
mod objects;
mod program;
mod reduce;
mod scenes;
mod source;
mod statements;

use batch::{Engine, Program, Reference};
use std::time::Instant;

/// Programs that run in one process.
const BATCH: u64 = 100;

/// How many run always.
const FEW: u64 = if cfg!(debug_assertions) { 300 } else { 1000 };

/// Differences after which a run ends early.
const ENOUGH: usize = 40;

fn seeds() -> std::ops::Range<u64> {
    let Ok(text) = std::env::var("WHOLE_LANGUAGE") else { return 0..FEW };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => 0..number(&text),
    }
}

/// The engine that the programs of a batch run on besides the plain interpreter: which one follows from the seed, unless
/// `WHOLE_LANGUAGE_ENGINE` says it.
fn compiled(first: u64) -> Engine {
    let number = match std::env::var("WHOLE_LANGUAGE_ENGINE").as_deref() {
        Ok("always") => 0,
        Ok("cut") => 1,
        Ok("on") => 2,
        Ok(other) => panic!("unknown engine {other}"),
        // Compiling everything at once takes ten times as long.
        Err(_) => (first / BATCH) % 20,
    };
    match number {
        0 => Engine::Always,
        1 => Engine::Cut(first),
        even if even % 2 == 0 => Engine::On,
        _ => Engine::CutOn(first),
    }
}

/// Digests of what the reference prints, one a line from seed 0 on; 0 where the language leaves it open.
const RECORDED: &str = include_str!("recorded.txt");

/// How many are recorded.
const RECORDS: u64 = 2000;

/// Runs a batch everywhere; the programs that differ, with what differs.
fn check(programs: &[Program], reference: &Reference, records: &[u64]) -> Vec<String> {
    let first = programs[0].seed;
    let clock = Instant::now();
    let plain = batch::run(programs, Engine::Off);
    let plain_time = clock.elapsed();
    let mut found = Vec::new();
    let mut compare = |name: &str, engine: Engine, outputs: &[String], with: &[String]| {
        for (index, program) in programs.iter().enumerate() {
            let Some(difference) = batch::difference(&with[index], &outputs[index]) else { continue };
            let text = reduce::reduced(program, engine, reference)
                .unwrap_or_else(|| format!("(only in the batch that begins with {first})\n{}", program.text));
            found.push(format!("seed {}, {name} and {engine:?}:\n{difference}\n{text}", program.seed));
        }
    };
    if let Some(said) = reference.run(programs) {
        compare("reference", Engine::Off, &plain, &said);
    }
    let engine = compiled(first);
    let clock = Instant::now();
    let with = batch::run(programs, engine);
    if std::env::var_os("WHOLE_LANGUAGE_TIMES").is_some() {
        eprintln!("{first}: plain {plain_time:.0?}, {engine:?} {:.0?}", clock.elapsed());
    }
    compare("plain", engine, &with, &plain);
    for (program, output) in programs.iter().zip(&plain) {
        let recorded = records.get(program.seed as usize).copied().unwrap_or(0);
        if recorded != 0 && recorded != batch::digest(output) && !batch::is_open(output) {
            found
                .push(format!("seed {}: the reference printed something else\n{}{output}", program.seed, program.text));
        }
    }
    found
}

/// Records what the reference prints.
fn record(reference: &Reference) {
    let programs: Vec<Program> = (0..RECORDS).map(program::program).collect();
    let mut lines = String::new();
    for programs in programs.chunks(BATCH as usize) {
        for output in reference.run(programs).expect("a reference of version 5.4.8") {
            let digest = if batch::is_open(&output) { 0 } else { batch::digest(&output) };
            lines.push_str(&format!("{digest:x}\n"));
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/whole_language/recorded.txt");
    std::fs::write(path, lines).expect("writable");
}

fn records() -> Vec<u64> {
    RECORDED.lines().map(|line| u64::from_str_radix(line, 16).expect("a digest")).collect()
}

#[test]
fn programs_agree() {
    let reference = Reference::find();
    if std::env::var_os("MOONSHIFT_BLESS").is_some() {
        return record(&reference);
    }
    let records = records();
    assert_eq!(records.len() as u64, RECORDS);
    let seeds = seeds();
    let start = Instant::now();
    let total = seeds.end - seeds.start;
    let mut failures = Vec::new();
    let mut done = 0;
    for from in seeds.clone().step_by(BATCH as usize) {
        let programs: Vec<Program> = (from..(from + BATCH).min(seeds.end)).map(program::program).collect();
        batch::keep(&programs);
        for failure in check(&programs, &reference, &records) {
            eprintln!("{failure}\n");
            failures.push(failure);
        }
        done += programs.len();
        if done % 2000 == 0 {
            eprintln!("{done} of {total}, {} differ, {:.0?}", failures.len(), start.elapsed());
        }
        if failures.len() >= ENOUGH {
            break;
        }
    }
    assert!(failures.is_empty(), "{} of {done} programs differ:\n{}", failures.len(), failures.join("\n\n"));
}

/// Programs of random text have to be programs, nearly always: otherwise nothing is tested.
#[test]
fn programs_are_well_formed_and_do_much() {
    let programs: Vec<Program> = (0..100).map(program::program).collect();
    let outputs = batch::run(&programs, Engine::Off);
    let malformed = outputs.iter().filter(|output| output.contains("syntax")).count();
    let lines: usize = outputs.iter().map(|output| output.lines().count()).sum();
    assert!(malformed == 0, "{malformed} of 100 are no programs");
    assert!(lines > 1500, "only {lines} lines printed");
}

#[test]
fn shows_one() {
    let Ok(seed) = std::env::var("WHOLE_LANGUAGE_SHOW") else {
        assert_eq!(program::program(1).text, program::program(1).text, "from a seed comes one program");
        return;
    };
    let program = [program::program(seed.parse().expect("a number"))];
    eprintln!("{}", program[0].text);
    let reference = Reference::find();
    let mut outputs = vec![("reference", reference.run(&program).unwrap_or_default())];
    for engine in [Engine::Off, Engine::On, Engine::Always, Engine::Cut(3)] {
        outputs.push(("ours", batch::run(&program, engine)));
    }
    for (name, output) in outputs {
        eprintln!("--- {name}\n{}", output.concat());
    }
}
