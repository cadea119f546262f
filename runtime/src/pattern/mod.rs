//! Lua patterns over bytes: the engine behind `string.find`, `match`, `gmatch` and `gsub`.
//!
//! The pattern is interpreted as it stands, by backtracking, so that a malformed part is an error only when matching
//! reaches it, as in the reference. Two things bound it: the depth of recursion ("pattern too complex") and a [`Meter`],
//! which the matcher tells what it has done every so many steps, so that no pattern escapes the limits of its host.

mod class;
mod matcher;
mod replace;
mod search;

pub use matcher::{Captured, Matcher, Meter, Unmetered};
pub use replace::expand;
pub use search::{find_plain, is_plain};

use std::fmt;

/// Why matching ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    EndsInEscape,
    MissingBracket,
    MissingBalanceArguments,
    MissingFrontierSet,
    TooComplex,
    TooManyCaptures,
    InvalidClose,
    InvalidIndex(u8),
    Unfinished,
    InvalidEscapeInReplacement,
    /// The meter refused to go on; whoever made it knows why.
    Interrupted,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::EndsInEscape => f.write_str("malformed pattern (ends with '%')"),
            PatternError::MissingBracket => f.write_str("malformed pattern (missing ']')"),
            PatternError::MissingBalanceArguments => f.write_str("malformed pattern (missing arguments to '%b')"),
            PatternError::MissingFrontierSet => f.write_str("missing '[' after '%f' in pattern"),
            PatternError::TooComplex => f.write_str("pattern too complex"),
            PatternError::TooManyCaptures => f.write_str("too many captures"),
            PatternError::InvalidClose => f.write_str("invalid pattern capture"),
            PatternError::InvalidIndex(index) => write!(f, "invalid capture index %{index}"),
            PatternError::Unfinished => f.write_str("unfinished capture"),
            PatternError::InvalidEscapeInReplacement => f.write_str("invalid use of '%' in replacement string"),
            PatternError::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first match as text: the whole, then the captures.
    fn check(source: &str, pattern: &str, expected: &str) {
        let mut meter = Unmetered;
        let mut matcher = Matcher::new(source.as_bytes(), pattern.as_bytes(), &mut meter);
        let found = match matcher.search(0) {
            Ok(None) => "none".to_string(),
            Err(error) => error.to_string(),
            Ok(Some((start, end))) => {
                let mut parts = vec![format!("{start}..{end}")];
                for index in 0..matcher.capture_count() {
                    parts.push(match matcher.capture(index, start, end) {
                        Ok(Captured::Text(range)) => source[range].to_string(),
                        Ok(Captured::Position(position)) => format!("@{position}"),
                        Err(error) => error.to_string(),
                    });
                }
                parts.join(" ")
            }
        };
        assert_eq!(found, expected, "{pattern} on {source}");
    }

    #[test]
    fn items_and_repetition() {
        check("hello", "l+", "2..4");
        check("hello", "l*", "0..0");
        check("hello", "^h.-l", "0..3");
        check("hello", "xl?lo", "none");
        check("hello", "e?l?l?o$", "1..5");
        check("hello", "^ello", "none");
        check("a$b", "a$b", "0..3");
        check("a.b", "a%.b", "0..3");
        check("x=10, y=20", "%a=%d+", "0..4");
        check("THE (quick) fox", "%((%a+)%)", "4..11 quick");
        check("", "", "0..0");
        check("abc", "", "0..0");
        check("a\u{0}b", "a%zb", "0..3");
    }

    #[test]
    fn sets() {
        check("f(a,b)", "[^(,)]+", "0..1");
        check("]a", "[]a]+", "0..2");
        check("a-z", "[a%-]+", "0..2");
        check("a-z", "[a-]+", "0..2");
        check("m9", "[a-y%d]+", "0..2");
        check("^", "[%^]", "0..1");
        check("b^", "[b^]+", "0..2");
    }

    #[test]
    fn captures() {
        check("key = value", "(%w+)%s*=%s*(%w+)", "0..11 key value");
        check("hello", "()ll()", "2..4 @2 @4");
        check("say \"it's\" now", "([\"'])(.-)%1", "4..10 \" it's");
        check("abc", "((a)(b))", "0..2 ab a b");
        check("abc", "(a", "0..1 unfinished capture");
    }

    #[test]
    fn balance_and_frontier() {
        check("f(a(b)c)d", "%b()", "1..8");
        check("(((", "%b()", "none");
        check("THE (quick) fox", "%f[%a]%a+%f[%A]", "0..3");
        check("[[x]]", "%f[%w]%w", "2..3");
    }

    #[test]
    fn errors() {
        check("abc", "(a)%2", "invalid capture index %2");
        check("abc", "(a%1)", "invalid capture index %1");
        check("abc", "%0", "invalid capture index %0");
        check("abc", "a)", "invalid pattern capture");
        check("abc", "[a", "malformed pattern (missing ']')");
        check("abc", "[a%", "malformed pattern (missing ']')");
        check("abc", "%", "malformed pattern (ends with '%')");
        check("abc", "%f", "missing '[' after '%f' in pattern");
        check("abc", "%bx", "malformed pattern (missing arguments to '%b')");
        check(&"a".repeat(300), &"a?".repeat(300), "pattern too complex");
        check(&"a".repeat(300), &"(a)".repeat(33), "too many captures");
        // What matching does not reach is not looked at.
        check("abc", "x[", "none");
    }

    #[test]
    fn the_meter_can_stop_a_runaway() {
        struct Few(u32);
        impl Meter for Few {
            fn spend(&mut self, steps: u32) -> Result<u32, PatternError> {
                self.0 = self.0.checked_sub(steps).ok_or(PatternError::Interrupted)?;
                Ok(1000)
            }
        }
        let source = vec![b'a'; 2000];
        let mut meter = Few(3_000);
        let mut matcher = Matcher::new(&source, b".-.-.-.-b", &mut meter);
        assert_eq!(matcher.search(0), Err(PatternError::Interrupted));
    }

    #[test]
    fn replacement() {
        let mut meter = Unmetered;
        let mut matcher = Matcher::new(b"ab", b"(a)()", &mut meter);
        let (start, end) = matcher.search(0).unwrap().unwrap();
        let expanded = |template: &[u8]| {
            let mut out = Vec::new();
            expand(&mut out, &matcher, template, start, end).map(|()| String::from_utf8(out).unwrap())
        };
        assert_eq!(expanded(b"<%0%1%2%%>"), Ok("<aa2%>".to_string()));
        assert_eq!(expanded(b"%3"), Err(PatternError::InvalidIndex(3)));
        assert_eq!(expanded(b"%x"), Err(PatternError::InvalidEscapeInReplacement));
        assert_eq!(expanded(b"%"), Err(PatternError::InvalidEscapeInReplacement));
    }
}
