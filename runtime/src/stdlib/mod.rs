//! The standard library: natives on the calling convention of `vm/call.rs`.
//!
//! One file or folder a library. Natives are registered under their qualified names ("string.rep"), which tracebacks
//! show; messages name a function as it was called. What can run long charges fuel for what it does (`Vm::charge`).

mod base;
mod chunk;
mod coroutine;
mod debug;
mod io;
mod math;
mod os;
mod pack_format;
mod package;
mod random;
mod string;
mod table;
mod utf8;
mod utf8_codec;

pub use chunk::{Source, compile_chunk, is_binary};
pub use io::{flush_standard, redirect_standard};
pub use os::at_exit;

use crate::heap::object::NativeFn;
use crate::table::{Table, table_set_str};
use crate::value::Value;
use crate::vm::Vm;
use moonshift_jitgen::mem::Ref;

/// Names and functions of a library.
type Functions = &'static [(&'static str, NativeFn)];

/// Puts the whole library into the globals.
pub fn open_all(vm: &Vm) {
    base::open(vm);
    package::open(vm);
    string::open(vm);
    table::open(vm);
    math::open(vm);
    io::open(vm);
    os::open(vm);
    utf8::open(vm);
    coroutine::open(vm);
    debug::open(vm);
}

/// A table of the natives given, made a global and a loaded package.
fn open_library(vm: &Vm, name: &str, functions: Functions) -> Ref<Table> {
    let library = vm.new_table_sized(0, functions.len() + 4);
    add_functions(vm, library, functions);
    set_field(vm, vm.globals(), name, Value::table(library));
    package::set_loaded(vm, name, Value::table(library));
    library
}

/// Registers natives under the last part of their names.
fn add_functions(vm: &Vm, into: Ref<Table>, functions: Functions) {
    for &(name, function) in functions {
        let short = name.rsplit('.').next().unwrap_or(name);
        set_field(vm, into, short, Value::native(vm.new_native(name, function)));
    }
}

/// Registers natives that no library table holds: they have no name but that of the call.
fn add_methods(vm: &Vm, into: Ref<Table>, methods: Functions) {
    for &(name, function) in methods {
        set_field(vm, into, name, Value::native(vm.new_native("", function)));
    }
}

/// Raw assignment of a field.
fn set_field(vm: &Vm, table: Ref<Table>, name: &str, value: Value) {
    table_set_str(vm, table, vm.new_string(name.as_bytes()), value);
}

/// A relative position in a sequence of `len`: from the end if negative. Not clamped, but never negative.
fn absolute_position(position: i64, len: usize) -> u64 {
    if position >= 0 { position as u64 } else { (len as i64).saturating_add(position).saturating_add(1).max(0) as u64 }
}
