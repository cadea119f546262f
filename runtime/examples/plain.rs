//! Runs a Lua file in the plain interpreter: for work on the interpreter itself.

use moonshift::table::{table_set_int, table_set_str};
use moonshift::value::Value;
use moonshift::vm::Vm;
use std::sync::Arc;

fn main() {
    let path = std::env::args().nth(1).expect("usage: plain FILE [ARGUMENT..]");
    let source = std::fs::read(&path).expect("readable file");
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    let args = vm.new_table();
    let mut values = vec![];
    for (index, arg) in std::env::args().skip(2).enumerate() {
        let value = Value::string(vm.new_string(arg.as_bytes()));
        table_set_int(&vm, args, index as i64 + 1, value);
        values.push(value);
    }
    table_set_str(&vm, vm.globals(), vm.new_string(b"arg"), Value::table(args));
    let proto = match moonshift_lang::compile(&source, &format!("@{path}")) {
        Ok(proto) => proto,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    let main = vm.load_main(Arc::new(proto), Value::table(vm.globals()));
    let result = vm.call_protected(Value::closure(main), &values);
    moonshift::stdlib::flush_standard(&vm);
    if let Err(error) = result {
        eprintln!("error: {error:?}");
        std::process::exit(1);
    }
}
