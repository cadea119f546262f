//! Which specialisations there are, their colours, and what becomes of calls.

use super::{annotated, portal};
use moonshift_jitgen::hints::Color::{Green, Red};

#[test]
fn callees_are_specialised_by_colour() {
    let it = annotated(concat!(
        portal!(
            "let a = twice(pc as i64); let b = twice(x); let c = twice(y); let d = twice(a); if pc > 9 { return a + b + c + d; } pc += 1;"
        ),
        "fn twice(n: i64) -> i64 { if n > 5 { return n + n; } n * 2 }"
    ));
    assert_eq!(it.params("twice"), [[Green], [Red]]);
    assert_eq!(it.results("twice"), [[Green], [Red]]);
    assert_eq!(it.calls("run", "twice"), [["yellow", "red", "red", "yellow"]]);
    assert_eq!((it.colors("run", "a"), it.colors("run", "d")), (vec![Green], vec![Green]));
    assert_eq!((it.colors("run", "b"), it.colors("run", "c")), (vec![Red], vec![Red]));
}

#[test]
fn each_combination_of_colours_is_a_specialisation() {
    let it = annotated(concat!(
        portal!(
            "let p = pc as i64; if pc > 9 { return add(p, p) + add(p, x) + add(x, p) + add(x, y) + add(y, 1) + add(2, p); } pc += 1;"
        ),
        "fn add(a: i64, b: i64) -> i64 { if a > 5 { return b + a; } a + b }"
    ));
    assert_eq!(it.params("add"), [[Green, Green], [Green, Red], [Red, Green], [Red, Red]]);
    assert_eq!(it.results("add"), [[Green], [Red], [Red], [Red]]);
    assert_eq!(it.calls("run", "add"), [["yellow", "red", "red", "red", "red", "yellow"]]);
}

#[test]
fn specialisations_of_callees_of_callees() {
    let it = annotated(concat!(
        portal!("let p = pc as i64; if pc > 9 { return outer(p, x) + outer(x, p); } pc += 1;"),
        "fn outer(a: i64, b: i64) -> i64 { inner(a) * inner(b) + inner(7) }
         fn inner(n: i64) -> i64 { if n > 5 { return n; } n + 1 }"
    ));
    assert_eq!(it.params("outer"), [[Green, Red], [Red, Green]]);
    assert_eq!(it.params("inner"), [[Green], [Red]]);
    // The same call is of one kind in one specialisation, and of another in the other.
    assert_eq!(it.calls("outer", "inner"), [["yellow", "red", "yellow"], ["red", "yellow", "yellow"]]);
}

#[test]
fn kinds_of_calls() {
    let it = annotated(concat!(
        portal!(
            "log(x); store(x); let k = kind(x); if pc > 9 { return known(pc as i64) + known(x) + run(0, k, y) + apart(x); } pc += 1;"
        ),
        "#[residual] fn log(n: i64) {}
         fn store(n: i64) { if n > 5 { log(n); } }
         fn kind(n: i64) -> i64 { if n < 0 { 1 } else { 2 } }
         #[elidable] fn known(n: i64) -> i64 { n }
         #[never_inline] fn apart(n: i64) -> i64 { n + 1 }"
    ));
    assert_eq!(it.calls("run", "log"), [["residual"]]);
    assert_eq!(it.calls("run", "store"), [["gray"]]);
    assert_eq!(it.calls("run", "known"), [["green", "residual"]]);
    assert_eq!(it.calls("run", "run"), [["portal"]]);
    assert_eq!(it.calls("run", "apart"), [["residual"]]);
    // What stays a call is not specialised.
    assert!(it.specs("apart").is_empty() && it.specs("known").is_empty());
}

#[test]
fn what_results_depend_on_is_local_to_a_function() {
    // The result of `first` depends on its first parameter alone, whatever the colour of the other.
    let it = annotated(concat!(
        portal!(
            "let a = first(pc as i64, x); let b = first(x, pc as i64); if pc > 9 { return concrete(a) + b; } pc += 1;"
        ),
        "fn first(a: i64, b: i64) -> i64 { if b > 5 { return a; } a + 1 }"
    ));
    assert_eq!(it.params("first"), [[Green, Red], [Red, Green]]);
    assert_eq!(it.results("first"), [[Green], [Red]]);
    assert_eq!(it.colors("run", "a"), [Green]);
    assert_eq!(it.colors("run", "b"), [Red]);
}

#[test]
fn parts_of_a_result_have_colours_of_their_own() {
    let it = annotated(concat!(
        portal!("let (k, v) = pair(pc as i64, x); if pc > 9 { return concrete(k) + v; } pc += 1;"),
        "fn pair(a: i64, b: i64) -> (i64, i64) { if b > 5 { return (a, b); } (a + 1, b + 1) }"
    ));
    assert_eq!(it.results("pair"), [[Green, Red]]);
    assert_eq!(it.calls("run", "pair"), [["yellow"]]);
}

#[test]
fn greens_pass_through_chains_of_calls() {
    let it = annotated(concat!(
        portal!("if pc > 9 { return a(pc as i64, x); } pc += 1;"),
        "fn a(n: i64, x: i64) -> i64 { b(n + 1, x) }
         fn b(n: i64, x: i64) -> i64 { c(n + 1, x) }
         fn c(n: i64, x: i64) -> i64 { if x > 5 { return concrete(n + 1); } x }"
    ));
    for name in ["a", "b", "c"] {
        assert_eq!(it.params(name), [[Green, Red]], "{name}");
        assert_eq!(it.results(name), [[Red]], "{name}");
    }
}

