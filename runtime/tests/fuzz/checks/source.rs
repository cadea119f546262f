//! Source text: by a grammar, and by taking the project's own Lua files apart.

use super::{below, choose, one_in, pick};
use arbitrary::Unstructured;
use moonshift_lang::token_spans;
use std::path::Path;
use std::sync::OnceLock;

const NAMES: &[&str] =
    &["a", "b", "c", "d", "t", "f", "g", "x", "i", "self", "_ENV", "string", "math", "select", "pcall", "type"];
const FIELDS: &[&str] = &["a", "b", "n", "x", "len", "rep", "floor", "pack", "__index", "concat", "sub"];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "255",
    "256",
    "65536",
    "1e3",
    "0.5",
    "-1",
    "3.0",
    "0x7fffffffffffffff",
    "9223372036854775808",
    "1e308",
    "0x.8p1",
];
const STRINGS: &[&str] = &["''", "'a'", "\"10\"", "'x\\0y'", "[[long]]", "'\\u{48}'", "[==[a]]b]==]"];
const BINARY: &[&str] = &[
    "+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=", "and", "or", "&", "|", "~", "<<", ">>",
];
const UNARY: &[&str] = &["-", "not ", "#", "~"];

/// A chunk by the grammar.
pub fn chunk(u: &mut Unstructured<'_>) -> Vec<u8> {
    let mut out = String::new();
    block(u, &mut out, 4);
    out.into_bytes()
}

fn block(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    for _ in 0..=below(u, 5) {
        statement(u, out, depth);
        out.push_str(choose(u, &[" ", "\n", "; "]));
        if out.len() > 4000 || u.is_empty() {
            return;
        }
    }
    if one_in(u, 8) {
        out.push_str(choose(u, &["return ", "break ", "goto out ", "return"]));
        if out.ends_with("return ") {
            expressions(u, out, depth, 3);
        }
        out.push(' ');
    }
}

fn statement(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    if depth == 0 {
        return assignment(u, out, depth);
    }
    let inner = depth - 1;
    match below(u, 16) {
        0 | 1 => assignment(u, out, inner),
        2 | 3 => {
            out.push_str("local ");
            for index in 0..=below(u, 3) {
                out.push_str(if index > 0 { ", " } else { "" });
                out.push_str(choose(u, NAMES));
                out.push_str(choose(u, &["", "", "", "", " <const>", " <close>"]));
            }
            if !one_in(u, 4) {
                out.push_str(" = ");
                expressions(u, out, inner, 3);
            }
        }
        4 => {
            out.push_str("if ");
            expression(u, out, inner);
            out.push_str(" then ");
            block(u, out, inner);
            if one_in(u, 3) {
                out.push_str(" elseif ");
                expression(u, out, inner);
                out.push_str(" then ");
                block(u, out, inner);
            }
            if one_in(u, 2) {
                out.push_str(" else ");
                block(u, out, inner);
            }
            out.push_str(" end");
        }
        5 => {
            out.push_str("while ");
            expression(u, out, inner);
            out.push_str(" do ");
            block(u, out, inner);
            out.push_str(" end");
        }
        6 => {
            out.push_str("repeat ");
            block(u, out, inner);
            out.push_str(" until ");
            expression(u, out, inner);
        }
        7 => {
            out.push_str(&format!("for {} = ", choose(u, NAMES)));
            expressions(u, out, inner, 3);
            out.push_str(", 3 do ");
            block(u, out, inner);
            out.push_str(" end");
        }
        8 => {
            out.push_str(&format!("for {}, {} in ", choose(u, NAMES), choose(u, NAMES)));
            out.push_str(choose(u, &["pairs(", "ipairs(", "next, (", "("]));
            expression(u, out, inner);
            out.push_str(") do ");
            block(u, out, inner);
            out.push_str(" end");
        }
        9 | 10 => {
            out.push_str(choose(u, &["local function ", "function "]));
            out.push_str(choose(u, NAMES));
            function_body(u, out, inner);
        }
        11 => {
            out.push_str("do ");
            block(u, out, inner);
            out.push_str(choose(u, &[" end", " ::out:: end", " end ::out::"]));
        }
        12 => out.push_str(choose(u, &["goto out", "::out::", "::again::", ";", "break", "local x <close> = nil"])),
        _ => call(u, out, inner),
    }
}

fn assignment(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    for index in 0..=below(u, 2) {
        out.push_str(if index > 0 { ", " } else { "" });
        variable(u, out, depth);
    }
    out.push_str(" = ");
    expressions(u, out, depth, 2);
}

