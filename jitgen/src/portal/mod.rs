//! Units of compiled code around the portals of an interpreter: when to profile, compile, enter and leave them.
//!
//! A unit is the portal specialised to values of its greens. The interpreter says where it is hot ([`Jit::hot`]); at
//! first the evaluator performs a while of it and records a profile, then the unit is compiled, and from then on it is
//! entered. A unit ends with results, or leaves through an exit: [`Jit::finish_exit`] rebuilds the interpreter's
//! frames, the evaluator goes on to a merge point and records what it meets, and the plain interpreter takes over.
//! Exits taken often have the unit compiled again with the richer profile; counts back off, so that the number of
//! compilations is bounded.

mod entries;
mod exits;
mod profile;
mod unit;

pub use entries::Finish;
pub use profile::{Profile, Recorder, Until};
pub use unit::{ExitRecord, UnitView};

use crate::abi::Native;
use crate::backend::{Backend, EXITED, Settle, UnitInfo};
use crate::eval::{Evaluator, Frame, Outcome};
use crate::flow::{BlockId, Term};
use crate::genext::{
    Bound, ExitInfo, ExitReason, Experience, GiveUp, Limits, Making, ProfileView, Request, Residual, Source, Units,
    Wanted, Write, generate,
};
use crate::mem::Reach;
use crate::timeshift::Extension;
use entries::Settler;
use profile::Cut;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use unit::{Unit, UnitKey, UnitState};

/// Typed entries that are made for one another, at most.
const MAX_MAKING: usize = 6;

/// When to do what.
#[derive(Copy, Clone, Debug)]
pub struct Policy {
    /// Watched runs before a unit is compiled.
    pub profile_runs: u32,
    /// Merge points a watched run passes.
    pub profile_merges: usize,
    /// Merge points passed after an exit while its unit may still be compiled again.
    pub exit_merges: usize,
    /// Exits of a unit before it is compiled again; doubles each time.
    pub exits_before_recompile: u32,
    pub max_recompiles: u32,
    /// Most bytes of the native stack that a call of a unit may take: what needs more stays interpreted. Interpreters
    /// whose users' calls nest on the native stack say here what their check of the depth counts on.
    pub max_frame: Option<u32>,
    pub limits: Limits,
    /// A seed: what was seen at some sites is kept from the compiler, so that code leaves there. For tests.
    pub cut_promotions: Option<u64>,
    /// Keep residual graphs and the backend's texts.
    pub keep_dumps: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            profile_runs: 2,
            profile_merges: 400,
            exit_merges: 60,
            exits_before_recompile: 4,
            max_recompiles: 12,
            max_frame: None,
            limits: Limits::default(),
            cut_promotions: None,
            keep_dumps: false,
        }
    }
}

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
    pub generate_nanos: u64,
    pub backend_nanos: u64,
}

/// Called when a unit's entry address changes: portal, greens, address (0: none).
pub type Install = Box<dyn Fn(u32, &[u64], u64)>;