#[test]
fn demanded_loop_variables_are_green_at_the_fixpoint() {
    // Each of the three is demanded only through another, around the loop.
    let it = annotated(concat!(
        portal!("if pc > 9 { return around(pc as i64, x); } pc += 1;"),
        "fn around(n: i64, x: i64) -> i64 {
            let mut a = n; let mut b = n + 1; let mut c = 2; let mut sum = x;
            while concrete(a) > 0 { sum += a; a = b - 3; b = c; c = a; }
            sum
        }"
    ));
    for name in ["a", "b", "c"] {
        assert_eq!(it.colors("around", name), [Green], "{name}");
    }
    assert_eq!(it.colors("around", "sum"), [Red]);
}

#[test]
fn loop_variables_that_nothing_demands_are_red() {
    let it = annotated(concat!(
        portal!("if pc > 9 { return sum(pc as i64); } pc += 1;"),
        "fn sum(n: i64) -> i64 { let mut total = 0; let mut left = n; while left > 0 { total += left; left -= 1; } total }"
    ));
    assert_eq!(it.results("sum"), [[Red]]);
    assert!(it.colors("sum", "total").contains(&Red));
    assert!(it.colors("sum", "left").contains(&Red));
}

#[test]
fn unrolled_loops_of_greens_are_green() {
    let it = annotated(concat!(
        portal!("if pc > 9 { return power(pc as i64, 2) + power(x, 3); } pc += 1;"),
        "#[unroll] fn power(base: i64, n: i64) -> i64 { let mut p = 1; let mut left = n; while left > 0 { p *= base; left -= 1; } p }"
    ));
    assert_eq!(it.params("power"), [[Green, Green], [Red, Green]]);
    assert_eq!(it.results("power"), [[Green], [Red]]);
}

#[test]
fn promotion_is_a_source_of_green() {
    let it = annotated(concat!(
        portal!("let p = promote(x); let q = p * 2 + pc as i64; if pc > 9 { return concrete(q) + y; } pc += 1;"),
        ""
    ));
    assert_eq!((it.colors("run", "p"), it.colors("run", "q")), (vec![Green], vec![Green]));
}

#[test]
fn joins_are_red_unless_demanded() {
    let text = |end: &str| {
        format!(
            "#[portal(greens(pc), order = pc)]
            fn run(mut pc: usize, x: i64) -> i64 {{
                loop {{ merge_point(); if pc > 9 {{ return f(x); }} pc += 1; }}
            }}
            fn f(x: i64) -> i64 {{ let k = if x < 0 {{ 3 }} else {{ 4 }}; log(x); {end} }}
            #[residual] fn log(n: i64) {{}}"
        )
    };
    assert_eq!(annotated(&text("k * x")).colors("f", "k"), [Red]);
    assert_eq!(annotated(&text("concrete(k) * x")).colors("f", "k"), [Green]);
}

#[test]
fn variables_are_forgotten() {
    let it = annotated(portal!("let p = variable(pc as i64); let q = p + 1; if pc > 9 { return q + x; } pc += 1;"));
    assert_eq!((it.colors("run", "p"), it.colors("run", "q")), (vec![Red], vec![Red]));
}

#[test]
fn reads_of_what_never_changes_are_green() {
    let it = annotated(
        "pub struct Config { pub base: i64, pub scale: Cell<i64> }
        #[portal(greens(config, pc), order = pc)]
        fn run(config: &Config, mut pc: usize, x: i64) -> i64 {
            loop {
                merge_point();
                let b = config.base + pc as i64;
                let s = config.scale.get() + pc as i64;
                if pc > 9 { return b * x + s; }
                pc += 1;
            }
        }",
    );
    assert_eq!((it.colors("run", "b"), it.colors("run", "s")), (vec![Green], vec![Red]));
}

#[test]
fn joins_of_a_callee_are_green_where_its_arguments_are() {
    // The result is a join, which the first call alone asks for.
    let it = annotated(concat!(
        portal!("let a = pick(pc as i64); let b = pick(x); if pc > 9 { return concrete(a) + b; } pc += 1;"),
        "fn pick(n: i64) -> i64 { let k = if n < 5 { n + 1 } else { n * 2 }; log(k); k }
         #[residual] fn log(n: i64) {}"
    ));
    assert_eq!(it.params("pick"), [[Green], [Red]]);
    assert_eq!(it.results("pick"), [[Green], [Red]]);
    assert_eq!(it.calls("run", "pick"), [["yellow", "red"]]);
}

#[test]
fn requests_go_through_calls_of_calls_to_the_arguments_of_one() {
    let it = annotated(concat!(
        portal!(
            "let a = outer(pc as i64, x); let b = outer(x, pc as i64); if pc > 9 { return concrete(a) + b; } pc += 1;"
        ),
        "fn outer(a: i64, b: i64) -> i64 { let k = inner(a); let unused = inner(b); log(unused); k }
         fn inner(n: i64) -> i64 { let k = if n < 5 { n + 1 } else { n * 2 }; log(k); k }
         #[residual] fn log(n: i64) {}"
    ));
    assert_eq!(it.results("outer"), [[Green], [Red]]);
    assert_eq!(it.results("inner"), [[Green], [Red]]);
    assert_eq!(it.calls("outer", "inner"), [["yellow", "red"], ["red", "yellow"]]);
}