fn variable(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    out.push_str(choose(u, NAMES));
    match below(u, 5) {
        0 => out.push_str(&format!(".{}", choose(u, FIELDS))),
        1 => {
            out.push('[');
            expression(u, out, depth.saturating_sub(1));
            out.push(']');
        }
        _ => {}
    }
}

fn call(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    variable(u, out, depth);
    if one_in(u, 4) {
        out.push_str(&format!(":{}", choose(u, FIELDS)));
    }
    if one_in(u, 8) {
        out.push_str(choose(u, STRINGS));
        return;
    }
    out.push('(');
    if !one_in(u, 4) {
        expressions(u, out, depth, 3);
    }
    out.push(')');
}

fn expressions(u: &mut Unstructured<'_>, out: &mut String, depth: usize, most: usize) {
    for index in 0..=below(u, most) {
        out.push_str(if index > 0 { ", " } else { "" });
        expression(u, out, depth);
    }
}

fn expression(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    let simple = depth == 0 || out.len() > 4000;
    match below(u, if simple { 5 } else { 14 }) {
        0 => out.push_str(choose(u, NAMES)),
        1 => out.push_str(choose(u, NUMBERS)),
        2 => out.push_str(choose(u, STRINGS)),
        3 => out.push_str(choose(u, &["nil", "true", "false", "...", "{}"])),
        4 => out.push_str(choose(u, NAMES)),
        5..=7 => {
            expression(u, out, depth - 1);
            out.push_str(&format!(" {} ", choose(u, BINARY)));
            expression(u, out, depth - 1);
        }
        8 => {
            out.push_str(choose(u, UNARY));
            expression(u, out, depth - 1);
        }
        9 => {
            out.push('(');
            expression(u, out, depth - 1);
            out.push(')');
        }
        10 => {
            out.push('{');
            for _ in 0..below(u, 4) {
                match below(u, 3) {
                    0 => out.push_str(&format!("{} = ", choose(u, FIELDS))),
                    1 => {
                        out.push('[');
                        expression(u, out, depth - 1);
                        out.push_str("] = ");
                    }
                    _ => {}
                }
                expression(u, out, depth - 1);
                out.push_str(", ");
            }
            out.push('}');
        }
        11 => {
            out.push_str("function");
            function_body(u, out, depth - 1);
        }
        12 => variable(u, out, depth - 1),
        _ => call(u, out, depth - 1),
    }
}

fn function_body(u: &mut Unstructured<'_>, out: &mut String, depth: usize) {
    out.push_str(choose(u, &["()", "(a)", "(a, b)", "(...)", "(a, ...)", "(self, x, i)"]));
    out.push(' ');
    block(u, out, depth);
    out.push_str(" end");
}

/// Tokens of the project's Lua files.
pub fn files() -> &'static [Vec<Vec<u8>>] {
    static FILES: OnceLock<Vec<Vec<Vec<u8>>>> = OnceLock::new();
    FILES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths: Vec<_> = ["../benches/programs", "tests/conformance", "../repl/tests/lua"]
            .iter()
            .filter_map(|folder| std::fs::read_dir(root.join(folder)).ok())
            .flat_map(|folder| folder.filter_map(|entry| Some(entry.ok()?.path())))
            .filter(|path| path.extension().is_some_and(|extension| extension == "lua"))
            .collect();
        paths.sort();
        let tokens = |text: Vec<u8>| -> Vec<Vec<u8>> {
            let spans = token_spans(&text).expect("the project's files are Lua");
            spans.into_iter().map(|span| text[span].to_vec()).collect()
        };
        let files: Vec<_> = paths.into_iter().filter_map(|path| std::fs::read(path).ok()).map(tokens).collect();
        assert!(files.len() > 10, "the project's Lua files");
        files
    })
}

/// A piece of one of the project's files, with some tokens changed.
pub fn changed_file(u: &mut Unstructured<'_>) -> Vec<u8> {
    let file = pick(u, files());
    let start = below(u, file.len());
    let count = 1 + below(u, 300);
    let start = if one_in(u, 2) { start } else { 0 };
    let mut tokens: Vec<&[u8]> = file[start..].iter().take(count).map(Vec::as_slice).collect();
    for _ in 0..below(u, 6) {
        let at = below(u, tokens.len());
        match below(u, 4) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at]),
            2 => {
                let other = pick(u, files());
                let token: &Vec<u8> = pick(u, other);
                tokens.insert(at, token);
            }
            _ => {
                let other = below(u, tokens.len());
                tokens.swap(at, other);
            }
        }
        if tokens.is_empty() {
            break;
        }
    }
    tokens.join(&b' ')
}
