//! Files as values: userdata that share an [`Rc<File>`].

use super::stream::{Buffering, Device, Stream};
use crate::error::Raised;
use crate::heap::object::Userdata;
use crate::table::Table;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;

/// A file; closed when there is no stream.
pub(super) struct File {
    pub(super) stream: RefCell<Option<Stream>>,
    /// Standard files cannot be closed by scripts.
    pub(super) standard: bool,
}

/// What the library keeps per machine.
pub(super) struct Standard {
    pub(super) output: Rc<File>,
    pub(super) output_value: usize,
    /// Metatable of files, as a root.
    pub(super) metatable: usize,
}

impl File {
    pub(super) fn new(device: Device, buffering: Buffering, standard: bool) -> Rc<File> {
        Rc::new(File { stream: RefCell::new(Some(Stream::new(device, buffering))), standard })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.stream.borrow().is_none()
    }
}

/// A file as a value.
pub(super) fn new_file(vm: &Vm, file: Rc<File>, metatable: Ref<Table>) -> Value {
    let value = Value::userdata(vm.new_userdata(Box::new(file), 0));
    vm.set_metatable(value, Some(metatable));
    value
}

/// The file behind a value.
pub(super) fn file_of(value: Value) -> Option<Rc<File>> {
    if value.tag != value::USERDATA {
        return None;
    }
    let userdata: Ref<Userdata> = value.as_userdata();
    let data = userdata.data.borrow();
    data.as_ref()?.downcast_ref::<Rc<File>>().cloned()
}

/// The file an argument is, open or not.
pub(super) fn check_file(vm: &Vm, call: Call, index: usize) -> Result<Rc<File>, Raised> {
    file_of(call.arg(index)).ok_or_else(|| call.type_error(vm, index, "FILE*"))
}

/// The open file that the first argument is.
pub(super) fn check_open(vm: &Vm, call: Call) -> Result<Rc<File>, Raised> {
    let file = check_file(vm, call, 1)?;
    if file.is_closed() {
        return Err(vm.raise_string(1, "attempt to use a closed file"));
    }
    Ok(file)
}

/// Failures as results: nil, the text (behind the name of the file, if there is one), the number.
pub(in crate::stdlib) fn failure(vm: &Vm, call: Call, name: Option<&[u8]>, error: &io::Error) -> Result<usize, Raised> {
    let reason = super::error_text(error);
    let text = match name {
        Some(name) => [name, b": ", reason.as_bytes()].concat(),
        None => reason.into_bytes(),
    };
    let code = error.raw_os_error().unwrap_or(0);
    call.ret3(Value::nil(), Value::string(vm.new_string(&text)), Value::int(i64::from(code)))
}
