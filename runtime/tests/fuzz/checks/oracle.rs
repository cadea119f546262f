//! The same expression here and in the reference, where that is installed: one process of it for all.

use moonshift::jit::JitMode;
use moonshift::{Lua, LuaOptions};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Shows values exactly: `show(...)`.
const SHOW: &str = "
local function show(...)
  local out = {}
  for i = 1, select('#', ...) do
    local value = (select(i, ...))
    local kind = math.type(value) or type(value)
    if kind == 'float' then
      out[i] = value ~= value and 'nan' or value == 1/0 and 'inf' or value == -1/0 and '-inf' or ('%a'):format(value)
    elseif kind == 'integer' or kind == 'string' or kind == 'boolean' or kind == 'nil' then
      out[i] = kind .. ' ' .. tostring(value)
    else
      out[i] = kind
    end
  end
  return table.concat(out, '\\n')
end
";

/// Reads chunks, each behind its length, and answers what they return likewise.
const SERVER: &str = "
while true do
  local length = io.read('n')
  if not length then break end
  io.read(1)
  local text = io.read(length)
  local f, message = load(text, '=fuzz')
  local answer = f and f() or message
  io.write(#answer, ' ', answer)
  io.flush()
end
";

struct Reference {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Reference {
    fn start() -> Option<Reference> {
        let mut process = Command::new("lua5.4")
            .args(["-e", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let (input, output) = (process.stdin.take()?, process.stdout.take()?);
        Some(Reference { process, input, output })
    }

    fn ask(&mut self, chunk: &[u8]) -> std::io::Result<Vec<u8>> {
        // An empty text is read as the end.
        write!(self.input, "{} ", chunk.len())?;
        self.input.write_all(chunk)?;
        self.input.write_all(b"\n")?;
        self.input.flush()?;
        let mut length = 0;
        let mut byte = [0];
        loop {
            self.output.read_exact(&mut byte)?;
            if !byte[0].is_ascii_digit() {
                break;
            }
            length = length * 10 + usize::from(byte[0] - b'0');
        }
        let mut answer = vec![0; length];
        self.output.read_exact(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

thread_local! {
    static REFERENCE: RefCell<Option<Reference>> = RefCell::new(Reference::start());
    static OURS: Lua = Lua::new_with(LuaOptions::new().jit(JitMode::Off));
}

/// What the reference makes of a chunk that returns a string; its error message if it is no chunk. None without one.
pub fn reference(chunk: &[u8]) -> Option<Vec<u8>> {
    if chunk.is_empty() {
        return None;
    }
    REFERENCE.with_borrow_mut(|reference| {
        let answer = reference.as_mut()?.ask(chunk);
        Some(answer.unwrap_or_else(|error| panic!("the reference ended: {error}\n{}", String::from_utf8_lossy(chunk))))
    })
}

/// Evaluates `pcall(expression)`; all results as text. None when it takes too long.
pub fn evaluate(expression: &str) -> Option<String> {
    let chunk = format!("{SHOW} return show(pcall({expression}))");
    let (ours, ran_out) = OURS.with(|lua| {
        lua.set_fuel(Some(200_000));
        let ours = lua.load(&chunk).set_name("=fuzz").eval::<moonshift::String>();
        let ran_out = lua.fuel() == Some(0);
        lua.set_fuel(None);
        (ours, ran_out)
    });
    if ran_out {
        return None;
    }
    let ours = ours.unwrap_or_else(|error| panic!("{expression}: {error}"));
    Some(ours.as_bytes().iter().map(|&byte| byte as char).collect())
}

/// [`evaluate`], compared with the reference.
pub fn compare(expression: &str) -> Option<String> {
    let ours = evaluate(expression)?;
    let chunk = format!("{SHOW} return show(pcall({expression}))");
    if let Some(theirs) = reference(chunk.as_bytes()) {
        let theirs: String = theirs.iter().map(|&byte| byte as char).collect();
        assert_eq!(ours, theirs, "{expression}");
    }
    Some(ours)
}
