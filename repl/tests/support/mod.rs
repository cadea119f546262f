//! Running programs as a user does, and comparing what they say with what the reference says.
//!
//! Expectations are recorded from the reference `lua5.4` in files; `MOONSHIFT_BLESS=1` records them anew. Where the
//! reference is installed, it is asked live too.

#![allow(dead_code)] // Each test binary uses a part.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub const REFERENCE: &str = "lua5.4";

/// The version whose words are recorded; others may word a message differently.
const REFERENCE_VERSION: &[u8] = b"Lua 5.4.4 ";

/// No run of a test takes longer than this; one that does is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a process left behind.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Outcome {
    /// One text of all three parts, bytes that are no UTF-8 escaped: the form of recorded files and of differences.
    pub fn text(&self) -> String {
        let status = self.status.map_or("signal".to_owned(), |status| status.to_string());
        format!("status {status}\n--- stdout\n{}--- stderr\n{}", escape(&self.stdout), escape(&self.stderr))
    }

    /// The outcome of the reference, as our program would name itself.
    pub fn in_our_name(mut self) -> Outcome {
        self.stderr = replace(&self.stderr, b"lua5.4:", b"moonshift:");
        self
    }
}

fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str("<no newline>\n");
    }
    out
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = after;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    out
}

/// A process to run: our program or the reference.
pub struct Run {
    command: Command,
    stdin: Vec<u8>,
}

impl Run {
    pub fn ours() -> Run {
        Run::program(env!("CARGO_BIN_EXE_moonshift"))
    }

    pub fn reference() -> Run {
        Run::program(REFERENCE)
    }

    fn program(name: &str) -> Run {
        let mut command = Command::new(name);
        for variable in ["LUA_INIT", "LUA_INIT_5_4", "LUA_PATH", "LUA_PATH_5_4", "LUA_CPATH", "LUA_CPATH_5_4"] {
            command.env_remove(variable);
        }
        Run { command, stdin: Vec::new() }
    }

    pub fn args<S: AsRef<std::ffi::OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Run {
        self.command.args(args);
        self
    }

    pub fn folder(mut self, folder: &Path) -> Run {
        self.command.current_dir(folder);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Run {
        self.command.env(name, value);
        self
    }

    pub fn stdin(mut self, text: &[u8]) -> Run {
        self.stdin = text.to_vec();
        self
    }

    /// Runs it to its end; panics if it is stuck.
    pub fn outcome(mut self) -> Outcome {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{:?} does not start: {error}", self.command));
        let mut stdin = child.stdin.take().expect("piped");
        let text = self.stdin;
        let writer = std::thread::spawn(move || {
            // A program may end without reading its input.
            let _ = stdin.write_all(&text);
        });
        let stdout = drain(child.stdout.take().expect("piped"));
        let stderr = drain(child.stderr.take().expect("piped"));
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{:?} is stuck", self.command);
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        writer.join().expect("the writer does not panic");
        let join = |reader: std::thread::JoinHandle<Vec<u8>>| reader.join().expect("the reader does not panic");
        Outcome { status: status.code(), stdout: join(stdout), stderr: join(stderr) }
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}

/// Whether the reference is installed, in the version that was recorded.
pub fn has_reference() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let version = Command::new(REFERENCE).arg("-v").stderr(Stdio::null()).output();
        version.is_ok_and(|output| output.stdout.starts_with(REFERENCE_VERSION))
    })
}

/// A file under `repl/tests`.
pub fn test_file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// What is recorded in a file; when blessing, `record` says it anew and the file is rewritten.
pub fn recorded(name: &str, record: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path = test_file(name);
    if std::env::var_os("MOONSHIFT_BLESS").is_some() {
        let text = record();
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
        std::fs::write(&path, &text).expect("the recorded file can be written");
        return text;
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; record with MOONSHIFT_BLESS=1", path.display()))
}

/// A folder for the files of one test, empty at first.
pub fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the test folder can be made");
    folder
}
