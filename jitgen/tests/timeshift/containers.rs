//! Virtual containers: allocations that compiled code leaves out, and when they happen after all.

use super::{Toy, interp, words};
use moonshift_jitgen::{
    mem::{Arr, Ref},
    natives, places,
};
use std::cell::Cell;

thread_local! {
    /// How many containers were really made.
    static MADE: Cell<u64> = const { Cell::new(0) };
}

fn made<T>(container: T) -> Ref<T> {
    MADE.set(MADE.get() + 1);
    // SAFETY: what is leaked lives for ever.
    unsafe { Ref::from_ptr(Box::leak(Box::new(container))) }
}

interp!(structs {
    pub struct Node { pub fixed: i64, pub value: Cell<i64>, pub mark: Cell<u8>, pub next: Cell<Option<Ref<Node>>> }

    #[allocates(Node { fixed, value: fixed, mark: 7, next: None })]
    pub fn node(fixed: i64) -> Ref<Node> {
        super::made(Node { fixed, value: Cell::new(fixed), mark: Cell::new(7), next: Cell::new(None) })
    }

    #[residual(reads(Node))]
    pub fn sum(node: Ref<Node>) -> i64 {
        node.fixed * 1000 + node.value.get() * 10 + node.mark.get() as i64 + node.next.get().map_or(0, |next| next.value.get() * 100_000)
    }

    #[residual(writes(Node))]
    pub fn change(node: Ref<Node>) {
        node.value.set(node.value.get() + 1);
    }

    fn pair(x: i64, y: i64) -> Ref<Node> {
        let first = node(x);
        let second = node(y);
        first.next.set(Some(second));
        first
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Made, read, written, dropped.
                0 => {
                    let one = node(x);
                    one.value.set(one.value.get().wrapping_add(y));
                    one.mark.set(one.mark.get().wrapping_add(1));
                    return one.value.get().wrapping_add(one.fixed).wrapping_add(one.mark.get() as i64);
                }
                // One in another.
                1 => {
                    let one = pair(x, y);
                    let mut sum = one.value.get();
                    if let Some(next) = one.next.get() { sum = sum.wrapping_mul(next.value.get()); }
                    return sum;
                }
                // Escapes with what it holds then.
                2 => {
                    let one = node(x);
                    one.value.set(y);
                    return sum(one);
                }
                // What it holds stays known.
                3 => {
                    let one = node(x);
                    one.value.set(y);
                    let all = sum(one);
                    return all.wrapping_add(one.value.get()).wrapping_add(one.fixed);
                }
                // But not what a call changed.
                4 => {
                    let one = node(x);
                    change(one);
                    return one.value.get().wrapping_add(one.fixed);
                }
                // Made on two ways.
                5 => {
                    let one = if x > 0 { node(x) } else { node(y) };
                    return one.value.get().wrapping_add(one.mark.get() as i64);
                }
                // Of two shapes: it has to be one thing.
                6 => {
                    let one = if x > 0 { node(x) } else { pair(y, x) };
                    return sum(one);
                }
                // Made on three ways, one in another on each.
                7 => {
                    let one = if x > 10 { pair(x, y) } else if x > 0 { pair(y, x) } else { pair(x, x) };
                    let mut sum = one.value.get();
                    if let Some(next) = one.next.get() { sum = sum.wrapping_add(next.value.get().wrapping_mul(2)); }
                    return sum;
                }
                // A new one in each turn of a loop.
                8 => {
                    let mut kept = node(0);
                    let mut left = x;
                    while left > 0 {
                        kept = node(kept.value.get().wrapping_add(left));
                        left = left.wrapping_sub(1);
                    }
                    return kept.value.get();
                }
                // Refers to itself.
                9 => {
                    let one = node(x);
                    one.next.set(Some(one));
                    one.value.set(y);
                    let mut sum = 0i64;
                    if let Some(next) = one.next.get() {
                        if let Some(next) = next.next.get() { sum = next.value.get(); }
                    }
                    return sum;
                }
                // That, escaping.
                10 => {
                    let one = node(x);
                    one.next.set(Some(one));
                    return sum(one);
                }
                // Two that refer to each other, escaping.
                11 => {
                    let one = node(x);
                    let two = node(y);
                    one.next.set(Some(two));
                    two.next.set(Some(one));
                    return sum(one).wrapping_add(sum(two));
                }
                // A growing list: made after all, one in each turn.
                12 => {
                    let mut kept = node(0);
                    let mut left = x;
                    while left > 0 {
                        let first = node(left);
                        first.next.set(Some(kept));
                        kept = first;
                        left = left.wrapping_sub(1);
                    }
                    let mut sum = 0i64;
                    while let Some(next) = kept.next.get() {
                        sum = sum.wrapping_mul(3).wrapping_add(kept.value.get());
                        kept = next;
                    }
                    return sum;
                }
                // Identity.
                13 => {
                    let one = node(x);
                    let two = node(x);
                    let mut sum = 0i64;
                    if one == two { sum = sum.wrapping_add(1); }
                    if one == one { sum = sum.wrapping_add(2); }
                    return sum;
                }
                // One thing on one way, two on the other.
                14 => {
                    let kept = node(x);
                    let other = if x > 0 { kept } else { node(x) };
                    kept.value.set(y);
                    return other.value.get();
                }
                // Changed in a loop that it was made before.
                15 => {
                    let kept = node(0);
                    let mut left = x;
                    while left > 0 {
                        kept.value.set(kept.value.get().wrapping_add(left));
                        left = left.wrapping_sub(1);
                    }
                    return kept.value.get();
                }
                // Left behind in a loop now and then.
                _ => {
                    let kept = node(0);
                    let other = node(1);
                    let mut left = x;
                    while left > 0 {
                        let one = node(left);
                        if left & 3 == 0 { other.next.set(Some(one)); }
                        kept.value.set(kept.value.get().wrapping_add(one.value.get()));
                        left = left.wrapping_sub(1);
                    }
                    return kept.value.get().wrapping_add(sum(other));
                }
            }
        }
    }
});

