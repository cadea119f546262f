//! Bindings written by hand, for an interpreter that is translated in the process that runs it: examples, tests.
//!
//! What a build script writes from the translation ([`crate::image`]) is here given by two macros, which rustc checks
//! just as well: [`places!`](crate::places) for the fields in memory, [`natives!`](crate::natives) for the wrappers.
//! [`Module::bind_by_hand`] puts both in the module's order, by name.
//!
//! Assumes parameters of one flattened part each, and at most two flattened results.

use super::{Native, Pair};
use crate::flow::{Field, FieldKind, Module};
use crate::mem::{Arr, Ref};

/// Where a field lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// As [`Field::name`].
    pub name: String,
    pub offset: usize,
    /// Of array elements; otherwise 0.
    pub stride: usize,
}

impl Module {
    /// Binds fields by what `place` gives for them: offset and stride in bytes.
    pub fn bind_with(&mut self, place: impl Fn(&Field) -> (usize, usize)) {
        for field in &mut self.fields {
            (field.offset, field.stride) = place(field);
        }
    }

    /// Binds fields by name, elements of plain arrays (`[u8]`) by their size alone, and gives the wrappers in the order
    /// of the module. Of portals they may be missing, if nothing calls them.
    ///
    /// # Panics
    /// If the place of a field or the wrapper of a function is missing.
    pub fn bind_by_hand(&mut self, places: &[Place], natives: &[Native]) -> Vec<Native> {
        self.bind_with(|field| match places.iter().find(|place| place.name == field.name) {
            Some(place) => (place.offset, place.stride),
            None if field.kind == FieldKind::Item && field.offset_source == "0" => (0, field.mem.size()),
            None => panic!("the place of `{}` is missing", field.name),
        });
        let mut ordered =
            vec![Native { name: "", direct: missing as *const u8, buffered: missing_buffered }; self.funcs.len()];
        let mut count = 0;
        for (index, info) in self.funcs.iter().enumerate() {
            let Some(native) = info.native else { continue };
            count = count.max(native as usize + 1);
            match natives.iter().find(|native| native.name == info.name) {
                Some(found) => ordered[native as usize] = *found,
                None if self.portals.iter().any(|portal| portal.func.index() == index) => {}
                None => panic!("the wrapper of `{}` is missing", info.name),
            }
        }
        ordered.truncate(count);
        ordered
    }
}

extern "C" fn missing() {
    unreachable!("a portal is called whose wrapper was not given");
}

unsafe extern "C" fn missing_buffered(_: *const u64, _: *mut u64) {
    missing();
}

/// A value of one flattened part.
pub trait Part: Copy {
    /// How it is passed directly.
    type Direct;
    fn to_slot(self) -> u64;
    fn from_slot(bits: u64) -> Self;
    fn to_direct(self) -> Self::Direct;
    fn from_direct(direct: Self::Direct) -> Self;
}

/// What a function returns: none, one or two flattened parts.
pub trait Parts {
    type Direct;
    fn to_direct(self) -> Self::Direct;
    /// Canonical slots, and how many of them count.
    fn to_slots(self) -> ([u64; 2], usize);
}

macro_rules! parts {
    ($([$($generic:tt)*] $ty:ty, $direct:ty, $value:ident => $slot:expr, $bits:ident => $back:expr;)*) => {$(
        impl<$($generic)*> Part for $ty {
            type Direct = $direct;
            fn to_slot(self) -> u64 {
                let $value = self;
                $slot
            }
            fn from_slot($bits: u64) -> Self {
                $back
            }
            fn to_direct(self) -> $direct {
                let $value = self;
                $slot as $direct
            }
            fn from_direct(direct: $direct) -> Self {
                let $bits = direct as u64;
                $back
            }
        }
        parts! { @parts [$($generic)*] $ty }
    )*};
    (@parts [$($generic:tt)*] $ty:ty) => {
        impl<$($generic)*> Parts for $ty {
            type Direct = <$ty as Part>::Direct;
            fn to_direct(self) -> Self::Direct {
                Part::to_direct(self)
            }
            fn to_slots(self) -> ([u64; 2], usize) {
                ([self.to_slot(), 0], 1)
            }
        }
    };
}

