//! Methods of files, and what the functions on default files share with them.

use super::file::{File, check_file, check_open, failure};
use super::read::{Failure, Format, read};
use super::stream::Buffering;
use crate::error::Raised;
use crate::natives::convert::write_number;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use std::io::SeekFrom;
use std::rc::Rc;

pub(super) fn write(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    let result = call.arg(1);
    write_arguments(vm, call, &file, 2, result)
}

/// Writes the arguments from `first` on; the result is `result`.
pub(super) fn write_arguments(vm: &Vm, call: Call, file: &File, first: usize, result: Value) -> Result<usize, Raised> {
    for index in first..=call.nargs() {
        let argument = call.arg(index);
        let mut slot = file.stream.borrow_mut();
        let stream = slot.as_mut().expect("checked to be open");
        let outcome = match argument.tag {
            value::STRING => stream.write(argument.as_string().as_bytes()),
            value::INT => {
                let mut text = Vec::with_capacity(32);
                write_number(&mut text, argument);
                stream.write(&text)
            }
            value::FLOAT => {
                let mut text = Vec::with_capacity(32);
                write_number(&mut text, argument);
                // Unlike `tostring`, integral floats get no mark.
                stream.write(text.strip_suffix(b".0").unwrap_or(&text))
            }
            _ => return Err(call.type_error(vm, index, "string")),
        };
        if let Err(error) = outcome {
            drop(slot);
            return failure(vm, call, None, &error);
        }
    }
    call.ret(result)
}

pub(super) fn read_method(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    read_arguments(vm, call, &file, 2)
}

/// Reads by the formats given as arguments from `first` on, a line if there is none.
pub(super) fn read_arguments(vm: &Vm, call: Call, file: &File, first: usize) -> Result<usize, Raised> {
    let mut formats = Vec::new();
    for index in first..=call.nargs() {
        if !call.arg(index).is_number() {
            call.check_str(vm, index)?;
        }
        let format = Format::of(call.arg(index)).ok_or_else(|| call.arg_error(vm, index, "invalid format"))?;
        formats.push(format);
    }
    if formats.is_empty() {
        formats.push(Format::Line { keep_end: false });
    }
    read_formats(vm, call, file, &formats)
}

/// Reads by formats up to the first failure, which gives nil.
pub(super) fn read_formats(vm: &Vm, call: Call, file: &File, formats: &[Format]) -> Result<usize, Raised> {
    super::flush_before_input(vm, file);
    let mut items = Vec::with_capacity(formats.len());
    let mut slot = file.stream.borrow_mut();
    let stream = slot.as_mut().expect("checked to be open");
    for &format in formats {
        match read(vm, stream, format) {
            Ok(item) => {
                items.push(item);
                if item.is_nil() {
                    break;
                }
            }
            Err(Failure::Raised) => return Err(Raised),
            Err(Failure::Io(error)) => {
                drop(slot);
                return failure(vm, call, None, &error);
            }
        }
    }
    call.ret_all(vm, &items)
}

pub(super) fn close_method(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    close(vm, call, &file)
}

pub(super) fn close(vm: &Vm, call: Call, file: &File) -> Result<usize, Raised> {
    if file.standard {
        let message = vm.new_string(b"cannot close standard file");
        return call.ret2(Value::nil(), Value::string(message));
    }
    let stream = file.stream.borrow_mut().take().expect("checked to be open");
    match stream.close() {
        Ok(None) => call.ret(Value::bool(true)),
        Ok(Some(status)) => super::exit_results(vm, call, status),
        Err(error) => failure(vm, call, None, &error),
    }
}

/// `__gc` and `__close`.
pub(super) fn finalize(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_file(vm, call, 1)?;
    if !file.standard {
        file.stream.borrow_mut().take();
    }
    call.ret0()
}

pub(super) fn flush(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    flush_file(vm, call, &file)
}

