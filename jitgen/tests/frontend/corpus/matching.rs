//! `match` and patterns.

pub const ALPHA: u8 = 0;
pub const BETA: u8 = ALPHA + 1;
pub const GAMMA: u8 = BETA + 1;

pub mod codes {
    pub const STOP: u8 = 40;
    pub const GO: u8 = super::GAMMA + 39;
}

#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Color {
    Red,
    Green = 5,
    Blue,
}

#[derive(Copy, Clone, PartialEq)]
pub enum Shape {
    Empty,
    Circle(f64),
    Box { width: i64, height: i64 },
    Tagged(u8, Option<i64>),
}

pub fn ints(a: i64) -> i64 {
    match a {
        0 => 1,
        1 | 2 => 10,
        -5 => 5,
        3..=9 => 20,
        10..20 => 30,
        i64::MAX => 40,
        n if n < 0 => n,
        _ => 50,
    }
}

pub fn constants_switch(a: u8) -> u32 {
    match a {
        ALPHA => 1,
        BETA => 2,
        GAMMA => 3,
        codes::STOP => 4,
        codes::GO => 5,
        b'z' => 6,
        200.. => 7,
        _ => 0,
    }
}

pub fn color_of(a: u8) -> Color {
    match a % 3 {
        0 => Color::Red,
        1 => Color::Green,
        _ => Color::Blue,
    }
}

pub fn c_like(a: u8) -> (u8, i64) {
    let color = color_of(a);
    let code = match color {
        Color::Red => 1,
        Color::Green => 2,
        Color::Blue => 3,
    };
    (code, color as i64)
}

pub fn c_like_equal(a: u8, b: u8) -> (bool, bool) {
    use Color::*;
    (color_of(a) == color_of(b), color_of(a) != Blue)
}

pub fn shape_of(a: i64) -> Shape {
    match a {
        0 => Shape::Empty,
        1..=9 => Shape::Circle(a as f64 / 2.0),
        10..=19 => Shape::Box { width: a, height: a * 2 },
        20..=29 => Shape::Tagged(a as u8, Some(a)),
        _ => Shape::Tagged(7, None),
    }
}

pub fn data_enum(a: i64) -> i64 {
    match shape_of(a) {
        Shape::Empty => 0,
        Shape::Circle(radius) if radius > 3.0 => 100,
        Shape::Circle(radius) => radius as i64,
        Shape::Box { width, height: tall } => width * tall,
        Shape::Tagged(21 | 23, _) => -1,
        Shape::Tagged(tag, Some(n @ 25..)) => n + tag as i64,
        Shape::Tagged(tag, Some(_)) => tag as i64,
        Shape::Tagged(.., None) => -2,
    }
}

pub fn data_enum_returned(a: i64) -> Shape {
    match shape_of(a) {
        Shape::Box { width, .. } => Shape::Tagged(1, Some(width)),
        other => other,
    }
}

pub fn data_enum_equal(a: i64, b: i64) -> bool {
    shape_of(a) == shape_of(b)
}

pub fn tuples(a: u8, b: bool) -> i64 {
    match (a, b) {
        (0, true) => 1,
        (0, false) => 2,
        (1 | 3, _) => 3,
        (x, true) if x > 100 => 4,
        (x, false) => x as i64,
        (_, true) => -1,
    }
}

pub fn tuple_of_two_tags(a: u8, b: u8) -> u8 {
    match (a, b) {
        (BETA, BETA) => 1,
        (GAMMA, GAMMA) => 2,
        (BETA, GAMMA) | (GAMMA, BETA) => 3,
        (ALPHA, x) | (x, ALPHA) => x + 10,
        _ => 0,
    }
}

pub fn or_bindings(a: i64) -> i64 {
    match shape_of(a) {
        Shape::Box { width: n, .. } | Shape::Tagged(_, Some(n)) => n,
        _ => 0,
    }
}

pub fn bools(a: bool, b: bool) -> u8 {
    match (a, b) {
        (true, true) => 0,
        (true, false) => 1,
        (false, x) => match x {
            true => 2,
            false => 3,
        },
    }
}

pub fn at_bindings(a: u64) -> u64 {
    match a {
        n @ (1 | 2 | 4) => n * 10,
        n @ 100..=200 => n - 100,
        n => n + 1,
    }
}

pub fn float_patterns(a: f64) -> u8 {
    match a {
        0.0 => 1,
        -1.5 => 2,
        1.0..=2.0 => 3,
        x if x.is_nan() => 4,
        _ => 5,
    }
}

pub fn negative_ranges(a: i8) -> u8 {
    match a {
        i8::MIN..=-100 => 1,
        -99..0 => 2,
        0 => 3,
        1..50 => 4,
        _ => 5,
    }
}

pub fn matches_macro(a: i64, b: u8) -> (bool, bool, bool) {
    (
        matches!(a, 1 | 5..=7),
        matches!(shape_of(a), Shape::Circle(radius) if radius < 2.0),
        matches!((a, b), (_, ALPHA | BETA)),
    )
}

pub fn match_with_effects(a: i64) -> i64 {
    let mut total = 0;
    for i in 0..a {
        match i % 4 {
            0 => continue,
            1 => total += i,
            2 => {
                total *= 2;
                if total > 1000 {
                    break;
                }
            }
            _ => total -= 1,
        }
    }
    total
}

pub fn guards_fall_through(a: i64, b: i64) -> i64 {
    match a {
        1 if b > 10 => 1,
        1 | 2 if b > 5 => 2,
        2 => 3,
        1 => 4,
        _ if b == 0 => 5,
        _ => 6,
    }
}

#[derive(Copy, Clone, PartialEq)]
pub struct Pair {
    pub left: u8,
    pub right: i64,
}

impl Pair {
    pub const ZERO: Pair = Pair { left: 0, right: 0 };
    pub const ONE: Pair = Pair::new(1, 1);

    pub const fn new(left: u8, right: i64) -> Pair {
        Pair { left, right }
    }
}

pub fn struct_patterns(a: u8, b: i64) -> i64 {
    match Pair::new(a, b) {
        Pair::ZERO => 1,
        Pair::ONE => 2,
        Pair { left: 5, right } => right,
        Pair { left, .. } if left > 9 => left as i64,
        Pair { left: x, right: y } => x as i64 + y,
    }
}

pub fn destructuring(a: u8, b: i64) -> i64 {
    let Pair { left, right: y } = Pair::new(a, b);
    let (x, (z, _)) = (left as i64, (y, true));
    x + z
}

pub fn option_methods(a: i64, b: i64) -> (bool, bool, i64, Option<i64>, Result<i64, u8>) {
    let quotient = a.checked_div(b);
    (quotient.is_some(), quotient.is_none(), quotient.unwrap_or(-1), quotient.or(Some(3)), quotient.ok_or(9))
}

pub fn result_methods(a: i64) -> (bool, bool, i64, Option<i64>, Option<u8>) {
    let result: Result<i64, u8> = if a > 0 { Ok(a) } else { Err(a as u8) };
    (result.is_ok(), result.is_err(), result.unwrap_or(5), result.ok(), result.err())
}

pub fn option_equal(a: i64, b: i64) -> (bool, bool) {
    (a.checked_rem(b) == Some(1), a.checked_rem(b) != None)
}
