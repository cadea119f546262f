//! Units of compiled code around the portals of an interpreter: when to profile, compile, enter and leave them.
//!
//! A unit is the portal specialised to values of its greens. The interpreter says where it is hot ([`Jit::hot`]); at
//! first the evaluator performs a while of it and records a profile, then the unit is compiled, and from then on it is
//! entered. A unit ends with results, or leaves through an exit: [`Jit::finish_exit`] rebuilds the interpreter's
//! frames, the evaluator goes on to a merge point and records what it meets, and the plain interpreter takes over.
//! Exits taken often have the unit compiled again with the richer profile; counts back off, so that the number of
//! compilations is bounded.

mod compile;
mod entries;
mod exits;
mod leave;
mod policy;
mod profile;
mod unit;

pub use entries::Finish;
pub use policy::Policy;
pub use profile::{Profile, Recorder, Until};
pub use unit::{ExitRecord, UnitView};

use crate::abi::Native;
use crate::backend::Backend;
use crate::eval::{Evaluator, Outcome};
use crate::genext::Experience;
use crate::mem::Reach;
use crate::timeshift::Extension;
use entries::Settler;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use unit::{Unit, UnitKey, UnitState};

/// What became of a hot position.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entered {
    /// Nothing was run: the plain interpreter goes on, and need not ask again soon when `cold`.
    Nothing { cold: bool },
    /// The portal's call is over, with these results.
    Finished(Vec<u64>),
    /// The plain interpreter goes on with these variables of the portal.
    Continue(Vec<u64>),
}

/// How far a position is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Readiness {
    /// Not compiled yet.
    Cold,
    Compiled,
    Failed,
}

/// Totals since the start.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    pub compiled: u64,
    pub failed: u64,
    pub exits: u64,
    pub profiled: u64,
    pub code_bytes: u64,
    /// Of all that was compiled: see [`crate::flow::Graph::operations`].
    pub residual_ops: u64,
    /// How often a unit was generated: more often than units were compiled where one had to be generated again.
    pub generations: u64,
    /// How often a unit was begun again, and a loop header widened, in those.
    pub restarts: u64,
    pub widenings: u64,
    pub generate_nanos: u64,
    pub backend_nanos: u64,
}

/// Called when a unit's entry address changes: portal, greens, address (0: none).
pub type Install = Box<dyn Fn(u32, &[u64], u64)>;

/// The just-in-time compiler of one interpreter in one thread.
pub struct Jit {
    extension: Arc<Extension>,
    natives: &'static [Native],
    profile: Profile,
    units: RefCell<HashMap<UnitKey, Unit>>,
    /// Code that was replaced but may still be running.
    retired: RefCell<Vec<Unit>>,
    backend: RefCell<Box<dyn Backend>>,
    /// Boxed: code knows the address of it, and of the pending exits in it.
    settler: Box<Settler>,
    /// How many typed entries are being made for one another.
    making: Cell<usize>,
    /// Time that generating units has spent on making entries.
    making_time: Cell<Duration>,
    install: RefCell<Option<Install>>,
    policy: Policy,
    experience: RefCell<Experience>,
    totals: Cell<Totals>,
}

impl Jit {
    /// # Safety
    /// The extension's module is bound to this process, `natives` are its wrappers. Whatever is passed to the methods
    /// as a portal's variables is valid for them. What [`Jit::trace`] reaches is kept alive, and heap references that are not are
    /// freed only after [`Jit::release`].
    pub unsafe fn new(
        extension: impl Into<Arc<Extension>>,
        natives: &'static [Native],
        backend: Box<dyn Backend>,
        policy: Policy,
    ) -> Jit {
        let extension = extension.into();
        Jit {
            settler: Box::new(Settler::new(extension.clone())),
            making: Cell::new(0),
            making_time: Cell::default(),
            extension,
            natives,
            profile: Profile::default(),
            units: RefCell::default(),
            retired: RefCell::default(),
            backend: RefCell::new(backend),
            install: RefCell::new(None),
            policy,
            experience: RefCell::default(),
            totals: Cell::default(),
        }
    }

