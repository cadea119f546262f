//! The front end by construct: each function of the corpus runs as rustc compiled it, and as its translated graph in the
//! evaluator, on the same arguments; the results must be equal to the bit (of NaNs, in being NaNs).

mod aggregates;
mod corpus;
mod errors;
mod memory;
mod modules;
mod order;
mod samples;
mod slots;
mod sources;
mod subset;
mod widths;

#[allow(clippy::all, dead_code)]
mod bindings {
    include!("bindings.rs");
}

use moonshift_jitgen::abi::Bindings;
use moonshift_jitgen::eval::{Evaluator, Outcome, Unobserved};
use moonshift_jitgen::flow::Module;
use std::sync::OnceLock;

/// The corpus, translated once and bound to this process.
pub fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let translation = sources::translate().unwrap_or_else(|errors| panic!("{errors}"));
        let mut module = translation.module;
        module.bind(bindings());
        module
    })
}

pub fn bindings() -> &'static Bindings {
    &bindings::BINDINGS
}

/// Evaluates a function of the corpus.
pub fn evaluate(name: &str, args: &[u64]) -> Vec<u64> {
    let module = module();
    let func = module.find_func(name).unwrap_or_else(|| panic!("`{name}` is not translated"));
    // SAFETY: the bindings are those of this corpus, in this process; arguments come from typed Rust values.
    let mut evaluator = unsafe { Evaluator::new(module, bindings().natives) };
    evaluator.native_portals = false;
    match evaluator.call(func, args, &mut Unobserved) {
        Outcome::Returned(results) => results,
        other => panic!("`{name}` did not return: {other:?}"),
    }
}

/// Equal bits, and both NaN counts as equal.
pub fn same(kinds: &[moonshift_jitgen::flow::Ty], a: &[u64], b: &[u64]) -> bool {
    a.len() == b.len()
        && kinds.iter().zip(a.iter().zip(b)).all(|(ty, (&a, &b))| {
            let nan = |bits: u64| *ty == moonshift_jitgen::flow::Ty::F64 && f64::from_bits(bits).is_nan();
            a == b || (nan(a) && nan(b))
        })
}

/// One test a function: `name: module(args), (args), ..;`. Results of rustc's code and of the graph must agree.
macro_rules! agree {
    ($($module:ident :: $name:ident: $(($($arg:expr),* $(,)?)),+ $(,)?;)*) => {$(
        #[test]
        fn $name() {
            use $crate::slots::Slots;
            let id = $crate::module().find_func(stringify!($name)).expect("translated");
            let kinds = &$crate::module().func(id).results;
            $({
                let native = $crate::corpus::$module::$name($($arg),*).slots();
                #[allow(unused_mut)]
                let mut args: Vec<u64> = vec![];
                $crate::slots::push_args(($($arg,)*), &mut args, $crate::corpus::$module::$name);
                let evaluated = $crate::evaluate(stringify!($name), &args);
                assert!(
                    $crate::same(kinds, &native, &evaluated),
                    "{}{:?}: rustc {native:x?}, graph {evaluated:x?}",
                    stringify!($name),
                    ($(stringify!($arg),)*),
                );
            })+
        }
    )*};
}
pub(crate) use agree;
