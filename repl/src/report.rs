//! Messages on standard error, in the reference's form: the program's name, a colon, the message.
//!
//! Lua messages are bytes of no particular encoding and are written as they are. A standard error that cannot be written
//! to is no reason to fail.

use std::io::Write;

/// The name before messages.
pub const PROGRAM: &str = "moonshift";

/// Writes `moonshift: message`.
pub fn message(text: &[u8]) {
    line(&[PROGRAM.as_bytes(), b": ", text]);
}

/// Writes a message as the prompt does: without the program's name.
pub fn bare_message(text: &[u8]) {
    line(&[text]);
}

fn line(parts: &[&[u8]]) {
    // What the script printed belongs before its error.
    let _ = std::io::stdout().flush();
    let mut out = parts.concat();
    out.push(b'\n');
    let _ = std::io::stderr().lock().write_all(&out);
}
