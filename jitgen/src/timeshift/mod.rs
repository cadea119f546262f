//! Timeshifting: from coloured graphs to the instruction streams of the generating extension.
//!
//! Phase 1 ([`split`]) reworks control flow so that every position where compilation may have to be resumed, or where
//! states meet, is the start of a block. Colours do not change. Phase 2 ([`lower`]) gives each variable a green or a red
//! slot and each operation its green form (perform it) or its red form (fold it on boxes, or emit it).

mod code;
mod loops;
mod lower;
mod split;

pub use code::{Code, CodeBlock, CodeTerm, Dst, Instr, Jump, Run, Src};
pub use lower::lower;
pub use split::split;

use crate::flow::Module;
use crate::hints::{Coloring, HintError, annotate};
use serde::{Deserialize, Serialize};

/// The generating extension: split graphs, their colours, and an instruction stream for each specialisation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Extension {
    pub module: Module,
    pub coloring: Coloring,
    /// By specialisation.
    pub codes: Vec<Code>,
}

impl Extension {
    /// Timeshifts a module.
    pub fn new(mut module: Module) -> Result<Extension, Vec<HintError>> {
        split(&mut module);
        let coloring = annotate(&module)?;
        let codes = coloring.specs.iter().map(|spec| lower(&module, &coloring, spec)).collect();
        Ok(Extension { module, coloring, codes })
    }
}
