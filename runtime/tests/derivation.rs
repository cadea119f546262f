//! The compiler is derived from the interpreter's text: what the text gains, compiled code can do.
//!
//! The sources are translated here, in the process. Unchanged they give the image that the build script wrote; with an
//! instruction added to the dispatch loop, and nothing else, they give a compiler that knows it.

#![cfg(feature = "jit")]

use moonshift::jit::{self, Dump, JitMode, JitOptions};
use moonshift::value::Value;
use moonshift::vm::Vm;
use moonshift_jitgen::abi::Native;
use moonshift_jitgen::frontend::{Options, Source, Translation, translate_with_wrappers};
use moonshift_jitgen::image;
use moonshift_jitgen::timeshift::Extension;
use moonshift_lang::bytecode::{Instr, Proto, liveness, op};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What `build.rs` translates: that nothing is missing here is what the first test shows.
const INSTRUCTIONS: (&str, &str) = ("../lang/src/bytecode/instr.rs", "moonshift_lang::bytecode");
const PARTS: [&str; 8] = ["error", "heap", "interp", "natives", "string", "table", "value.rs", "vm"];

/// The opcode that the plain interpreter does not have: `R[a] = R[b] * 3 + c`, of integers.
const TRIPLE_ADD: u8 = 200;
const ARM: &str = "200 => {
    let tripled = reg(base, ins.b()).as_int().wrapping_mul(3);
    set_reg(base, ins.a(), Value::int(tripled.wrapping_add(ins.c() as i64)));
}
";

