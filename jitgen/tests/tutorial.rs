//! The tutorial of the README, followed literally: its files are written into an empty directory, its commands are run, and
//! what they print is compared.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A block of the tutorial with what its comment says about it.
#[derive(Debug)]
enum Step {
    File { path: String, text: String },
    Run { command: String, output: String },
}

/// Blocks that follow a comment `<!-- file: PATH -->` or `<!-- run: COMMAND -->`.
fn steps(readme: &str) -> Vec<Step> {
    let mut steps = vec![];
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(what) = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->")) else { continue };
        let Some((kind, of)) = what.split_once(": ") else { continue };
        let fence = lines.next().unwrap_or_default();
        assert!(fence.starts_with("```"), "a block follows `{line}`");
        let mut block = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            block.push_str(line);
            block.push('\n');
        }
        steps.push(match kind {
            "file" => Step::File { path: of.to_string(), text: block },
            "run" => Step::Run { command: of.to_string(), output: block },
            _ => panic!("what is `{line}`?"),
        });
    }
    steps
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    std::fs::read_to_string(path).expect("the README")
}

/// The last version of a file.
fn last<'a>(steps: &'a [Step], wanted: &str) -> &'a str {
    let found = steps.iter().rev().find_map(|step| match step {
        Step::File { path, text } if path == wanted => Some(text.as_str()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no file `{wanted}`"))
}

#[test]
fn the_interpreter_is_short_and_translates() {
    use moonshift_jitgen::frontend::{Options, Source, translate};
    use moonshift_jitgen::timeshift::Extension;

    let steps = steps(&readme());
    assert!(steps.iter().filter(|step| matches!(step, Step::Run { .. })).count() >= 2);
    let text = last(&steps, "calc/src/interp.rs");
    assert!(text.lines().count() <= 35, "about thirty lines");
    let sources = [Source::new("src/interp.rs", "crate::interp", text)];
    let module = translate(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(module.portals.len(), 1);
    assert!(Extension::new(module).is_ok());
}

#[test]
#[ignore = "builds a project of its own with all dependencies: minutes"]
fn the_tutorial_works_as_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is in the repository");
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tutorial");
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).expect("a directory");
    std::os::unix::fs::symlink(root, place.join("moonshift")).expect("a link to the repository");
    // Dependencies are built once, in the versions of the repository.
    let target = place.with_file_name("tutorial-target");
    for step in steps(&readme()) {
        match step {
            Step::File { path, text } => {
                let path = place.join(path);
                let folder = path.parent().expect("in a directory");
                std::fs::create_dir_all(folder).expect("a directory");
                if path.ends_with("Cargo.toml") {
                    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
                }
                std::fs::write(&path, text).expect("a file");
            }
            Step::Run { command, output } => {
                let done = Command::new("sh")
                    .args(["-c", &command])
                    .current_dir(&place)
                    .env("CARGO_TARGET_DIR", &target)
                    .output()
                    .expect("a shell");
                let messages = String::from_utf8_lossy(&done.stderr);
                assert!(done.status.success(), "`{command}` failed\n{messages}");
                assert_eq!(String::from_utf8_lossy(&done.stdout), output, "`{command}`\n{messages}");
            }
        }
    }
}
