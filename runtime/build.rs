//! Translates the interpreter: from its source text to the translation image and the bindings that the compiler of the
//! running program loads.

use moonshift_jitgen::frontend::Options;
use moonshift_jitgen::image::build_script;
use std::path::PathBuf;

/// What the translator reads: the interpreter, and the declarations of what it touches. Natives are opaque to it; their
/// signatures and effects are not. Module paths are those under which the items can be named from this crate.
const FILES: &[(&str, &str)] = &[
    ("../lang/src/bytecode/instr.rs", "moonshift_lang::bytecode"),
    ("src/interp/arith.rs", "crate::interp::arith"),
    ("src/interp/calls.rs", "crate::interp::calls"),
    ("src/interp/closures.rs", "crate::interp::closures"),
    ("src/interp/compare.rs", "crate::interp::compare"),
    ("src/interp/dispatch.rs", "crate::interp::dispatch"),
    ("src/interp/fields.rs", "crate::interp::fields"),
    ("src/interp/indexing.rs", "crate::interp::indexing"),
    ("src/interp/loops.rs", "crate::interp::loops"),
    ("src/interp/metamethods.rs", "crate::interp::metamethods"),
    ("src/interp/regs.rs", "crate::interp::regs"),
    ("src/value.rs", "crate::value"),
    ("src/error/mod.rs", "crate::error"),
    ("src/heap/object.rs", "crate::heap::object"),
    ("src/string/mod.rs", "crate::string"),
    ("src/table/mod.rs", "crate::table"),
    ("src/table/access.rs", "crate::table"),
    ("src/table/array.rs", "crate::table"),
    ("src/table/cache.rs", "crate::table"),
    ("src/table/hash.rs", "crate::table::hash"),
    ("src/table/next.rs", "crate::table"),
    ("src/table/shape.rs", "crate::table"),
    ("src/vm/mod.rs", "crate::vm"),
    ("src/vm/event.rs", "crate::vm"),
    ("src/vm/meta.rs", "crate::vm::meta"),
    ("src/vm/trap.rs", "crate::vm::trap"),
    ("src/natives/alloc.rs", "crate::natives::alloc"),
    ("src/natives/arith.rs", "crate::natives::arith"),
    ("src/natives/calls.rs", "crate::natives::calls"),
    ("src/natives/close.rs", "crate::natives::close"),
    ("src/natives/collecting.rs", "crate::natives::collecting"),
    ("src/natives/compare.rs", "crate::natives::compare"),
    ("src/natives/concat.rs", "crate::natives::concat"),
    ("src/natives/hooks.rs", "crate::natives::hooks"),
    ("src/natives/index.rs", "crate::natives::index"),
    ("src/natives/loops.rs", "crate::natives::loops"),
    ("src/natives/moves.rs", "crate::natives::moves"),
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let features = ["gc-stress"]
        .into_iter()
        .filter(|name| {
            let variable = format!("CARGO_FEATURE_{}", name.to_uppercase().replace('-', "_"));
            std::env::var_os(variable).is_some()
        })
        .map(str::to_string)
        .collect();
    let options = Options {
        features,
        // Code of a prototype never changes; its crate knows no marks.
        frozen: vec!["Instr".into()],
        ..Options::default()
    };
    build_script(FILES, &options, &out_dir);
}
