//! What the examples share: an interpreter's source text to a compiler for it, in process, and a run through it.
//!
//! Each example has its interpreter in a file of its own, `interp.rs`, which is used twice: rustc compiles it as a
//! module, the plain interpreter; and `include_str!` gives its text to the translator. A real interpreter is translated by
//! its build script instead, which also writes the bindings: see `moonshift_jitgen::image`.

#![allow(dead_code)]

pub mod asm;

use moonshift_jitgen::abi::{Native, by_hand::Place};
use moonshift_jitgen::backend::{Backend, cranelift::CraneliftBackend, graph::GraphBackend};
use moonshift_jitgen::codemem::CodeMemory;
use moonshift_jitgen::flow::{Graph, Module, print_graph};
use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::portal::{Entered, Jit, Policy};
use moonshift_jitgen::timeshift::Extension;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What runs residual code.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Machine {
    /// The evaluator.
    Graph,
    /// The processor.
    Native,
}

/// Small programs: watched to their end once, then compiled; compiled again at the first exit.
pub fn eager() -> Policy {
    Policy {
        profile_runs: 1,
        profile_merges: usize::MAX,
        exit_merges: usize::MAX,
        exits_before_recompile: 1,
        max_recompiles: 6,
        keep_dumps: true,
        ..Policy::default()
    }
}

/// Translates and timeshifts an interpreter.
///
/// # Panics
/// With the rendered messages if it lies outside the subset or its hints cannot be satisfied.
pub fn extension(source: &str, bind: impl FnOnce(&mut Module)) -> Extension {
    let sources = [Source::new("interp.rs", "crate::interp", source)];
    let mut module = translate(&sources, &Options::default()).unwrap_or_else(|errors| panic!("{errors}"));
    bind(&mut module);
    let files = module.clone();
    Extension::new(module).unwrap_or_else(|errors| {
        let text = |_| Some(source.to_string());
        let rendered: String = errors.iter().map(|error| error.render(&files, &text)).collect();
        panic!("{rendered}")
    })
}

/// A compiler for an interpreter.
///
/// # Safety
/// `places` and `natives` are those of the interpreter whose text is `source`, as compiled into this process. What is
/// passed to the compiler's methods as variables of the portal is valid for it and outlives the compiler.
pub unsafe fn compiler(source: &str, places: &[Place], natives: &[Native], policy: Policy, machine: Machine) -> Jit {
    // SAFETY: the caller's promise.
    unsafe { Prepared::new(source, places, natives) }.compiler(policy, machine)
}

/// An interpreter that is translated and bound; makes compilers.
pub struct Prepared {
    pub extension: Extension,
    module: Arc<Module>,
    natives: &'static [Native],
}

impl Prepared {
    /// # Safety
    /// As of [`compiler`], for every compiler made of this.
    pub unsafe fn new(source: &str, places: &[Place], natives: &[Native]) -> Prepared {
        let mut ordered = vec![];
        let extension = extension(source, |module| ordered = module.bind_by_hand(places, natives));
        Prepared { module: Arc::new(extension.module.clone()), extension, natives: ordered.leak() }
    }

    pub fn compiler(&self, policy: Policy, machine: Machine) -> Jit {
        let natives = self.natives;
        let backend: Box<dyn Backend> = match machine {
            // SAFETY: the promise made to `new`.
            Machine::Graph => Box::new(unsafe { GraphBackend::new(self.module.clone(), natives) }),
            Machine::Native => {
                let memory = CodeMemory::new(1 << 24);
                // SAFETY: as above.
                Box::new(unsafe { CraneliftBackend::new(natives, memory) }.expect("a native backend"))
            }
        };
        // SAFETY: as above.
        unsafe { Jit::new(self.extension.clone(), natives, backend, policy) }
    }
}

thread_local! {
    /// The compiler that calls from compiled code go through.
    static LINKED: RefCell<Option<Rc<Jit>>> = const { RefCell::new(None) };
}

/// Lets calls of the portal from compiled code go through `jit` while `what` runs.
pub fn linked<T>(jit: &Rc<Jit>, what: impl FnOnce() -> T) -> T {
    let before = LINKED.replace(Some(jit.clone()));
    let result = what();
    LINKED.set(before);
    result
}

fn current() -> Rc<Jit> {
    LINKED.with_borrow(|jit| jit.clone()).expect("compiled code runs in `linked`")
}

/// A call of a portal from compiled code, or from the evaluator.
pub fn call_portal(portal: u32, args: &[u64]) -> Vec<u64> {
    run_portal(&current(), portal, args)
}

/// A quasi-immutable field of what is at the address was written.
pub fn invalidate(address: u64) {
    if let Some(jit) = LINKED.with_borrow(|jit| jit.clone()) {
        jit.invalidate(address);
    }
}

/// Completes a call whose unit, entered with `reds`, was left through an exit.
pub fn finish_exit(exit: u64, reds: &[u64]) -> Vec<u64> {
    current().finish_exit(exit, reds)
}

/// Runs the portal of an interpreter that has but one.
pub fn run(jit: &Jit, args: &[u64]) -> Vec<u64> {
    run_portal(jit, 0, args)
}

/// Runs a portal with these variables through the compiler: watched, compiled, or from one to the other.
pub fn run_portal(jit: &Jit, portal: u32, args: &[u64]) -> Vec<u64> {
    let mut args = args.to_vec();
    loop {
        match jit.call(portal, &args) {
            Entered::Finished(results) => return results,
            Entered::Continue(next) => args = next,
            Entered::Nothing { .. } => return jit.evaluate(portal, &args),
        }
    }
}

/// The residual graph of each compiled unit, with its greens.
pub fn residuals(jit: &Jit) -> Vec<(Vec<u64>, Graph)> {
    let mut graphs = vec![];
    jit.units(&mut |unit| {
        if let Some(why) = unit.failure {
            panic!("not compiled: {why}");
        }
        if let Some(graph) = unit.graph {
            graphs.push((unit.greens.to_vec(), graph.clone()));
        }
    });
    graphs
}

/// Of the only unit.
pub fn residual(jit: &Jit) -> Graph {
    let mut graphs = residuals(jit);
    assert_eq!(graphs.len(), 1, "units");
    graphs.pop().expect("one unit").1
}

/// How often each operation occurs in the only unit.
pub fn counts(jit: &Jit) -> BTreeMap<&'static str, usize> {
    residual(jit).count_ops()
}

/// The residual graphs as text.
pub fn show(jit: &Jit) -> String {
    let mut text = String::new();
    jit.units(&mut |unit| {
        if let Some(why) = unit.failure {
            text.push_str(&format!("{:?} was not compiled: {why}\n", unit.greens));
        }
        if let Some(graph) = unit.graph {
            text.push_str(&print_graph(graph, Some(&jit.extension().module)));
        }
    });
    text
}
