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
}
