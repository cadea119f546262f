//! What the subset has besides, form by form.

mod inner {
    pub const DEPTH: i64 = 3;
    pub const fn doubled(x: i64) -> i64 {
        x * 2
    }
    pub mod deeper {
        pub const DEPTH: i64 = super::DEPTH + 1;
        pub fn negated(x: i64) -> i64 {
            x.wrapping_neg()
        }
    }
}

mod other {
    pub const WIDTH: i64 = 77;
}

mod shadowing {
    pub const WIDTH: i64 = 1;
}

use inner::deeper::{self, negated as minus};
use other::*;

pub fn literal_forms(a: bool) -> (i64, (u8, u16, u32), (i64, usize, i8), (f64, f64, f64, f64), (u8, u8, u8)) {
    let big = 1_000_000_007;
    let of_types = (0b1010_1010u8, 0o777u16, 0xdead_BEEFu32);
    let floats = (1e3, 1., 2.5e-3_f64, 5f64);
    (if a { big } else { -big }, of_types, (i64::MIN, 0xffusize, -128i8), floats, (b'a', b'\n', b'\x7f'))
}

pub fn casts_of_literals(a: u8) -> (u64, u32, u64, u8, i8, (f64, i64, u64)) {
    let small = 3;
    let shifted = (1 << 31) as i64;
    let text = -1i8 as u64;
    (text, !0 as u32, small as u64 + a as u64, 300u16 as u8, 200u8 as i8, (7 as f64, shifted, (small - 4) as u64))
}

pub fn inferred_late(a: u8) -> (u16, i64) {
    let mut x = 1;
    let mut y = 0;
    for _ in 0..a % 9 {
        x = x * 3;
        y += 5;
    }
    let z: u16 = x;
    (z, if y > 20 { y } else { a as i64 })
}

pub fn float_constants(a: bool) -> ((f64, f64, f64, f64), (f64, f64, f64, f64), (f64, f64, f64)) {
    use std::f64::consts;
    let zero = if a { 0.0 } else { -0.0 };
    let limits = (f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::EPSILON);
    (limits, (consts::PI, consts::TAU, consts::E, consts::LN_2), (consts::LN_10, consts::SQRT_2, f64::INFINITY + zero))
}

pub fn floats_of_all_kinds(
    a: f64,
    b: f64,
) -> ((f64, f64, f64, f64, f64), (bool, bool, bool, bool, bool, bool), (f64, f64)) {
    let sums = (a + b, a - b, a * b, a / b, -a);
    let mut x = a;
    x += b;
    x *= 0.5;
    x -= 1.0;
    x /= 3.0;
    (sums, (a < b, a <= b, a > b, a >= b, a == b, a != b), (x, a.copysign(b)))
}

pub fn float_methods(a: f64) -> ((f64, f64, f64, f64, f64), (bool, bool, bool, bool), u64, f64) {
    let rounded = (a.abs(), a.sqrt(), a.floor(), a.ceil(), a.trunc());
    (
        rounded,
        (a.is_nan(), a.is_finite(), a.is_infinite(), a.is_sign_negative()),
        a.to_bits(),
        f64::from_bits(a.to_bits() ^ 1),
    )
}

pub fn float_ranges(a: f64) -> u8 {
    match a {
        f64::INFINITY => 0,
        ..0.0 => 1,
        0.0 => 2,
        1.0..=2.5 => 3,
        1e18.. => 4,
        x if x == x => 5,
        _ => 6,
    }
}

pub fn lossless_conversions(a: u32, b: i16, c: bool) -> (u64, i64, u64, f64, f64, u16) {
    (u64::from(a), i64::from(b), u64::from(c), f64::from(a), f64::from(b), u16::from(c))
}

pub fn bool_operators(a: bool, b: bool) -> ((bool, bool, bool, bool), (bool, bool), (u8, bool)) {
    let mut x = a;
    x &= b;
    x |= !b;
    x ^= a;
    ((a & b, a | b, a ^ b, !a), (a == b, a != b), (x as u8, a && !b || b))
}