fn collect(path: &Path, files: &mut Vec<(String, String)>) {
    if path.is_dir() {
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

/// The interpreter's files. Tests run in the crate's folder, as build scripts do.
fn sources() -> Vec<Source> {
    let mut files = vec![(INSTRUCTIONS.0.to_owned(), INSTRUCTIONS.1.to_owned())];
    for part in PARTS {
        collect(&Path::new("src").join(part), &mut files);
    }
    files.sort();
    let read = |path: &String| std::fs::read_to_string(path).expect("a file of the sources");
    files.iter().map(|(path, module)| Source::new(path, module, read(path))).collect()
}

fn translate(sources: &[Source]) -> Translation {
    let features = if cfg!(feature = "gc-stress") { vec!["gc-stress".to_owned()] } else { vec![] };
    let options = Options { features, frozen: vec!["Instr".to_owned()], ..Options::default() };
    translate_with_wrappers(sources, &options).unwrap_or_else(|errors| panic!("{errors}"))
}

/// Timeshifts a translation and binds it to this process, by the names in the bindings that rustc has checked.
fn bind(translation: Translation) -> (Extension, &'static [Native]) {
    let bindings = jit::bindings();
    let built_in = bindings.load().expect("the image of this build");
    let mut places = HashMap::new();
    for field in &built_in.module.fields {
        let place = (&field.offset_source, &field.stride_source, field.offset, field.stride);
        assert!(places.insert(&field.name, place).is_none(), "two fields are named {}", field.name);
    }
    let mut extension = Extension::new(translation.module).expect("what should be green is green");
    for field in &mut extension.module.fields {
        let &(offset_source, stride_source, offset, stride) = places.get(&field.name).expect(&field.name);
        assert_eq!((offset_source, stride_source), (&field.offset_source, &field.stride_source));
        (field.offset, field.stride) = (offset, stride);
    }
    let by_name: HashMap<&str, Native> = bindings.natives.iter().map(|native| (native.name, *native)).collect();
    assert_eq!(by_name.len(), bindings.natives.len(), "two natives share a name");
    let natives: Vec<Native> = translation.wrappers.iter().map(|wrapper| by_name[&*wrapper.name]).collect();
    (extension, natives.leak())
}

const OPTIONS: JitOptions = JitOptions { mode: JitMode::Always, keep_dumps: true, cut_promotions: None };

/// What became of a function that was called with 5 and then with 200.
struct Outcome {
    results: [i64; 2],
    residual: String,
}

/// Runs a main function twice: first it is watched, in the evaluator, and compiled; then compiled code runs.
fn run_twice(vm: &Vm, original: &Proto, changed: Proto) -> Outcome {
    let main = vm.load_main(Arc::new(changed), Value::table(vm.globals()));
    // An unknown opcode has no operands for the analysis; those of the instruction it replaces are the same.
    main.proto.liveness.set(liveness(original)).expect("nobody has asked yet");
    vm.root(Value::closure(main));
    let call = |count| match vm.call_protected(Value::closure(main), &[Value::int(count)]) {
        Ok(results) => results.get(0).as_int(),
        Err(error) => panic!("{error:?}"),
    };
    let first = call(5);
    let totals = totals(vm);
    assert!(totals["compiled"] > 0, "{}", jit::stats(vm));
    assert_eq!((totals["failed"], totals["profiled"]), (0, 1), "{}", jit::stats(vm));
    let residual = jit::dump(vm, Dump::Residual);
    let second = call(200);
    // Nothing was left to the evaluator, and the plain interpreter takes over only after an exit.
    assert_eq!(self::totals(vm), totals, "{}", jit::stats(vm));
    assert_eq!(totals["exits"], 0);
    Outcome { results: [first, second], residual }
}

fn totals(vm: &Vm) -> HashMap<&'static str, u64> {
    let text = jit::stats_json(vm);
    let number = |name: &str| {
        let (_, rest) = text.split_once(&format!("\"{name}\":")).expect("a total");
        rest.split(',').next().expect("a number").parse().expect("a number")
    };
    ["compiled", "failed", "profiled", "exits"].map(|name| (name, number(name))).into_iter().collect()
}

fn triples(residual: &str) -> usize {
    residual.lines().filter(|line| line.contains("= mul ") && line.ends_with(", 3i64")).count()
}

const PROGRAM: &str = "local count = ... local sum = 1 for i = 1, count do sum = sum + 7 end return sum";

fn program() -> Proto {
    moonshift_lang::compile(PROGRAM.as_bytes(), "=derivation").expect("it is Lua")
}

#[test]
fn the_sources_give_the_image_of_the_build() {
    let extension = Extension::new(translate(&sources()).module).expect("what should be green is green");
    assert!(image::encode(&extension) == jit::bindings().image, "the image is not what the sources give");
}

#[test]
fn an_instruction_added_to_the_interpreter_is_compiled() {
    let mut sources = sources();
    let dispatch = sources.iter_mut().find(|source| source.path == "src/interp/dispatch.rs").expect("the loop");
    let last_arm = dispatch.text.rfind("_ => return invalid_opcode()").expect("the last arm of the loop");
    dispatch.text.insert_str(last_arm, ARM);
    let (extension, natives) = bind(translate(&sources));

    let vm = Vm::new();
    // SAFETY: the extension is bound above. The program is watched to its end at first, and later leaves compiled code
    // nowhere, which `run_twice` checks: the plain interpreter never sees the opcode.
    unsafe { jit::attach_extension(&vm, OPTIONS, || extension.into(), natives) }.expect("a compiler");
    let original = program();
    let mut changed = original.clone();
    let mut replaced = 0;
    for ins in changed.code.iter_mut().filter(|ins| ins.op() == op::ADDK) {
        *ins = Instr::abce(TRIPLE_ADD, ins.a() as u8, ins.b() as u16, 7, 0);
        replaced += 1;
    }
    assert_eq!(replaced, 1, "the loop has one addition");
    let outcome = run_twice(&vm, &original, changed);
    let expected = [5, 200].map(|count| (0..count).fold(1_i64, |sum, _| sum.wrapping_mul(3).wrapping_add(7)));
    assert_eq!(outcome.results, expected);
    assert!(triples(&outcome.residual) > 0, "{}", outcome.residual);
}

#[test]
fn without_it_there_is_no_such_code() {
    let vm = Vm::new();
    jit::attach(&vm, OPTIONS).expect("a compiler");
    let outcome = run_twice(&vm, &program(), program());
    assert_eq!(outcome.results, [1 + 5 * 7, 1 + 200 * 7]);
    assert_eq!(triples(&outcome.residual), 0, "{}", outcome.residual);
}
