//! Long chains and deep nesting: an answer, never a native stack overflow. Run on a small stack on purpose.

use moonshift_lang::bytecode::verify;
use moonshift_lang::compile;

/// Enough for the deepest nesting accepted; builds without optimisation need far more.
const STACK: usize = if cfg!(debug_assertions) { 4 << 20 } else { 1 << 19 };

fn on_small_stack(source: String) -> Result<(), String> {
    let run = move || {
        let p = compile(source.as_bytes(), "=deep").map_err(|e| e.to_string())?;
        verify(&p).map_err(|e| e.to_string())
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).expect("a thread").join().expect("no panic")
}

#[test]
fn chains_may_be_long() {
    let many = 50_000;
    for (start, link, end) in [
        ("x = x", " + 1", ""),
        ("x = x", " < 1", ""),
        ("x = x", " and x", ""),
        ("x = a", " and a or a", ""),
        ("if a", " or a < 1", " then f() end"),
        ("if a then f() ", "elseif a then f() ", "end"),
        ("f", "()", ""),
        ("f", ":m()", ""),
        ("x = f", ".m", ""),
        ("x = f", "[1]", ""),
        ("x = {", "1,", "}"),
        ("", "a = b; ", ""),
        ("", "do local a end ", ""),
    ] {
        let source = format!("{start}{}{end}", link.repeat(many));
        assert_eq!(on_small_stack(source), Ok(()), "{start}{link}...");
    }
}

#[test]
fn nesting_has_a_limit() {
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("{", "", "}"),
        ("- ", "1", ""),
        ("not ", "1", ""),
        ("a .. ", "a", ""),
        ("a ^ ", "a", ""),
        ("f(", "1", ")"),
        ("a[", "1", "]"),
        ("function() return ", "1", " end"),
        ("(a and ", "1", ") + 1"),
    ] {
        let nested = |n: usize| format!("x = {}{middle}{}", open.repeat(n), close.repeat(n));
        let deepest = if open.starts_with("function") { 97 } else { 180 };
        assert_eq!(on_small_stack(nested(deepest)), Ok(()), "{open}");
        for n in [300, 100_000] {
            assert_eq!(on_small_stack(nested(n)), Err("C stack overflow".into()), "{open} {n} times");
        }
    }
    for (open, close) in [
        ("do ", "end "),
        ("while a do ", "end "),
        ("if a then ", "end "),
        ("repeat ", "until a "),
        ("function f() ", "end "),
    ] {
        let nested = |n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
        assert_eq!(on_small_stack(nested(190)), Ok(()), "{open}");
        assert_eq!(on_small_stack(nested(100_000)), Err("C stack overflow".into()), "{open}");
        assert_eq!(on_small_stack(open.repeat(100_000)), Err("C stack overflow".into()), "{open}");
    }
}

#[test]
fn left_leaning_parentheses() {
    let source = format!("x = {}a{}", "(".repeat(190), " and 1) + 1".repeat(190));
    assert_eq!(on_small_stack(source), Ok(()));
}
