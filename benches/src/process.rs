//! Engines in processes of their own: this program again, for ours, and programs that are installed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::engine::Session;

/// What can run a file of Lua; the first two are ours.
pub const ENGINES: [&str; 4] = ["interpreter", "jit", "lua5.4", "luajit"];

/// The first argument of a process that is an engine under test: `RUN mode file size`.
const RUN: &str = "run-one";

/// Runs a file if this process was started for that; whether it was.
pub fn run_if_asked(arguments: &[String]) -> bool {
    let [command, mode, file, size] = arguments else { return false };
    if command == RUN {
        let session = Session::new(mode == "jit");
        session.call(&session.load_file(Path::new(file)), size.parse().expect("a size is a number"));
    }
    command == RUN
}

/// The process that runs a file in an engine.
pub fn command(engine: &str, file: &Path, size: u32) -> Command {
    let mut command = match engine {
        "interpreter" | "jit" => {
            let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
            command.args([RUN, engine]);
            command
        }
        peer => Command::new(peer),
    };
    command.arg(file).arg(size.to_string()).stdin(Stdio::null());
    command
}

/// The seconds that takes.
pub fn time(engine: &str, file: &Path, size: u32) -> f64 {
    let mut command = command(engine, file, size);
    command.stdout(Stdio::null());
    let start = Instant::now();
    let status = command.status().unwrap_or_else(|error| panic!("{engine} does not start: {error}"));
    let seconds = start.elapsed().as_secs_f64();
    assert!(status.success(), "{engine} fails on {} {size}", file.display());
    seconds
}

/// Whether an engine is there.
pub fn is_present(engine: &str) -> bool {
    match engine {
        "interpreter" | "jit" => true,
        peer => Command::new(peer).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok(),
    }
}
