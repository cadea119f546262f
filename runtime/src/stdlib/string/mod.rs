//! The string library.

mod arithmetic;
mod basic;
mod dump;
mod format;
mod pack;
mod patterns;

use super::{Functions, add_methods, open_library, set_field};
use crate::value::Value;
use crate::vm::Vm;

const FUNCTIONS: Functions = &[
    ("string.byte", basic::byte),
    ("string.char", basic::char),
    ("string.dump", dump::dump),
    ("string.find", patterns::find),
    ("string.format", format::format),
    ("string.gmatch", patterns::gmatch),
    ("string.gsub", patterns::gsub),
    ("string.len", basic::len),
    ("string.lower", basic::lower),
    ("string.match", patterns::match_),
    ("string.pack", pack::pack),
    ("string.packsize", pack::packsize),
    ("string.rep", basic::rep),
    ("string.reverse", basic::reverse),
    ("string.sub", basic::sub),
    ("string.unpack", pack::unpack),
    ("string.upper", basic::upper),
];

pub(super) fn open(vm: &Vm) {
    let library = open_library(vm, "string", FUNCTIONS);
    let metatable = vm.new_table_sized(0, 1 + arithmetic::METHODS.len());
    add_methods(vm, metatable, arithmetic::METHODS);
    set_field(vm, metatable, "__index", Value::table(library));
    vm.string_meta.set(Some(metatable));
}

/// Where a slice begins, from a position that scripts give: at least 1.
fn slice_start(position: i64, len: usize) -> usize {
    match position {
        1.. => usize::try_from(position).unwrap_or(usize::MAX),
        0 => 1,
        _ => super::absolute_position(position, len).max(1) as usize,
    }
}

/// Where a slice ends, inclusive, from a position that scripts give: at most `len`.
fn slice_end(position: i64, len: usize) -> usize {
    (super::absolute_position(position, len) as usize).min(len)
}
