//! Ctrl-C while a script runs.

#![cfg(unix)]

mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

/// Runs a script that says when it is ready and then never ends; interrupts it. Status and messages.
fn interrupt(mode: &str, script: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_moonshift"))
        .args([&format!("--jit={mode}"), "-e", script])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("our own program");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("the script says that it is ready");
    assert_eq!(line, "ready\n");
    // Time for the loop to be compiled.
    std::thread::sleep(std::time::Duration::from_millis(300));
    // The shell's own command: the program of that name is not installed everywhere.
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().expect("a shell");
    assert!(sent.success());
    let mut message = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut message).expect("messages are text");
    (child.wait().expect("it ends").code(), message)
}

const FOREVER: &str = "print('ready') io.stdout:flush()\nlocal function f() while true do end end f()";

#[test]
fn a_loop_is_interrupted() {
    for mode in ["off", "on", "always"] {
        let (status, message) = interrupt(mode, FOREVER);
        assert_eq!(status, Some(1), "--jit={mode}");
        let first = message.lines().next().unwrap_or_default();
        assert_eq!(first, "moonshift: (command line):2: interrupted!", "--jit={mode}");
        assert!(message.contains("in local 'f'"), "--jit={mode}: {message}");
    }
}

#[test]
fn scripts_can_catch_it() {
    let script = "print('ready') io.stdout:flush()\n\
                  local ok, why = pcall(function() while true do end end)\n\
                  assert(not ok and why == '(command line):2: interrupted!', why) os.exit(7)";
    for mode in ["off", "on"] {
        let (status, message) = interrupt(mode, script);
        assert_eq!((status, message.as_str()), (Some(7), ""), "--jit={mode}");
    }
}