/// The just-in-time compiler of one interpreter in one thread.
pub struct Jit {
    extension: Rc<Extension>,
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
        extension: Extension,
        natives: &'static [Native],
        backend: Box<dyn Backend>,
        policy: Policy,
    ) -> Jit {
        let extension = Rc::new(extension);
        Jit {
            settler: Box::new(Settler::new(extension.clone())),
            making: Cell::new(0),
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

    /// What a unit that was entered with these reds returned.
    fn after(&self, portal: u32, [status, value]: [u64; 2], reds: &[u64]) -> Entered {
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

    fn rebuild(&self, frame: &crate::genext::ResumeFrame, values: &Values<'_>) -> Frame {
        let graph = self.extension.module.graph(frame.func).expect("a frame of a graph");
        let mut env = vec![0; graph.vars.len()];
        for &(var, source) in &frame.env {
            env[var.index()] = values.get(source) & graph.vars[var.index()].ty.mask();
        }
        Frame { func: frame.func, block: BlockId(frame.block), inst: frame.inst as usize, env }
    }

    fn count(&self, change: impl FnOnce(&mut Totals)) {
        let mut totals = self.totals.get();
        change(&mut totals);
        self.totals.set(totals);
    }

    /// Generates a unit, with the profile as it is, after the typed entries that it wants of others.
    fn generate(&self, key: &UnitKey, is_loop: bool) -> Result<Residual, GiveUp> {
        let first = self.generate_once(key, is_loop)?;
        let mut again = false;
        if let Some(entry) = key.2 {
            again |= self.settler.entries.declare(entry, first.returned.as_ref()).ok_or(GiveUp::Results)?;
        }
        if self.settler.finish.get().is_some() {
            for wanted in &first.wanted {
                again |= self.make_entry(wanted);
            }
        }
        if again { self.generate_once(key, is_loop) } else { Ok(first) }
    }

    /// Compiles a typed entry; whether there is one now.
    fn make_entry(&self, wanted: &Wanted) -> bool {
        let general = self.units.borrow().get(&(wanted.portal, wanted.greens.clone(), None)).map(|unit| unit.state);
        if general != Some(UnitState::Compiled) || self.making.get() >= MAX_MAKING {
            return false;
        }
        let Some(entry) = self.settler.entries.open(wanted) else { return false };
        self.making.set(self.making.get() + 1);
        self.compile(&(wanted.portal, wanted.greens.clone(), Some(entry)), false);
        self.making.set(self.making.get() - 1);
        self.settler.entries.is_good(entry)
    }

    fn generate_once(&self, key: &UnitKey, is_loop: bool) -> Result<Residual, GiveUp> {
        let started = std::time::Instant::now();
        // SAFETY: the extension is bound (contract of `new`); the greens are those of a running interpreter.
        let bound = unsafe { Bound::new(&self.extension, self.natives) };
        let cut = self.policy.cut_promotions.map(|seed| Cut::new(&self.profile, seed));
        let entry = key.2.map(|entry| self.settler.entries.ty(entry));
        let mut request = Request {
            portal: key.0,
            greens: key.1.clone(),
            profile: cut.as_ref().map_or(&self.profile as &dyn ProfileView, |cut| cut),
            units: self,
            limits: self.policy.limits,
            entry: entry.as_ref(),
            is_loop,
        };
        let mut result = generate(bound, &request, &mut self.experience.borrow_mut());
        if result.is_err() {
            // What it calls may have made it too large.
            request.limits.inlined_depth = 0;
            result = generate(bound, &request, &mut self.experience.borrow_mut());
        }
        self.count(|totals| totals.generate_nanos += started.elapsed().as_nanos() as u64);
        result
    }

    /// Compiles a unit, or compiles it again, with the profile as it is.
    fn compile(&self, key: &UnitKey, is_loop: bool) {
        let result = self.generate(key, is_loop);
        let generated = std::time::Instant::now();
        let result = result.map_err(Failure::GiveUp).and_then(|mut residual| {
            let numbers = self.settler.exits.borrow_mut().reserve(residual.exits.len());
            crate::transform::straighten(&mut residual.graph);
            for block in &mut residual.graph.blocks {
                if let Term::Exit { id, .. } = &mut block.term {
                    *id += numbers.start;
                }
            }
            #[cfg(debug_assertions)]
            if let Err(error) = crate::flow::verify(&residual.graph, Some(&self.extension.module)) {
                panic!(
                    "residual graph: {error}\n{}",
                    crate::flow::print_graph(&residual.graph, Some(&self.extension.module))
                );
            }
            let info = UnitInfo {
                name: residual.graph.name.clone(),
                pending: std::ptr::from_ref(&self.settler.pending) as usize as u64,
                settle: key.2.map(|_| Settle {
                    code: Settler::settle as *const () as usize as u64,
                    context: std::ptr::from_ref(&*self.settler) as usize as u64,
                }),
                // The exits of typed entries are completed on top of them.
                max_frame: self.policy.max_frame.map(|most| if key.2.is_some() { most / 2 } else { most }),
                dump: self.policy.keep_dumps,
            };
            let code = self.backend.borrow_mut().compile(&residual.graph, &self.extension.module, &info);
            let failure = match code {
                Ok(code) if key.2.is_none() || code.entry().is_some() => return Ok((residual, code, numbers)),
                Ok(_) => "typed entries are entered by machine code alone".into(),
                Err(error) => error.to_string(),
            };
            self.settler.exits.borrow_mut().release(numbers);
            Err(Failure::Backend(failure))
        });
        let compiled = std::time::Instant::now();
        let mut units = self.units.borrow_mut();
        let unit = units.entry(key.clone()).or_insert_with(|| self.new_unit(key));
        unit.is_loop = is_loop;
        match result {
            Ok((residual, code, numbers)) => {
                let ops = residual.graph.blocks.iter().map(|block| block.insts.len()).sum::<usize>();
                self.count(|totals| {
                    totals.compiled += 1;
                    totals.code_bytes += code.size() as u64;
                    totals.residual_ops += residual.graph.operations() as u64;
                    totals.backend_nanos += (compiled - generated).as_nanos() as u64;
                });
                self.settler.exits.borrow_mut().install(numbers.clone(), residual.exits, key);
                let entry = code.entry().map(|entry| entry as usize as u64);
                let new = Unit {
                    code: Some(code.into()),
                    graph: self.policy.keep_dumps.then_some(residual.graph),
                    ops,
                    roots: residual.roots,
                    continued: residual.continued,
                    exit_numbers: numbers,
                    relied: residual.relied,
                    ..Unit::default()
                };
                let old = unit.install(new, self.policy.exits_before_recompile);
                self.retired.borrow_mut().extend(old);
                drop(units);
                self.announce(key, entry);
            }
            Err(failure) => {
                self.count(|totals| totals.failed += 1);
                unit.fail(failure.to_string());
                if let (Some(entry), UnitState::Failed) = (key.2, unit.state) {
                    self.settler.entries.fail(entry);
                }
            }
        }
    }
}

impl Units for Jit {
    fn ops(&self, portal: u32, greens: &[u64]) -> Option<usize> {
        let units = self.units.borrow();
        let unit = units.get(&(portal, greens.to_vec(), None))?;
        (unit.state == UnitState::Compiled).then_some(unit.ops)
    }

    fn entry(&self, wanted: &Wanted) -> crate::genext::Entry {
        match self.settler.finish.get() {
            Some(_) => self.settler.entries.answer(wanted),
            None => crate::genext::Entry::None,
        }
    }
}

/// Why a unit was not compiled.
enum Failure {
    GiveUp(GiveUp),
    Backend(String),
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
            Source::Const(bits) => bits,
            Source::Entry(index) => self.reds[index as usize],
            Source::Live(index) => self.live[index as usize],
            Source::Made(index) => self.made[index as usize],
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::GiveUp(why) => why.fmt(f),
            Failure::Backend(why) => f.write_str(why),
        }
    }
}
