//! Errors that explain themselves: the chain from the request to the offending source.

use crate::flow::{Module, Span};

/// A variable that must be green but cannot be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HintError {
    /// What asks for the green, first; what makes it impossible, last.
    pub chain: Vec<Step>,
}

/// One step of the chain: a sentence and where in the interpreter's source it is true.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub what: String,
    pub span: Span,
}

impl HintError {
    /// The message; `source` gives the text of a file by its index, for carets.
    pub fn render(&self, module: &Module, source: &dyn Fn(u32) -> Option<String>) -> String {
        let mut out = String::new();
        for (index, step) in self.chain.iter().enumerate() {
            let lead = if index == 0 { "error" } else { "  because" };
            let file = module.files.get(step.span.file as usize).map_or("?", String::as_str);
            out.push_str(&format!("{lead}: {}\n  --> {file}:{}:{}\n", step.what, step.span.line, step.span.column));
            if let Some(line) = source(step.span.file)
                .as_deref()
                .and_then(|text| text.lines().nth((step.span.line as usize).wrapping_sub(1)))
            {
                let caret = " ".repeat((step.span.column as usize).saturating_sub(1));
                out.push_str(&format!("   | {line}\n   | {caret}^\n"));
            }
        }
        out
    }
}
