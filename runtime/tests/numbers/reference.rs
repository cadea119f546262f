//! One process of the reference, asked about many lines at once.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Reference {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Reference {
    /// For a chunk that returns a function, and the argument it gets for a `line`. None where `lua5.4` is not installed.
    pub fn start(function: &str, argument: &str) -> Option<Reference> {
        // All lines are read before any is answered, so that neither side waits for the other.
        let server = format!(
            "local f = (function() {function} end)()
             while true do
               local count = tonumber(io.read('l') or '')
               if not count then break end
               local answers = {{}}
               for i = 1, count do local line = io.read('l') answers[i] = f(({argument})) end
               io.write(table.concat(answers, '\\n'), '\\n')
               io.flush()
             end"
        );
        let mut process =
            Command::new("lua5.4").args(["-e", &server]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
        let (input, output) = (process.stdin.take()?, BufReader::new(process.stdout.take()?));
        Some(Reference { process, input, output })
    }

    pub fn ask(&mut self, lines: Vec<String>) -> Vec<String> {
        writeln!(self.input, "{}\n{}", lines.len(), lines.join("\n")).expect("the reference runs");
        self.input.flush().expect("the reference runs");
        let answer = |_| {
            let mut line = String::new();
            self.output.read_line(&mut line).expect("the reference answers");
            line.trim_end_matches('\n').to_string()
        };
        (0..lines.len()).map(answer).collect()
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
