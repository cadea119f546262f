//! Patterns: every form of `syn::Pat` that is outside the subset, and statements.

use super::errors;

errors! {
    by_reference: "fn f(x: i64) { let «ref a» = x; }" => "`ref` is outside the subset";
    by_mutable_reference: "fn f(mut x: i64) { let «ref mut a» = x; }" => "`ref` is outside the subset";
    by_reference_inside: "fn f(x: (i64, i64)) { let («ref a», b) = x; }" => "`ref` is outside the subset";
    by_reference_in_match: "fn f(x: Option<i64>) { match x { Some(«ref a») => {} None => {} } }" => "`ref` is outside the subset";
    by_reference_in_parameter: "fn f(«ref x»: i64) {}" => "`ref` is outside the subset";
    reference: "struct S { a: i64 } fn f(s: &S) { let «&a» = s; }" => "reference patterns are outside the subset";
    mutable_reference: "struct S { a: i64 } fn f(s: &S) { let «&mut a» = s; }" => "reference patterns are outside the subset";
    slice: "fn f(x: i64) { let «[a, b]» = x; }" => "slice patterns are outside the subset";
    slice_with_rest: "fn f(x: i64) { let «[a, .., b]» = x; }" => "slice patterns are outside the subset";
    rest_alone: "fn f(x: i64) { match x { «..» => {} } }" => "`..` stands in tuples and structures only";
    box_pattern: "fn f(x: i64) { let «box a» = x; }" => "this pattern is outside the subset";
    const_block: "fn f(x: i64) { match x { «const { 1 }» => {} _ => {} } }" => "this pattern is outside the subset";
    macro_pattern: "fn f(x: i64) { match x { «m!()» => {} _ => {} } }" => "this pattern is outside the subset";
    string: "fn f(x: i64) { match x { «\"a\"» => {} _ => {} } }" => "strings are outside the subset";
    byte_string: "fn f(x: i64) { match x { «b\"a\"» => {} _ => {} } }" => "strings are outside the subset";
    character: "fn f(x: i64) { match x { «'a'» => {} _ => {} } }" => "characters are outside the subset";
    character_range: "fn f(x: i64) { match x { «'a'»..=«'z'» => {} _ => {} } }" => "characters", "characters";
    qualified_path: "fn f(x: i64) { match x { «<i64>::MAX» => {} _ => {} } }" => "qualified paths are outside the subset";
    qualified_structure: "struct S { a: i64 } fn f(x: S) { let «<S>::X { a }» = x; }" => "qualified paths are outside the subset";
    through_handle: "struct S { a: i64 } fn f(s: &S) { let «S { a }» = s; }" => "patterns do not look through handles";
    variant_through_handle: "enum E { A, B } struct S { e: E } fn f(s: &S, e: &E) { match e { «E::A» => {} _ => {} } }" =>
        "patterns do not look through handles";
    option_through_handle: "struct S { a: i64 } fn f(s: &S) { if let «Some(a)» = s {} }" => "mismatched types";
    unknown_path: "fn f(x: i64) { match x { «m::A» => {} _ => {} } }" => "cannot find `m::A`";
    unknown_variant: "enum E { A } fn f(x: E) { match x { «E::B(1)» => {} _ => {} } }" => "cannot find `E::B`";
    unknown_structure: "fn f(x: i64) { let «T { a }» = x; }" => "cannot find `T`";
    unknown_field: "struct S { a: i64 } fn f(x: S) { let S { «b», .. } = x; }" => "no field `b`";
    too_many_fields: "fn f(x: Option<i64>) { if let «Some(a, b)» = x {} }" => "expected 1 sub-patterns, found 2";
    too_few_fields: "struct S(i64, i64); fn f(x: S) { let «S(a)» = x; }" => "expected 2 sub-patterns, found 1";
    tuple_of_other_length: "fn f(x: (i64, i64)) { let «(a, b, c)» = x; }" => "expected 2 sub-patterns, found 3";
    literal_of_other_type: "fn f(x: i64) { match x { «true» => {} _ => {} } }" => "expected `i64`, found `bool`";
    variant_of_other_enum: "enum E { A } enum F { B } fn f(x: E) { match x { «F::B» => {} _ => {} } }" => "expected `E`, found `F`";
    written_type_of_other_value: "fn f(x: i64) { let a: u8 = «x»; }" => "expected `u8`, found `i64`";
    guard_of_other_type: "fn f(x: i64) { match x { a if «a» => {} _ => {} } }" => "expected `bool`, found `i64`";
    arms_of_two_types: "fn f(x: i64) { let a = match x { 0 => 1u8, _ => «true» }; }" => "mismatched types";
    let_else_ends: "fn f(x: Option<u8>) { let Some(a) = x else «{ }»; }" => "must not end";
    let_of_unknown_type: "fn f() { let a: «Unknown» = 1; }" => "type `Unknown` is outside the subset";

    inner_function: "fn f() { «fn g() {}» }" => "items inside functions are outside the subset";
    inner_structure: "fn f() { «struct S;» }" => "items inside functions are outside the subset";
    inner_enum: "fn f() { «enum E { A }» }" => "items inside functions are outside the subset";
    inner_static: "fn f() { «static A: i64 = 1;» }" => "items inside functions are outside the subset";
    inner_macro: "fn f() { «macro_rules! m { () => {} }» }" => "items inside functions are outside the subset";
    inner_impl: "struct S; fn f() { «impl S {}» }" => "items inside functions are outside the subset";
    inner_type: "fn f() { «type T = u8;» }" => "items inside functions are outside the subset";
    inner_module: "fn f() { «mod m {}» }" => "items inside functions are outside the subset";
    condition_on_statement: "fn f() { #[cfg(«unix»)] let a = 1; }" => "only `feature` and `test` conditions";
    condition_on_expression: "fn f(mut a: i64) { #[cfg(«debug_assertions»)] a = 1; }" => "only `feature` and `test` conditions";
    condition_on_arm: "fn f(a: i64) { match a { #[cfg(«target_os = \"linux\"»)] 1 => {} _ => {} } }" => "only `feature` and `test`";
    condition_on_field: "struct S { a: i64 } fn f() { let s = «S» { #[cfg(any(test, «windows»))] a: 1 }; }" =>
        "missing fields", "only `feature` and `test` conditions";
}