pub fn names_and_modules(a: i64) -> (i64, i64, i64, i64) {
    use inner::doubled;
    let r#type = deeper::DEPTH;
    (inner::DEPTH, r#type, minus(doubled(a % 1000)), WIDTH + self::inner::DEPTH)
}

#[derive(Copy, Clone, PartialEq)]
pub enum Signal {
    Off = -2,
    On,
    Late = 5,
}

impl Signal {
    pub const FIRST: Signal = Signal::Off;

    pub fn next(self) -> Self {
        match self {
            Self::Off => Self::On,
            Self::On => Self::Late,
            Self::Late => Self::FIRST,
        }
    }

    pub fn of(n: u8) -> Signal {
        let mut signal = Self::FIRST;
        for _ in 0..n % 7 {
            signal = signal.next();
        }
        signal
    }
}

pub fn enums_of_both_signs(a: u8) -> (i8, i64, u8, bool) {
    let signal = Signal::of(a);
    (signal as i8, signal as i64, signal as u8, signal == Signal::Late)
}

#[derive(Copy, Clone, PartialEq)]
pub struct Wrapper(pub Option<i64>, pub Result<u8, bool>);

#[derive(Copy, Clone, PartialEq)]
pub struct Unit;

#[derive(Copy, Clone, PartialEq)]
pub enum Tree {
    Leaf,
    Node { signal: Signal, inner: Option<Wrapper>, unit: Unit },
    Pair(Wrapper, (u8, f64)),
}

impl Wrapper {
    pub fn new(a: i64) -> Self {
        Self(if a > 10 { Some(a) } else { None }, if a % 2 == 0 { Ok(a as u8) } else { Err(a > 0) })
    }

    pub fn bumped(mut self) -> Self {
        if let Wrapper(Some(n), _) = self {
            self.0 = Some(n.wrapping_add(1));
            self.1 = Ok(3);
        }
        self
    }
}

pub fn tree_of(a: i64) -> Tree {
    match a & 3 {
        0 => Tree::Leaf,
        1 => Tree::Node { unit: Unit, inner: None, signal: Signal::On },
        2 => Tree::Node { signal: Signal::Late, inner: Some(Wrapper::new(a).bumped()), unit: Unit },
        _ => Tree::Pair(Wrapper::new(a), (a as u8, a as f64)),
    }
}

pub fn enums_in_enums(a: i64) -> (i64, bool, bool) {
    let tree = tree_of(a);
    let code = match tree {
        Tree::Leaf => 0,
        Tree::Node { inner: Some(Wrapper(Some(n), Ok(3 | 4))), signal: Signal::Late, .. } => n,
        Tree::Node { inner: Some(Wrapper(.., Err(_))), .. } => 1,
        Tree::Node { inner, signal, unit: Unit } if inner.is_none() => signal as i64 + 10,
        Tree::Node { .. } => 2,
        Tree::Pair(Wrapper(None, Err(true)), (x, _)) => x as i64 + 1000,
        Tree::Pair(w @ Wrapper(Some(_), _), (_, y)) if y > 50.0 => w.0.unwrap_or(0),
        Tree::Pair(_, (x @ 0..=9, ..)) => x as i64,
        Tree::Pair(..) => 3,
    };
    (code, tree == tree_of(a.wrapping_add(4)), tree != Tree::Leaf)
}

pub fn nested_options(a: i64, b: bool) -> (i64, Option<Option<bool>>, Result<Option<i64>, Option<u8>>) {
    let x = if a > 5 { Some(if b { Some(a) } else { None }) } else { None };
    let code = match x {
        Some(Some(n)) => n,
        Some(None) => -1,
        None => -2,
    };
    let flags = if a == 0 { None } else { Some(if b { Some(a > 0) } else { None }) };
    (code, flags, if b { Ok(x.unwrap_or(None)) } else { Err(Some(a as u8)) })
}

pub fn methods_of_options(a: i64, b: i64) -> ((bool, bool, i64), Option<i64>, Result<i64, i64>, (Option<i64>, i64)) {
    let x = a.checked_mul(b);
    let known = if x.is_some() { x.unwrap().wrapping_add(x.expect("a product")) } else { 1 };
    ((x.is_some(), x.is_none(), x.unwrap_or(b)), x.or(a.checked_add(b)), x.ok_or(a), (x.ok_or(b).err(), known))
}

pub fn methods_of_results(a: i64, b: bool) -> ((bool, bool, i64), (Option<i64>, Option<bool>), i64) {
    let x: Result<i64, bool> = if a > 3 { Ok(a) } else { Err(b) };
    let inside = match x.is_ok() {
        true => unsafe { x.unwrap_unchecked() },
        false => x.unwrap_err() as i64,
    };
    ((x.is_ok(), x.is_err(), x.unwrap_or(-1)), (x.ok(), x.err()), inside)
}

pub fn destructuring_assignments(a: i64, b: i64) -> (i64, i64, i64, bool) {
    let (mut x, mut y, mut z) = (a, b, 0);
    (x, y) = (y, x);
    Couple { right: z, left: x } = Couple { left: y, right: x };
    let mut flag = Pair2(false, 0);
    Pair2(flag.0, y) = Pair2(x > z, x ^ y);
    (x, y, z, flag.0)
}

#[derive(Copy, Clone)]
pub struct Couple {
    pub left: i64,
    pub right: i64,
}

#[derive(Copy, Clone)]
pub struct Pair2(pub bool, pub i64);

pub fn conditions(a: i64) -> (i64, i64) {
    let mut x = 0;
    #[cfg(feature = "absent")]
    let x = unknown_function(a);
    #[cfg(not(feature = "absent"))]
    {
        x += 1;
    }
    #[cfg(any(feature = "absent", not(feature = "missing")))]
    {
        x += 1000;
    }
    #[cfg(all(feature = "absent", not(test)))]
    return (0, 0);
    let y = match a {
        #[cfg(feature = "absent")]
        _ => 7,
        #[cfg(not(feature = "absent"))]
        0 => 8,
        _ => 9,
    };
    let couple = Couple {
        left: y,
        #[cfg(feature = "absent")]
        right: unknown,
        #[cfg(not(feature = "absent"))]
        right: x,
    };
    #[cfg(not(feature = "absent"))]
    {
        (couple.left, couple.right)
    }
    #[cfg(feature = "absent")]
    {
        (1, 2)
    }
}

pub fn constant_blocks(a: i64) -> (i64, usize, i64) {
    const SIDE: usize = const { 3 + 4 };
    const AREA: usize = {
        const INNER: usize = SIDE * SIDE;
        if INNER > 40 { INNER } else { 0 }
    };
    (const { inner::doubled(21) }, AREA, unsafe { unchecked(a) })
}

/// # Safety
/// None is needed.
unsafe fn unchecked(a: i64) -> i64 {
    a ^ 1
}

extern "C" fn foreign_convention(a: i64) -> i64 {
    a & 0xff
}

fn nothing() {}

fn never(a: i64) -> ! {
    loop {
        if a == 0 {
            continue;
        }
    }
}

pub fn units_and_nevers(a: i64) -> ((), i64, Option<()>) {
    let unit = nothing();
    let x: i64 = if a == i64::MIN + 5 { never(a) } else { foreign_convention(a) };
    if x > 300 {
        unreachable!("bytes are below 256");
    }
    (unit, x, if x > 3 { Some(nothing()) } else { None })
}

pub fn ends_of_let_else(n: i64) -> (i64, i64) {
    let mut sum = 0;
    let mut i = 0;
    let last = 'outer: loop {
        i += 1;
        if i > 200 {
            break 0;
        }
        let Some(x) = n.checked_rem(i - 3) else { continue };
        let (1..=50 | -9, y) = (x, i) else {
            if i > 90 {
                break 'outer i;
            }
            continue 'outer;
        };
        sum += x * y;
    };
    (sum, last)
}

