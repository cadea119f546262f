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
}
