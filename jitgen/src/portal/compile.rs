//! Compiling a unit: the generating extension, the backend, and typed entries that others want.

use super::Jit;
use super::entries::Settler;
use super::profile::Cut;
use super::unit::{Unit, UnitKey, UnitState};
use crate::backend::{Settle, UnitInfo};
use crate::flow::Term;
use crate::genext::{Bound, GiveUp, ProfileView, Request, Residual, Stats, Units, Wanted, generate};

/// Typed entries that are made for one another, at most.
const MAX_MAKING: usize = 6;

impl Jit {
    /// Generates a unit, with the profile as it is. Typed entries that it wants of others are compiled meanwhile.
    fn generate(&self, key: &UnitKey, is_loop: bool) -> Result<Residual, GiveUp> {
        let first = self.generate_once(key, is_loop)?;
        let Some(entry) = key.2 else { return Ok(first) };
        let left_out = self.settler.entries.declare(entry, first.returned.as_ref()).ok_or(GiveUp::Results)?;
        if left_out || first.misjudged { self.generate_once(key, is_loop) } else { Ok(first) }
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
        let (started, others) = (std::time::Instant::now(), self.making_time.get());
        // SAFETY: the extension is bound (contract of `new`); the greens are those of a running interpreter.
        let bound = unsafe { Bound::new(&self.extension, self.natives) };
        let cut = self.policy.cut_promotions.map(|seed| Cut::new(&self.profile, seed));
        let entry = key.2.map(|entry| self.settler.entries.ty(entry));
        let mut request = Request {
            portal: key.0,
            greens: key.1.clone(),
            profile: cut.as_ref().map_or(&self.profile as &dyn ProfileView, |cut| cut),
            units: self,
            experience: &self.experience,
            limits: self.policy.limits,
            entry: entry.as_ref(),
            is_loop,
        };
        let mut result = generate(bound, &request);
        if result.is_err() {
            // What it calls may have made it too large.
            request.limits.inlined_depth = 0;
            result = generate(bound, &request);
        }
        let own = started.elapsed() - (self.making_time.get() - others);
        let stats = result.as_ref().map_or(Stats::default(), |residual| residual.stats);
        self.count(|totals| {
            totals.generate_nanos += own.as_nanos() as u64;
            totals.generations += 1;
            totals.restarts += stats.restarts as u64;
            totals.widenings += stats.widenings as u64;
        });
        result
    }

    /// Compiles a unit, or compiles it again, with the profile as it is.
    pub(super) fn compile(&self, key: &UnitKey, is_loop: bool) {
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

    fn make(&self, wanted: &Wanted) -> crate::genext::Entry {
        let (started, others) = (std::time::Instant::now(), self.making_time.get());
        let is_made = self.make_entry(wanted);
        self.making_time.set(others + started.elapsed());
        if is_made { self.entry(wanted) } else { crate::genext::Entry::None }
    }

    fn leave_out(&self, wanted: &Wanted) {
        self.settler.entries.leave_out(wanted);
    }
}

/// Why a unit was not compiled.
enum Failure {
    GiveUp(GiveUp),
    Backend(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::GiveUp(why) => why.fmt(f),
            Failure::Backend(why) => f.write_str(why),
        }
    }
}
