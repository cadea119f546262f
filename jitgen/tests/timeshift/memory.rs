//! Partial data: what is known of memory, and when it is forgotten.

use super::{Toy, address, interp};
use moonshift_jitgen::{mem::Arr, natives, places};
use std::cell::Cell;

interp!(fields {
    pub struct Pair { pub fixed: i64, pub a: Cell<i64>, pub b: Cell<i64>, pub small: Cell<u8>, pub next: Option<&'static Pair> }

    #[residual(writes(Pair.a))]
    pub fn touch(pair: &Pair) {
        pair.a.set(pair.a.get().wrapping_mul(2));
    }

    #[residual]
    pub fn anything(pair: &Pair) {
        pair.a.set(pair.a.get().wrapping_sub(1));
        pair.b.set(pair.b.get().wrapping_sub(2));
    }

    #[residual(pure)]
    pub fn nothing(x: i64) -> i64 {
        x / 2
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, p: &Pair, q: &Pair, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Read once.
                0 => return p.a.get().wrapping_add(p.a.get()).wrapping_add(p.fixed).wrapping_mul(p.fixed),
                // Written, then read.
                1 => {
                    p.a.set(x);
                    p.b.set(x.wrapping_add(1));
                    return p.a.get().wrapping_mul(p.b.get());
                }
                // Another address may be the same.
                2 => {
                    p.a.set(x);
                    q.a.set(7);
                    return p.a.get();
                }
                // Another field is not.
                3 => {
                    p.a.set(x);
                    q.b.set(7);
                    return p.a.get();
                }
                // A call forgets what it writes.
                4 => {
                    let before = p.a.get().wrapping_add(p.b.get()).wrapping_add(p.fixed);
                    touch(p);
                    return before.wrapping_sub(p.a.get()).wrapping_sub(p.b.get()).wrapping_sub(p.fixed);
                }
                // One that may write anything forgets all but what never changes.
                5 => {
                    let before = p.a.get().wrapping_add(p.b.get()).wrapping_add(p.fixed);
                    anything(p);
                    return before.wrapping_sub(p.a.get()).wrapping_sub(p.b.get()).wrapping_sub(p.fixed);
                }
                6 => {
                    let before = p.a.get();
                    return nothing(x).wrapping_add(before).wrapping_add(p.a.get());
                }
                // The same value again is not written again.
                7 => {
                    p.a.set(p.b.get());
                    p.a.set(p.b.get());
                    return 0;
                }
                // Narrow fields.
                8 => {
                    p.small.set(x as u8);
                    return p.small.get() as i64;
                }
                // A nullable handle, tested once.
                9 => {
                    let mut sum = 0;
                    if let Some(next) = p.next { sum += next.fixed; }
                    if p.next.is_some() { sum += 1; }
                    return sum;
                }
                // Known on both ways, so behind the join.
                _ => {
                    let value = if x > 0 { p.a.get() } else { p.a.get().wrapping_neg() };
                    return value.wrapping_add(p.a.get());
                }
            }
        }
    }
});