const INPUTS: [(i64, i64); 9] = [(3, 4), (-2, 5), (40, 2), (0, 0), (7, -7), (1, 1), (12, 3), (-1, -1), (9, 100)];

fn structs(pc: i64, leaves: &[(&'static str, usize)]) -> Toy {
    use structs::{Node, change, node, run, sum};
    let natives = natives![node(fixed: i64) -> Ref<Node>, sum(node: Ref<Node>) -> i64, change(node: Ref<Node>) -> ()];
    let toy = Toy::new(structs::SOURCE, &places![Node { fixed, value, mark, next }], &natives);
    for (x, y) in INPUTS {
        toy.same(&[pc, x, y], run(pc as usize, x, y));
    }
    toy.leaves(leaves);
    toy
}

/// How many containers compiled code makes for these inputs.
fn makes(toy: &Toy, args: &[i64]) -> u64 {
    let counts: Vec<u64> = toy
        .jits
        .iter()
        .map(|(_, jit)| {
            MADE.set(0);
            super::support::run(jit, &words(args));
            MADE.get()
        })
        .collect();
    assert_eq!(counts[0], counts[1], "the backends do not agree");
    counts[0]
}

#[test]
fn made_and_dropped() {
    let toy = structs(0, &[("add", 3)]);
    assert_eq!(makes(&toy, &[0, 1, 2]), 0);
}

#[test]
fn one_in_another() {
    structs(1, &[("mul", 1)]);
}

#[test]
fn escapes_with_what_it_holds() {
    structs(2, &[("call", 2), ("store", 1)]);
}

#[test]
fn stays_known_after_it_escaped() {
    structs(3, &[("add", 2), ("call", 2), ("store", 1)]);
}

#[test]
fn what_a_call_changed_is_read_again() {
    structs(4, &[("add", 1), ("call", 2), ("load", 1)]);
}

#[test]
fn made_on_two_ways() {
    structs(5, &[("add", 1), ("branch", 1), ("sgt", 1)]);
}

#[test]
fn of_two_shapes() {
    structs(6, &[("branch", 1), ("call", 3), ("sgt", 1), ("store", 1)]);
}

#[test]
fn nested_on_three_ways() {
    structs(7, &[("add", 1), ("branch", 2), ("mul", 1), ("sgt", 2)]);
}

#[test]
fn a_new_one_in_each_turn() {
    let toy = structs(8, &[("add", 1), ("branch", 1), ("sgt", 1), ("sub", 1)]);
    assert_eq!(makes(&toy, &[8, 1000, 0]), 0);
}

#[test]
fn refers_to_itself() {
    structs(9, &[]);
}

#[test]
fn refers_to_itself_and_escapes() {
    structs(10, &[("call", 2), ("store", 1)]);
}

#[test]
fn two_that_refer_to_each_other() {
    structs(11, &[("add", 1), ("call", 4), ("store", 2)]);
}

#[test]
fn a_growing_list() {
    let toy = structs(
        12,
        &[
            ("add", 1),
            ("branch", 2),
            ("call", 2),
            ("load", 2),
            ("mul", 1),
            ("ne", 1),
            ("sgt", 1),
            ("store", 4),
            ("sub", 1),
        ],
    );
    assert_eq!(makes(&toy, &[12, 100, 0]), 101);
}

#[test]
fn identity() {
    structs(13, &[]);
}

#[test]
fn one_on_one_way_two_on_the_other() {
    structs(14, &[("branch", 1), ("call", 3), ("load", 1), ("sgt", 1), ("store", 1)]);
}

#[test]
fn changed_in_a_loop() {
    let toy = structs(15, &[("add", 1), ("branch", 1), ("sgt", 1), ("sub", 1)]);
    assert_eq!(makes(&toy, &[15, 1000, 0]), 0);
}

#[test]
fn left_behind_now_and_then() {
    structs(
        16,
        &[
            ("add", 2),
            ("and", 1),
            ("branch", 2),
            ("call", 4),
            ("eq", 1),
            ("load", 1),
            ("sgt", 1),
            ("store", 1),
            ("sub", 1),
        ],
    );
}

interp!(arrays {
    pub struct Item { pub value: i64, pub mark: u8 }

    #[allocates([0; len])]
    pub fn zeros(len: usize) -> Arr<i64> {
        super::zeros(len)
    }

    #[residual(reads(i64))]
    pub fn sum(array: Arr<i64>, len: usize) -> i64 {
        let mut sum = 0;
        for index in 0..len { sum = sum * 7 + array.get(index); }
        sum
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Known places.
                0 => {
                    let array = zeros(3);
                    array.set(1, x);
                    array.set(2, array.get(1).wrapping_add(array.get(0)));
                    return array.get(2).wrapping_add(y);
                }
                // Escapes with what was written.
                1 => {
                    let array = zeros(4);
                    array.set(1, x);
                    array.set(3, y);
                    return sum(array, 4);
                }
                // A place that is not known.
                2 => {
                    let array = zeros(4);
                    array.set(2, x);
                    return array.get((y & 3) as usize).wrapping_add(array.get(2));
                }
                // A length that is not known.
                3 => {
                    let len = (y & 7) as usize;
                    let array = zeros(len.wrapping_add(1));
                    array.set(0, x);
                    return sum(array, len);
                }
                // Through a loop and a join.
                4 => {
                    let array = zeros(2);
                    array.set(0, x);
                    let mut turn = 0;
                    while turn < y {
                        if array.get(0) & 1 == 0 { array.set(1, turn); } else { array.set(1, array.get(0)); }
                        array.set(0, array.get(0).wrapping_add(array.get(1)));
                        turn = turn.wrapping_add(1);
                    }
                    return array.get(0);
                }
                // Too long to be described.
                _ => {
                    let array = zeros(1000);
                    array.set(999, x);
                    return array.get(999);
                }
            }
        }
    }
});

