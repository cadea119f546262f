//! Units: their code, exits and counts.

use crate::backend::Code;
use crate::flow::{FieldId, Graph};
use crate::genext::ExitInfo;
use crate::timeshift::Extension;
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
    pub fn install(
        &mut self,
        code: Rc<dyn Code>,
        graph: Option<Graph>,
        roots: Vec<u64>,
        patience: u32,
    ) -> Option<Unit> {
        let old = self.code.take().map(|code| Unit {
            code: Some(code),
            roots: std::mem::take(&mut self.roots),
            ..Unit::default()
        });
        self.state = UnitState::Compiled;
        self.code = Some(code);
        self.graph = graph;
        self.roots = roots;
        self.patience = self.patience.max(patience);
        old
    }

    /// What the code relies on has changed: gives the code, which may still be running. The unit is compiled again when it
    /// is hot, if that has not happened too often.
    pub fn discard(&mut self, max_recompiles: u32) -> Option<Unit> {
        let code = self.code.take()?;
        self.relied.clear();
        self.recompiles += 1;
        self.state = if self.recompiles > max_recompiles {
            self.failure = Some("what it relies on keeps changing".into());
            UnitState::Failed
        } else {
            UnitState::Cold
        };
        Some(Unit { code: Some(code), roots: std::mem::take(&mut self.roots), ..Unit::default() })
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
