//! The scripts of `tests/lua`, one a part of the language, say in every mode what the reference says.
//!
//! Each runs its operations often enough to be compiled, and then with values of other kinds.

mod support;

use support::{Run, has_reference, recorded, test_file};

fn check(name: &str, mode: &str) {
    let file = format!("{name}.lua");
    let folder = test_file("lua");
    let ask = || Run::reference().folder(&folder).args([&file]).outcome().in_our_name().text();
    let record = recorded(&format!("expected/lua/{name}.txt"), || ask().into_bytes());
    let expected = String::from_utf8(record).expect("records are escaped");
    let said = Run::ours().folder(&folder).args([&format!("--jit={mode}"), &file]).outcome().text();
    if said != expected {
        let differing = said.lines().zip(expected.lines()).enumerate().find(|(_, (ours, theirs))| ours != theirs);
        let (line, (ours, theirs)) = differing.unwrap_or((0, ("(lengths differ)", "")));
        panic!("{name} with --jit={mode}, line {}:\n{ours}\nexpected:\n{theirs}\n\nall of it:\n{said}", line + 1);
    }
    if mode == "off" && has_reference() {
        assert_eq!(ask(), expected, "{name}: the record differs from the reference");
    }
}

/// One test a script and mode.
macro_rules! scripts {
    ($($name:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($name)),*];

        $(mod $name {
            use super::check;

            #[test]
            fn off() {
                check(stringify!($name), "off");
            }

            #[test]
            fn on() {
                check(stringify!($name), "on");
            }

            #[test]
            fn always() {
                check(stringify!($name), "always");
            }

            #[test]
            fn evaluator() {
                check(stringify!($name), "evaluator");
            }
        })*
    };
}

scripts! { arithmetic errors functions garbage loops metatables strings tables }

/// Every script is in the list above.
#[test]
fn every_script_is_listed() {
    let mut files: Vec<String> = std::fs::read_dir(test_file("lua"))
        .expect("the folder can be read")
        .map(|file| file.expect("the entry can be read").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    files.sort();
    assert_eq!(files, TESTED);
}