parts! {
    [] bool, u8, value => value as u64, bits => bits != 0;
    [] u8, u8, value => value as u64, bits => bits as u8;
    [] i8, u8, value => value as u8 as u64, bits => bits as i8;
    [] u16, u16, value => value as u64, bits => bits as u16;
    [] i16, u16, value => value as u16 as u64, bits => bits as i16;
    [] u32, u32, value => value as u64, bits => bits as u32;
    [] i32, u32, value => value as u32 as u64, bits => bits as i32;
    [] u64, u64, value => value, bits => bits;
    [] i64, u64, value => value as u64, bits => bits as i64;
    [] usize, u64, value => value as u64, bits => bits as usize;
    // SAFETY: compiled code passes what the interpreter's source says it passes.
    [T] Ref<T>, usize, value => value.addr(), bits => unsafe { Ref::from_addr(bits) };
    // SAFETY: as above.
    [T: Copy] Arr<T>, usize, value => value.addr(), bits => unsafe { Arr::from_ptr(bits as usize as *mut T) };
    // SAFETY: as above.
    ['a, T] &'a T, usize, value => std::ptr::from_ref(value) as usize as u64, bits => unsafe { &*(bits as usize as *const T) };
}

impl Part for f64 {
    type Direct = f64;
    fn to_slot(self) -> u64 {
        self.to_bits()
    }
    fn from_slot(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
    fn to_direct(self) -> f64 {
        self
    }
    fn from_direct(direct: f64) -> f64 {
        direct
    }
}
parts! { @parts [] f64 }

impl Parts for () {
    type Direct = ();
    fn to_direct(self) {}
    fn to_slots(self) -> ([u64; 2], usize) {
        ([0; 2], 0)
    }
}

macro_rules! pairs {
    ($([$($generic:tt)*] $ty:ty, $value:ident => $slots:expr;)*) => {$(
        impl<$($generic)*> Parts for $ty {
            type Direct = Pair;
            fn to_direct(self) -> Pair {
                let ([a, b], _) = self.to_slots();
                Pair { a, b }
            }
            fn to_slots(self) -> ([u64; 2], usize) {
                let $value = self;
                ($slots, 2)
            }
        }
    )*};
}

pairs! {
    [A: Part, B: Part] (A, B), pair => [pair.0.to_slot(), pair.1.to_slot()];
    [A: Part] Option<A>, option => option.map_or([0; 2], |value| [1, value.to_slot()]);
    // The error is a type without parts.
    [A: Part] Result<A, ()>, result => result.map_or([1, 0], |value| [0, value.to_slot()]);
}

/// The places of fields: `places![Machine { pc, depth }, [Slot] { value }]`; the types are in scope. `[Slot]` is for
/// elements of arrays.
#[macro_export]
macro_rules! places {
    (@ $list:ident) => {};
    (@ $list:ident [$ty:ident] { $($($field:tt).+),* } $(, $($rest:tt)*)?) => {
        $($list.push($crate::abi::by_hand::Place {
            name: concat!("[", stringify!($ty), "]", $(".", stringify!($field)),+).to_string(),
            offset: core::mem::offset_of!($ty, $($field).+),
            stride: core::mem::size_of::<$ty>(),
        });)*
        $($crate::places!(@ $list $($rest)*);)?
    };
    (@ $list:ident $ty:ident { $($($field:tt).+),* } $(, $($rest:tt)*)?) => {
        $($list.push($crate::abi::by_hand::Place {
            name: concat!(stringify!($ty), $(".", stringify!($field)),+).to_string(),
            offset: core::mem::offset_of!($ty, $($field).+),
            stride: 0,
        });)*
        $($crate::places!(@ $list $($rest)*);)?
    };
    ($($rest:tt)*) => {{
        #[allow(unused_mut)]
        let mut list: Vec<$crate::abi::by_hand::Place> = vec![];
        $crate::places!(@ list $($rest)*);
        list
    }};
}

/// Wrappers of functions: `natives![put(out: &Output, byte: u8) -> (), length(text: Ref<Text>) -> usize]`; the functions
/// are in scope. Parameters are scalars and handles; results one of these, two in a tuple, `Option`, `Result<_, ()>`, or
/// `()`.
#[macro_export]
macro_rules! natives {
    ($($function:ident ($($param:ident : $ty:ty),*) -> $result:ty),* $(,)?) => {
        vec![$({
            extern "C" fn direct($($param: <$ty as $crate::abi::by_hand::Part>::Direct),*)
                -> <$result as $crate::abi::by_hand::Parts>::Direct
            {
                let result: $result = $function($(<$ty as $crate::abi::by_hand::Part>::from_direct($param)),*);
                $crate::abi::by_hand::Parts::to_direct(result)
            }
            #[allow(unused_mut, unused_variables, unused_assignments)]
            unsafe extern "C" fn buffered(args: *const u64, results: *mut u64) {
                let mut args = args;
                $(
                    // SAFETY: the caller passes a slot for each parameter.
                    let $param = <$ty as $crate::abi::by_hand::Part>::from_slot(unsafe { *args });
                    args = args.wrapping_add(1);
                )*
                let result: $result = $function($($param),*);
                let (slots, count) = $crate::abi::by_hand::Parts::to_slots(result);
                for index in 0..count {
                    // SAFETY: the caller gives a slot for each result.
                    unsafe { *results.add(index) = slots[index] };
                }
            }
            $crate::abi::Native { name: stringify!($function), direct: direct as *const u8, buffered }
        }),*]
    };
}
