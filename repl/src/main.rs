//! The `moonshift` program: runs Lua 5.4 scripts, has a prompt, and shows what the JIT does.
//!
//! `options` reads the command line, `run` does what it says in the reference's order, `prompt` is the interactive mode,
//! `source` reads chunks, `engine` is the one place that talks to the embedding API, `report` shows errors.

mod compiled;
mod engine;
mod interrupt;
mod options;
mod prompt;
mod report;
mod run;
mod source;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match options::parse(&arguments) {
        Ok(options) if options.help => {
            print!("{}", options::USAGE);
            ExitCode::SUCCESS
        }
        Ok(options) => run::run(&options, &arguments),
        Err(error) => {
            report::message(error.to_string().as_bytes());
            eprint!("{}", options::USAGE);
            ExitCode::FAILURE
        }
    }
}
