//! Items: every form of `syn::Item`, `syn::ImplItem` and `syn::GenericParam` that is outside the subset.

use super::errors;

errors! {
    static_item: "static A: i64 = 1; fn f() -> i64 { «A» }" => "`A` is not for graphs: statics are outside the subset";
    static_mutable_item: "static mut A: i64 = 1; fn f() -> i64 { unsafe { «A» } }" => "statics are outside the subset";
    foreign_function: "extern \"C\" { fn g() -> i64; } fn f() -> i64 { unsafe { «g»() } }" => "foreign functions are outside the subset";
    foreign_static: "extern \"C\" { static A: i64; } fn f() -> i64 { unsafe { «A» } }" => "statics are outside the subset";
    union_literal: "union U { a: u64 } fn f() { let a = «U» { a: 1 }; }" => "cannot find the structure `U`";
    trait_function: "trait T { fn g() -> i64; } fn f() -> i64 { «T::g»() }" => "traits are outside the subset";
    trait_constant: "trait T { const A: i64; } fn f() -> i64 { «T::A» }" => "traits are outside the subset";
    trait_implementation: "trait T { fn g(self) -> i64; } impl T for i64 { fn g(self) -> i64 { 1 } } fn f(x: i64) -> i64 { x.«g»() }" =>
        "no method `g` on `i64`";
    operator_implementation: "struct S { a: i64 } impl Add for S { fn add(self, o: S) -> S { o } } fn f(x: S, y: S) { let a = «x + y»; }" =>
        "this operator does not take `S`";
    equality_written_by_hand: "struct S { a: i64 } impl PartialEq for S { fn eq(&self, o: &S) -> bool { true } } fn f(x: S, y: S) -> bool { «x == y» }" =>
        "`S` cannot be compared so";
    generic_function: "fn g<T>(x: T) {} fn f() { «g(1)» }" => "`g` cannot be called: generic functions are outside the subset";
    generic_root: "fn «f»<T>(x: T) {}" => "`f` cannot be translated: generic functions";
    constant_generic_function: "fn g<const N: usize>() {} fn f() { «g::<3>()» }" => "generic functions are outside the subset";
    generic_implementation: "struct S<T> { a: i64, t: T } impl<T> S<T> { fn g(&self) {} } fn f(s: &S<u8>) { s.«g»(); }" =>
        "`S::g` cannot be called: generic functions";
    async_function: "async fn g() -> i64 { 1 } fn f() { «g()»; }" => "`g` cannot be called: async functions are outside the subset";
    async_root: "async fn «f»() {}" => "`f` cannot be translated: async functions";
    macro_made_function: "m! { fn g() {} } fn f() { «g»(); }" => "cannot find the function `g`";
    function_of_other_crate: "extern crate other; fn f() { «other::g»(); }" => "cannot find the function `other::g`";
    condition_on_item: "#[cfg(«unix»)] fn g() {} #[cfg(not(«unix»))] fn g() {} fn f() { g() }" =>
        "only `feature` and `test` conditions", "only `feature` and `test` conditions";
    condition_on_variant: "enum E { A, #[cfg(«debug_assertions»)] B } fn f() {}" => "only `feature` and `test` conditions";
    condition_on_method: "struct S; impl S { #[cfg(«windows»)] fn g() {} } fn f() {}" => "only `feature` and `test` conditions";
    condition_on_parameter: "fn g(#[cfg(«unix»)] x: i64) {} fn f() {}" => "only `feature` and `test` conditions";
    conditional_mark: "«#[cfg_attr(feature = \"x\", residual)]» fn g() {} fn f() { g() }" => "may not depend on a condition";
    conditional_derive: "«#[cfg_attr(test, derive(PartialEq))]» struct S; fn f() {}" => "may not depend on a condition";
    residual_of_outside: "#[residual] fn g(x: &str) {} fn f() { g(«\"a\"») }" => "`g` takes `&str`, which is outside the subset";
    residual_with_opaque_parameter: "#[residual] fn g(x: &Vec<u8>) {} struct S { v: &'static Vec<u8> } fn f(s: &S) { g(«s.v») }" =>
        "`g` takes `&Vec<u8>`, which is outside the subset";
    residual_result_of_outside: "#[residual] fn g() -> String { String::new() } fn f() { «g()»; }" =>
        "`g` returns `String`, which is outside the subset";
    generic_residual: "#[residual] fn g<T>(x: T) {} fn f() { «g(1)» }" => "generic functions are outside the subset";
    endless_constant: "const A: i64 = «B»; const B: i64 = «A»; fn f() -> i64 { «A» }" => "`B` could not";
    constant_with_loop: "const A: i64 = { let mut i = 0; while i < 3 { i += 1; } i }; fn f() -> i64 { «A» }" => "`A` could not be evaluated";
    constant_by_residual: "#[residual] fn g() -> i64 { 5 } const A: i64 = g(); fn f() -> i64 { «A» }" => "`A` could not be evaluated";
    two_of_a_name: "mod a { pub fn g() {} } mod b { pub fn g() {} } fn f() { «g»() }" => "cannot find the function `g`";
}
