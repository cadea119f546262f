//! The hint annotator: what is green, which specialisations there are, what becomes of calls; and what it says, with the whole
//! chain from the request to the source, of what cannot be.

mod colors;
mod errors;

use moonshift_jitgen::flow::{FuncId, Graph, Module, Op};
use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::hints::{CallKind, Color, Coloring, Spec, annotate};

/// An annotated interpreter.
struct Annotated {
    module: Module,
    coloring: Coloring,
}

fn module(text: &str) -> Module {
    translate(&[Source::new("interp.rs", "crate::interp", text)], &Options::default()).unwrap_or_else(|e| panic!("{e}"))
}

/// Annotates a text; all of its hints can be satisfied.
#[track_caller]
fn annotated(text: &str) -> Annotated {
    let module = module(text);
    match annotate(&module) {
        Ok(coloring) => Annotated { module, coloring },
        Err(errors) => {
            let texts: Vec<String> = errors.iter().map(|error| error.render(&module, &|_| None)).collect();
            panic!("{}", texts.join("\n"))
        }
    }
}

impl Annotated {
    fn func(&self, name: &str) -> FuncId {
        let index = self.module.funcs.iter().position(|info| info.name == name);
        FuncId(index.unwrap_or_else(|| panic!("no function `{name}`")) as u32)
    }

    /// The specialisations of a function, in the order in which they were met.
    fn specs(&self, name: &str) -> Vec<&Spec> {
        self.coloring.specs_of(self.func(name)).map(|(_, spec)| spec).collect()
    }

    /// Colours of the parameters of each specialisation.
    fn params(&self, name: &str) -> Vec<Vec<Color>> {
        self.specs(name).iter().map(|spec| spec.params.clone()).collect()
    }

    /// Colours of the results of each specialisation.
    fn results(&self, name: &str) -> Vec<Vec<Color>> {
        self.specs(name).iter().map(|spec| spec.results.clone()).collect()
    }

    fn graph(&self, name: &str) -> &Graph {
        self.module.graph(self.func(name)).expect("a graph")
    }

    /// Colours that the variables of this name have in the only specialisation of a function.
    fn colors(&self, name: &str, variable: &str) -> Vec<Color> {
        let specs = self.specs(name);
        assert_eq!(specs.len(), 1, "specialisations of `{name}`");
        let graph = self.graph(name);
        let used = |index: usize| {
            let var = moonshift_jitgen::flow::VarId(index as u32);
            let defined = |block: &moonshift_jitgen::flow::Block| {
                block.params.contains(&var) || block.insts.iter().any(|inst| inst.results.contains(&var))
            };
            graph.blocks.iter().any(defined)
        };
        let named = |&(index, info): &(usize, &moonshift_jitgen::flow::VarInfo)| info.name == variable && used(index);
        let mut colors: Vec<Color> =
            graph.vars.iter().enumerate().filter(named).map(|(index, _)| specs[0].colors[index]).collect();
        assert!(!colors.is_empty(), "no variable `{variable}` in `{name}`");
        colors.dedup();
        colors
    }

    /// What the calls of `callee` become in each specialisation of `name`.
    fn calls(&self, name: &str, callee: &str) -> Vec<Vec<&'static str>> {
        let callee = self.func(callee);
        let graph = self.graph(name);
        let of = |spec: &&Spec| {
            let called = |&&((block, inst), _): &&((u32, u32), CallKind)| {
                graph.blocks[block as usize].insts[inst as usize].op == Op::Call(callee)
            };
            spec.calls.iter().filter(called).map(|(_, kind)| kind_name(*kind)).collect()
        };
        self.specs(name).iter().map(of).collect()
    }
}

fn kind_name(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Green => "green",
        CallKind::Yellow(_) => "yellow",
        CallKind::Gray(_) => "gray",
        CallKind::Red(_) => "red",
        CallKind::Residual => "residual",
        CallKind::Portal => "portal",
    }
}

// Functions of one block that call nothing are inlined before: the callees of these tests branch.

/// The portal of these tests around a body: `pc` is green, `x` and `y` are red.
macro_rules! portal {
    ($body:literal) => {
        concat!(
            "#[portal(greens(pc), order = pc)]
fn run(mut pc: usize, mut x: i64, mut y: i64) -> i64 {
    loop {
        merge_point();
",
            $body,
            "
    }
}
"
        )
    };
}
use portal;
