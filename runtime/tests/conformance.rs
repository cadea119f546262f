//! Runs every program of `tests/conformance` and compares what it prints with what the reference printed.
//!
//! The programs are named after the sections of the manual. With `MOONSHIFT_BLESS=1` in the environment the expectations
//! are recorded anew from a reference of version 5.4.8, which `MOONSHIFT_REFERENCE` names (`lua5.4` otherwise).

use moonshift::Lua;
use std::cell::RefCell;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `MOONSHIFT_JIT` chooses the mode of the compiler.
fn machine() -> Lua {
    #[cfg(feature = "jit")]
    if let Ok(mode) = std::env::var("MOONSHIFT_JIT") {
        return Lua::new_with(moonshift::LuaOptions::new().jit(mode.parse().expect("a mode")));
    }
    Lua::new()
}

fn run(program: &Path) -> String {
    let lua = machine();
    let sink = Sink::default();
    lua.set_output(sink.clone());
    let name = program.file_name().expect("a file").to_string_lossy().into_owned();
    let outcome = lua.load(program).set_name(format!("@{name}")).exec();
    lua.flush_output();
    let mut text = String::from_utf8_lossy(&sink.0.borrow()).into_owned();
    if let Err(error) = outcome {
        text.push_str(&format!("failed: {error}\n"));
    }
    text
}

fn record(program: &Path) -> String {
    let reference = std::env::var("MOONSHIFT_REFERENCE").unwrap_or_else(|_| "lua5.4".to_string());
    let output = Command::new(reference)
        .current_dir(program.parent().expect("in a directory"))
        .arg(program.file_name().expect("a file"))
        .stdin(Stdio::null())
        .output()
        .expect("the reference is installed");
    assert!(output.status.success(), "{}: {}", program.display(), String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What differs from run to run: addresses and names of temporary files.
fn without_chance(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = [rest.find("/tmp/lua_"), rest.find("0x")].into_iter().flatten().min() {
        let name = if rest[at..].starts_with("0x") { "0x" } else { "/tmp/lua_" };
        let behind = &rest[at + name.len()..];
        let length = behind.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(behind.len());
        out.push_str(&rest[..at + name.len()]);
        out.push_str(if name == "0x" && length < 10 { &behind[..length] } else { "*" });
        rest = &behind[length..];
    }
    out + rest
}

#[test]
fn programs_print_what_the_reference_prints() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let bless = std::env::var_os("MOONSHIFT_BLESS").is_some();
    let mut failures = Vec::new();
    let mut count = 0;
    let mut programs: Vec<PathBuf> =
        std::fs::read_dir(&directory).expect("a directory").map(|entry| entry.expect("readable").path()).collect();
    programs.sort();
    for program in programs.iter().filter(|path| path.extension().is_some_and(|extension| extension == "lua")) {
        let expectation = program.with_extension("expected");
        if bless {
            std::fs::write(&expectation, without_chance(&record(program))).expect("writable");
        }
        let expected = std::fs::read_to_string(&expectation).expect("recorded with MOONSHIFT_BLESS=1");
        let found = without_chance(&run(program));
        count += 1;
        if found != expected {
            let difference = difference(&expected, &found);
            failures.push(format!("{}\n{difference}", program.display()));
        }
    }
    assert!(count > 0, "no programs in {}", directory.display());
    assert!(failures.is_empty(), "{} of {count} programs differ\n{}", failures.len(), failures.join("\n"));
}

/// Sections of the manual that describe what programs can see, each with a program at least.
#[test]
fn every_section_has_a_program() {
    const SECTIONS: [&str; 28] = [
        "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "3.1", "3.2", "3.3", "3.3.1", "3.3.5", "3.3.7", "3.4", "3.4.1",
        "3.4.4", "3.4.6", "3.5", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "6.9", "6.10", "8",
    ];
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let names: Vec<String> = std::fs::read_dir(&directory)
        .expect("a directory")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    for section in SECTIONS {
        let prefix = format!("{section}-");
        assert!(names.iter().any(|name| name.starts_with(&prefix) && name.ends_with(".expected")), "no {section}");
    }
}

fn difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut out = Vec::new();
    let mut line = 0;
    loop {
        line += 1;
        match (expected.next(), found.next()) {
            (None, None) => return out.join("\n"),
            (a, b) if a == b => {}
            (a, b) => out.push(format!(
                "  line {line}\n    expected {}\n    found    {}",
                a.unwrap_or("(end)"),
                b.unwrap_or("(end)")
            )),
        }
    }
}
