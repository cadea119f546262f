//! Errors of translation, which point into the interpreter's source.

use std::cell::RefCell;

/// A place in the source: lines and columns from 1, columns in characters.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Pos {
    pub file: u32,
    pub line: u32,
    pub column: u32,
    /// Characters to underline.
    pub width: u32,
}

impl Pos {
    /// Where a piece of syntax begins; it is underlined up to its end or the end of its first line.
    pub fn of(file: u32, span: proc_macro2::Span) -> Pos {
        let (start, end) = (span.start(), span.end());
        let width = if end.line == start.line { end.column.saturating_sub(start.column) } else { 0 };
        Pos { file, line: start.line as u32, column: start.column as u32 + 1, width: width as u32 }
    }
}

impl From<Pos> for crate::flow::Span {
    fn from(pos: Pos) -> Self {
        crate::flow::Span { file: pos.file, line: pos.line, column: pos.column }
    }
}

/// One error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// As in [`super::Source::path`].
    pub path: String,
    pub line: u32,
    pub column: u32,
    pub message: String,
    pub source_line: String,
    /// Characters underlined, from `column`.
    pub width: u32,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.message)?;
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        writeln!(f, "{number} | {}", self.source_line)?;
        // Tabs are repeated, so that the caret stands under its text.
        let indent: String = self.source_line.chars().take(self.column.saturating_sub(1) as usize).collect();
        let indent: String = indent.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        writeln!(f, "{margin} | {indent}{}", "^".repeat(self.width.max(1) as usize))
    }
}

/// All errors found in one translation, in the order of the source.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|diagnostic| write!(f, "{diagnostic}"))
    }
}

impl std::error::Error for Diagnostics {}

/// Collects errors while the phases run.
#[derive(Default)]
pub(super) struct Errors(RefCell<Vec<(Pos, String)>>);

impl Errors {
    pub fn add(&self, pos: Pos, message: impl Into<String>) {
        let entry = (pos, message.into());
        let mut errors = self.0.borrow_mut();
        if !errors.contains(&entry) {
            errors.push(entry);
        }
    }

    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn render(&self, sources: &[super::Source]) -> Diagnostics {
        let mut errors = self.0.borrow().clone();
        errors.sort_by_key(|(pos, _)| (pos.file, pos.line, pos.column));
        let render = |(pos, message): (Pos, String)| {
            let source = &sources[pos.file as usize];
            let source_line = source.text.lines().nth(pos.line.saturating_sub(1) as usize).unwrap_or("").to_string();
            let rest = (source_line.chars().count() as u32 + 1).saturating_sub(pos.column);
            let width = if pos.width == 0 { rest } else { pos.width.min(rest) };
            Diagnostic { path: source.path.clone(), line: pos.line, column: pos.column, message, source_line, width }
        };
        Diagnostics(errors.into_iter().map(render).collect())
    }
}
