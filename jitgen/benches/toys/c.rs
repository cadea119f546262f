//! Functions in C, compiled when the benchmark starts, and called in this process.

use std::ffi::{CString, c_char, c_int, c_void};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// Resolve all symbols at once.
const NOW: c_int = 2;

/// Without C there is nothing to compile for it.
static LEFT_OUT: AtomicBool = AtomicBool::new(false);

/// From here on there is no C compiler.
pub fn leave_out() {
    LEFT_OUT.store(true, Ordering::Relaxed);
}

/// The function `f` of two integers in `source`; `None` if there is no C compiler.
pub fn compile(name: &str, options: &str, source: &str) -> Option<extern "C" fn(i64, i64) -> i64> {
    if LEFT_OUT.load(Ordering::Relaxed) {
        return None;
    }
    let folder = std::env::temp_dir().join(format!("jitgen-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    let (text, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&text, source).ok()?;
    let status = Command::new("gcc").args([options, "-shared", "-fPIC", "-o"]).args([&library, &text]).status().ok()?;
    if !status.success() {
        return None;
    }
    let path = CString::new(library.to_str()?).ok()?;
    // SAFETY: a library without constructors, whose function `f` has this signature; it stays open.
    let function = unsafe {
        let library = dlopen(path.as_ptr(), NOW);
        if library.is_null() {
            return None;
        }
        let symbol = dlsym(library, c"f".as_ptr());
        if symbol.is_null() {
            return None;
        }
        std::mem::transmute::<*mut c_void, extern "C" fn(i64, i64) -> i64>(symbol)
    };
    let _ = std::fs::remove_dir_all(folder);
    Some(function)
}