pub(super) fn flush_file(vm: &Vm, call: Call, file: &File) -> Result<usize, Raised> {
    let outcome = file.stream.borrow_mut().as_mut().expect("checked to be open").flush();
    match outcome {
        Ok(()) => call.ret(Value::bool(true)),
        Err(error) => failure(vm, call, None, &error),
    }
}

pub(super) fn seek(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    let whence = call.opt_str(vm, 2)?;
    let offset = call.opt_int(vm, 3, 0)?;
    let to = match whence.as_ref().map_or(&b"cur"[..], |whence| whence.as_bytes()) {
        b"cur" => SeekFrom::Current(offset),
        b"end" => SeekFrom::End(offset),
        b"set" => match u64::try_from(offset) {
            Ok(offset) => SeekFrom::Start(offset),
            Err(_) => return failure(vm, call, None, &std::io::Error::from_raw_os_error(libc::EINVAL)),
        },
        other => return Err(super::invalid_option(vm, call, 2, other)),
    };
    let outcome = file.stream.borrow_mut().as_mut().expect("checked to be open").seek(to);
    match outcome {
        Ok(position) => call.ret(Value::int(position as i64)),
        Err(error) => failure(vm, call, None, &error),
    }
}

pub(super) fn setvbuf(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_open(vm, call)?;
    let mode = call.check_str(vm, 2)?;
    call.opt_int(vm, 3, 0)?;
    let buffering = match mode.as_bytes() {
        b"no" => Buffering::None,
        b"line" => Buffering::Line,
        b"full" => Buffering::Full,
        other => return Err(super::invalid_option(vm, call, 2, other)),
    };
    if let Some(stream) = file.stream.borrow_mut().as_mut() {
        stream.buffering = buffering;
    }
    call.ret(Value::bool(true))
}

pub(super) fn tostring(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = check_file(vm, call, 1)?;
    let text = if file.is_closed() {
        "file (closed)".to_string()
    } else {
        format!("file (0x{:x})", Rc::as_ptr(&file) as usize)
    };
    call.ret(Value::string(vm.new_string(text.as_bytes())))
}

pub(super) fn lines(vm: &Vm, call: Call) -> Result<usize, Raised> {
    check_open(vm, call)?;
    let iterator = new_iterator(vm, call, call.arg(1), false)?;
    call.ret(iterator)
}

const MAX_FORMATS: usize = 250;

/// A function that reads a file by the formats given as arguments from the second on.
pub(super) fn new_iterator(vm: &Vm, call: Call, file: Value, close_at_end: bool) -> Result<Value, Raised> {
    if call.nargs() > MAX_FORMATS + 1 {
        return Err(call.arg_error(vm, MAX_FORMATS + 2, "too many arguments"));
    }
    let mut upvalues = vec![file, Value::bool(close_at_end)];
    upvalues.extend((2..=call.nargs()).map(|index| call.arg(index)));
    Ok(Value::native(vm.new_native_with("", next_line, &upvalues, None)))
}

fn next_line(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let file = super::file::file_of(call.upvalue(0)).expect("made with a file");
    let close_at_end = call.upvalue(1).is_truthy();
    if file.is_closed() {
        return Err(vm.raise_string(1, "file is already closed"));
    }
    let mut formats = Vec::new();
    for cell in &call.callee().upvalues[2..] {
        match Format::of(cell.get()) {
            Some(format) => formats.push(format),
            None => return Err(call.arg_error(vm, formats.len() + 2, "invalid format")),
        }
    }
    if formats.is_empty() {
        formats.push(Format::Line { keep_end: false });
    }
    let count = read_formats(vm, call, &file, &formats)?;
    let first = call.base.back(1).get(0).value();
    if !first.is_nil() {
        return Ok(count);
    }
    if count > 1 {
        // A failure of the device, not the end: nil, the text, the number.
        let message = call.base.get(0).value().as_string();
        return Err(vm.raise_bytes(1, message.as_bytes()));
    }
    if close_at_end {
        file.stream.borrow_mut().take();
    }
    Ok(count)
}
