//! The front end: an interpreter's source text, in the Rust subset, to flow graphs.
//!
//! Phases: parsing (`syn`), collection of items (`items`), type checking to a typed tree (`check`, `hir`), lowering to
//! SSA form with aggregates flattened (`lower`), simplification, and linking to a [`Module`] (`link`). What lies
//! outside the subset is an error that points into the source; functions marked as residual may be any Rust.
//!
//! # The subset
//!
//! Free functions and inherent methods without generics (lifetimes apart), found by the last segments of their paths.
//! `bool`, integers, `f64`, tuples, structures and enums by value, `Option`, `Result`; behind handles (`Ref<T>`, `&T`)
//! structures whose mutable fields are `Cell`s or atomics; arrays as `Arr<T>`. All control flow but closures and iterators:
//! `for` takes ranges of integers, patterns do not look through handles. Methods of the primitive types that are a few
//! operations (`check`); others go through functions marked `#[elidable]` or `#[residual(..)]`. No references to locals, no
//! slices, strings or traits. Plain integer arithmetic wraps, and divisors are guarded by the programmer.
//!
//! A structure may have fields of any type: touching one of a type outside the subset is the error. What
//! `if interpreting() { .. }` guards is skipped.

mod cfg;
mod check;
mod containers;
mod diag;
mod hir;
mod infer;
mod items;
mod layout;
mod link;
mod lower;
mod marks;
mod names;
mod natives;
mod rust;
mod types;

pub use diag::{Diagnostic, Diagnostics};
pub use natives::Wrapper;

use crate::flow::Module;
use crate::transform;
use diag::{Errors, Pos};
use std::collections::BTreeMap;

/// A file of the interpreter.
#[derive(Clone, Debug)]
pub struct Source {
    /// As it shall stand in messages.
    pub path: String,
    /// Its module, as a path that the bindings can use: `crate::interp::arith`.
    pub module: String,
    pub text: String,
}

impl Source {
    pub fn new(path: impl Into<String>, module: impl Into<String>, text: impl Into<String>) -> Source {
        Source { path: path.into(), module: module.into(), text: text.into() }
    }
}

#[derive(Clone, Default, Debug)]
pub struct Options {
    /// Functions to translate besides the portals: `name` or `Type::name`.
    pub roots: Vec<String>,
    /// Features that `#[cfg(feature = "..")]` shall find enabled.
    pub features: Vec<String>,
    /// Structures to treat as marked `#[heap(frozen)]`, for those of crates that cannot carry marks.
    pub frozen: Vec<String>,
}

/// A module, with the Rust text that binds it to a process.
#[derive(Clone, Debug)]
pub struct Translation {
    pub module: Module,
    /// Indexed by [`crate::flow::FuncInfo::native`].
    pub wrappers: Vec<Wrapper>,
}

/// Translates the portals, the functions asked for, and all they call.
pub fn translate(sources: &[Source], options: &Options) -> Result<Module, Diagnostics> {
    translate_with_wrappers(sources, options).map(|translation| translation.module)
}

/// As [`translate`], with what [`crate::image::generate`] needs.
pub fn translate_with_wrappers(sources: &[Source], options: &Options) -> Result<Translation, Diagnostics> {
    // The phases recurse over expressions and over chains of blocks.
    const STACK: usize = 512 << 20;
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK);
        let handle = worker.spawn_scoped(scope, || run(sources, options)).expect("a thread can be started");
        match handle.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn run(sources: &[Source], options: &Options) -> Result<Translation, Diagnostics> {
    let errors = Errors::default();
    let mut files = vec![];
    for (index, source) in sources.iter().enumerate() {
        match syn::parse_file(&source.text) {
            Ok(file) => files.push((source.module.clone(), file)),
            Err(error) => errors.add(Pos::of(index as u32, error.span()), error.to_string()),
        }
    }
    if errors.count() > 0 {
        return Err(errors.render(sources));
    }
    let mut program = items::Program::collect(files, &options.features, &errors);
    for def in &mut program.structs {
        def.frozen |= options.frozen.contains(&def.name);
    }
    let roots = link::roots(&program, options, &errors);
    let context = lower::Context::new(&program, &errors);
    let mut graphs = BTreeMap::new();
    let mut work = roots.clone();
    while let Some(id) = work.pop() {
        if program.fns[id].marks.is_opaque() || graphs.contains_key(&(id as u32)) {
            continue;
        }
        let Some(mut graph) = lower::lower_fn(&context, id) else {
            // Goes on with what it calls, to find all errors.
            graphs.insert(id as u32, crate::flow::Graph::new("error"));
            work.extend(context.take_called());
            continue;
        };
        transform::simplify(&mut graph);
        work.extend(graph.called().map(|id| id.index()));
        graphs.insert(id as u32, graph);
    }
    if errors.count() > 0 {
        return Err(errors.render(sources));
    }
    transform::inline::inline(&mut graphs, |id| program.fns[id as usize].marks.inline());
    let mut translation = link::link(&context, sources, &roots, graphs);
    transform::freeze::freeze(&mut translation.module);
    if errors.count() > 0 { Err(errors.render(sources)) } else { Ok(translation) }
}
