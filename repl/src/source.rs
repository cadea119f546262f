//! Reading chunks of source text: from files and standard input, as the reference's loader does.
//!
//! A byte order mark is dropped, and a first line that begins with `#` is blanked out, its line end kept, so that line
//! numbers stay true.

use std::ffi::OsStr;
use std::io::Read;

/// A chunk's text and name (`@file`, `=stdin`).
pub struct Source {
    pub text: Vec<u8>,
    pub name: Vec<u8>,
}

/// Reads a file; the error is the reference's message.
pub fn from_file(path: &OsStr) -> Result<Source, Vec<u8>> {
    let failed = |verb: &str, error: std::io::Error| {
        [b"cannot ", verb.as_bytes(), b" ", path.as_encoded_bytes(), b": ", system_message(&error).as_bytes()].concat()
    };
    let mut file = std::fs::File::open(path).map_err(|error| failed("open", error))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(|error| failed("read", error))?;
    Ok(Source { text: without_preamble(text), name: [b"@", path.as_encoded_bytes()].concat() })
}

/// Reads standard input to its end.
pub fn from_stdin() -> Result<Source, Vec<u8>> {
    let mut text = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(|error| format!("cannot read stdin: {}", system_message(&error)).into_bytes())?;
    Ok(Source { text: without_preamble(text), name: b"=stdin".to_vec() })
}

fn without_preamble(mut text: Vec<u8>) -> Vec<u8> {
    if text.starts_with(b"\xef\xbb\xbf") {
        text.drain(..3);
    }
    if text.first() == Some(&b'#') {
        let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
        text.drain(..end);
    }
    text
}

/// The system's own words, without the number that the standard library adds to them.
fn system_message(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preamble() {
        let check = |text: &str, expected: &str| assert_eq!(without_preamble(text.into()), expected.as_bytes());
        check("return 1", "return 1");
        check("#!/bin/moonshift\nreturn 1", "\nreturn 1");
        check("\u{feff}# x\nreturn 1", "\nreturn 1");
        check("# only", "");
        check("", "");
    }
}
