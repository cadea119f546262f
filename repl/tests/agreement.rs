//! Random programs say the same in every mode, and what the reference says where it is installed.

mod support;

#[path = "support/generate.rs"]
mod generate;

use std::path::Path;

use support::{Run, has_reference, scratch};

const MODES: [&str; 4] = ["off", "on", "always", "evaluator"];

/// Runs the programs of the given seeds; panics with the first difference of each.
fn check(folder: &str, seeds: std::ops::Range<u64>) {
    let folder = scratch(folder);
    let mut failures = Vec::new();
    for seed in seeds {
        let path = folder.join(format!("{seed}.lua"));
        std::fs::write(&path, generate::program(seed)).expect("the program can be written");
        failures.extend(disagreement(&path));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn disagreement(path: &Path) -> Option<String> {
    let ours = |mode: &str| Run::ours().args([format!("--jit={mode}")]).args([path]).outcome();
    let (name, expected) = if has_reference() {
        (support::REFERENCE, Run::reference().args([path]).outcome().in_our_name())
    } else {
        ("--jit=off", ours("off"))
    };
    for mode in MODES {
        let (said, expected) = (ours(mode).text(), expected.text());
        if said == expected {
            continue;
        }
        let differing = said.lines().zip(expected.lines()).enumerate().find(|(_, (ours, theirs))| ours != theirs);
        return Some(match differing {
            Some((line, (ours, theirs))) => format!(
                "{}, line {} of the output:\n  {ours}\nwith --jit={mode}, but with {name}\n  {theirs}",
                path.display(),
                line + 1
            ),
            None => format!("{}: one output of {mode} and {name} ends early", path.display()),
        });
    }
    None
}

#[test]
fn random_programs() {
    check("agreement-few", 0..12);
}
