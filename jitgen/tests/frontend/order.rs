//! The order of effects, as rustc has it.

use crate::corpus::order::{self, Trace};
use crate::slots::Slots;
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;

/// Runs natively and as a graph, each with a trace of its own.
fn agree<R: Slots>(name: &str, native: impl Fn(Ref<Trace>) -> R) {
    let mut runs = vec![];
    for evaluated in [false, true] {
        let mut cells = [1, 20, 300, 4000];
        // SAFETY: the array and the trace outlive the run, which stays inside.
        let trace = Trace { seen: Cell::new(0), cells: Cell::new(unsafe { Arr::from_ptr(cells.as_mut_ptr()) }) };
        // SAFETY: as above.
        let handle = unsafe { Ref::from_ptr(&trace) };
        let result = if evaluated { crate::evaluate(name, &[handle.addr()]) } else { native(handle).slots() };
        runs.push((result, trace.seen.get(), cells));
    }
    assert_eq!(runs[0], runs[1], "{name}: rustc's, then the graph's: result, trace, array");
    assert!(runs[0].1 > 0);
}

macro_rules! orders {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            agree(stringify!($name), order::$name);
        }
    )*};
}

orders! {
    in_operands in_comparisons in_arguments in_methods in_structures in_updates in_tuples in_assignments in_cells in_arrays
    in_branches in_loops in_failures in_alternatives
}

crate::samples::agree_on_samples! {
    order::of_values_read(u64);
}
