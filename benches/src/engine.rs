//! Running the programs in this process.

use moonshift::jit::{self, JitMode, JitOptions};
use moonshift::stdlib;
use moonshift::value::Value;
use moonshift::vm::Vm;

use crate::Program;
use std::path::Path;

/// A Lua state with or without the just-in-time compiler.
pub struct Session {
    vm: Box<Vm>,
}

/// A loaded program, kept alive by a root of its session.
pub struct Loaded {
    slot: usize,
}

impl Session {
    pub fn new(jit: bool) -> Session {
        let vm = Vm::new();
        stdlib::open_all(&vm);
        let mode = if jit { JitMode::On } else { JitMode::Off };
        jit::attach(&vm, JitOptions { mode, ..JitOptions::default() }).expect("this platform has a compiler");
        Session { vm }
    }

    /// Makes `print` do nothing.
    pub fn silence(&self) {
        let vm = &self.vm;
        let silent = Value::native(vm.new_native("print", |_, call| call.ret0()));
        let key = Value::string(vm.new_string(b"print"));
        vm.set_index(Value::table(vm.globals()), key, silent).expect("globals can be assigned");
    }

    /// Compiles a program to bytecode.
    pub fn load(&self, program: &Program) -> Loaded {
        self.load_file(&program.path())
    }

    /// The same for any file of Lua.
    pub fn load_file(&self, path: &Path) -> Loaded {
        let text = std::fs::read(path).expect("a program's file can be read");
        let name = format!("@{}", path.file_stem().expect("it is a file").display());
        let source = stdlib::Source { text: &text, name: name.as_bytes(), mode: b"t" };
        let globals = Value::table(self.vm.globals());
        let function = stdlib::compile_chunk(&self.vm, source, globals).expect("a program is a chunk");
        Loaded { slot: self.vm.root(function) }
    }

    /// Runs a program with a size.
    pub fn call(&self, program: &Loaded, size: u32) {
        let size = Value::int(size.into());
        let outcome = self.vm.call_protected(self.vm.rooted(program.slot), &[size]);
        assert!(outcome.is_ok(), "a program runs without error");
        stdlib::flush_standard(&self.vm);
    }

    /// What was compiled, as JSON.
    pub fn compiled(&self) -> String {
        jit::stats_json(&self.vm)
    }
}
