//! `require` and the table `package`: loaded modules, loaders given in `preload`, and Lua files on `path`.
//!
//! Modules in C are looked for on `cpath` as in a build of the reference without dynamic libraries: none can be loaded.

use super::chunk::{Source, compile_chunk, read_chunk_file};
use super::{Functions, open_library, set_field};
use crate::error::Raised;
use crate::natives::convert::write_number;
use crate::table::{Table, table_get_str};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;

const FUNCTIONS: Functions = &[("package.loadlib", loadlib), ("package.searchpath", searchpath)];
const NO_LIBRARIES: &str = "dynamic libraries not enabled; check your Lua installation";

const DEFAULT_PATH: &str = "./?.lua;./?/init.lua";
const LOADED: &str = "_LOADED";

pub(super) fn open(vm: &Vm) {
    let package = open_library(vm, "package", FUNCTIONS);
    let path = std::env::var("LUA_PATH_5_4").or_else(|_| std::env::var("LUA_PATH"));
    let path = match path {
        Ok(path) => path.replace(";;", &format!(";{DEFAULT_PATH};")).trim_matches(';').to_string(),
        Err(_) => DEFAULT_PATH.to_string(),
    };
    let text = |bytes: &[u8]| Value::string(vm.new_string(bytes));
    set_field(vm, package, "path", text(path.as_bytes()));
    set_field(vm, package, "cpath", text(b""));
    set_field(vm, package, "config", text(b"/\n;\n?\n!\n-\n"));
    set_field(vm, package, "loaded", Value::table(loaded(vm)));
    set_field(vm, package, "preload", Value::table(vm.new_table()));
    let searchers = vm.new_table_sized(2, 0);
    for (index, (name, function)) in [
        ("package.preload_searcher", search_preload as crate::heap::object::NativeFn),
        ("package.lua_searcher", search_lua),
        ("package.c_searcher", search_c),
        ("package.c_root_searcher", search_c_root),
    ]
    .into_iter()
    .enumerate()
    {
        let searcher = Value::native(vm.new_native_with(name, function, &[Value::table(package)], None));
        crate::table::table_set_int(vm, searchers, index as i64 + 1, searcher);
    }
    set_field(vm, package, "searchers", Value::table(searchers));
    let require = vm.new_native_with("require", require, &[Value::table(package)], None);
    set_field(vm, vm.globals(), "require", Value::native(require));
}

/// The table of loaded modules.
pub(super) fn loaded(vm: &Vm) -> Ref<Table> {
    let registry = vm.registry();
    match table_get_str(registry, vm.new_string(LOADED.as_bytes())).to_table() {
        Some(loaded) => loaded,
        None => {
            let loaded = vm.new_table();
            set_field(vm, registry, LOADED, Value::table(loaded));
            loaded
        }
    }
}

pub(super) fn set_loaded(vm: &Vm, name: &str, module: Value) {
    set_field(vm, loaded(vm), name, module);
}

fn require(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let name_value = Value::string(name);
    let loaded = Value::table(loaded(vm));
    let present = vm.index(loaded, name_value)?;
    if present.is_truthy() {
        return call.ret(present);
    }
    let searchers = field(vm, call.upvalue(0).as_table(), "searchers");
    let Some(searchers) = searchers.to_table() else {
        return Err(vm.raise_string(1, "'package.searchers' must be a table"));
    };
    let mut tried = Vec::new();
    let mut index = 0;
    let (loader, extra) = loop {
        index += 1;
        let searcher = crate::table::table_get_int(searchers, index);
        if searcher.is_nil() {
            let mut message = format!("module '{}' not found:", name.to_str_lossy()).into_bytes();
            message.extend_from_slice(&tried);
            return Err(vm.raise_bytes(1, &message));
        }
        let found = vm.call_without_yield(searcher, &[name_value])?;
        let (first, second) = (found.get(0), found.get(1));
        if first.is_function() {
            break (first, second);
        }
        if let Some(reason) = text_of(first) {
            tried.extend_from_slice(b"\n\t");
            tried.extend_from_slice(&reason);
        }
    };
    // What the loader came with is the second result: it has to survive the loader.
    call.push(vm, extra)?;
    let mut module = vm.call_without_yield(loader, &[name_value, extra])?.get(0);
    if module.is_nil() {
        let stored = vm.index(loaded, name_value)?;
        module = if stored.is_nil() { Value::bool(true) } else { stored };
    }
    vm.set_index(loaded, name_value, module)?;
    call.ret2(module, extra)
}