    pub fn extension(&self) -> &Extension {
        &self.extension
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn totals(&self) -> Totals {
        self.totals.get()
    }

    /// Sets what is called when a unit is compiled or compiled again.
    pub fn on_install(&self, install: Install) {
        *self.install.borrow_mut() = Some(install);
    }

    /// Sets who completes the exits of typed entries, as the interpreter would after a unit left ([`Jit::finish_exit`]).
    /// Without it there are none.
    pub fn on_finish(&self, finish: Finish) {
        assert!(self.settler.finish.set(finish).is_ok(), "one completes exits");
    }

    /// Reaches the heap references that code and profile rely on, of programs that are reached. Those reached by it may
    /// make it reach more: until nothing new is.
    pub fn trace(&self, heap: &mut dyn Reach) {
        self.profile.trace(heap);
        let units = self.units.borrow();
        for unit in units.values().chain(self.retired.borrow().iter()) {
            if unit.is_reached(heap) {
                unit.roots.iter().for_each(|&root| heap.reach(root));
            }
        }
    }

    /// Drops what belongs to programs that are not reached, code and all. After a collection's [`Jit::trace`], and before
    /// memory is used again.
    pub fn release(&self, heap: &dyn Reach) {
        self.profile.release(heap);
        let mut exits = self.settler.exits.borrow_mut();
        let mut gone = HashSet::default();
        let mut is_kept = |unit: &Unit| {
            let is_kept = unit.is_reached(heap);
            if !is_kept {
                exits.release(unit.exit_numbers.clone());
                gone.extend(unit.owners.iter().filter(|&&owner| !heap.is_reached(owner)));
            }
            is_kept
        };
        self.units.borrow_mut().retain(|_, unit| is_kept(unit));
        self.retired.borrow_mut().retain(&mut is_kept);
        if !gone.is_empty() {
            self.experience.borrow_mut().forget(&gone);
        }
        self.settler.entries.release(&self.extension.module, heap);
    }

    /// Shows every unit to `view`.
    pub fn units(&self, view: &mut dyn FnMut(UnitView<'_>)) {
        let units = self.units.borrow();
        let exits = self.settler.exits.borrow();
        let mut keys: Vec<_> = units.keys().collect();
        keys.sort();
        for key in keys {
            view(UnitView::new(&self.extension, key, &units[key], exits.records()));
        }
    }

    /// A quasi-immutable field of the object at `address` was written: code that relies on one is discarded. Code that is
    /// running finds out after the call that wrote it.
    pub fn invalidate(&self, address: u64) {
        let mut units = self.units.borrow_mut();
        let concerned: Vec<UnitKey> = units
            .iter()
            .filter(|(_, unit)| unit.relied.iter().any(|&(_, base)| base == address))
            .map(|(key, _)| key.clone())
            .collect();
        for key in &concerned {
            let old = units.get_mut(key).and_then(|unit| unit.discard(self.policy.max_recompiles));
            self.retired.borrow_mut().extend(old);
        }
        drop(units);
        for key in &concerned {
            self.announce(key, None);
        }
    }

    /// Those who enter the unit find its code, or that there is none.
    fn announce(&self, (portal, greens, entry): &UnitKey, code: Option<u64>) {
        match entry {
            Some(entry) => self.settler.entries.install(*entry, code),
            None => {
                if let Some(install) = &*self.install.borrow() {
                    install(*portal, greens, code.unwrap_or(0));
                }
            }
        }
    }

    fn evaluator(&self) -> Evaluator<'_> {
        // SAFETY: the module is bound and the wrappers are its own (contract of `new`).
        let mut evaluator = unsafe { Evaluator::new(&self.extension.module, self.natives) };
        evaluator.native_portals = true;
        evaluator
    }

    fn greens(&self, portal: u32, args: &[u64]) -> Vec<u64> {
        self.extension.module.portals[portal as usize].greens.iter().map(|&index| args[index as usize]).collect()
    }

    fn reds(&self, portal: u32, args: &[u64]) -> Vec<u64> {
        let greens = &self.extension.module.portals[portal as usize].greens;
        args.iter().enumerate().filter(|(index, _)| !greens.contains(&(*index as u32))).map(|(_, &bits)| bits).collect()
    }

    /// Runs the portal wholly in the evaluator, profiling nothing.
    pub fn evaluate(&self, portal: u32, args: &[u64]) -> Vec<u64> {
        let func = self.extension.module.portals[portal as usize].func;
        let mut evaluator = self.evaluator();
        evaluator.native_portals = false;
        match evaluator.call(func, args, &mut crate::eval::Unobserved) {
            Outcome::Returned(results) => results,
            outcome => unreachable!("nothing stops this evaluation: {outcome:?}"),
        }
    }

    /// The interpreter is hot at a merge point with these variables: the unit is the loop there.
    pub fn hot(&self, portal: u32, args: &[u64]) -> Entered {
        self.enter(portal, args, true)
    }

    /// Calls the portal through the unit of the whole call.
    pub fn call(&self, portal: u32, args: &[u64]) -> Entered {
        self.enter(portal, args, false)
    }

    fn enter(&self, portal: u32, args: &[u64], is_loop: bool) -> Entered {
        let greens = self.greens(portal, args);
        let key = (portal, greens, None);
        let state = self.state(&key);
        match state {
            UnitState::Cold if self.policy.profile_runs > 0 => self.profile_run(key, args, is_loop),
            UnitState::Cold => {
                self.compile(&key, is_loop);
                self.run_unit(&key, args)
            }
            UnitState::Compiled => self.run_unit(&key, args),
            UnitState::Failed => Entered::Nothing { cold: true },
        }
    }

    /// The state of a unit, which is one from here on.
    fn state(&self, key: &UnitKey) -> UnitState {
        self.units.borrow_mut().entry(key.clone()).or_insert_with(|| self.new_unit(key)).state
    }

    fn new_unit(&self, key: &UnitKey) -> Unit {
        Unit { owners: self.extension.module.references(key.0, &key.1).collect(), ..Unit::default() }
    }

    /// As [`Jit::hot`], but compiled code is not run: for entries that the interpreter calls itself.
    pub fn prepare(&self, portal: u32, args: &[u64]) -> Entered {
        let key = (portal, self.greens(portal, args), None);
        let state = self.state(&key);
        match state {
            UnitState::Cold if self.policy.profile_runs > 0 => self.profile_run(key, args, false),
            UnitState::Cold => {
                self.compile(&key, false);
                Entered::Nothing { cold: true }
            }
            _ => Entered::Nothing { cold: true },
        }
    }

    /// Whether there is code for a position.
    pub fn readiness(&self, portal: u32, args: &[u64]) -> Readiness {
        match self.units.borrow().get(&(portal, self.greens(portal, args), None)).map(|unit| unit.state) {
            None | Some(UnitState::Cold) => Readiness::Cold,
            Some(UnitState::Compiled) => Readiness::Compiled,
            Some(UnitState::Failed) => Readiness::Failed,
        }
    }

    fn profile_run(&self, key: UnitKey, args: &[u64], is_loop: bool) -> Entered {
        self.count(|totals| totals.profiled += 1);
        let portal = key.0;
        let until = Until::Merges(self.policy.profile_merges);
        let func = self.extension.module.portals[portal as usize].func;
        let done = {
            let mut units = self.units.borrow_mut();
            let unit = units.get_mut(&key).expect("entered by the caller");
            unit.profiled += 1;
            unit.profiled >= self.policy.profile_runs
        };
        let mut recorder = Recorder::new(&self.extension.module, &self.profile, until);
        let outcome = self.evaluator().call(func, args, &mut recorder);
        let entered = self.settle(outcome, &mut recorder);
        // The program may be gone by now, and the unit with it.
        let state = self.units.borrow().get(&key).map(|unit| unit.state);
        if done && state == Some(UnitState::Cold) {
            self.compile(&key, is_loop);
        }
        entered
    }

    /// Brings an evaluation that stopped to where the plain interpreter can go on in the outermost portal frame.
    fn settle(&self, mut outcome: Outcome, recorder: &mut Recorder<'_>) -> Entered {
        loop {
            match outcome {
                Outcome::Returned(results) => return Entered::Finished(results),
                Outcome::Stopped { args, frames, .. } if frames.is_empty() => return Entered::Continue(args),
                Outcome::Stopped { func, args, frames } => {
                    // An inner portal: the plain interpreter finishes it, its caller goes on here.
                    let results = self.evaluator().call_native(func, &args);
                    outcome = self.evaluator().deliver(frames, &results, recorder);
                }
                Outcome::Exited { .. } => unreachable!("the interpreter's graphs have no exits"),
            }
        }
    }

    fn run_unit(&self, key: &UnitKey, args: &[u64]) -> Entered {
        let reds = self.reds(key.0, args);
        let code = {
            let mut units = self.units.borrow_mut();
            let unit = units.get_mut(key).expect("entered by the caller");
            unit.entered += 1;
            unit.code.clone()
        };
        let Some(code) = code else { return Entered::Nothing { cold: true } };
        let mut results = [0; 2];
        // SAFETY: the variables are valid (contract of `new`); the pending exits belong to this object, which
        // stays in its thread.
        unsafe { code.run(&reds, &mut results) };
        self.after(key.0, results, &reds)
    }

    fn count(&self, change: impl FnOnce(&mut Totals)) {
        let mut totals = self.totals.get();
        change(&mut totals);
        self.totals.set(totals);
    }
}
