<<<<<<< HEAD
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
=======
//! Translates the interpreter: writes the image of its generating extension, and the bindings that rustc checks.

use moonshift_jitgen::frontend::Options;
use moonshift_jitgen::image::build_script;
use std::path::Path;

/// The instruction format, which the dispatch loop decodes.
const INSTRUCTIONS: (&str, &str) = ("../lang/src/bytecode/instr.rs", "moonshift_lang::bytecode");

/// Folders whose files the interpreter is spread over, and single files.
const PARTS: [&str; 8] = ["error", "heap", "interp", "natives", "string", "table", "value.rs", "vm"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_JIT").is_none() {
        return;
    }
    let mut files = vec![(INSTRUCTIONS.0.to_owned(), INSTRUCTIONS.1.to_owned())];
    for part in PARTS {
        collect(&Path::new("src").join(part), &mut files);
    }
    files.sort();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, module)| (path.as_str(), module.as_str())).collect();
    let mut features = vec![];
    if std::env::var_os("CARGO_FEATURE_GC_STRESS").is_some() {
        features.push("gc-stress".to_owned());
    }
    let options = Options { features, frozen: vec!["Instr".to_owned()], ..Options::default() };
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    build_script(&files, &options, Path::new(&out));
}

fn collect(path: &Path, files: &mut Vec<(String, String)>) {
    if path.is_dir() {
        println!("cargo:rerun-if-changed={}", path.display());
        for entry in std::fs::read_dir(path).expect("a folder of the sources") {
            collect(&entry.expect("an entry of the folder").path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let text = path.to_str().expect("source paths are ASCII").to_owned();
        let inner = text.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module = format!("crate::{}", inner.replace('/', "::"));
        files.push((text, module));
    }
>>>>>>> main
}
