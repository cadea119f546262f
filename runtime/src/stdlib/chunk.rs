//! From source text, or a dumped function, to a function that can be called.

use crate::value::Value;
use crate::vm::Vm;
use std::io::Read;
use std::sync::Arc;

/// What is to be compiled.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub text: &'a [u8],
    /// With its `@` or `=`, or the text itself.
    pub name: &'a [u8],
    /// Which forms are welcome: `t` text, `b` dumped functions.
    pub mode: &'a [u8],
}

/// Whether this is the start of a dumped function.
pub fn is_binary(text: &[u8]) -> bool {
    text.first() == Some(&0x1b)
}

/// Compiles a chunk into a function whose `_ENV` is `env`; the message otherwise.
pub fn compile_chunk(vm: &Vm, source: Source<'_>, env: Value) -> Result<Value, Vec<u8>> {
    let (form, letter) = if is_binary(source.text) { ("binary", b'b') } else { ("text", b't') };
    if !source.mode.contains(&letter) {
        let mode = String::from_utf8_lossy(source.mode);
        return Err(format!("attempt to load a {form} chunk (mode is '{mode}')").into_bytes());
    }
    let proto = if letter == b'b' {
        let name = moonshift_lang::chunk_id(source.name);
        moonshift_lang::bytecode::undump(source.text)
            .map_err(|error| [&name[..], b": ", error.to_string().as_bytes()].concat())?
    } else {
        moonshift_lang::compile(source.text, source.name).map_err(|error| error.message().to_vec())?
    };
    Ok(Value::closure(vm.load_main(Arc::new(proto), env)))
}

/// The text of a file (of the standard input without a path) without a first line that begins with `#`, and the name
/// of its chunk; the message otherwise.
pub(super) fn read_chunk_file(path: Option<&[u8]>) -> Result<(Vec<u8>, Vec<u8>), Vec<u8>> {
    let mut text = Vec::new();
    let (outcome, name) = match path {
        Some(path) => {
            let opened = std::fs::File::open(super::io::path(path));
            let outcome = opened
                .map_err(|error| ("open", error))
                .and_then(|mut file| file.read_to_end(&mut text).map_err(|error| ("read", error)));
            (outcome.map(drop), [b"@", path].concat())
        }
        None => {
            (std::io::stdin().read_to_end(&mut text).map(drop).map_err(|error| ("read", error)), b"=stdin".to_vec())
        }
    };
    if let Err((action, error)) = outcome {
        let name = String::from_utf8_lossy(&name[1..]).into_owned();
        let reason = super::io::error_text(&error);
        return Err(format!("cannot {action} {name}: {reason}").into_bytes());
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        text.drain(..3);
    }
    if text.first() == Some(&b'#') {
        // The end of the line stays, so that lines keep their numbers.
        let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
        let is_dump = text.get(end + 1..).is_some_and(is_binary);
        text.drain(..if is_dump { end + 1 } else { end });
    }
    Ok((text, name))
}
