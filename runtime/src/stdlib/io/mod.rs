//! The io library.

mod file;
mod methods;
mod read;
mod stream;

use super::{Functions, add_methods, open_library, set_field};
use crate::error::Raised;
use crate::error::messages::until_zero;
use crate::table::{Table, table_get_int, table_get_str, table_set_int};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
pub(super) use file::failure;
use file::{File, Standard, check_open, file_of, new_file};
use moonshift_jitgen::mem::Ref;
use std::any::TypeId;
use std::ffi::OsStr;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::rc::Rc;
use stream::{Buffering, Device};

const FUNCTIONS: Functions =
    &[("io.open", open_file), ("io.popen", popen), ("io.tmpfile", tmpfile), ("io.type", type_of)];

/// Functions that know the default files: their upvalue is a table with the default input at 1, the output at 2.
const ON_DEFAULTS: Functions = &[
    ("io.close", close),
    ("io.flush", flush),
    ("io.input", input),
    ("io.lines", lines),
    ("io.output", output),
    ("io.read", read),
    ("io.write", write),
];

const METHODS: Functions = &[
    ("close", methods::close_method),
    ("flush", methods::flush),
    ("lines", methods::lines),
    ("read", methods::read_method),
    ("seek", methods::seek),
    ("setvbuf", methods::setvbuf),
    ("write", methods::write),
];

const METAMETHODS: Functions =
    &[("__close", methods::finalize), ("__gc", methods::finalize), ("__tostring", methods::tostring)];

pub(super) fn open(vm: &Vm) {
    let library = open_library(vm, "io", FUNCTIONS);
    let standard_out = standard_output(vm);
    let metatable = vm.metatable_of(standard_out).expect("files have one");
    let standard_in = new_file(vm, File::new(Device::Input, Buffering::Full, true), metatable);
    let standard_err = new_file(vm, File::new(Device::Error, Buffering::None, true), metatable);
    set_field(vm, library, "stdin", standard_in);
    set_field(vm, library, "stdout", standard_out);
    set_field(vm, library, "stderr", standard_err);
    let defaults = vm.new_table_sized(2, 0);
    set_default(vm, defaults, INPUT, standard_in);
    set_default(vm, defaults, OUTPUT, standard_out);
    for &(name, function) in ON_DEFAULTS {
        let native = vm.new_native_with(name, function, &[Value::table(defaults)], None);
        set_field(vm, library, &name["io.".len()..], Value::native(native));
    }
}

/// The file of the standard output, which `print` uses too.
pub(super) fn standard_output(vm: &Vm) -> Value {
    if let Some(value) = with_standard(vm, |standard| vm.rooted(standard.output_value)) {
        return value;
    }
    let methods = vm.new_table_sized(0, METHODS.len());
    add_methods(vm, methods, METHODS);
    let metatable = vm.new_table_sized(0, METAMETHODS.len() + 2);
    add_methods(vm, metatable, METAMETHODS);
    set_field(vm, metatable, "__index", Value::table(methods));
    set_field(vm, metatable, "__name", Value::string(vm.new_string(b"FILE*")));
    let buffering = if std::io::stdout().is_terminal() { Buffering::Line } else { Buffering::Full };
    let output = File::new(Device::Output, buffering, true);
    let value = new_file(vm, output.clone(), metatable);
    let standard = Standard { output, output_value: vm.root(value), metatable: vm.root(Value::table(metatable)) };
    vm.app_data.borrow_mut().insert(TypeId::of::<Standard>(), Box::new(standard));
    value
}

fn with_standard<R>(vm: &Vm, f: impl FnOnce(&Standard) -> R) -> Option<R> {
    let data = vm.app_data.borrow();
    data.get(&TypeId::of::<Standard>())?.downcast_ref().map(f)
}

/// Writes out what waits for the standard output.
pub fn flush_standard(vm: &Vm) {
    with_standard(vm, |standard| {
        if let Some(stream) = standard.output.stream.borrow_mut().as_mut() {
            // Nobody is there to be told of a failure.
            let _ = stream.flush();
        }
    });
}

/// Sends the standard output of scripts to the host.
pub fn redirect_standard(vm: &Vm, to: Box<dyn std::io::Write>) {
    flush_standard(vm);
    with_standard(vm, |standard| {
        *standard.output.stream.borrow_mut() = Some(stream::Stream::new(Device::Host(to), Buffering::Full));
    });
}

