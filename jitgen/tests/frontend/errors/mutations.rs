//! No source makes the front end panic: the corpus with tokens left out, doubled, swapped and replaced is translated or
//! refused with errors that point into it.

use crate::sources;
use moonshift_jitgen::frontend::{Diagnostics, Options, Source, translate};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Pieces of a text that are changed as wholes: words, numbers, single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match word(first) {
            true => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

/// A linear congruential generator: the same changes in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % n
    }
}

const POOL: [&str; 40] = [
    "i64", "u8", "f64", "bool", "Option", "Result", "Ref", "Arr", "Cell", "Some", "None", "Ok", "self", "Self", "let",
    "mut", "ref", "match", "loop", "while", "for", "break", "continue", "return", "if", "else", "fn", "struct", "enum",
    "const", "&", "*", "?", "..", "(", ")", "_", "0", "-1", "!",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut parts: Vec<&str> = tokens(text);
    for _ in 0..1 + random.below(3) {
        let at = random.below(parts.len());
        match random.below(4) {
            0 => {
                parts.remove(at);
            }
            1 => parts.insert(at, parts[at]),
            2 => {
                let other = random.below(parts.len());
                parts.swap(at, other);
            }
            _ => parts[at] = POOL[random.below(POOL.len())],
        }
    }
    parts.concat()
}

/// Functions of a source, each as a text of its own with what stands before the first function.
fn check(changed: &[Source], options: &Options) -> bool {
    match catch_unwind(AssertUnwindSafe(|| translate(changed, options))) {
        Ok(Ok(_)) => true,
        Ok(Err(Diagnostics(errors))) => {
            for error in errors {
                let source = changed.iter().find(|source| source.path == error.path).expect("an error names its file");
                let lines = source.text.lines().count() as u32;
                assert!((1..=lines + 1).contains(&error.line) || error.line == 0, "{error}");
            }
            false
        }
        Err(_) => panic!("the front end panicked on:\n{}", changed.iter().map(|s| s.text.as_str()).collect::<String>()),
    }
}

#[test]
fn changed_sources_never_panic() {
    let (sources, options) = sources::sources();
    let mut random = Random(7);
    let (mut translated, mut refused) = (0, 0);
    for round in 0..400 {
        let index = round % sources.len();
        let mut changed = sources.clone();
        changed[index].text = mutate(&changed[index].text, &mut random);
        match check(&changed, &options) {
            true => translated += 1,
            false => refused += 1,
        }
    }
    assert!(translated > 20 && refused > 100, "{translated} translated, {refused} refused");
}
