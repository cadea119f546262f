//! What is checked, and how bytes become inputs.

pub mod bytecode;
pub mod format;
pub mod lexer;
pub mod naive;
pub mod oracle;
pub mod pack;
pub mod parser;
pub mod pattern;
pub mod source;

use arbitrary::Unstructured;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A number for a kind of outcome.
pub fn kind(outcome: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    outcome.hash(&mut hasher);
    hasher.finish()
}

/// A text without what varies: names, numbers, quoted parts.
pub fn shape(text: &str) -> String {
    let mut quoted = false;
    text.chars()
        .filter(|&c| {
            quoted ^= c == '\'';
            !quoted && !c.is_ascii_digit()
        })
        .take(60)
        .collect()
}

/// One of a list; the first when the input is used up.
pub fn pick<'a, T>(u: &mut Unstructured<'_>, from: &'a [T]) -> &'a T {
    let index = below(u, from.len());
    &from[index]
}

/// The same, by value.
pub fn choose<T: Copy>(u: &mut Unstructured<'_>, from: &[T]) -> T {
    *pick(u, from)
}

/// A number below a limit; 0 when the input is used up.
pub fn below(u: &mut Unstructured<'_>, limit: usize) -> usize {
    u.int_in_range(0..=limit.max(1) - 1).unwrap_or(0)
}

/// Once in so many times.
pub fn one_in(u: &mut Unstructured<'_>, times: usize) -> bool {
    !u.is_empty() && below(u, times) == times - 1
}

/// A Lua string literal.
pub fn quote(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', byte as char]),
            b' '..=b'~' => text.push(byte as char),
            _ => text.push_str(&format!("\\{byte:03}")),
        }
    }
    text.push('"');
    text
}