fn zeros(len: usize) -> Arr<i64> {
    MADE.set(MADE.get() + 1);
    // SAFETY: what is leaked lives for ever; the tests stay inside.
    unsafe { Arr::from_ptr(vec![0i64; len.max(1)].leak().as_mut_ptr()) }
}

fn arrays(pc: i64, leaves: &[(&'static str, usize)]) -> Toy {
    use arrays::{run, sum, zeros};
    let natives = natives![zeros(len: usize) -> Arr<i64>, sum(array: Arr<i64>, len: usize) -> i64];
    let toy = Toy::new(arrays::SOURCE, &[], &natives);
    for (x, y) in INPUTS {
        toy.same(&[pc, x, y], run(pc as usize, x, y));
    }
    toy.leaves(leaves);
    toy
}

#[test]
fn an_array_of_known_places() {
    arrays(0, &[("add", 1)]);
}

#[test]
fn an_array_that_escapes() {
    arrays(1, &[("call", 2), ("store_item", 2)]);
}

#[test]
fn an_array_read_anywhere() {
    arrays(2, &[("add", 1), ("and", 1), ("call", 1), ("load_item", 1), ("store_item", 1)]);
}

#[test]
fn an_array_of_any_length() {
    arrays(3, &[("add", 1), ("and", 1), ("call", 2), ("store_item", 1)]);
}

#[test]
fn an_array_in_a_loop() {
    let toy = arrays(4, &[("add", 2), ("and", 1), ("branch", 2), ("eq", 1), ("slt", 1)]);
    assert_eq!(makes(&toy, &[4, 3, 1000]), 0);
}

#[test]
fn a_long_array() {
    arrays(5, &[("call", 1), ("store_item", 1)]);
}

interp!(lists {
    #[heap]
    pub struct List { pub items: super::Items }
    #[heap]
    pub struct Dict { pub rows: super::Rows }

    #[oopspec(list.new)]
    pub fn list() -> Ref<List> {
        super::made(List { items: Default::default() })
    }
    #[oopspec(list.push)]
    #[residual(writes(List))]
    pub fn push(list: Ref<List>, item: i64) {
        list.items.borrow_mut().push(item);
    }
    #[oopspec(list.pop)]
    #[residual(reads(List), writes(List))]
    pub fn pop(list: Ref<List>) -> i64 {
        list.items.borrow_mut().pop().unwrap_or(-77)
    }
    #[oopspec(list.get)]
    #[residual(reads(List))]
    pub fn get(list: Ref<List>, index: usize) -> i64 {
        list.items.borrow().get(index).copied().unwrap_or(-55)
    }
    #[oopspec(list.set)]
    #[residual(writes(List))]
    pub fn set(list: Ref<List>, index: usize, item: i64) {
        if let Some(place) = list.items.borrow_mut().get_mut(index) { *place = item; }
    }
    #[oopspec(list.len)]
    #[residual(reads(List))]
    pub fn len(list: Ref<List>) -> i64 {
        list.items.borrow().len() as i64
    }
    #[residual(reads(List))]
    pub fn total(list: Ref<List>) -> i64 {
        list.items.borrow().iter().fold(0, |sum, item| sum * 7 + item)
    }

    #[oopspec(dict.new)]
    pub fn dict() -> Ref<Dict> {
        super::made(Dict { rows: Default::default() })
    }
    #[oopspec(dict.set)]
    #[residual(writes(Dict))]
    pub fn put(dict: Ref<Dict>, key: i64, value: i64) {
        dict.rows.borrow_mut().insert(key, value);
    }
    #[oopspec(dict.get)]
    #[residual(reads(Dict))]
    pub fn find(dict: Ref<Dict>, key: i64) -> i64 {
        dict.rows.borrow().get(&key).copied().unwrap_or(-33)
    }
    #[oopspec(dict.has)]
    #[residual(reads(Dict))]
    pub fn has(dict: Ref<Dict>, key: i64) -> bool {
        dict.rows.borrow().contains_key(&key)
    }
    #[oopspec(dict.remove)]
    #[residual(writes(Dict))]
    pub fn drop_key(dict: Ref<Dict>, key: i64) {
        dict.rows.borrow_mut().remove(&key);
    }
    #[oopspec(dict.len)]
    #[residual(reads(Dict))]
    pub fn size(dict: Ref<Dict>) -> i64 {
        dict.rows.borrow().len() as i64
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        let stack = list();
        loop {
            merge_point();
            match pc {
                // A stack.
                0 => {
                    push(stack, x);
                    push(stack, y);
                    push(stack, 10);
                    let a = pop(stack);
                    let b = pop(stack);
                    push(stack, a.wrapping_mul(b));
                    let c = pop(stack);
                    return c.wrapping_add(pop(stack)).wrapping_add(len(stack));
                }
                // Places.
                1 => {
                    push(stack, x);
                    push(stack, y);
                    set(stack, 0, get(stack, 1));
                    return get(stack, 0).wrapping_sub(x).wrapping_add(len(stack));
                }
                // Escapes with its items.
                2 => {
                    push(stack, x);
                    push(stack, y);
                    return total(stack);
                }
                // Nothing there: the function says what that means.
                3 => return pop(stack).wrapping_add(x),
                4 => {
                    push(stack, x);
                    return get(stack, 5);
                }
                // A place that is not known.
                5 => {
                    push(stack, x);
                    push(stack, 9);
                    return get(stack, (y & 1) as usize);
                }
                // Empty at first, then of one length around a loop.
                6 => {
                    let mut left = x;
                    while left > 0 {
                        if len(stack) == 0 { push(stack, 1); }
                        push(stack, left);
                        let a = pop(stack);
                        let b = pop(stack);
                        push(stack, a.wrapping_add(b));
                        left = left.wrapping_sub(1);
                    }
                    return len(stack);
                }
                // Of one length behind a join.
                7 => {
                    if x > 0 { push(stack, x); } else { push(stack, y); }
                    return pop(stack);
                }
                // Of two.
                8 => {
                    push(stack, y);
                    if x > 0 { push(stack, x); }
                    return pop(stack);
                }
                // A dict with known keys.
                9 => {
                    let dict = dict();
                    put(dict, 1, x);
                    put(dict, 2, y);
                    put(dict, 1, find(dict, 1).wrapping_add(find(dict, 2)));
                    let mut sum = find(dict, 1).wrapping_mul(size(dict));
                    if has(dict, 3) { sum = 0; }
                    drop_key(dict, 2);
                    if has(dict, 2) { sum = 0; }
                    return sum.wrapping_add(size(dict));
                }
                // A key that is not known.
                10 => {
                    let dict = dict();
                    put(dict, 1, x);
                    put(dict, 2, 5);
                    return find(dict, y);
                }
                // A key that is not there.
                11 => {
                    let dict = dict();
                    put(dict, 1, x);
                    return find(dict, 2);
                }
                // Known keys around a loop.
                _ => {
                    let dict = dict();
                    put(dict, 1, 0);
                    put(dict, 2, x);
                    while find(dict, 2) > 0 {
                        put(dict, 1, find(dict, 1).wrapping_add(find(dict, 2)));
                        put(dict, 2, find(dict, 2).wrapping_sub(1));
                    }
                    return find(dict, 1);
                }
            }
        }
    }
});

type Items = std::cell::RefCell<Vec<i64>>;
type Rows = std::cell::RefCell<std::collections::BTreeMap<i64, i64>>;

fn lists(pc: i64, leaves: &[(&'static str, usize)]) -> Toy {
    use lists::{Dict, List, dict, drop_key, find, get, has, len, list, pop, push, put, run, set, size, total};
    let natives = natives![
        list() -> Ref<List>, push(list: Ref<List>, item: i64) -> (), pop(list: Ref<List>) -> i64,
        get(list: Ref<List>, index: usize) -> i64, set(list: Ref<List>, index: usize, item: i64) -> (),
        len(list: Ref<List>) -> i64, total(list: Ref<List>) -> i64,
        dict() -> Ref<Dict>, put(dict: Ref<Dict>, key: i64, value: i64) -> (), find(dict: Ref<Dict>, key: i64) -> i64,
        has(dict: Ref<Dict>, key: i64) -> bool, drop_key(dict: Ref<Dict>, key: i64) -> (), size(dict: Ref<Dict>) -> i64
    ];
    let toy = Toy::new(lists::SOURCE, &[], &natives);
    for (x, y) in INPUTS {
        toy.same(&[pc, x, y], run(pc as usize, x, y));
    }
    toy.leaves(leaves);
    toy
}

#[test]
fn a_list_as_a_stack() {
    let toy = lists(0, &[("add", 1), ("mul", 1)]);
    assert_eq!(makes(&toy, &[0, 3, 4]), 0);
}

#[test]
fn places_of_a_list() {
    lists(1, &[("add", 1), ("sub", 1)]);
}

#[test]
fn a_list_that_escapes() {
    lists(2, &[("call", 4)]);
}

#[test]
fn an_empty_list_popped() {
    lists(3, &[("add", 1), ("call", 2)]);
}

#[test]
fn a_list_read_outside() {
    lists(4, &[("call", 3)]);
}

#[test]
fn a_list_read_anywhere() {
    lists(5, &[("and", 1), ("call", 4)]);
}

#[test]
fn a_list_around_a_loop() {
    let toy = lists(6, &[("add", 2), ("branch", 2), ("sgt", 2), ("sub", 2)]);
    assert_eq!(makes(&toy, &[6, 1000, 0]), 0);
}

#[test]
fn a_list_behind_a_join() {
    lists(7, &[("branch", 1), ("sgt", 1)]);
}

#[test]
fn lists_of_two_lengths() {
    lists(8, &[("branch", 1), ("call", 6), ("sgt", 1)]);
}

#[test]
fn a_dict_of_known_keys() {
    let toy = lists(9, &[("add", 2), ("mul", 1)]);
    assert_eq!(makes(&toy, &[9, 3, 4]), 0);
}

#[test]
fn a_dict_asked_for_any_key() {
    lists(10, &[("call", 4)]);
}

#[test]
fn a_dict_asked_for_what_it_has_not() {
    lists(11, &[("call", 3)]);
}

#[test]
fn a_dict_around_a_loop() {
    let toy = lists(12, &[("add", 1), ("branch", 1), ("sgt", 1), ("sub", 1)]);
    assert_eq!(makes(&toy, &[12, 1000, 0]), 0);
}
