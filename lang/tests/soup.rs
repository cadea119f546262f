//! Anything may be thrown at the compiler: it answers, and what it makes is sound.

mod common;
use moonshift_lang::bytecode::{dump, liveness, undump, verify};
use moonshift_lang::{compile, number};

const PIECES: &[&str] = &[
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while", "+", "-", "*", "/", "%", "^", "#", "&", "~",
    "|", "<<", ">>", "//", "==", "~=", "<=", ">=", "<", ">", "=", "(", ")", "{", "}", "[", "]", "::", ";", ":", ",",
    ".", "..", "...", "a", "b", "x", "f", "_ENV", "1", "2.5", "0x10", "'s'", "\"t\\n\"", "[[l]]", "<const>", "<close>",
    "--c\n", "\n",
];

/// Statements that are right by themselves: soups of them get further.
const STATEMENTS: &[&str] = &[
    "local a = 1",
    "local b <const> = 2",
    "local x <close> = nil",
    "a = a + b",
    "f(a)",
    "do",
    "end",
    "if a then",
    "else",
    "while a do",
    "repeat",
    "until b",
    "for a = 1, 2 do",
    "for a in b do",
    "local function f()",
    "function x()",
    "return a",
    "return f()",
    "break",
    "goto l",
    "::l::",
    "a, b = b, a",
    "x.a = function(...) return ... end",
    "a = a and b or x",
    "a = {1, f()}",
    "a = b .. x .. 1",
];

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

fn check(source: &[u8]) -> bool {
    match compile(source, "=soup") {
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("soup:") || message == "C stack overflow", "{message}");
            assert!(error.span().end <= source.len().max(error.span().start), "{message}");
            false
        }
        Ok(p) => {
            let text = String::from_utf8_lossy(source);
            verify(&p).unwrap_or_else(|e| panic!("{text}: {e}"));
            liveness(&p);
            assert_eq!(undump(&dump(&p, false)).unwrap_or_else(|e| panic!("{text}: {e}")), p);
            true
        }
    }
}

fn soup(pieces: &[&str], random: &mut Random, longest: usize) -> bool {
    let count = 1 + random.below(longest);
    let words: Vec<&str> = (0..count).map(|_| pieces[random.below(pieces.len())]).collect();
    check(words.join(" ").as_bytes())
}

#[test]
fn token_soup() {
    let mut random = Random(0x9e3779b97f4a7c15);
    let good = (0..20000).filter(|_| soup(PIECES, &mut random, 12)).count();
    assert!(good > 20, "{good} were chunks");
}

#[test]
fn statement_soup() {
    let mut random = Random(0x2545f4914f6cdd1d);
    let good = (0..20000).filter(|_| soup(STATEMENTS, &mut random, 8)).count();
    assert!(good > 500, "{good} were chunks");
}

#[test]
fn byte_soup() {
    let mut random = Random(0x123456789abcdef);
    for _ in 0..5000 {
        let bytes: Vec<u8> = (0..random.below(40)).map(|_| random.below(256) as u8).collect();
        check(&bytes);
        let text: Vec<u8> = (0..random.below(12)).map(|_| b"0x1.9aepP+-_ "[random.below(13)]).collect();
        let _ = number::parse_number(&text);
    }
}

#[test]
fn damaged_programs() {
    let mut random = Random(0xdeadbeef);
    for _ in 0..2000 {
        let mut bytes = common::EVERYTHING.as_bytes().to_vec();
        for _ in 0..1 + random.below(2) {
            let at = random.below(bytes.len());
            match random.below(3) {
                0 => bytes[at] = random.below(256) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(1)),
            }
        }
        check(&bytes);
    }
}

#[test]
fn strings_are_bytes() {
    let p = compile(b"--\xff\xfe\nreturn '\xc3\x28', [[\x80\r\n]], \"\\x80\\200\\u{7FFFFFFF}\\z \n x\"", "=c")
        .expect("bytes");
    let strings: Vec<&[u8]> = p.constants.iter().filter_map(|k| k.as_str()).collect();
    assert_eq!(strings, [&b"\xc3\x28"[..], b"\x80\n", b"\x80\xc8\xfd\xbf\xbf\xbf\xbf\xbfx"]);
}
