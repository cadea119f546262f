//! Patterns: what they match is what the plain matcher next door says, and the reference; and they stop when told to.

use super::naive::Pattern;
use super::{below, choose, kind, one_in, oracle, quote, shape};
use arbitrary::Unstructured;
use moonshift::pattern::{Captured, Matcher, Meter, PatternError};

const PIECES: &[&str] = &[
    "a", "b", "c", ".", "%a", "%d", "%s", "%w", "%A", "%p", "%x", "%g", "%c", "%z", "%%", "%.", "[ab]", "[^a]",
    "[a-c]", "[%a_]", "[]]", "[^]]", "[a-]", "[-a]", "[%-a]", "(", ")", "()", "%1", "%2", "%b()", "%bab", "%bxx",
    "%f[%w]", "%f[^a]", "$", "^", "*", "+", "-", "?", "[", "]", "%", "x", " ", "[%", "%f", "%b", "[a-%d]", "[^", "%0",
    "%9", "(a*)", "(.-)", "[b-a]",
];
const SUBJECTS: &[&str] =
    &["a", "b", "c", "ab", "(", ")", "x", " ", "1", "aaaa", "abc", "_", "-", "]", "%", "$", "^", "\n", "\0", "A", "é"];

/// Stops after so many steps.
struct Budget(u32);

impl Meter for Budget {
    fn spend(&mut self, steps: u32) -> Result<u32, PatternError> {
        self.0 = self.0.checked_sub(steps).ok_or(PatternError::Interrupted)?;
        Ok(self.0.min(100))
    }
}

fn text(u: &mut Unstructured<'_>, pieces: &[&str], most: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..below(u, most) {
        if one_in(u, 20) {
            text.push(u.arbitrary().unwrap_or(0));
        } else {
            text.extend_from_slice(choose(u, pieces).as_bytes());
        }
    }
    text
}

pub fn check(data: &[u8]) -> u64 {
    let mut u = Unstructured::new(data);
    let pattern = text(&mut u, PIECES, 12);
    let source = text(&mut u, SUBJECTS, 24);
    let shown = || format!("{} on {}", quote(&pattern), quote(&source));
    let mut budget = Budget(100_000);
    let mut matcher = Matcher::new(&source, &pattern, &mut budget);
    let found = matcher.search(0);
    let outcome = match found {
        Err(error) => Err(error),
        Ok(None) => Ok(None),
        Ok(Some((start, end))) => {
            assert!(start <= end && end <= source.len(), "{}", shown());
            let captures: Result<Vec<_>, _> = (0..matcher.capture_count())
                .map(|index| {
                    Ok(match matcher.capture(index, start, end)? {
                        Captured::Text(range) => (range.start, Some(range.end)),
                        Captured::Position(position) => (position, None),
                    })
                })
                .collect();
            captures.map(|captures| Some((start, end, captures)))
        }
    };
    drop(matcher);
    if outcome != Err(PatternError::Interrupted)
        && outcome != Err(PatternError::TooComplex)
        && let Some(naive) = Pattern::read(&pattern)
        && let Ok(expected) = naive.find(&source)
    {
        assert_eq!(outcome, Ok(expected), "{}", shown());
    }
    let kind_of = kind((
        format!("{:?}", outcome.as_ref().map(|found| found.as_ref().map(|found| found.2.len()))),
        pattern.len().min(6),
    ));
    if matches!(outcome, Err(PatternError::Interrupted)) {
        return kind_of;
    }
    let (source, pattern) = (quote(&source), quote(&pattern));
    let init = below(&mut u, 9) as i64 - 4;
    let replacement = choose(
        &mut u,
        &["'<%0>'", "'%1%%'", "'%2'", "'%'", "{a = 'x', b = true, ab = 7}", "function(...) return (...) end"],
    );
    let all = format!(
        "function() local out = {{}} for a, b in string.gmatch({source}, {pattern}) do out[#out + 1] = tostring(a) .. ':' .. tostring(b) end return table.concat(out, ';') end"
    );
    let question = match below(&mut u, 4) {
        0 => format!("string.find, {source}, {pattern}, {init}"),
        1 => format!("string.match, {source}, {pattern}, {init}"),
        2 => format!("string.gsub, {source}, {pattern}, {replacement}"),
        _ => all,
    };
    let said = oracle::compare(&question);
    kind((kind_of, shape(&said.unwrap_or_default())))
}
