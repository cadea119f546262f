//! The interactive mode: reads a chunk of one or more lines, runs it, prints its results.
//!
//! A line is tried as an expression first (`return line`); if that is no chunk, it is a statement, and further lines are
//! read for as long as the parser stops at the end of the text. On a terminal lines come through rustyline, with history;
//! otherwise they are read from the shared buffer of standard input, so that a script's own `io.read` sees what follows.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;

use crate::engine::{Chunk, Engine, Failure};
use crate::options::Options;
use crate::report;
use crate::source::Source;

/// Runs until the end of the input.
pub fn run(engine: &Engine, options: &Options) {
    let mut lines = Lines::new(options);
    loop {
        match read_chunk(engine, &mut lines) {
            Input::End => break,
            Input::Dropped => {}
            Input::Chunk(Err(failure)) => report::bare_message(&failure.message),
            Input::Chunk(Ok(chunk)) => match engine.call(&chunk, Vec::new()) {
                Err(failure) => report::bare_message(&failure.message),
                Ok(results) if results.is_empty() => {}
                Ok(results) => {
                    if let Err(failure) = engine.print(results) {
                        let cause = failure.message.split(|&byte| byte == b'\n').next().unwrap_or_default();
                        report::message(&[b"error calling 'print' (", cause, b")"].concat());
                    }
                }
            },
        }
    }
    lines.finish();
}

enum Input {
    End,
    /// An interrupt dropped the chunk typed so far.
    Dropped,
    Chunk(Result<Chunk, Failure>),
}

/// Reads lines until they are a chunk or cannot become one.
fn read_chunk(engine: &Engine, lines: &mut Lines) -> Input {
    let first = match lines.next(engine, true) {
        Line::Text(line) => line,
        Line::End => return Input::End,
        Line::Interrupt => return Input::Dropped,
    };
    let source = |text: Vec<u8>| Source { text, name: b"=stdin".to_vec() };
    // `=x` is how older versions asked for the value of an expression.
    let first = match first.strip_prefix(b"=") {
        Some(expression) => [b"return ", expression].concat(),
        None => first,
    };
    if let Ok(chunk) = engine.load(&source([b"return ", first.as_slice()].concat())) {
        lines.remember(&first);
        return Input::Chunk(Ok(chunk));
    }
    let mut text = first;
    loop {
        let failure = match engine.load(&source(text.clone())) {
            Err(failure) if failure.incomplete => failure,
            loaded => {
                lines.remember(&text);
                return Input::Chunk(loaded);
            }
        };
        match lines.next(engine, false) {
            Line::Text(line) => {
                text.push(b'\n');
                text.extend_from_slice(&line);
            }
            Line::Interrupt => return Input::Dropped,
            Line::End => {
                lines.remember(&text);
                return Input::Chunk(Err(failure));
            }
        }
    }
}

/// A line without its end.
enum Line {
    Text(Vec<u8>),
    Interrupt,
    End,
}

/// Where lines come from.
enum Lines {
    Terminal { editor: Box<DefaultEditor>, history: Option<PathBuf> },
    Plain,
}

impl Lines {
    fn new(options: &Options) -> Lines {
        if !std::io::stdin().is_terminal() {
            return Lines::Plain;
        }
        let Ok(mut editor) = DefaultEditor::new() else { return Lines::Plain };
        let history = if options.ignore_environment { None } else { history_file() };
        if let Some(path) = &history {
            // There is none the first time.
            let _ = editor.load_history(path);
        }
        Lines::Terminal { editor: Box::new(editor), history }
    }

    /// Shows the first prompt or that for further lines, and reads.
    fn next(&mut self, engine: &Engine, first: bool) -> Line {
        let prompt = engine.prompt(first);
        engine.flush();
        match self {
            Lines::Terminal { editor, .. } => match editor.readline(String::from_utf8_lossy(&prompt).as_ref()) {
                Ok(line) => Line::Text(line.into_bytes()),
                Err(ReadlineError::Interrupted) => Line::Interrupt,
                Err(_) => Line::End,
            },
            Lines::Plain => {
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(&prompt).and_then(|()| out.flush());
                let mut line = Vec::new();
                match std::io::stdin().lock().read_until(b'\n', &mut line) {
                    Ok(0) | Err(_) => {
                        let _ = out.write_all(b"\n");
                        return Line::End;
                    }
                    Ok(_) => {}
                }
                if line.ends_with(b"\n") {
                    line.pop();
                }
                Line::Text(line)
            }
        }
    }

    fn remember(&mut self, text: &[u8]) {
        if let Lines::Terminal { editor, .. } = self {
            let text = String::from_utf8_lossy(text);
            if !text.trim().is_empty() {
                // A history that cannot take an entry is no reason to stop.
                let _ = editor.add_history_entry(text.as_ref());
            }
        }
    }

    fn finish(self) {
        if let Lines::Terminal { mut editor, history: Some(path) } = self {
            if let Some(folder) = path.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let _ = editor.save_history(&path);
        }
    }
}

/// `MOONSHIFT_HISTORY`, or `moonshift/history` in the user's state folder.
fn history_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("MOONSHIFT_HISTORY").or_else(|| {
        let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local").join("state")))?;
        Some(state.join("moonshift").join("history"))
    })
}
