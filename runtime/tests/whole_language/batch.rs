//! Running many programs in one process: ours through the library, the reference as a child.

use moonshift::jit::{self, JitMode, JitOptions};
use moonshift::stdlib::{self, Source, compile_chunk};
use moonshift::value::Value;
use moonshift::vm::Vm;
use moonshift::vm::trap::Trap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PRELUDE: &str = include_str!("prelude.lua");

pub struct Program {
    pub seed: u64,
    pub text: String,
}

/// How our programs run.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Engine {
    Off,
    On,
    /// Every threshold 1.
    Always,
    /// Every threshold 1, and what was seen is kept from the compiler at places that the seed chooses.
    Cut(u64),
    CutOn(u64),
}

impl Engine {
    fn options(self) -> JitOptions {
        let (mode, cut_promotions) = match self {
            Engine::Off => (JitMode::Off, None),
            Engine::On => (JitMode::On, None),
            Engine::Always => (JitMode::Always, None),
            Engine::Cut(seed) => (JitMode::Always, Some(seed)),
            Engine::CutOn(seed) => (JitMode::On, Some(seed)),
        };
        JitOptions { mode, cut_promotions, ..JitOptions::default() }
    }
}

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

/// The text that the prelude takes apart.
pub fn joined(programs: &[Program]) -> String {
    programs.iter().map(|program| format!("--@{}\n{}--@end\n", program.seed, program.text)).collect()
}

/// What each program printed.
fn outputs(said: &[u8], programs: &[Program]) -> Vec<String> {
    let said = String::from_utf8_lossy(said);
    let mut rest: &str = &said;
    programs
        .iter()
        .enumerate()
        .map(|(index, program)| {
            let head = format!("@{}\n", program.seed);
            let Some(text) = rest.strip_prefix(head.as_str()) else { return "(not reached)".to_string() };
            let end = programs.get(index + 1).and_then(|next| text.find(&format!("\n@{}\n", next.seed)));
            let (text, after) =
                end.map_or((text.strip_suffix('\n').unwrap_or(text), ""), |at| (&text[..at], &text[at + 1..]));
            rest = after;
            text.to_string()
        })
        .collect()
}

/// How long a batch may take, and a program alone once its batch took longer: a program now and then has no end. Deep
/// recursion takes a minute or two where what was seen is hidden, and every call leaves its unit.
const BATCH_LIMIT: Duration = Duration::from_secs(600);
const ALONE_LIMIT: Duration = Duration::from_secs(60);

/// What stands for the output of a program without end.
const ENDLESS: &str = "(endless)";

/// What programs print, by something that runs them in a given time or says nothing.
fn within_limits(programs: &[Program], run: impl Fn(&[Program], Duration) -> Option<Vec<String>>) -> Vec<String> {
    let limit = if programs.len() == 1 { ALONE_LIMIT } else { BATCH_LIMIT };
    run(programs, limit).unwrap_or_else(|| {
        let alone = |program| run(std::slice::from_ref(program), ALONE_LIMIT).unwrap_or(vec![ENDLESS.to_string()]);
        programs.iter().flat_map(alone).collect()
    })
}

/// What our programs print.
pub fn run(programs: &[Program], engine: Engine) -> Vec<String> {
    within_limits(programs, |programs, limit| run_once(programs, engine, limit))
}

