//! Rust values as canonical slots, in the flattening of the front end.

use crate::corpus;
use moonshift_jitgen::mem::{Arr, Ref};

pub trait Slots {
    /// Number of slots.
    const COUNT: usize;

    fn put(&self, out: &mut Vec<u64>);

    fn slots(&self) -> Vec<u64> {
        let mut out = vec![];
        self.put(&mut out);
        assert_eq!(out.len(), Self::COUNT);
        out
    }
}

macro_rules! scalar {
    ($($ty:ty: $value:ident => $bits:expr;)*) => {$(
        impl Slots for $ty {
            const COUNT: usize = 1;
            fn put(&self, out: &mut Vec<u64>) {
                let $value = *self;
                out.push($bits);
            }
        }
    )*};
}

scalar! {
    bool: v => v as u64;
    u8: v => v as u64;
    u16: v => v as u64;
    u32: v => v as u64;
    u64: v => v;
    usize: v => v as u64;
    isize: v => v as u64;
    i8: v => v as u8 as u64;
    i16: v => v as u16 as u64;
    i32: v => v as u32 as u64;
    i64: v => v as u64;
    f64: v => v.to_bits();
}

impl<T> Slots for Ref<T> {
    const COUNT: usize = 1;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.addr());
    }
}

impl<T: Copy> Slots for Arr<T> {
    const COUNT: usize = 1;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.addr());
    }
}

impl<T> Slots for &T {
    const COUNT: usize = 1;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(std::ptr::from_ref(*self) as usize as u64);
    }
}

impl<T: Slots> Slots for Option<T> {
    const COUNT: usize = 1 + T::COUNT;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.is_some() as u64);
        match self {
            Some(value) => value.put(out),
            None => out.extend(std::iter::repeat_n(0, T::COUNT)),
        }
    }
}

impl<T: Slots, E: Slots> Slots for Result<T, E> {
    const COUNT: usize = 1 + T::COUNT + E::COUNT;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(self.is_err() as u64);
        match self {
            Ok(value) => {
                value.put(out);
                out.extend(std::iter::repeat_n(0, E::COUNT));
            }
            Err(error) => {
                out.extend(std::iter::repeat_n(0, T::COUNT));
                error.put(out);
            }
        }
    }
}

macro_rules! tuple {
    ($($name:ident)*) => {
        impl<$($name: Slots),*> Slots for ($($name,)*) {
            const COUNT: usize = 0 $(+ $name::COUNT)*;
            #[allow(non_snake_case, unused_variables)]
            fn put(&self, out: &mut Vec<u64>) {
                let ($($name,)*) = self;
                $($name.put(out);)*
            }
        }
    };
}

tuple! {}
tuple! { A }
tuple! { A B }
tuple! { A B C }
tuple! { A B C D }
tuple! { A B C D E }
tuple! { A B C D E F }
tuple! { A B C D E F G }
tuple! { A B C D E F G H }

macro_rules! structure {
    ($($ty:ty: $($field:tt $kind:ty),*;)*) => {$(
        impl Slots for $ty {
            const COUNT: usize = 0 $(+ <$kind as Slots>::COUNT)*;
            fn put(&self, out: &mut Vec<u64>) {
                $(self.$field.put(out);)*
            }
        }
    )*};
}

structure! {
    corpus::aggregates::Value: tag u8, bits u64;
    corpus::memory::Slot: tag u8, bits u64;
    corpus::control::Failed: 0 u8;
}

impl Slots for corpus::matching::Color {
    const COUNT: usize = 1;
    fn put(&self, out: &mut Vec<u64>) {
        out.push(*self as u8 as u64);
    }
}

impl Slots for corpus::matching::Shape {
    const COUNT: usize = 1 + 1 + 2 + 3;
    fn put(&self, out: &mut Vec<u64>) {
        use corpus::matching::Shape;
        let (kind, radius, width, height, tag, option) = match *self {
            Shape::Empty => (0, 0.0, 0, 0, 0, None),
            Shape::Circle(radius) => (1, radius, 0, 0, 0, None),
            Shape::Box { width, height } => (2, 0.0, width, height, 0, None),
            Shape::Tagged(tag, option) => (3, 0.0, 0, 0, tag, option),
        };
        (kind as u8, radius, width, height, tag, option).put(out);
    }
}

/// Pushes arguments, typed by the function they are for: literals get its parameters' types.
pub fn push_args<A, F: Function<A>>(args: A, out: &mut Vec<u64>, _function: F) {
    F::put(&args, out);
}

/// A function whose arguments are the tuple `A`.
pub trait Function<A> {
    fn put(args: &A, out: &mut Vec<u64>);
}

macro_rules! function {
    ($($name:ident)*) => {
        impl<Func: Fn($($name),*) -> Out, Out, $($name: Slots),*> Function<($($name,)*)> for Func {
            fn put(args: &($($name,)*), out: &mut Vec<u64>) {
                args.put(out);
            }
        }
    };
}

function! { A }
function! { A B }
function! { A B C }
function! { A B C D }