/// Writes to the file that [`standard_output`] gave. Like C's `printf` without a look at its result.
pub(super) fn write_standard(output: Value, text: &[u8]) {
    let data = output.as_userdata();
    let data = data.data.borrow();
    let file = data.as_ref().and_then(|data| data.downcast_ref::<Rc<File>>());
    if let Some(stream) =
        file.and_then(|file| file.stream.try_borrow_mut().ok()).as_mut().and_then(|slot| slot.as_mut())
    {
        let _ = stream.write(text);
    }
}

/// The file of the standard input.
pub(super) fn standard_input(vm: &Vm) -> Value {
    let library = table_get_str(vm.globals(), vm.new_string(b"io"));
    library.to_table().map_or(Value::nil(), |library| table_get_str(library, vm.new_string(b"stdin")))
}

/// A line of a file, with its end; nil at the end of the file and after errors.
pub(super) fn read_line(vm: &Vm, file: Value) -> Result<Value, Raised> {
    let Some(file) = file_of(file) else { return Ok(Value::nil()) };
    let mut stream = file.stream.borrow_mut();
    match stream.as_mut().map(|stream| read::read(vm, stream, read::Format::Line { keep_end: true })) {
        Some(Ok(line)) => Ok(line),
        _ => Ok(Value::nil()),
    }
}

pub(super) fn write_standard_error(text: &[u8]) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(text);
}

/// Before the standard input is read, a dialogue's question has to be seen.
fn flush_before_input(vm: &Vm, file: &File) {
    if file.standard {
        flush_standard(vm);
    }
}

/// A path from the bytes of a script.
pub(super) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// The system's text of an error, as C's `strerror` gives it.
pub(super) fn error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

fn invalid_option(vm: &Vm, call: Call, index: usize, option: &[u8]) -> Raised {
    call.arg_error(vm, index, &format!("invalid option '{}'", String::from_utf8_lossy(until_zero(option))))
}

/// How a process ended: true or nil, "exit" or "signal", the number.
pub(super) fn exit_results(vm: &Vm, call: Call, status: ExitStatus) -> Result<usize, Raised> {
    let (kind, code): (&[u8], _) = match (status.code(), status.signal()) {
        (None, Some(signal)) => (b"signal", signal),
        (code, _) => (b"exit", code.unwrap_or(0)),
    };
    let success = if status.success() { Value::bool(true) } else { Value::nil() };
    call.ret3(success, Value::string(vm.new_string(kind)), Value::int(i64::from(code)))
}

// Default files.

const INPUT: i64 = 1;
const OUTPUT: i64 = 2;

fn set_default(vm: &Vm, defaults: Ref<Table>, which: i64, file: Value) {
    table_set_int(vm, defaults, which, file);
}

fn default_value(call: Call, which: i64) -> Value {
    table_get_int(call.upvalue(0).as_table(), which)
}

fn default_file(vm: &Vm, call: Call, which: i64) -> Result<Rc<File>, Raised> {
    let file = file_of(default_value(call, which)).expect("defaults are files");
    if file.is_closed() {
        let name = if which == INPUT { "input" } else { "output" };
        return Err(vm.raise_string(1, &format!("default {name} file is closed")));
    }
    Ok(file)
}

fn input(vm: &Vm, call: Call) -> Result<usize, Raised> {
    change_default(vm, call, INPUT, b"r")
}

fn output(vm: &Vm, call: Call) -> Result<usize, Raised> {
    change_default(vm, call, OUTPUT, b"w")
}

fn change_default(vm: &Vm, call: Call, which: i64, mode: &[u8]) -> Result<usize, Raised> {
    if !call.is_none_or_nil(1) {
        let new = if matches!(call.arg(1).tag, value::STRING | value::INT | value::FLOAT) {
            let name = call.check_str(vm, 1)?;
            match open_path(name.as_bytes(), mode) {
                Ok(file) => new_file(vm, file, file_metatable(vm)),
                Err(error) => return Err(cannot_open(vm, name.as_bytes(), &error)),
            }
        } else {
            file::check_file(vm, call, 1)?;
            call.arg(1)
        };
        set_default(vm, call.upvalue(0).as_table(), which, new);
    }
    call.ret(default_value(call, which))
}

fn read(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = default_file(vm, call, INPUT)?;
    methods::read_arguments(vm, call, &file, 1)
}

fn write(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = default_file(vm, call, OUTPUT)?;
    methods::write_arguments(vm, call, &file, 1, default_value(call, OUTPUT))
}

fn flush(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = default_file(vm, call, OUTPUT)?;
    methods::flush_file(vm, call, &file)
}

