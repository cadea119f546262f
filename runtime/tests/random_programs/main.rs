//! Random programs say the same in every mode of the compiler, and what the reference says where it is installed.
//!
//! `RANDOM_PROGRAMS=FROM..TO` runs the programs of these seeds instead of the few below; with `RANDOM_PROGRAMS_KEEP`
//! set to a folder each program is written there before it is run, so that one that kills the process can be found.
//! `RANDOM_PROGRAMS_CUT=SEED` hides what was seen at random sites from the compiler.

#![cfg(feature = "jit")]

mod generate;
mod kept;

use moonshift::jit::{self, JitMode, JitOptions};
use moonshift::stdlib::{self, Source, compile_chunk};
use moonshift::value::Value;
use moonshift::vm::Vm;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

const MODES: [JitMode; 4] = [JitMode::Off, JitMode::On, JitMode::Always, JitMode::Evaluator];

/// Of the programs that run always.
const SEEDS: std::ops::Range<u64> = 0..200;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics while writing").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// What a program prints, its last error included.
fn run(text: &str, mode: JitMode) -> String {
    let vm = Vm::new();
    let options = JitOptions { mode, cut_promotions: number("RANDOM_PROGRAMS_CUT"), ..JitOptions::default() };
    jit::attach(&vm, options).expect("a compiler");
    stdlib::open_all(&vm);
    let sink = Sink::default();
    stdlib::redirect_standard(&vm, Box::new(sink.clone()));
    let source = Source { text: text.as_bytes(), name: b"@program.lua", mode: b"t" };
    let function = match compile_chunk(&vm, source, Value::table(vm.globals())) {
        Ok(function) => function,
        Err(message) => panic!("{}\n{text}", String::from_utf8_lossy(&message)),
    };
    let outcome = vm.call_protected(function, &[]);
    stdlib::flush_standard(&vm);
    let mut out = String::from_utf8_lossy(&sink.0.lock().expect("no panic")).into_owned();
    if let Err(error) = outcome {
        let text = vm.tostring(error).map_or_else(|_| "?".into(), |text| text.to_str_lossy().into_owned());
        out.push_str(&format!("error: {text}\n"));
    }
    out
}

/// What the reference says; nothing where there is none, or it is another version.
fn reference(text: &str) -> Option<String> {
    let mut child = Command::new("lua5.4")
        .args(["-e", "local f, m = load(io.read('a'), '@program.lua') local ok, e = pcall(f) if not ok then print('error: ' .. tostring(e)) end"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take().expect("piped").write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line that differs.
fn difference(one: &str, other: &str) -> Option<String> {
    if one == other {
        return None;
    }
    let mut others = other.lines();
    for line in one.lines() {
        match others.next() {
            Some(same) if same == line => {}
            Some(differs) => return Some(format!("  {line}\n  {differs}")),
            None => return Some(format!("  {line}\n  (end)")),
        }
    }
    Some(format!("  (end)\n  {}", others.next().unwrap_or("")))
}

/// The modes, and the reference, on one program.
fn compare(text: &str) -> Option<String> {
    let expected = run(text, JitMode::Off);
    if let Some(said) = reference(text)
        && let Some(difference) = difference(&without_lines(&said), &without_lines(&expected))
    {
        return Some(format!("reference and off\n{difference}"));
    }
    MODES[1..].iter().find_map(|&mode| {
        let difference = difference(&expected, &run(text, mode))?;
        Some(format!("off and {mode:?}\n{difference}"))
    })
}

/// Releases of the reference differ in the lines that errors are said to be at.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("program.lua:");
    let mut out = parts.next().unwrap_or("").to_string();
    for part in parts {
        out.push_str("program.lua:");
        out.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

fn check(seed: u64) -> Option<String> {
    let text = generate::program(seed);
    if let Ok(folder) = std::env::var("RANDOM_PROGRAMS_KEEP") {
        std::fs::write(format!("{folder}/current.lua"), &text).expect("a writable folder");
        std::fs::write(format!("{folder}/current"), seed.to_string()).expect("a writable folder");
    }
    Some(format!("seed {seed}: {}", compare(&text)?))
}

#[test]
fn modes_agree() {
    let seeds = match std::env::var("RANDOM_PROGRAMS") {
        Ok(range) => {
            let (from, to) = range.split_once("..").expect("FROM..TO");
            from.parse().expect("a number")..to.parse().expect("a number")
        }
        Err(_) => SEEDS,
    };
    let failures: Vec<String> = seeds
        .filter_map(|seed| {
            let failure = check(seed)?;
            eprintln!("{failure}");
            Some(failure)
        })
        .collect();
    assert!(failures.is_empty(), "{} programs differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn kept_programs_agree() {
    for (name, text) in kept::PROGRAMS {
        if let Some(failure) = compare(text) {
            panic!("{name}: {failure}");
        }
    }
}