fn search_preload(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let preload = field(vm, call.upvalue(0).as_table(), "preload");
    let loader = vm.index(preload, Value::string(name))?;
    if loader.is_nil() {
        let message = format!("no field package.preload['{}']", name.to_str_lossy());
        return call.ret(Value::string(vm.new_string(message.as_bytes())));
    }
    call.ret2(loader, Value::string(vm.new_string(b":preload:")))
}

fn search_lua(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    let path = field(vm, call.upvalue(0).as_table(), "path");
    let Some(path) = text_of(path) else {
        return Err(vm.raise_string(1, "'package.path' must be a string"));
    };
    let file = match search(&path, name.as_bytes(), b".", b"/") {
        Ok(file) => file,
        Err(message) => return call.ret(Value::string(vm.new_string(&message))),
    };
    let compiled = read_chunk_file(Some(&file)).and_then(|(text, chunk_name)| {
        let source = Source { text: &text, name: &chunk_name, mode: b"bt" };
        compile_chunk(vm, source, Value::table(vm.globals()))
    });
    match compiled {
        Ok(loader) => call.ret2(loader, Value::string(vm.new_string(&file))),
        Err(message) => {
            let (module, file) = (name.to_str_lossy(), String::from_utf8_lossy(&file));
            let mut text = format!("error loading module '{module}' from file '{file}':\n\t").into_bytes();
            text.extend_from_slice(&message);
            Err(vm.raise_bytes(1, &text))
        }
    }
}

fn search_c(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    find_library(vm, call, name.as_bytes(), name.as_bytes())
}

/// A submodule in the library of the module it belongs to.
fn search_c_root(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let name = call.check_str(vm, 1)?;
    match memchr::memchr(b'.', name.as_bytes()) {
        Some(end) => find_library(vm, call, name.as_bytes(), &name.as_bytes()[..end]),
        None => call.ret0(),
    }
}

fn find_library(vm: &Vm, call: Call, module: &[u8], file: &[u8]) -> Result<usize, Raised> {
    let path = field(vm, call.upvalue(0).as_table(), "cpath");
    let Some(path) = text_of(path) else {
        return Err(vm.raise_string(1, "'package.cpath' must be a string"));
    };
    if path.is_empty() {
        return call.ret0();
    }
    match search(&path, file, b".", b"/") {
        Ok(found) => {
            let (module, found) = (String::from_utf8_lossy(module), String::from_utf8_lossy(&found));
            let text = format!("error loading module '{module}' from file '{found}':\n\t{NO_LIBRARIES}");
            Err(vm.raise_string(1, &text))
        }
        Err(message) => call.ret(Value::string(vm.new_string(&message))),
    }
}

fn loadlib(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.check_str(vm, 1)?;
    call.check_str(vm, 2)?;
    let text = |text: &str| Value::string(vm.new_string(text.as_bytes()));
    call.ret3(Value::nil(), text(NO_LIBRARIES), text("absent"))
}

fn searchpath(vm: &Vm, call: Call) -> Result<usize, Raised> {
    // In the order in which the reference looks at them.
    let path = call.check_str(vm, 2)?;
    let name = call.check_str(vm, 1)?;
    let (from, to) = (call.opt_str(vm, 3)?, call.opt_str(vm, 4)?);
    let from = from.as_ref().map_or(&b"."[..], |from| from.as_bytes());
    let to = to.as_ref().map_or(&b"/"[..], |to| to.as_bytes());
    match search(path.as_bytes(), name.as_bytes(), from, to) {
        Ok(file) => call.ret(Value::string(vm.new_string(&file))),
        Err(message) => call.ret2(Value::nil(), Value::string(vm.new_string(&message))),
    }
}

/// The first readable file that a path names, or the list of those tried.
fn search(path: &[u8], name: &[u8], from: &[u8], to: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let name = if from.is_empty() { name.to_vec() } else { replace(name, from, to) };
    let mut tried = Vec::new();
    for template in path.split(|&byte| byte == b';') {
        let file = replace(template, b"?", &name);
        if std::fs::File::open(super::io::path(&file)).is_ok() {
            return Ok(file);
        }
        if !tried.is_empty() {
            tried.extend_from_slice(b"\n\t");
        }
        tried.extend_from_slice(b"no file '");
        tried.extend_from_slice(&file);
        tried.push(b'\'');
    }
    Err(tried)
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// The text of a string or number.
fn text_of(value: Value) -> Option<Vec<u8>> {
    match value.tag {
        value::STRING => Some(value.as_string().as_bytes().to_vec()),
        value::INT | value::FLOAT => {
            let mut text = Vec::new();
            write_number(&mut text, value);
            Some(text)
        }
        _ => None,
    }
}

fn field(vm: &Vm, table: Ref<Table>, name: &str) -> Value {
    table_get_str(table, vm.new_string(name.as_bytes()))
}
