//! By-value structures and tuples, methods, constants.

#[derive(Copy, Clone, PartialEq)]
pub struct Value {
    pub tag: u8,
    pub bits: u64,
}

impl Value {
    pub const NIL: Value = Value { tag: 0, bits: 0 };

    pub fn int(value: i64) -> Value {
        Value { tag: 3, bits: value as u64 }
    }

    pub fn float(value: f64) -> Self {
        Self { tag: 4, bits: value.to_bits() }
    }

    pub fn as_int(self) -> i64 {
        self.bits as i64
    }

    pub fn as_float(self) -> f64 {
        f64::from_bits(self.bits)
    }

    pub fn is_number(self) -> bool {
        self.tag == 3 || self.tag == 4
    }
}

#[derive(Copy, Clone)]
pub struct Vector {
    pub x: f64,
    pub y: f64,
}

#[derive(Copy, Clone)]
pub struct Line {
    pub from: Vector,
    pub to: Vector,
    pub name: (u8, u16),
}

#[derive(Copy, Clone)]
pub struct Wrapped(pub u32, pub bool);

pub fn add_values(a: Value, b: Value) -> Option<Value> {
    if a.tag == 3 && b.tag == 3 {
        return Some(Value::int(a.as_int().wrapping_add(b.as_int())));
    }
    if !a.is_number() || !b.is_number() {
        return None;
    }
    let x = if a.tag == 3 { a.as_int() as f64 } else { a.as_float() };
    let y = if b.tag == 3 { b.as_int() as f64 } else { b.as_float() };
    Some(Value::float(x + y))
}

pub fn add_encoded(a: i64, b: f64, mix: u8) -> Option<Value> {
    let (x, y) = match mix {
        0 => (Value::int(a), Value::int(a)),
        1 => (Value::int(a), Value::float(b)),
        2 => (Value::float(b), Value::float(b)),
        _ => (Value::NIL, Value::int(1)),
    };
    add_values(x, y)
}

pub fn field_assignment(a: f64) -> (f64, f64, u16) {
    let mut line = Line { from: Vector { x: a, y: 1.0 }, to: Vector { x: 0.0, y: 0.0 }, name: (1, 2) };
    line.to = line.from;
    line.to.x += 10.0;
    line.from.y = -1.0;
    line.name.1 += 40;
    (line.to.x + line.from.x, line.to.y - line.from.y, line.name.1)
}

pub fn struct_update(a: f64) -> (f64, f64) {
    let unit = Vector { x: 1.0, y: 1.0 };
    let moved = Vector { x: a, ..unit };
    (moved.x, moved.y)
}

pub fn tuple_structs(a: u32) -> (u32, bool) {
    let mut w = Wrapped(a, false);
    w.1 = w.0 > 5;
    let Wrapped(n, flag) = w;
    (n + 1, !flag)
}

pub fn struct_through_loop(n: u64) -> (f64, f64) {
    let mut v = Vector { x: 0.0, y: 1.0 };
    let mut i = 0;
    while i < n {
        let next = Vector { x: v.y, y: v.x + v.y };
        v = next;
        i += 1;
    }
    (v.x, v.y)
}

pub fn struct_equality(a: i64, b: i64) -> (bool, bool) {
    (Value::int(a) == Value::int(b), Value::int(a) != Value::NIL)
}

pub fn struct_from_branches(a: i64) -> Value {
    let v = if a > 0 {
        Value::int(a)
    } else if a == 0 {
        Value::NIL
    } else {
        return Value::float(a as f64);
    };
    Value { bits: v.bits + 1, ..v }
}

pub fn tuple_nesting(a: u8) -> ((u8, (bool, u8)), u8) {
    let t = ((a, (a > 3, a / 2)), 9);
    let ((x, inner), y) = t;
    ((x, inner), y + t.0.1.1)
}

pub const LIMIT: usize = 3 * SCALE;
const SCALE: usize = 1 << 2;
pub const PAIR: (i64, f64) = (-(LIMIT as i64), 0.5);
pub const DEEP: u32 = factorial(5);

pub const fn factorial(n: u32) -> u32 {
    if n < 2 { 1 } else { n * factorial(n - 1) }
}

pub fn constants_of_all_kinds(a: usize) -> (usize, i64, f64, u32, bool) {
    const LOCAL: usize = LIMIT * 2;
    (a + LIMIT + LOCAL, PAIR.0, PAIR.1, DEEP, a < SCALE)
}

pub type Outcome<T> = Result<T, Value>;

pub fn aliased(a: i64) -> Outcome<i64> {
    if a > 0 { Ok(a) } else { Err(Value::int(a)) }
}
