//! Runs a Lua file with the whole library: for work on the runtime without the command line program. `MODE` is the mode
//! of the compiler, `STATS` and `DUMP` print what it did,
//! `CUT` is a seed for hiding what was seen from it.

use moonshift::jit::{self, JitOptions};
use moonshift::stdlib::{self, compile_chunk};
use moonshift::value::Value;
use moonshift::vm::Vm;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("usage: run FILE ARGUMENTS");
    let text = std::fs::read(&path).expect("readable file");
    let vm = Vm::new();
    if let Ok(mode) = std::env::var("MODE") {
        let cut_promotions = std::env::var("CUT").ok().map(|seed| seed.parse().expect("a number"));
        let options = JitOptions { mode: mode.parse().expect("a mode"), keep_dumps: true, cut_promotions };
        jit::attach(&vm, options).expect("a compiler");
    }
    stdlib::open_all(&vm);
    let name = format!("@{path}");
    let source = stdlib::Source { text: &text, name: name.as_bytes(), mode: b"t" };
    match compile_chunk(&vm, source, Value::table(vm.globals())) {
        Ok(function) => {
            let args: Vec<Value> = args.map(|arg| Value::string(vm.new_string(arg.as_bytes()))).collect();
            if let Err(error) = vm.call_protected(function, &args) {
                stdlib::flush_standard(&vm);
                let text = vm.tostring(error).map_or_else(|_| "?".into(), |text| text.to_str_lossy().into_owned());
                eprintln!("error: {text}");
            }
        }
        Err(message) => eprintln!("{}", String::from_utf8_lossy(&message)),
    }
    stdlib::flush_standard(&vm);
    if std::env::var_os("STATS").is_some() {
        eprint!("{}", jit::stats(&vm));
    }
    if std::env::var_os("DUMP").is_some() {
        eprint!("{}", jit::dump(&vm, jit::Dump::Residual));
    }
}
