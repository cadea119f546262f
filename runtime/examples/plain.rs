//! Runs a Lua file with a handful of library functions: for work on the interpreter itself.

use moonshift::value::{self, Value};
use moonshift::vm::{Call, Vm};
use std::io::Write;

fn main() {
    let path = std::env::args().nth(1).expect("usage: plain FILE");
    let source = std::fs::read(&path).expect("readable file");
    let vm = Vm::new();
    if let Ok(mode) = std::env::var("MODE") {
        let options = moonshift::jit::JitOptions { mode: mode.parse().expect("a mode"), keep_dumps: true };
        moonshift::jit::attach(&vm, options).expect("a compiler");
    }
    let add = |name: &'static str, function| {
        let native = vm.new_native(name, function);
        let key = vm.new_string(name.as_bytes());
        moonshift::table::table_set_str(&vm, vm.globals(), key, Value::native(native));
    };
    add("print", |vm, call| {
        let mut line = Vec::new();
        for index in 1..=call.nargs() {
            if index > 1 {
                line.push(b'\t');
            }
            line.extend_from_slice(vm.tostring(call.arg(index))?.as_bytes());
        }
        line.push(b'\n');
        std::io::stdout().write_all(&line).expect("stdout");
        call.ret0()
    });
    add("clock", |_, call| {
        let time = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        call.ret(Value::float(time.as_secs_f64()))
    });
    add("next", |vm, call| match moonshift::table::table_next(vm, call.check_table(vm, 1)?, call.arg(2))? {
        Some((key, value)) => call.ret2(key, value),
        None => call.ret(Value::nil()),
    });
    vm.next_function.set(vm.index(Value::table(vm.globals()), Value::string(vm.new_string(b"next"))).expect("set"));
    add("pairs", |vm, call| call.ret3(vm.next_function.get(), call.arg(1), Value::nil()));
    add("ipairs", |vm, call| {
        let step = vm.new_native("step", |vm, call: Call| {
            let index = call.check_int(vm, 2)? + 1;
            let found = vm.index(call.arg(1), Value::int(index))?;
            if found.is_nil() { call.ret(found) } else { call.ret2(Value::int(index), found) }
        });
        call.ret3(Value::native(step), call.arg(1), Value::int(0))
    });
    add("setmetatable", |vm, call| {
        vm.set_metatable(call.arg(1), call.arg(2).to_table());
        call.ret(call.arg(1))
    });
    add("tostring", |vm, call| {
        let string = vm.tostring(call.arg(1))?;
        call.ret(Value::string(string))
    });
    add("collectgarbage", |vm, call| {
        vm.collect_full();
        call.ret(Value::float(vm.heap.bytes.get() as f64 / 1024.0))
    });
    add("tonumber", |_, call| call.ret(moonshift::natives::convert::to_number(call.arg(1)).unwrap_or(Value::nil())));
    add("error", |vm, call| Err(vm.raise(call.arg(1))));
    add("pcall", |vm, call| {
        if call.nargs() == 0 {
            return Err(call.arg_error(vm, 1, "value expected"));
        }
        match vm.call_at_protected(call.base, call.nargs() - 1) {
            Ok(count) => {
                call.ret(Value::bool(true))?;
                Ok(count + 1)
            }
            Err(error) => call.ret2(Value::bool(false), error),
        }
    });
    add("select", |vm, call| {
        if call.arg(1).tag == value::STRING {
            return call.ret(Value::int(call.nargs() as i64 - 1));
        }
        let index = call.check_int(vm, 1)?;
        call.ret_args_from(index as usize + 1)
    });
    let math = vm.new_table();
    let add_math = |name: &'static str, function| {
        let native = vm.new_native(name, function);
        moonshift::table::table_set_str(&vm, math, vm.new_string(name.as_bytes()), Value::native(native));
    };
    add_math("sqrt", |vm, call| call.ret(Value::float(call.check_num(vm, 1)?.sqrt())));
    add_math("floor", |vm, call| call.ret(Value::int(call.check_num(vm, 1)?.floor() as i64)));
    moonshift::table::table_set_str(&vm, math, vm.new_string(b"pi"), Value::float(std::f64::consts::PI));
    moonshift::table::table_set_str(&vm, vm.globals(), vm.new_string(b"math"), Value::table(math));
    let name = format!("@{path}");
    let proto = match moonshift_lang::compile(&source, &name) {
        Ok(proto) => proto,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    let main = vm.load_main(std::sync::Arc::new(proto), Value::table(vm.globals()));
    if let Err(error) = vm.call_protected(Value::closure(main), &[]) {
        eprintln!("error: {error:?}");
        std::process::exit(1);
    }
    if std::env::var_os("STATS").is_some() {
        eprint!("{}", moonshift::jit::stats(&vm));
    }
    if std::env::var_os("DUMP").is_some() {
        eprint!("{}", moonshift::jit::dump(&vm, moonshift::jit::Dump::Residual));
    }
}
