//! Runs on many inputs: every combination of telling values of the parameters' types. Inputs on which rustc's code
//! panics (overflow in a plain operator) are outside the interpreter's contract and left out.

use crate::slots::Slots;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Telling values of a type: limits, small numbers, patterns of bits.
pub trait Samples: Copy + Slots {
    fn samples() -> Vec<Self>;
}

macro_rules! integers {
    ($($ty:ident)*) => {$(
        impl Samples for $ty {
            fn samples() -> Vec<$ty> {
                let mut all = vec![0, 1, 2, 3, 5, 9, 10, 19, 42, 100, $ty::MAX, $ty::MIN, $ty::MAX - 1, $ty::MIN + 1];
                all.extend([$ty::MAX / 2, $ty::MAX / 3, 0x55, (-1i64) as $ty, (-7i64) as $ty, (-100i64) as $ty, 1 << ($ty::BITS - 2)]);
                all.sort_unstable();
                all.dedup();
                all
            }
        }
    )*};
}

integers! { i8 u8 i16 u16 i32 u32 i64 u64 isize usize }

impl Samples for bool {
    fn samples() -> Vec<bool> {
        vec![false, true]
    }
}

impl Samples for f64 {
    fn samples() -> Vec<f64> {
        let mut all =
            vec![0.0, 1.0, 0.5, 1.5, 2.5, 3.999, 127.5, 255.0, 256.0, 65535.9, 1e9, 4294967296.0, 1e18, 1e19, 1e20];
        all.extend([1e300, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::EPSILON, 9007199254740993.0]);
        all.extend(all.clone().into_iter().map(|x| -x));
        all.push(f64::NAN);
        all
    }
}

/// Tuples of samples: all combinations.
pub trait Inputs: Sized {
    fn inputs() -> Vec<Self>;
}

impl<A: Samples> Inputs for (A,) {
    fn inputs() -> Vec<Self> {
        A::samples().into_iter().map(|a| (a,)).collect()
    }
}

impl<A: Samples, B: Samples> Inputs for (A, B) {
    fn inputs() -> Vec<Self> {
        A::samples().into_iter().flat_map(|a| B::samples().into_iter().map(move |b| (a, b))).collect()
    }
}

impl<A: Samples, B: Samples, C: Samples> Inputs for (A, B, C) {
    fn inputs() -> Vec<Self> {
        <(A, B)>::inputs().into_iter().flat_map(|(a, b)| C::samples().into_iter().map(move |c| (a, b, c))).collect()
    }
}

/// Compares a function of the corpus with its graph on all inputs of its parameters' types.
pub fn agree<I: Inputs + Copy + Slots, R: Slots>(name: &str, native: impl Fn(I) -> R) {
    let id = crate::module().find_func(name).expect("translated");
    let kinds = &crate::module().func(id).results;
    let inputs = I::inputs();
    let mut compared = 0;
    for input in &inputs {
        let Ok(result) = catch_unwind(AssertUnwindSafe(|| native(*input).slots())) else { continue };
        let args = input.slots();
        let evaluated = crate::evaluate(name, &args);
        assert!(crate::same(kinds, &result, &evaluated), "{name}{args:x?}: rustc {result:x?}, graph {evaluated:x?}");
        compared += 1;
    }
    assert!(compared * 4 >= inputs.len(), "{name}: rustc's code panics on most of the {} inputs", inputs.len());
}

/// One test a function: `module::name(parameter types);`.
macro_rules! agree_on_samples {
    ($($module:ident :: $name:ident($($ty:ty),+);)*) => {$(
        #[test]
        fn $name() {
            let function = |input: ($($ty,)+)| $crate::samples::Apply::apply($crate::corpus::$module::$name, input);
            $crate::samples::agree(stringify!($name), function);
        }
    )*};
}
pub(crate) use agree_on_samples;

/// A call with a tuple of arguments.
pub trait Apply<I, R> {
    fn apply(self, input: I) -> R;
}

impl<A, R, F: Fn(A) -> R> Apply<(A,), R> for F {
    fn apply(self, (a,): (A,)) -> R {
        self(a)
    }
}

impl<A, B, R, F: Fn(A, B) -> R> Apply<(A, B), R> for F {
    fn apply(self, (a, b): (A, B)) -> R {
        self(a, b)
    }
}

impl<A, B, C, R, F: Fn(A, B, C) -> R> Apply<(A, B, C), R> for F {
    fn apply(self, (a, b, c): (A, B, C)) -> R {
        self(a, b, c)
    }
}
