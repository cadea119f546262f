use moonshift::stdlib::{self, compile_chunk};
use moonshift::value::Value;
use moonshift::vm::Vm;
fn main() {
    let path = std::env::args().nth(1).expect("usage: run FILE");
    let text = std::fs::read(&path).expect("readable file");
    let vm = Vm::new();
    stdlib::open_all(&vm);
    let name = format!("@{path}");
    let f = compile_chunk(&vm, stdlib::Source { text: &text, name: name.as_bytes(), mode: b"t" }, Value::table(vm.globals()));
    match f {
        Ok(f) => { if let Err(e) = vm.call_protected(f, &[]) { stdlib::flush_standard(&vm); eprintln!("error: {}", vm.tostring(e).unwrap().to_str_lossy()); } }
        Err(m) => eprintln!("{}", String::from_utf8_lossy(&m)),
    }
    stdlib::flush_standard(&vm);
}