fn run_once(programs: &[Program], engine: Engine, limit: Duration) -> Option<Vec<String>> {
    let vm = Vm::new();
    jit::attach(&vm, engine.options()).expect("a compiler");
    stdlib::open_all(&vm);
    let sink = Sink::default();
    stdlib::redirect_standard(&vm, Box::new(sink.clone()));
    let source = Source { text: PRELUDE.as_bytes(), name: b"@prelude", mode: b"t" };
    let prelude = compile_chunk(&vm, source, Value::table(vm.globals())).expect("the prelude is a program");
    let slot = vm.root(prelude);
    let text = Value::string(vm.new_string(joined(programs).as_bytes()));
    let (finished, wait) = std::sync::mpsc::channel::<()>();
    let trap = vm.trap_handle();
    let watch = std::thread::spawn(move || {
        let mut late = false;
        let mut patience = limit;
        // A program may catch what interrupts it.
        while wait.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            late = true;
            patience = Duration::from_millis(1);
            trap.request(Trap::INTERRUPT);
        }
        late
    });
    let outcome = vm.call_protected(vm.rooted(slot), &[text]);
    drop(finished);
    if watch.join().expect("no panic") {
        return None;
    }
    stdlib::flush_standard(&vm);
    if let Err(error) = outcome {
        let text = vm.tostring(error).map_or_else(|_| "?".into(), |text| text.to_str_lossy().into_owned());
        sink.clone().write_all(text.as_bytes()).expect("writes to memory");
    }
    Some(outputs(&sink.0.lock().expect("no panic"), programs))
}

/// The reference implementation, where the release that ours is made after is installed. Older ones have defects that
/// random programs meet: wrong code for some constants, loops that leave a variable unclosed, messages.
pub struct Reference {
    command: String,
    there: bool,
}

impl Reference {
    pub fn find() -> Reference {
        let command = std::env::var("WHOLE_LANGUAGE_REFERENCE").unwrap_or_else(|_| "lua5.4".to_string());
        let version = Command::new(&command).arg("-v").output().map(|output| output.stdout).unwrap_or_default();
        Reference { command, there: version.starts_with(b"Lua 5.4.8") }
    }

    /// What the programs print; nothing where there is no reference.
    pub fn run(&self, programs: &[Program]) -> Option<Vec<String>> {
        if !self.there {
            return None;
        }
        Some(within_limits(programs, |programs, limit| self.run_once(programs, limit)))
    }

    fn run_once(&self, programs: &[Program], limit: Duration) -> Option<Vec<String>> {
        let mut child = Command::new(&self.command)
            .args(["-e", "local f = load(io.read(tonumber(arg[1])), '=prelude') f(io.read('a'))", "-"])
            .arg(PRELUDE.len().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("it told its version");
        let mut stdin = child.stdin.take().expect("piped");
        // It reads everything before it runs; one that has died by then is found out by what it has not printed.
        let _ = stdin.write_all(PRELUDE.as_bytes());
        let _ = stdin.write_all(joined(programs).as_bytes());
        drop(stdin);
        let mut stdout = child.stdout.take().expect("piped");
        let reader = std::thread::spawn(move || {
            let mut said = Vec::new();
            stdout.read_to_end(&mut said).expect("a pipe");
            said
        });
        let start = Instant::now();
        while !reader.is_finished() && start.elapsed() < limit {
            std::thread::sleep(Duration::from_millis(1));
        }
        let late = !reader.is_finished();
        if late {
            child.kill().expect("a child of ours");
        }
        child.wait().expect("a child of ours");
        let said = reader.join().expect("no panic");
        (!late).then(|| outputs(&said, programs))
    }
}

/// The lines that differ first.
pub fn difference(expected: &str, found: &str) -> Option<String> {
    // How deep calls may be nested is left open; the reference allows 200 through metamethods and coroutines.
    if expected == found || is_open(expected) {
        return None;
    }
    let (mut theirs, mut ours) = (expected.lines(), found.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (a, b) = (theirs.next(), ours.next());
        if a != b {
            return Some(format!("  {line}: {}\n  {line}: {}", a.unwrap_or("(end)"), b.unwrap_or("(end)")));
        }
        if a.is_none() {
            return Some("  (ends of lines)".into());
        }
    }
}

/// Whether an output depends on what the language leaves open.
pub fn is_open(output: &str) -> bool {
    output.contains("stack overflow")
}

/// A number for an output: that of the reference's is recorded.
pub fn digest(output: &str) -> u64 {
    output.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Writes a batch where `WHOLE_LANGUAGE_KEEP` says.
pub fn keep(programs: &[Program]) {
    if let Ok(folder) = std::env::var("WHOLE_LANGUAGE_KEEP") {
        std::fs::write(format!("{folder}/batch.lua"), joined(programs)).expect("a writable folder");
    }
}
