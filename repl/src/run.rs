//! Doing what the command line says, in the reference's order: version, `LUA_INIT`, actions, script, prompt.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::process::ExitCode;

use crate::engine::{Engine, Failure, Value};
use crate::options::{Action, Options, Script};
use crate::source::{self, Source};
use crate::{prompt, report};

/// The line that `-v` and the prompt show.
pub const VERSION: &str = concat!("Moonshift ", env!("CARGO_PKG_VERSION"), " (Lua 5.4)");

/// Runs all; errors are reported here, and the exit status is the reference's: 1 after any error.
pub fn run(options: &Options, arguments: &[OsString]) -> ExitCode {
    let engine = match Engine::new(options) {
        Ok(engine) => engine,
        Err(failure) => {
            report::message(&failure.message);
            return ExitCode::FAILURE;
        }
    };
    let outcome = run_all(&engine, options, arguments);
    if let Err(failure) = &outcome {
        report::message(&failure.message);
    }
    engine.finish();
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_all(engine: &Engine, options: &Options, arguments: &[OsString]) -> Result<(), Failure> {
    if options.version {
        println!("{VERSION}");
    }
    engine.set_arguments(arguments, script_offset(options, arguments))?;
    if !options.ignore_environment {
        run_init(engine)?;
    }
    for action in &options.actions {
        match action {
            Action::Execute(text) => execute(engine, text.as_encoded_bytes(), b"=(command line)")?,
            Action::Require(text) => require(engine, text)?,
            Action::WarningsOn => engine.warnings_on()?,
        }
    }
    let ran = match &options.script {
        Script::None => Ok(()),
        Script::Stdin => source::from_stdin().map_err(Failure::new).and_then(|source| run_script(engine, &source)),
        Script::File(path) => {
            source::from_file(path).map_err(Failure::new).and_then(|source| run_script(engine, &source))
        }
    };
    if options.interactive {
        // An error of the script is shown and does not keep the prompt away.
        if let Err(failure) = ran {
            report::message(&failure.message);
        }
        prompt::run(engine, options);
        return Ok(());
    }
    ran?;
    let asked_for_nothing = options.script == Script::None
        && !options.version
        && !options.actions.iter().any(|action| matches!(action, Action::Execute(_)));
    if asked_for_nothing {
        if std::io::stdin().is_terminal() {
            println!("{VERSION}");
            prompt::run(engine, options);
        } else {
            let source = source::from_stdin().map_err(Failure::new)?;
            run_chunk(engine, &source, || Ok(Vec::new()))?;
        }
    }
    Ok(())
}

/// What becomes `arg[0]`: the script, or the program itself when there is none.
fn script_offset(options: &Options, arguments: &[OsString]) -> usize {
    if options.script_index < arguments.len() { options.script_index } else { 0 }
}

/// The environment's chunk: `LUA_INIT_5_4` before `LUA_INIT`; `@file` runs a file.
fn run_init(engine: &Engine) -> Result<(), Failure> {
    for name in ["LUA_INIT_5_4", "LUA_INIT"] {
        let Some(text) = std::env::var_os(name) else { continue };
        if let Some(path) = text.as_encoded_bytes().strip_prefix(b"@") {
            let path = OsString::from(String::from_utf8_lossy(path).into_owned());
            let source = source::from_file(&path).map_err(Failure::new)?;
            run_chunk(engine, &source, || Ok(Vec::new()))?;
        } else {
            execute(engine, text.as_encoded_bytes(), format!("={name}").as_bytes())?;
        }
        return Ok(());
    }
    Ok(())
}

fn execute(engine: &Engine, text: &[u8], name: &[u8]) -> Result<(), Failure> {
    run_chunk(engine, &Source { text: text.to_vec(), name: name.to_vec() }, || Ok(Vec::new()))
}

/// `-l mod` and `-l name=mod`: the module becomes a global of its own name, or of the name given.
fn require(engine: &Engine, text: &OsStr) -> Result<(), Failure> {
    let bytes = text.as_encoded_bytes();
    match bytes.iter().position(|&byte| byte == b'=') {
        Some(at) => engine.require(&bytes[at + 1..], &bytes[..at]),
        None => engine.require(bytes, bytes),
    }
}

fn run_script(engine: &Engine, source: &Source) -> Result<(), Failure> {
    run_chunk(engine, source, || engine.script_arguments())
}

/// Loads a chunk and runs it, or shows what was asked for instead.
fn run_chunk(
    engine: &Engine,
    source: &Source,
    arguments: impl FnOnce() -> Result<Vec<Value>, Failure>,
) -> Result<(), Failure> {
    if let Some(text) = engine.shown_instead(source)? {
        print!("{text}");
        return Ok(());
    }
    let chunk = engine.load(source)?;
    engine.call(&chunk, arguments()?)?;
    Ok(())
}
