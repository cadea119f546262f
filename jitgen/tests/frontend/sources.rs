//! The test programs as sources of a translation.

use moonshift_jitgen::frontend::{Diagnostics, Options, Source, Translation, translate_with_wrappers};
use std::path::PathBuf;

pub fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "frontend"].iter().collect()
}

const NAMES: [&str; 12] = [
    "aggregates",
    "calls",
    "control",
    "floats",
    "ints",
    "matching",
    "memory",
    "order",
    "portal",
    "signed",
    "subset",
    "unsigned",
];

/// Every public function without marks, found by its line: the corpus is written so that this is simple.
fn roots(text: &str) -> Vec<String> {
    let mut roots = vec![];
    let mut marked = false;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("pub fn ").or(line.strip_prefix("pub const fn ")) {
            if !marked {
                roots.push(rest.split('(').next().unwrap_or(rest).to_string());
            }
            marked = false;
        } else if ["#[residual", "#[elidable", "#[indirect", "#[portal"].iter().any(|mark| line.starts_with(mark)) {
            marked = true;
        }
    }
    roots
}

/// The corpus, and what to translate of it.
pub fn sources() -> (Vec<Source>, Options) {
    let mut sources = vec![];
    let mut options = Options::default();
    for name in NAMES {
        let path = folder().join("corpus").join(format!("{name}.rs"));
        let text = std::fs::read_to_string(&path).expect("the corpus can be read");
        options.roots.extend(roots(&text));
        sources.push(Source::new(format!("{name}.rs"), format!("crate::corpus::{name}"), text));
    }
    (sources, options)
}

pub fn translate() -> Result<Translation, Diagnostics> {
    let (sources, options) = sources();
    translate_with_wrappers(&sources, &options)
}
