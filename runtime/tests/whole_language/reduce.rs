//! Makes a program that differs smaller: lines are left out as long as it still is one and still differs.

use crate::batch::{self, Engine, Program, Reference};

/// A smaller program that differs; nothing if the program alone does not.
pub fn reduced(program: &Program, engine: Engine, reference: &Reference) -> Option<String> {
    let differs = |text: &str| {
        let alone = [Program { seed: program.seed, text: text.to_string() }];
        let (expected, found) = if engine == Engine::Off {
            (reference.run(&alone)?, batch::run(&alone, Engine::Off))
        } else {
            (batch::run(&alone, Engine::Off), batch::run(&alone, engine))
        };
        let both = expected[0].contains("syntax") && found[0].contains("syntax");
        (!both && batch::difference(&expected[0], &found[0]).is_some()).then_some(())
    };
    differs(&program.text)?;
    let mut lines: Vec<String> = program.text.lines().map(str::to_string).collect();
    let text = |lines: &[String]| lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
    let mut tries = 800;
    let mut at = 0;
    while at < lines.len() && tries > 0 {
        let Some(end) = block_end(&lines, at) else {
            at += 1;
            continue;
        };
        let without: Vec<String> = lines[..at].iter().chain(&lines[end + 1..]).cloned().collect();
        let opened: Vec<String> =
            lines[..at].iter().chain(&lines[at + 1..end]).chain(&lines[end + 1..]).cloned().collect();
        tries -= 2;
        if differs(&text(&without)).is_some() {
            lines = without;
        } else if differs(&text(&opened)).is_some() {
            lines = opened;
        } else {
            at += 1;
        }
    }
    let mut size = lines.len() / 2;
    while size > 0 && tries > 0 {
        let mut at = 0;
        let mut removed = false;
        while at < lines.len() && tries > 0 {
            let end = (at + size).min(lines.len());
            let fewer: Vec<String> = lines[..at].iter().chain(&lines[end..]).cloned().collect();
            tries -= 1;
            if differs(&text(&fewer)).is_some() {
                lines = fewer;
                removed = true;
            } else {
                at = end;
            }
        }
        if !(removed && size == 1) {
            size /= 2;
        }
    }
    Some(text(&lines))
}

/// The line that closes the block that this line opens, by indentation.
fn block_end(lines: &[String], at: usize) -> Option<usize> {
    let depth = |line: &String| line.len() - line.trim_start().len();
    let here = depth(&lines[at]);
    if depth(lines.get(at + 1)?) <= here {
        return None;
    }
    (at + 1..lines.len()).find(|&end| depth(&lines[end]) <= here && !lines[end].trim_start().starts_with("else"))
}
