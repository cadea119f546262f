//! The os library.

mod date;
mod time;

use super::{Functions, io, open_library};
use crate::error::Raised;
use crate::error::messages::until_zero;
use crate::natives::close::close_down_to;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use std::any::TypeId;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

const FUNCTIONS: Functions = &[
    ("os.clock", clock),
    ("os.date", date::date),
    ("os.difftime", difftime),
    ("os.execute", execute),
    ("os.exit", exit),
    ("os.getenv", getenv),
    ("os.remove", remove),
    ("os.rename", rename),
    ("os.setlocale", setlocale),
    ("os.time", date::time),
    ("os.tmpname", tmpname),
];

pub(super) fn open(vm: &Vm) {
    open_library(vm, "os", FUNCTIONS);
}

/// Processor time used, in seconds.
fn clock(_vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(time::processor_seconds()))
}

fn difftime(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (later, earlier) = (call.check_int(vm, 1)?, call.check_int(vm, 2)?);
    call.ret(Value::float(later as f64 - earlier as f64))
}

fn execute(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let Some(command) = call.opt_str(vm, 1)? else { return call.ret(Value::bool(true)) };
    io::flush_standard(vm);
    match io::shell(command.as_bytes()).status() {
        Ok(status) => io::exit_results(vm, call, status),
        Err(error) => results(vm, call, None, Err(error)),
    }
}

fn exit(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let code = match call.arg(1).tag {
        value::NIL | value::TRUE => 0,
        value::FALSE => 1,
        _ => call.check_int(vm, 1)? as i32,
    };
    if call.arg(2).is_truthy() {
        // The state is closed: variables first, then all objects that have finalizers.
        close_down_to(vm, 0, None);
        vm.finalize_all();
    }
    let last = vm.app_data.borrow_mut().remove(&TypeId::of::<AtExit>());
    if let Some(AtExit(last)) = last.as_ref().and_then(|last| last.downcast_ref()) {
        last(vm);
    }
    io::flush_standard(vm);
    std::process::exit(code)
}

/// What the host does when a script ends the process.
struct AtExit(Box<dyn Fn(&Vm)>);

/// Has `last` called when a script ends the process with `os.exit`.
pub fn at_exit(vm: &Vm, last: Box<dyn Fn(&Vm)>) {
    vm.app_data.borrow_mut().insert(TypeId::of::<AtExit>(), Box::new(AtExit(last)));
}

fn getenv(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let name = name.as_bytes();
    // What no variable can be called, the system is not asked for.
    let found = match name {
        [] => None,
        _ if name.contains(&b'=') || name.contains(&0) => None,
        _ => std::env::var_os(OsStr::from_bytes(name)),
    };
    call.ret(found.map_or(Value::nil(), |text| Value::string(vm.new_string(text.as_bytes()))))
}

fn remove(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let path = io::path(name.as_bytes());
    let is_directory = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    let outcome = if is_directory { std::fs::remove_dir(path) } else { std::fs::remove_file(path) };
    results(vm, call, Some(name.as_bytes()), outcome)
}

fn rename(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (from, to) = (call.check_str(vm, 1)?, call.check_str(vm, 2)?);
    let outcome = std::fs::rename(io::path(from.as_bytes()), io::path(to.as_bytes()));
    results(vm, call, None, outcome)
}

/// True, or what says why not.
fn results(vm: &Vm, call: Call, name: Option<&[u8]>, outcome: std::io::Result<()>) -> Result<usize, Raised> {
    match outcome {
        Ok(()) => call.ret(Value::bool(true)),
        Err(error) => io::failure(vm, call, name, &error),
    }
}

fn tmpname(vm: &Vm, call: Call) -> Result<usize, Raised> {
    match temporary_file() {
        Ok((name, _)) => call.ret(Value::string(vm.new_string(name.as_os_str().as_bytes()))),
        Err(_) => Err(vm.raise_string(1, "unable to generate a unique filename")),
    }
}

/// A new file with a name that nobody else has.
pub(super) fn temporary_file() -> std::io::Result<(std::path::PathBuf, std::fs::File)> {
    use std::hash::{BuildHasher, Hasher};
    let directory = std::env::temp_dir();
    loop {
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        let name = directory.join(format!("lua_{random:012x}"));
        match std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(&name) {
            Ok(file) => return Ok((name, file)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// There is the locale "C" alone.
fn setlocale(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let locale = call.opt_str(vm, 1)?;
    let category = call.opt_str(vm, 2)?;
    if let Some(category) = category
        && !matches!(category.as_bytes(), b"all" | b"collate" | b"ctype" | b"monetary" | b"numeric" | b"time")
    {
        return Err(call.arg_error(
            vm,
            2,
            &format!("invalid option '{}'", String::from_utf8_lossy(until_zero(category.as_bytes()))),
        ));
    }
    let known = locale.is_none_or(|locale| matches!(locale.as_bytes(), b"" | b"C" | b"POSIX"));
    call.ret(if known { Value::string(vm.new_string(b"C")) } else { Value::nil() })
}
