//! The order of effects. Each function notes digits in a trace, whose value is the order in which things happened.

use moonshift_jitgen::marks::heap;
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;

#[heap]
pub struct Trace {
    pub seen: Cell<u64>,
    pub cells: Cell<Arr<u64>>,
}

impl Trace {
    pub fn note(&self, digit: u64) -> u64 {
        self.seen.set(self.seen.get() * 10 + digit);
        digit
    }

    pub fn note_none(&self, digit: u64) -> Option<u64> {
        self.note(digit);
        None
    }
}

#[derive(Copy, Clone)]
pub struct Three {
    pub a: u64,
    pub b: u64,
    pub c: u64,
}

pub fn base_of(t: Ref<Trace>) -> Three {
    t.note(9);
    Three { a: 40, b: 50, c: 60 }
}

pub fn in_operands(t: Ref<Trace>) -> u64 {
    t.note(1) + t.note(2) * t.note(3) - (t.note(4) & t.note(5))
}

pub fn in_comparisons(t: Ref<Trace>) -> bool {
    t.note(2) < t.note(1) || t.note(3) == t.note(3) && t.note(4) != t.note(5) || t.note(6) == 0
}

pub fn in_arguments(t: Ref<Trace>) -> u64 {
    three(t.note(1), t.note(2), t.note(3))
}

fn three(a: u64, b: u64, c: u64) -> u64 {
    a * 100 + b * 10 + c
}

pub fn in_methods(t: Ref<Trace>) -> u64 {
    t.note(3).wrapping_add(t.note(4)).min(t.note(5)).rotate_left(t.note(6) as u32)
}

pub fn in_structures(t: Ref<Trace>) -> u64 {
    let x = Three { c: t.note(1), a: t.note(2), b: t.note(3) };
    x.a * 100 + x.b * 10 + x.c
}

pub fn in_updates(t: Ref<Trace>) -> u64 {
    let x = Three { c: t.note(1), a: t.note(2), ..base_of(t) };
    x.a * 100 + x.b * 10 + x.c
}

pub fn in_tuples(t: Ref<Trace>) -> u64 {
    let (x, (y, z)) = (t.note(1), (t.note(2), t.note(3)));
    x + y * z
}

pub fn in_assignments(t: Ref<Trace>) -> u64 {
    let mut x = t.note(1);
    x += {
        x = 5;
        t.note(2)
    };
    let mut y = 0;
    (x, y) = (x + t.note(3), t.note(4));
    x += y;
    x
}

pub fn of_values_read(n: u64) -> (u64, u64, u64) {
    let mut x = n;
    let sum = x + {
        x = 3;
        x
    };
    let pair = (x, {
        x = 7;
        x
    });
    let shifted = x.wrapping_add({
        x = 9;
        x
    });
    (sum, pair.0 * 10 + pair.1, shifted + x)
}

pub fn in_cells(t: Ref<Trace>) -> u64 {
    t.seen.set(t.seen.get() + t.note(1));
    t.seen.set({
        t.note(2);
        t.seen.get() * 2
    });
    t.seen.replace(t.note(3)) + t.seen.get()
}

pub fn in_arrays(t: Ref<Trace>) -> u64 {
    let cells = t.cells.get();
    cells.set(t.note(1) as usize, t.note(2) + cells.get(1));
    cells.get(t.note(3) as usize) + cells.offset(t.note(1) as usize).get(t.note(0) as usize)
}

pub fn in_branches(t: Ref<Trace>) -> u64 {
    let x = match t.note(1) {
        n if t.note(2) == n => t.note(3),
        1 if t.note(4) == 4 => t.note(5),
        _ => t.note(6),
    };
    if t.note_none(7).is_some() && t.note(8) == 8 { x } else { x + t.note(9) }
}

pub fn in_loops(t: Ref<Trace>) -> u64 {
    let mut sum = 0;
    for i in t.note(1)..t.note(3) + t.note(1) {
        sum += i;
        while sum < t.note(2) {
            sum += 1;
        }
    }
    sum
}

pub fn in_failures(t: Ref<Trace>) -> Option<u64> {
    let x = t.note(1) + three(t.note(2), t.note_none(3)?, t.note(4));
    t.note(5);
    Some(x)
}

pub fn in_alternatives(t: Ref<Trace>) -> u64 {
    let x = t.note_none(1).unwrap_or(t.note(2));
    let y = t.note_none(3).or(Some(t.note(4))).unwrap_or(t.note(5));
    let Ok(z) = t.note_none(6).ok_or(t.note(7)) else { return x + y };
    z
}
