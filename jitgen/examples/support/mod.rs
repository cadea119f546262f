//! What the examples share: an interpreter's source text to a compiler for it, in process, and a run through it.
//!
//! Each example has its interpreter in a file of its own, `interp.rs`, which is used twice: rustc compiles it as a
//! module, the plain interpreter; and `include_str!` gives its text to the translator. A real interpreter is translated by
//! its build script instead, which also writes the bindings: see `moonshift_jitgen::image`.

#![allow(dead_code)]

use moonshift_jitgen::abi::{Native, by_hand::Place};
use moonshift_jitgen::backend::{Backend, cranelift::CraneliftBackend, graph::GraphBackend};
use moonshift_jitgen::codemem::CodeMemory;
use moonshift_jitgen::flow::{Graph, Module, print_graph};
use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::portal::{Entered, Jit, Policy};
use moonshift_jitgen::timeshift::Extension;
use std::collections::BTreeMap;
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
    let mut ordered = vec![];
    let extension = extension(source, |module| ordered = module.bind_by_hand(places, natives));
    let natives: &'static [Native] = ordered.leak();
    let backend: Box<dyn Backend> = match machine {
        // SAFETY: the caller's promise.
        Machine::Graph => Box::new(unsafe { GraphBackend::new(Arc::new(extension.module.clone()), natives) }),
        Machine::Native => {
            let memory = CodeMemory::new(1 << 24);
            // SAFETY: as above.
            Box::new(unsafe { CraneliftBackend::new(natives, memory) }.expect("a native backend"))
        }
    };
    // SAFETY: as above.
    unsafe { Jit::new(extension, natives, backend, policy) }
}

/// Runs portal 0 with these variables through the compiler: watched, compiled, or from one to the other.
pub fn run(jit: &Jit, args: &[u64]) -> Vec<u64> {
    let mut args = args.to_vec();
    loop {
        match jit.call(0, &args) {
            Entered::Finished(results) => return results,
            Entered::Continue(next) => args = next,
            Entered::Nothing { .. } => return jit.evaluate(0, &args),
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
    residuals(jit).iter().map(|(_, graph)| print_graph(graph, Some(&jit.extension().module))).collect()
}
