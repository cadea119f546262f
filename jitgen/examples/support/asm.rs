//! A little assembler, so that the examples' programs can be read.
//!
//! A line is an instruction with at most one operand, a label (`loop:`), the beginning of a function (`fn name
//! parameters`), or a directive (`.class ..`), which the example reads itself. `;` begins a comment. An operand is a number, a
//! label (its position), a function (its number), a name of the directives, or else a symbol, numbered by first use.

use std::collections::HashMap;

/// A program as an example's loader takes it.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// Operation and operand.
    pub code: Vec<(u8, i64)>,
    /// The line of each instruction, from 1.
    pub lines: Vec<usize>,
    /// Where each function begins, and how many parameters it has.
    pub functions: Vec<(usize, usize)>,
    /// Symbols by number.
    pub symbols: Vec<String>,
    names: HashMap<String, i64>,
}

impl Assembled {
    /// Gives a name a number, as operand.
    pub fn define(&mut self, name: &str, number: usize) {
        self.names.insert(name.to_string(), number as i64);
    }

    /// The number of a name or symbol.
    pub fn number(&mut self, name: &str) -> i64 {
        if let Ok(number) = name.parse() {
            return number;
        }
        if let Some(&number) = self.names.get(name) {
            return number;
        }
        self.symbols.push(name.to_string());
        let number = self.symbols.len() as i64 - 1;
        self.names.insert(name.to_string(), number);
        number
    }
}

/// Assembles `text`; `mnemonics` are the operations' names by number. `directive` gets the words of each directive, in
/// order, before any instruction is assembled.
///
/// # Panics
/// At an operation that is not among the names.
pub fn assemble(text: &str, mnemonics: &[&str], mut directive: impl FnMut(&mut Assembled, &[&str])) -> Assembled {
    let lines = || {
        text.lines().enumerate().map(|(number, line)| {
            let line = line.split(';').next().unwrap_or("");
            (number + 1, line.split_whitespace().collect::<Vec<_>>())
        })
    };
    let mut program = Assembled::default();
    let mut position = 0;
    for (_, words) in lines() {
        match words[..] {
            [] => {}
            ["fn", name, params] => {
                program.define(name, program.functions.len());
                program.functions.push((position, params.parse().expect("a number of parameters")));
            }
            [label] if label.ends_with(':') => program.define(label.trim_end_matches(':'), position),
            [first, ..] if first.starts_with('.') => {}
            _ => position += 1,
        }
    }
    for (_, words) in lines().filter(|(_, words)| words.first().is_some_and(|word| word.starts_with('.'))) {
        directive(&mut program, &words);
    }
    for (number, words) in lines() {
        let [mnemonic, ref operands @ ..] = words[..] else { continue };
        if mnemonic == "fn" || mnemonic.ends_with(':') || mnemonic.starts_with('.') {
            continue;
        }
        let op = mnemonics.iter().position(|&name| name == mnemonic);
        let op = op.unwrap_or_else(|| panic!("line {number}: no operation `{mnemonic}`"));
        let operand = operands.first().map_or(0, |operand| program.number(operand));
        program.code.push((op as u8, operand));
        program.lines.push(number);
    }
    program
}
