//! Leaving a unit: its results, or the interpreter's frames and memory as they would have been.

use super::profile::{Recorder, Until};
use super::{Entered, Jit};
use crate::backend::EXITED;
use crate::eval::Frame;
use crate::flow::BlockId;
use crate::genext::{ExitInfo, ExitReason, Making, ResumeFrame, Source, Word, Write};
use std::rc::Rc;

impl Jit {
    /// What a unit that was entered with these reds returned.
    pub(super) fn after(&self, portal: u32, [status, value]: [u64; 2], reds: &[u64]) -> Entered {
        if status == EXITED {
            return self.take_exit(value, reds);
        }
        let results = &self.extension.module.func(self.extension.module.portals[portal as usize].func).results;
        Entered::Finished(match results.len() {
            0 => vec![],
            1 => vec![value],
            _ => vec![status, value],
        })
    }

    /// Completes the portal's call after a unit entered with `reds` left through exit `id`. The results are the
    /// portal's.
    pub fn finish_exit(&self, id: u64, reds: &[u64]) -> Vec<u64> {
        let portal = self.settler.exits.borrow().get(id).unit.0;
        match self.take_exit(id, reds) {
            Entered::Finished(results) => results,
            Entered::Continue(args) => {
                let func = self.extension.module.portals[portal as usize].func;
                self.evaluator().call_native(func, &args)
            }
            Entered::Nothing { .. } => unreachable!("an exit leads somewhere"),
        }
    }

    fn take_exit(&self, id: u64, reds: &[u64]) -> Entered {
        self.count(|totals| totals.exits += 1);
        let (info, key, live) = {
            let mut exits = self.settler.exits.borrow_mut();
            let exit = exits.get_mut(id);
            exit.taken += 1;
            let live = self.settler.pending.take(exit.info.live as usize);
            let info = Rc::clone(&exit.info);
            (info, exit.unit.clone(), live)
        };
        if let Some(cell) = info.entry {
            self.settler.entries.missed(cell);
        }
        let live = info.numbered(&live);
        let values = self.rebuild_memory(&info, Values { reds, live: &live, made: vec![] });
        let frames: Vec<Frame> = info.frames.iter().map(|frame| self.rebuild(frame, &values)).collect();
        let left = info.reason == ExitReason::LoopLeft;
        let (again, watch) = {
            let mut units = self.units.borrow_mut();
            // What the code was compiled for may be gone, and run in another's place.
            match units.get_mut(&key) {
                Some(unit) if !left => {
                    unit.exits += 1;
                    let watch = unit.recompiles < self.policy.max_recompiles;
                    (watch && unit.exits >= unit.patience, watch)
                }
                _ => (false, false),
            }
        };
        let until = Until::Merges(if watch { self.policy.exit_merges } else { 0 });
        let mut recorder = Recorder::new(&self.extension.module, &self.profile, until);
        for (index, frame) in info.frames.iter().enumerate().filter(|(_, frame)| !frame.greens.is_empty()) {
            recorder.enter(frame.func, index + 1, &frame.greens);
        }
        let outcome = self.evaluator().resume(frames, &mut recorder);
        let entered = self.settle(outcome, &mut recorder);
        if again {
            // Somebody else may have done it during the evaluation, or the program may be gone.
            let due = self.units.borrow_mut().get_mut(&key).filter(|unit| unit.exits >= unit.patience).map(|unit| {
                unit.exits = 0;
                unit.recompiles += 1;
                unit.patience = unit.patience.saturating_mul(2);
                unit.is_loop
            });
            if let Some(is_loop) = due {
                self.compile(&key, is_loop);
            }
        }
        entered
    }

    /// Makes the containers that were virtual in the unit, and performs its delayed writes.
    fn rebuild_memory<'v>(&self, info: &ExitInfo, mut values: Values<'v>) -> Values<'v> {
        let evaluator = self.evaluator();
        for step in &info.making {
            match step {
                Making::New { func, args } => {
                    let args: Vec<u64> = args.iter().map(|&arg| values.get(arg)).collect();
                    let made = evaluator.call_native(*func, &args)[0];
                    values.made.push(made);
                }
                Making::Fill { func, args } => {
                    let args: Vec<u64> = args.iter().map(|&arg| values.get(arg)).collect();
                    evaluator.call_native(*func, &args);
                }
                Making::Store(write) => self.write(write, &values),
            }
        }
        for write in &info.writes {
            self.write(write, &values);
        }
        values
    }

    /// Performs a delayed write of a unit that was left.
    fn write(&self, write: &Write, values: &Values<'_>) {
        let field = self.extension.module.field(write.field);
        let address = crate::eval::memory::address(field, values.get(write.base), write.index as u64);
        // SAFETY: the unit would have written there, and whoever runs units promises that what they write is theirs.
        unsafe { crate::eval::memory::store(field, address, values.get(write.value) & field.ty.mask()) };
    }

    fn rebuild(&self, frame: &ResumeFrame, values: &Values<'_>) -> Frame {
        let graph = self.extension.module.graph(frame.func).expect("a frame of a graph");
        let mut env = vec![0; graph.vars.len()];
        for &(var, source) in &frame.env {
            env[var.index()] = values.get(source) & graph.vars[var.index()].ty.mask();
        }
        Frame { func: frame.func, block: BlockId(frame.block), inst: frame.inst as usize, env }
    }
}

/// What the sources of an exit stand for.
struct Values<'v> {
    /// What the unit was entered with.
    reds: &'v [u64],
    /// What the exit passed.
    live: &'v [u64],
    /// The containers made so far.
    made: Vec<u64>,
}

impl Values<'_> {
    fn get(&self, source: Source) -> u64 {
        match source {
            Source::Const(Word(bits)) => bits,
            Source::Entry(index) => self.reds[index as usize],
            Source::Live(index) => self.live[index as usize],
            Source::EntryAt(index, bytes) => self.reds[index as usize].wrapping_add_signed(bytes.into()),
            Source::LiveAt(index, bytes) => self.live[index as usize].wrapping_add_signed(bytes.into()),
            Source::Made(index) => self.made[index as usize],
        }
    }
}
