//! The one place that uses the runtime: states, chunks, calls in protected mode, errors as the reference words them.

use std::ffi::OsString;

use moonshift::stdlib;
use moonshift::value;
pub use moonshift::value::Value;
use moonshift::vm::Vm;

use crate::options::{Dump, JitMode, Options};
use crate::source::Source;

/// A Lua state set up as the command line says.
pub struct Engine {
    vm: Box<Vm>,
    dump: Vec<Dump>,
}

/// A loaded chunk, kept alive by a root.
pub struct Chunk {
    slot: usize,
}

/// An error as it is shown: the message, and the traceback if it has one.
pub struct Failure {
    pub message: Vec<u8>,
    /// The text of a chunk ended too early.
    pub incomplete: bool,
}

impl Failure {
    pub fn new(message: Vec<u8>) -> Failure {
        let incomplete = message.ends_with(b"<eof>");
        Failure { message, incomplete }
    }
}

type Outcome<T> = Result<T, Failure>;

impl Engine {
    pub fn new(options: &Options) -> Outcome<Engine> {
        let vm = Vm::new();
        stdlib::open_all(&vm);
        if !matches!(options.jit, JitMode::Off | JitMode::On) {
            return Err(Failure::new(b"this build has no just-in-time compiler".to_vec()));
        }
        Ok(Engine { vm, dump: options.dump.clone() })
    }

    /// Brings out what scripts have printed.
    pub fn flush(&self) {
        stdlib::flush_standard(&self.vm);
    }

    /// What is left to do at the end of the program.
    pub fn finish(&self) {
        self.flush();
    }

    /// Sets `arg`: the arguments, counted from the script (at 0).
    pub fn set_arguments(&self, arguments: &[OsString], script: usize) -> Outcome<()> {
        let vm = &self.vm;
        let table = Value::table(vm.new_table());
        self.set_global(b"arg", table)?;
        for (index, argument) in arguments.iter().enumerate() {
            let text = Value::string(vm.new_string(argument.as_encoded_bytes()));
            self.protected(|| vm.set_index(table, Value::int(index as i64 - script as i64), text))?;
        }
        Ok(())
    }

    /// The values of `arg`, for the script.
    pub fn script_arguments(&self) -> Outcome<Vec<Value>> {
        let vm = &self.vm;
        let table = self.global(b"arg")?;
        if table.tag != value::TABLE {
            return Err(Failure::new(b"'arg' is not a table".to_vec()));
        }
        let count = self.protected(|| vm.len(table))?;
        (1..=count.as_int()).map(|index| self.protected(|| vm.index(table, Value::int(index)))).collect()
    }

    pub fn warnings_on(&self) -> Outcome<()> {
        let warn = self.global(b"warn")?;
        let on = Value::string(self.vm.new_string(b"@on"));
        self.protected(|| self.vm.call(warn, &[on])).map(drop)
    }

    /// Requires a module and makes it a global.
    pub fn require(&self, module: &[u8], name: &[u8]) -> Outcome<()> {
        let require = self.global(b"require")?;
        let module = Value::string(self.vm.new_string(module));
        let loaded = self.protected(|| self.vm.call1(require, &[module]))?;
        self.set_global(name, loaded)
    }

    pub fn load(&self, source: &Source) -> Outcome<Chunk> {
        let globals = Value::table(self.vm.globals());
        let source = stdlib::Source { text: &source.text, name: &source.name, mode: b"bt" };
        let function = stdlib::compile_chunk(&self.vm, source, globals).map_err(Failure::new)?;
        Ok(Chunk { slot: self.vm.root(function) })
    }

    /// Runs a chunk.
    pub fn call(&self, chunk: &Chunk, arguments: Vec<Value>) -> Outcome<Vec<Value>> {
        let function = self.vm.rooted(chunk.slot);
        let results = self.protected(|| Ok(self.vm.call(function, &arguments)?.to_vec()));
        self.vm.unroot(chunk.slot);
        results
    }

    /// Shows values as the prompt does, through the global `print`.
    pub fn print(&self, values: Vec<Value>) -> Outcome<()> {
        let print = self.global(b"print")?;
        self.protected(|| self.vm.call(print, &values)).map(drop)
    }

    /// The prompt: the globals `_PROMPT` and `_PROMPT2`, if they are set.
    pub fn prompt(&self, first: bool) -> Vec<u8> {
        let (name, default): (&[u8], &[u8]) = if first { (b"_PROMPT", b"> ") } else { (b"_PROMPT2", b">> ") };
        match self.global(name) {
            Ok(value) if !value.is_nil() => {
                self.protected(|| self.vm.tostring(value)).map_or(default.to_vec(), |text| text.as_bytes().to_vec())
            }
            _ => default.to_vec(),
        }
    }

    /// Whether chunks are to be shown as bytecode instead of being run.
    pub fn shows_bytecode(&self) -> bool {
        self.dump.contains(&Dump::Bytecode)
    }

    /// A chunk's bytecode, as text.
    pub fn bytecode(&self, source: &Source) -> Outcome<String> {
        let proto = moonshift_lang::compile(&source.text, &source.name)
            .map_err(|error| Failure::new(error.message().to_vec()))?;
        Ok(moonshift_lang::bytecode::disassemble(&proto))
    }

    fn global(&self, name: &[u8]) -> Outcome<Value> {
        let key = Value::string(self.vm.new_string(name));
        self.protected(|| self.vm.index(Value::table(self.vm.globals()), key))
    }

    fn set_global(&self, name: &[u8], value: Value) -> Outcome<()> {
        let key = Value::string(self.vm.new_string(name));
        self.protected(|| self.vm.set_index(Value::table(self.vm.globals()), key, value))
    }

    fn protected<R>(&self, f: impl FnOnce() -> Result<R, moonshift::error::Raised>) -> Outcome<R> {
        self.vm.protected(f).map_err(|error| self.failure(error))
    }

    fn failure(&self, error: Value) -> Failure {
        let text = match error.tag {
            value::STRING => error.as_string().as_bytes().to_vec(),
            _ => format!("(error object is a {} value)", self.vm.type_name_of(error)).into_bytes(),
        };
        Failure::new(text)
    }
}
