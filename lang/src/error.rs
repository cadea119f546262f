//! Syntax errors, worded as the reference implementation words them.

use crate::syntax::lexer::Tokens;
use std::fmt;
use std::ops::Range;

/// Why a text is not a chunk. Displays as `chunk:line: message near 'token'`.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    message: Vec<u8>,
    line: u32,
    span: Range<usize>,
    incomplete: bool,
}

impl SyntaxError {
    /// The whole message. It quotes the source, so it need not be UTF-8.
    pub fn message(&self) -> &[u8] {
        &self.message
    }

    /// Line, from 1.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Bytes of the source at which the error was found.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the input ended too early: more text might make it a chunk.
    pub fn is_incomplete(&self) -> bool {
        self.incomplete
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.message))
    }
}

impl std::error::Error for SyntaxError {}

/// How messages name a chunk: `=name` and `@file` as they are, other names as `[string "first line..."]`; at most 59
/// bytes.
pub fn chunk_id(name: &[u8]) -> Vec<u8> {
    const SIZE: usize = 60;
    match name {
        [b'=', rest @ ..] => rest[..rest.len().min(SIZE - 1)].to_vec(),
        [b'@', rest @ ..] if rest.len() < SIZE => rest.to_vec(),
        [b'@', rest @ ..] => [b"...", &rest[rest.len() - (SIZE - 1 - 3)..]].concat(),
        _ => {
            let line = name.iter().position(|c| *c == b'\n');
            let room = SIZE - b"[string \"...\"]".len() - 1;
            let mut id = b"[string \"".to_vec();
            if name.len() <= room && line.is_none() {
                id.extend_from_slice(name);
            } else {
                let end = line.unwrap_or(name.len()).min(room);
                id.extend_from_slice(&name[..end]);
                id.extend_from_slice(b"...");
            }
            id.extend_from_slice(b"\"]");
            id
        }
    }
}

/// Makes the errors of one compilation.
pub(crate) struct Reporter<'t, 's> {
    pub tokens: &'t Tokens<'s>,
    pub chunk_name: &'t [u8],
}

impl Reporter<'_, '_> {
    /// An error at a token, quoting it after "near".
    pub fn near(&self, message: impl AsRef<[u8]>, token: usize) -> SyntaxError {
        let near = self.tokens.near(token);
        // The reference numbers characters by their codes, and takes 0 for no token.
        let message = match near.as_slice() {
            br"'<\0>'" => message.as_ref().to_vec(),
            near => [message.as_ref(), b" near ", near].concat(),
        };
        let mut error = self.plain(message, token);
        error.incomplete = self.tokens.is_end(token);
        error
    }

    /// An error at a token without quoting it.
    pub fn plain(&self, message: impl AsRef<[u8]>, token: usize) -> SyntaxError {
        let place = self.tokens.at(token);
        let mut text = chunk_id(self.chunk_name);
        text.extend_from_slice(format!(":{}: ", place.line).as_bytes());
        text.extend_from_slice(message.as_ref());
        SyntaxError {
            message: text,
            line: place.line,
            span: place.start as usize..place.end as usize,
            incomplete: false,
        }
    }

    /// The lexical error that ended the token list.
    pub fn lexical(&self) -> Option<SyntaxError> {
        let error = self.tokens.error.as_ref()?;
        if error.overflow {
            return Some(self.overflow(self.tokens.list.len()));
        }
        let near = error.near.as_ref().map_or_else(|| b"<eof>".to_vec(), |text| crate::syntax::lexer::quote(text));
        let message = [error.message.as_bytes(), b" near ", &near].concat();
        let mut result = self.plain(message, self.tokens.list.len());
        result.incomplete = error.near.is_none();
        Some(result)
    }

    /// Nesting too deep. The reference runs out of its C stack allowance and reports that without a place.
    pub fn overflow(&self, token: usize) -> SyntaxError {
        SyntaxError { message: b"C stack overflow".to_vec(), ..self.plain("", token) }
    }
}
