//! Units: their code, exits and counts.

use crate::backend::Code;
use crate::flow::{FieldId, Graph};
use crate::genext::ExitInfo;
use crate::mem::Reach;
use crate::timeshift::Extension;
use std::ops::Range;
use std::rc::Rc;

/// Portal, greens, and the number of the typed entry if it is the unit of one.
pub type UnitKey = (u32, Vec<u64>, Option<u32>);

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub(super) enum UnitState {
    #[default]
    Cold,
    Compiled,
    Failed,
}

#[derive(Default)]
pub(super) struct Unit {
    pub state: UnitState,
    pub profiled: u32,
    /// Entered at a loop, and left with it.
    pub is_loop: bool,
    pub code: Option<Rc<dyn Code>>,
    pub graph: Option<Graph>,
    /// Residual operations.
    pub ops: usize,
    pub roots: Vec<u64>,
    /// The heap references among its greens. None: it lives as long as the compiler.
    pub owners: Vec<u64>,
    /// See [`crate::genext::Residual::continued`].
    pub continued: Vec<u64>,
    /// The numbers of its exits.
    pub exit_numbers: Range<u32>,
    /// Quasi-immutable fields that the code relies on, and of what.
    pub relied: Vec<(FieldId, u64)>,
    pub entered: u64,
    /// Since it was compiled last.
    pub exits: u32,
    /// Exits to wait for before compiling it again.
    pub patience: u32,
    pub recompiles: u32,
    pub failure: Option<String>,
}

impl Unit {
    /// Takes new code; gives what was there before, which may still be running.
    pub fn install(&mut self, new: Unit, patience: u32) -> Option<Unit> {
        let old = self.take_code();
        self.state = UnitState::Compiled;
        self.code = new.code;
        self.graph = new.graph;
        self.ops = new.ops;
        self.roots = new.roots;
        self.continued = new.continued;
        self.exit_numbers = new.exit_numbers;
        self.relied = new.relied;
        self.patience = self.patience.max(patience);
        old
    }

    /// The code, with what it needs as long as it may be running.
    fn take_code(&mut self) -> Option<Unit> {
        let code = self.code.take()?;
        Some(Unit {
            code: Some(code),
            roots: std::mem::take(&mut self.roots),
            owners: self.owners.clone(),
            continued: std::mem::take(&mut self.continued),
            exit_numbers: std::mem::take(&mut self.exit_numbers),
            ..Unit::default()
        })
    }

    /// Whether it may be run again, or is running.
    pub fn is_reached(&self, heap: &dyn Reach) -> bool {
        self.owners.iter().all(|&owner| heap.is_reached(owner))
            || self.continued.iter().any(|&other| heap.is_continued(other))
    }

    /// What the code relies on has changed: gives the code, which may still be running. The unit is compiled again when it
    /// is hot, if that has not happened too often.
    pub fn discard(&mut self, max_recompiles: u32) -> Option<Unit> {
        let old = self.take_code()?;
        self.relied.clear();
        self.recompiles += 1;
        self.state = if self.recompiles > max_recompiles {
            self.failure = Some("what it relies on keeps changing".into());
            UnitState::Failed
        } else {
            UnitState::Cold
        };
        Some(old)
    }

    /// Compiling failed. Code from before, if any, stays.
    pub fn fail(&mut self, why: String) {
        self.failure = Some(why);
        if self.code.is_none() {
            self.state = UnitState::Failed;
        }
    }
}

/// An exit of a unit that was compiled, by its number in the process.
#[derive(Clone, Debug)]
pub struct ExitRecord {
    pub info: Rc<ExitInfo>,
    /// Its unit.
    pub unit: UnitKey,
    pub taken: u64,
}

/// A unit as people see it.
pub struct UnitView<'a> {
    pub portal: u32,
    pub greens: &'a [u64],
    /// The unit is for calls of which more is known than the greens.
    pub typed: bool,
    pub compiled: bool,
    pub failure: Option<&'a str>,
    /// How often it was entered from the interpreter (calls from other units are not counted).
    pub entered: u64,
    pub recompiles: u32,
    pub code_bytes: usize,
    /// Kept if the policy says so.
    pub graph: Option<&'a Graph>,
    pub code: Option<&'a dyn Code>,
    pub exits: Vec<&'a ExitRecord>,
    pub extension: &'a Extension,
}

impl<'a> UnitView<'a> {
    pub(super) fn new(
        extension: &'a Extension,
        key: &'a UnitKey,
        unit: &'a Unit,
        exits: &'a [ExitRecord],
    ) -> UnitView<'a> {
        UnitView {
            portal: key.0,
            greens: &key.1,
            typed: key.2.is_some(),
            compiled: unit.code.is_some(),
            failure: unit.failure.as_deref(),
            entered: unit.entered,
            recompiles: unit.recompiles,
            code_bytes: unit.code.as_ref().map_or(0, |code| code.size()),
            graph: unit.graph.as_ref(),
            code: unit.code.as_deref(),
            exits: exits.iter().filter(|exit| exit.unit == *key).collect(),
            extension,
        }
    }
}
