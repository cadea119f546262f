//! Marks: their names, arguments and places.

use super::errors;

errors! {
    effect_unknown: "#[residual(«magic»)] fn g() {} fn f() { g() }" => "unknown effect `magic`";
    effect_of_unknown_class: "#[residual(reads(«Nowhere»))] fn g() {} fn f() { g() }" => "no structure `Nowhere`";
    indirect_effect_unknown: "#[indirect(«magic»)] fn g(a: usize) {} fn f() { g(1) }" => "unknown effect `magic`";
    heap_argument: "#[heap(«cold»)] struct S; fn f() {}" => "unknown argument `cold` of `heap`";
    elidable_argument: "«#[elidable(pure)]» fn g() {} fn f() {}" => "`elidable` takes no arguments";
    unroll_argument: "«#[unroll(4)]» fn f() {}" => "`unroll` takes no arguments";
    never_inline_argument: "«#[never_inline(x)]» fn f() {}" => "`never_inline` takes no arguments";
    effect_place_without_number: "struct S { a: u8 } #[residual(writes_from(a, S, «x»))] fn g(a: Arr<S>) {} fn f(a: Arr<S>) { g(a) }" =>
        "not a number of elements";
    portal_argument: "#[portal(greens(x), «magic», order = x)] fn f(x: usize) { loop { merge_point(); } }" =>
        "unknown argument `magic` of `portal`";
    portal_without_order: "«#[portal(greens(x))]» fn f(x: usize) { loop { merge_point(); } }" => "a portal names the green";
    portal_green_unknown: "#[portal(greens(x, «y»), order = x)] fn f(x: usize) { loop { merge_point(); } }" => "no parameter `y`";
    portal_order_unknown: "#[portal(greens(x), order = «y»)] fn f(x: usize) { loop { merge_point(); } }" => "`y`";
    merge_point_elsewhere: "fn f() { «merge_point()»; }" => "a merge point stands in a portal";
    promoted_pair: "fn f(x: (i64, i64)) { let y = «promote(x)»; }" => "only scalars";
    enters_without_a_portal: "#[portal(greens(x), order = x)] fn run(mut x: usize, y: i64) -> i64 { loop { merge_point(); x = go(x, y) as usize; } } #[indirect(calls, enters(«walk»))] fn enter(code: usize, x: usize, y: i64) -> (u64, u64) { (0, 0) } fn f() {} fn go(x: usize, y: i64) -> i64 { enter(0, x, y); y }" =>
        "there is no portal `walk`";
    enters_of_other_results: "#[portal(greens(x), order = x)] fn run(mut x: usize, y: i64) -> i64 { loop { merge_point(); x = go(x, y) as usize; } } #[indirect(calls, enters(«run»))] fn enter(code: usize, x: usize, y: i64) -> (u64, bool) { (0, true) } fn f() {} fn go(x: usize, y: i64) -> i64 { enter(0, x, y); y }" =>
        "returns its status and its value";
    enters_without_a_parameter: "#[portal(greens(x), order = x)] fn run(mut x: usize, y: i64) -> i64 { loop { merge_point(); x = go(x, y) as usize; } } #[indirect(calls, enters(«run»))] fn enter(code: usize, x: usize, z: i64) -> (u64, u64) { (0, 0) } fn f() {} fn go(x: usize, y: i64) -> i64 { enter(0, x, y); y }" =>
        "`run` takes `y`, which is no parameter here";
    enters_with_another_parameter: "#[portal(greens(x), order = x)] fn run(mut x: usize, y: i64) -> i64 { loop { merge_point(); x = go(x, y) as usize; } } #[indirect(calls, enters(«run»))] fn enter(code: usize, x: usize, y: i64, z: i64) -> (u64, u64) { (0, 0) } fn f() {} fn go(x: usize, y: i64) -> i64 { enter(0, x, y, y); y }" =>
        "there is a parameter that `run` does not take";
    enters_of_two_portals: "#[portal(greens(x), order = x)] fn run(mut x: usize, y: i64) -> i64 { loop { merge_point(); x = go(x, y) as usize; } } #[indirect(calls, «enters(run, walk)»)] fn enter(code: usize, x: usize, y: i64) -> (u64, u64) { (0, 0) } fn f() {} fn go(x: usize, y: i64) -> i64 { enter(0, x, y); y }" =>
        "`enters` names one portal";
    dead_from_a_number: "fn f(x: i64) { «dead_from(x)»; }" =>
        "there is no address in this value";
}