fn close(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = if call.has(1) { check_open(vm, call)? } else { default_file(vm, call, OUTPUT)? };
    methods::close(vm, call, &file)
}

fn lines(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if call.is_none_or_nil(1) {
        default_file(vm, call, INPUT)?;
        let iterator = methods::new_iterator(vm, call, default_value(call, INPUT), false)?;
        return call.ret(iterator);
    }
    let name = call.check_str(vm, 1)?;
    match open_path(name.as_bytes(), b"r") {
        Ok(file) => {
            let file = new_file(vm, file, file_metatable(vm));
            let iterator = methods::new_iterator(vm, call, file, true)?;
            call.ret_all(vm, &[iterator, Value::nil(), Value::nil(), file])
        }
        Err(error) => Err(cannot_open(vm, name.as_bytes(), &error)),
    }
}

// Opening.

fn file_metatable(vm: &Vm) -> Ref<Table> {
    let root = with_standard(vm, |standard| standard.metatable).expect("made when the library was opened");
    vm.rooted(root).as_table()
}

fn cannot_open(vm: &Vm, name: &[u8], error: &std::io::Error) -> Raised {
    let reason = error_text(error);
    vm.raise_bytes(1, &[b"cannot open file '", name, b"' (", reason.as_bytes(), b")"].concat())
}

fn is_valid_mode(mode: &[u8]) -> bool {
    let rest = match mode {
        [b'r' | b'w' | b'a', b'+', rest @ ..] | [b'r' | b'w' | b'a', rest @ ..] => rest,
        _ => return false,
    };
    matches!(rest, [] | [b'b'])
}

fn open_path(name: &[u8], mode: &[u8]) -> std::io::Result<Rc<File>> {
    let update = mode.get(1) == Some(&b'+');
    let mut options = std::fs::OpenOptions::new();
    match mode.first() {
        Some(b'w') => options.write(true).create(true).truncate(true).read(update),
        Some(b'a') => options.append(true).create(true).read(update),
        _ => options.read(true).write(update),
    };
    let file = options.open(path(name))?;
    let writable = update || mode.first() != Some(&b'r');
    Ok(File::new(Device::Disk { file, writable }, Buffering::Full, false))
}

fn open_file(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let mode = call.opt_str(vm, 2)?;
    let mode = mode.as_ref().map_or(&b"r"[..], |mode| mode.as_bytes());
    if !is_valid_mode(mode) {
        return Err(call.arg_error(vm, 2, "invalid mode"));
    }
    match open_path(name.as_bytes(), mode) {
        Ok(file) => call.ret(new_file(vm, file, file_metatable(vm))),
        Err(error) => failure(vm, call, Some(name.as_bytes()), &error),
    }
}

fn popen(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let command = call.check_str(vm, 1)?;
    let mode = call.opt_str(vm, 2)?;
    let reads = match mode.as_ref().map_or(&b"r"[..], |mode| mode.as_bytes()) {
        b"r" => true,
        b"w" => false,
        _ => return Err(call.arg_error(vm, 2, "invalid mode")),
    };
    flush_standard(vm);
    let mut process = shell(command.as_bytes());
    if reads {
        process.stdout(Stdio::piped())
    } else {
        process.stdin(Stdio::piped())
    };
    match process.spawn() {
        Ok(child) => {
            let file = File::new(Device::Process(Box::new(child)), Buffering::Full, false);
            call.ret(new_file(vm, file, file_metatable(vm)))
        }
        Err(error) => failure(vm, call, Some(command.as_bytes()), &error),
    }
}

/// A command for the shell.
pub(super) fn shell(command: &[u8]) -> Command {
    let mut process = Command::new("/bin/sh");
    process.arg("-c").arg(OsStr::from_bytes(command));
    process
}

fn tmpfile(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let opened = super::os::temporary_file().and_then(|(name, file)| {
        // Without a name it goes away when it is closed.
        std::fs::remove_file(name)?;
        Ok(file)
    });
    match opened {
        Ok(file) => {
            let file = File::new(Device::Disk { file, writable: true }, Buffering::Full, false);
            call.ret(new_file(vm, file, file_metatable(vm)))
        }
        Err(error) => failure(vm, call, None, &error),
    }
}

fn type_of(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    call.ret(match file_of(value) {
        Some(file) if file.is_closed() => Value::string(vm.new_string(b"closed file")),
        Some(_) => Value::string(vm.new_string(b"file")),
        None => Value::nil(),
    })
}