fn fields(pc: usize, leaves: &[(&'static str, usize)]) {
    use fields::{Pair, anything, nothing, run, touch};
    let natives = natives![touch(pair: &Pair) -> (), anything(pair: &Pair) -> (), nothing(x: i64) -> i64];
    let toy = Toy::new(fields::SOURCE, &places![Pair { fixed, a, b, small, next }], &natives);
    let make = |fixed, next| Pair { fixed, a: Cell::new(0), b: Cell::new(0), small: Cell::new(0), next };
    let last: &'static Pair = Box::leak(Box::new(make(1000, None)));
    let pairs = [make(5, Some(last)), make(6, None)];
    for (p, q, x) in [(0, 1, 3), (0, 0, -3), (1, 1, 300), (1, 0, 8), (0, 1, -9), (0, 0, 4), (1, 1, 2)] {
        let (p, q) = (&pairs[p], &pairs[q]);
        toy.check(
            || {
                for (index, pair) in pairs.iter().enumerate() {
                    pair.a.set(10 + index as i64);
                    pair.b.set(20 + index as i64);
                    pair.small.set(1);
                }
                vec![pc as u64, address(p), address(q), x as u64]
            },
            || vec![run(pc, p, q, x) as u64],
            || [p, q].map(|pair| (pair.a.get(), pair.b.get(), pair.small.get())),
        );
    }
    toy.leaves(leaves);
}

#[test]
fn read_once() {
    fields(0, &[("add", 2), ("load", 2), ("mul", 1)]);
}

#[test]
fn written_and_read() {
    fields(1, &[("add", 1), ("mul", 1), ("store", 2)]);
}

#[test]
fn another_address_may_be_the_same() {
    fields(2, &[("load", 1), ("store", 2)]);
}

#[test]
fn another_field_is_not() {
    fields(3, &[("store", 2)]);
}

#[test]
fn calls_forget_what_they_write() {
    fields(4, &[("add", 2), ("call", 1), ("load", 4), ("sub", 3)]);
}

#[test]
fn calls_do_not_forget_what_never_changes() {
    fields(5, &[("add", 2), ("call", 1), ("load", 5), ("sub", 3)]);
}

#[test]
fn pure_calls_forget_nothing() {
    fields(6, &[("add", 2), ("call", 1), ("load", 1)]);
}

#[test]
fn not_written_again() {
    fields(7, &[("load", 1), ("store", 1)]);
}

#[test]
fn narrow_fields() {
    fields(8, &[("store", 1), ("trunc", 1), ("zext", 1)]);
}

#[test]
fn nullable_handles_are_compared_once() {
    // The ways meet between the two tests, but it is one comparison of one address.
    fields(9, &[("add", 1), ("branch", 2), ("load", 2), ("ne", 1)]);
}

#[test]
fn known_behind_joins() {
    fields(10, &[("add", 1), ("branch", 1), ("load", 2), ("neg", 1), ("sgt", 1)]);
}

interp!(arrays {
    #[heap(frozen)]
    #[derive(Copy, Clone)]
    pub struct Entry { pub key: u16, pub value: i64 }

    #[portal(greens(pc, table), order = pc)]
    pub fn run(pc: usize, table: Arr<Entry>, a: Arr<i64>, i: usize, j: usize) -> i64 {
        loop {
            merge_point();
            match pc {
                // Frozen and known: no loads.
                0 => return lookup(table, 3, 4).wrapping_add(i as i64),
                // Frozen, at a red index: loaded.
                1 => return table.get(i).value,
                // Elements of one array at different constant places are different.
                2 => {
                    a.set(0, 5);
                    a.set(1, 6);
                    return a.get(0).wrapping_add(a.get(1)).wrapping_add(a.get(2));
                }
                // At red places they may be the same.
                3 => {
                    a.set(i, 5);
                    a.set(j, 6);
                    return a.get(i);
                }
                4 => {
                    let first = a.get(0);
                    a.set(i, first.wrapping_add(1));
                    return a.get(0).wrapping_add(a.get(i));
                }
                // Offsets that are undone.
                5 => return a.offset(3).back(1).get(0).wrapping_add(a.get(2)),
                // The rest of an array at a red place.
                _ => {
                    let rest = a.offset(i);
                    rest.set(1, 50);
                    return rest.get(1).wrapping_add(a.get(1));
                }
            }
        }
    }

    #[unroll]
    fn lookup(table: Arr<Entry>, count: usize, key: u16) -> i64 {
        let mut at = 0;
        while at < count {
            let entry = table.get(at);
            if entry.key == key { return entry.value; }
            at += 1;
        }
        -1
    }
});

fn arrays(pc: usize, leaves: &[(&'static str, usize)]) {
    use arrays::{Entry, run};
    let mut table = [(2, 20), (4, 40), (6, 60), (8, 80)].map(|(key, value)| Entry { key, value });
    // SAFETY: the arrays live to the end of the test, and indices stay inside.
    let table = unsafe { Arr::from_ptr(table.as_mut_ptr()) };
    let cells = [const { Cell::new(0i64) }; 8];
    // SAFETY: as above; a cell is its content.
    let a = unsafe { Arr::from_ptr(cells.as_ptr().cast::<i64>().cast_mut()) };
    let toy = Toy::new(arrays::SOURCE, &places![[Entry] { key, value }], &[]);
    for (i, j) in [(0, 1), (1, 1), (2, 0), (3, 3), (0, 0)] {
        toy.check(
            || {
                cells.iter().enumerate().for_each(|(index, cell)| cell.set(100 + index as i64));
                vec![pc as u64, table.addr(), a.addr(), i as u64, j as u64]
            },
            || vec![run(pc, table, a, i, j) as u64],
            || cells.iter().map(Cell::get).collect::<Vec<_>>(),
        );
    }
    toy.leaves(leaves);
}

#[test]
fn frozen_arrays_leave_no_loads() {
    arrays(0, &[("add", 1)]);
}

#[test]
fn frozen_arrays_at_unknown_places() {
    arrays(1, &[("load_item", 1)]);
}

#[test]
fn elements_at_known_places_are_apart() {
    arrays(2, &[("add", 1), ("load_item", 1), ("store_item", 2)]);
}

#[test]
fn elements_at_unknown_places_may_be_the_same() {
    arrays(3, &[("load_item", 1), ("store_item", 2)]);
}

#[test]
fn unknown_places_forget_known_ones() {
    arrays(4, &[("add", 2), ("load_item", 2), ("store_item", 1)]);
}

#[test]
fn offsets_cancel() {
    arrays(5, &[("add", 1), ("load_item", 1)]);
}

#[test]
fn windows_at_unknown_places() {
    arrays(6, &[("add", 1), ("load_item", 1), ("ptr_add", 1), ("store_item", 1)]);
}
