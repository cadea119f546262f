//! The one place that uses the runtime: states, chunks, calls in protected mode, errors as the reference words them.

use std::ffi::OsString;
use std::rc::Rc;

use moonshift::error::{Raised, traceback};
use moonshift::jit::{self, JitOptions};
pub use moonshift::value::Value;
use moonshift::vm::Vm;
use moonshift::{stdlib, value};

use crate::compiled::Compiled;
use crate::interrupt::Interrupts;
use crate::options::{Dump, Options};
use crate::source::Source;

/// A Lua state set up as the command line says.
pub struct Engine {
    vm: Box<Vm>,
    dump: Vec<Dump>,
    compiled: Rc<Compiled>,
    interrupts: Interrupts,
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
        let (dump, compiled) = (options.dump.clone(), Rc::new(Compiled::new(options)));
        let vm = Vm::new();
        stdlib::open_all(&vm);
        let keep_dumps = options.view.is_some() || options.dump.iter().any(|&dump| dump != Dump::Bytecode);
        let options = JitOptions { mode: options.jit, keep_dumps, ..JitOptions::default() };
        jit::attach(&vm, options).map_err(|message| Failure::new(message.into_bytes()))?;
        let shown = compiled.clone();
        stdlib::at_exit(&vm, Box::new(move |vm| shown.show(vm)));
        let interrupts = Interrupts::new(vm.trap_handle());
        Ok(Engine { vm, dump, compiled, interrupts })
    }

    /// Brings out what scripts have printed.
    pub fn flush(&self) {
        stdlib::flush_standard(&self.vm);
    }

    /// What is left to do at the end of the program: showing what the compiler did.
    pub fn finish(&self) {
        self.flush();
        self.compiled.show(&self.vm);
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
        self.compiled.note_loaded(&source.name, &source.text);
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

    /// What is to be shown of a chunk instead of running it: its bytecode, the interpreter's graphs.
    pub fn shown_instead(&self, source: &Source) -> Outcome<Option<String>> {
        let mut out = None;
        for dump in &self.dump {
            match dump {
                Dump::Bytecode => {
                    let proto = moonshift_lang::compile(&source.text, &source.name)
                        .map_err(|error| Failure::new(error.message().to_vec()))?;
                    out.get_or_insert_with(String::new).push_str(&moonshift_lang::bytecode::disassemble(&proto));
                }
                Dump::Graph => out.get_or_insert_with(String::new).push_str(&jit::dump(&self.vm, jit::Dump::Graph)),
                Dump::Residual | Dump::Clif | Dump::Asm => {}
            }
        }
        Ok(out)
    }

    fn global(&self, name: &[u8]) -> Outcome<Value> {
        let key = Value::string(self.vm.new_string(name));
        self.protected(|| self.vm.index(Value::table(self.vm.globals()), key))
    }

    fn set_global(&self, name: &[u8], value: Value) -> Outcome<()> {
        let key = Value::string(self.vm.new_string(name));
        self.protected(|| self.vm.set_index(Value::table(self.vm.globals()), key, value))
    }

    fn protected<R>(&self, f: impl FnOnce() -> Result<R, Raised>) -> Outcome<R> {
        let mut trace = String::new();
        let outcome = self.interrupts.running(|| {
            self.vm.protected(|| {
                // The frames are still those of the error.
                f().inspect_err(|Raised| trace = traceback::traceback(&self.vm, 0))
            })
        });
        outcome.map_err(|error| self.failure(error, &trace))
    }

    /// Texts are shown with the traceback, other objects as their `__tostring` says, or by their type.
    fn failure(&self, error: Value, trace: &str) -> Failure {
        let text = match error.tag {
            value::STRING => error.as_string().as_bytes().to_vec(),
            value::INT | value::FLOAT => match self.vm.protected(|| self.vm.tostring(error)) {
                Ok(text) => text.as_bytes().to_vec(),
                Err(_) => Vec::new(),
            },
            _ => {
                let method = self.vm.metafield(error, "__tostring");
                if !method.is_nil()
                    && let Ok(text) = self.vm.protected(|| self.vm.call1(method, &[error]))
                    && text.tag == value::STRING
                {
                    return Failure::new(text.as_string().as_bytes().to_vec());
                }
                format!("(error object is a {} value)", self.vm.type_name_of(error)).into_bytes()
            }
        };
        Failure::new([&text, b"\n".as_slice(), trace.as_bytes()].concat())
    }
}
