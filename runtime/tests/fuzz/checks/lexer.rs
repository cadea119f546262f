//! The lexer: tokens cover the source but for blanks and comments, and stay what they are when they are taken apart.

use super::{choose, kind, one_in};
use arbitrary::Unstructured;
use moonshift_lang::token_spans;

const PIECES: &[&[u8]] = &[
    b"and",
    b"x",
    b"local",
    b"0x",
    b"0x1p",
    b"1e",
    b"1.",
    b".5",
    b"..",
    b"...",
    b"....",
    b"3..2",
    b"\"",
    b"'",
    b"\\",
    b"\\x4",
    b"\\u{",
    b"\\u{7fffffff}",
    b"\\z ",
    b"\\065",
    b"\\999",
    b"[[",
    b"]]",
    b"[=[",
    b"]=]",
    b"[==",
    b"--",
    b"--[[",
    b"--[=[",
    b"\n",
    b"\r\n",
    b"\n\r",
    b" ",
    b"::",
    b":",
    b"<<",
    b">>",
    b"<=",
    b"~=",
    b"~",
    b"=",
    b"==",
    b"//",
    b"/",
    b"-",
    b"(",
    b")",
    b"{",
    b"}",
    b"#",
    b"goto",
    b"_",
    b"e",
    b"E+1",
    b"p-3",
    b"9223372036854775808",
    b"0xffffffffffffffffff",
    b"\0",
    b"\x80",
    b"\xff",
    b"\xef\xbb\xbf",
];

/// A text of tokens, parts of tokens and any bytes.
pub fn text(u: &mut Unstructured<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    while !u.is_empty() && text.len() < 2000 {
        if one_in(u, 8) {
            text.push(u.arbitrary().unwrap_or(0));
        } else {
            text.extend_from_slice(choose(u, PIECES));
        }
        if one_in(u, 2) {
            text.push(b' ');
        }
    }
    text
}

/// Whether there is nothing but blanks and comments.
fn is_space(gap: &[u8]) -> bool {
    let start = gap.iter().position(|byte| !matches!(byte, b' ' | b'\t'..=b'\r'));
    start.is_none_or(|start| gap[start..].starts_with(b"--"))
}

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let source = if one_in(&mut u, 4) { u.take_rest().to_vec() } else { text(&mut u) };
    let shown = || String::from_utf8_lossy(&source).into_owned();
    match token_spans(&source) {
        Err(span) => {
            assert!(span.start <= span.end && span.end <= source.len(), "{}: {span:?}", shown());
            // What stands before the error is tokens.
            if let Ok(before) = token_spans(&source[..span.start]) {
                assert!(before.iter().all(|token| token.end <= span.start), "{}", shown());
            }
            kind((0, source.get(span.start), span.len().min(3)))
        }
        Ok(spans) => {
            let mut end = 0;
            for span in &spans {
                assert!(end <= span.start && span.start < span.end, "{}: {spans:?}", shown());
                assert!(is_space(&source[end..span.start]), "{}: {spans:?}", shown());
                end = span.end;
            }
            assert!(is_space(&source[end..]), "{}: {spans:?}", shown());
            let apart: Vec<&[u8]> = spans.iter().map(|span| &source[span.clone()]).collect();
            let again = apart.join(&b'\n');
            let respelt = token_spans(&again).unwrap_or_else(|span| panic!("{}: {span:?} of the parts", shown()));
            let respelt: Vec<&[u8]> = respelt.into_iter().map(|span| &again[span]).collect();
            assert_eq!(respelt, apart, "{}", shown());
            kind((1, spans.len().min(4), apart.first(), apart.last()))
        }
    }
}
