//! The generator knows no language, and residual code has one source.

use std::path::{Path, PathBuf};

fn folder(inner: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inner)
}

/// The files below a folder, with their texts.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            let text = std::fs::read_to_string(&path).expect("a text");
            files.push((path, text));
        }
    }
    files
}

/// The words of a line, those inside of names too: `LoadItem` and `load_item` are two each.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in line.chars() {
        if !c.is_alphabetic() || (before.is_lowercase() && c.is_uppercase()) {
            words.push(String::new());
        }
        if c.is_alphabetic() {
            words.last_mut().expect("there is always one").extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

/// Fails with the lines of which `found` is true.
#[track_caller]
fn none(files: &[(PathBuf, String)], found: impl Fn(&str) -> bool) {
    assert!(!files.is_empty());
    let lines = files.iter().flat_map(|(path, text)| text.lines().enumerate().map(move |line| (path, line)));
    let hits: Vec<String> = lines
        .filter(|(_, (_, line))| found(line))
        .map(|(path, (number, line))| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect();
    assert!(hits.is_empty(), "{}", hits.join("\n"));
}

#[test]
fn the_generator_names_no_language() {
    let needle = ["l", "u", "a"].concat();
    for name in ["{}", "{}Value", "a {}_value"] {
        let capital = format!("{}{}", needle[..1].to_uppercase(), &needle[1..]);
        assert!(words(&name.replace("{}", &capital)).contains(&needle));
    }
    assert!(!words("evaluator").contains(&needle));

    let mut all = files(&folder("src"));
    all.extend(files(&folder("macros/src")));
    for manifest in ["Cargo.toml", "macros/Cargo.toml"] {
        let path = folder(manifest);
        let text = std::fs::read_to_string(&path).expect("a manifest");
        all.push((path, text));
    }
    none(&all, |line| words(line).contains(&needle));
}

/// Operations, parameters and ends of residual blocks are written by `Builder` alone, which the generated streams drive.
#[test]
fn residual_code_is_written_in_one_place() {
    let (builder, others): (Vec<_>, Vec<_>) =
        files(&folder("src/genext")).into_iter().partition(|(path, _)| path.ends_with("genext/build.rs"));
    let [(_, builder)] = &builder[..] else { panic!("there is one builder") };
    assert_eq!(builder.matches(".insts.push(").count(), 1);
    assert_eq!(builder.matches("graph.param(").count(), 1);

    let writes = ["push", "insert", "extend", "append", "splice", "iter_mut", "swap", "last_mut"];
    none(&others, |line| {
        let inst = writes.iter().any(|write| line.contains(&format!(".insts.{write}")))
            || line.contains(".insts = ")
            || line.contains("&mut") && line.contains(".insts")
            || line.contains("Inst {");
        let param = line.contains("graph.param(") || line.contains(".params.push(") && line.contains("blocks[");
        // Taking back what was generated in vain leaves blocks open.
        let end = line.contains(".term = ") && !line.ends_with("Term::Unreachable;");
        inst || param || end
    });
}