pub fn labels_and_blocks(n: u8) -> (u32, u8) {
    let mut turns = 0;
    let found = 'search: {
        for i in 0..n {
            turns += 1;
            'again: for j in i..n {
                if j % 7 == 6 {
                    continue 'again;
                }
                if i as u32 * j as u32 == 42 {
                    break 'search j;
                }
                if turns > 50 {
                    break 'again;
                }
            }
        }
        n
    };
    (turns, found)
}

pub fn changed_counters(n: u8) -> u32 {
    let mut seen = 0;
    let mut end = n;
    for mut i in 0..end {
        end = 0;
        i = i.wrapping_mul(3);
        seen = seen * 31 % 1_000_003 + i as u32 + end as u32;
    }
    seen
}

pub fn while_conditions(n: i64) -> (i64, i64) {
    let (mut i, mut sum) = (0, 0);
    while {
        i += 1;
        i < 40
    } && sum < n
    {
        if i % 3 == 0 {
            continue;
        }
        sum += match i {
            2 | 4 => break,
            other => other,
        };
    }
    (i, sum)
}

pub fn chains(a: i64, b: i64) -> i64 {
    if let (Some(_), x @ true) | (None, x @ false) = (a.checked_add(b), a > b)
        && let Ok(y) | Err(y) = if x { Ok(a) } else { Err(b) }
    {
        y
    } else if a > 0
        && let n @ 1..=100 = b
        && n != 7
    {
        n
    } else {
        a ^ b
    }
}

pub fn parenthesised(a: (i64)) -> (i64) {
    let ((x), (y)) = ((a), (2));
    ((x) & (y)) | (if (a) > (3) { (1) } else { (0) })
}

pub fn asserted(a: i64) -> i64 {
    debug_assert!(a != 4242, "not taken: {}", a);
    debug_assert_eq!(a, a);
    debug_assert_ne!(a, a ^ 1);
    let known = std::hint::black_box(a);
    if known == 0 { 1 } else { std::hint::black_box(known ^ a) }
}
