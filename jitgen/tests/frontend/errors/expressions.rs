//! Expressions: every form of `syn::Expr`, `syn::Lit`, `syn::UnOp` and `syn::BinOp` that is outside the subset, or used
//! outside of what the subset allows.

use super::errors;

errors! {
    array: "fn f() { let a = «[1, 2]»; }" => "arrays are outside the subset";
    repeat: "fn f() { let a = «[0; 4]»; }" => "arrays are outside the subset";
    index: "fn f(a: Arr<u8>) { let y = «a[0]»; }" => "use `Arr::get` and `Arr::set`";
    index_assignment: "fn f(a: Arr<u8>) { «a[0]» = 1; }" => "indexing is outside the subset";
    async_block: "fn f() { let a = «async { 1 }»; }" => "async code";
    async_move_block: "fn f() { let a = «async move { 1 }»; }" => "async code";
    await_expression: "fn f(x: i64) { let a = «x.await»; }" => "async code";
    try_block: "fn f() { let a = «try { 1 }»; }" => "`try` blocks are outside the subset";
    yield_expression: "fn f() { let a = «yield 1»; }" => "`yield` is outside the subset";
    closure: "fn f() { let a = «|x: i64| x»; }" => "closures are outside the subset";
    move_closure: "fn f(y: i64) { let a = «move || y»; }" => "closures are outside the subset";
    async_closure: "fn f() { let a = «async || 1»; }" => "closures are outside the subset";
    called_closure: "fn f() { let a = «(|x: i64| x)»(1); }" => "only functions known by name";
    called_field: "struct S { g: u64 } fn f(s: &S) { «(s.g)»(1); }" => "only functions known by name";
    called_local: "fn f(g: u64) { «g»(1); }" => "cannot find the function `g`";
    infer: "fn f() { let a = «_»; }" => "`_` is no value";
    range: "fn f() { let a = «0..4»; }" => "ranges are supported only in `for` and patterns";
    range_inclusive: "fn f() { let a = «0..=4»; }" => "ranges are supported only";
    range_from: "fn f() { let a = «1..»; }" => "ranges are supported only";
    range_to: "fn f() { let a = «..4»; }" => "ranges are supported only";
    range_full: "fn f() { let a = «..»; }" => "ranges are supported only";
    raw_address: "fn f(x: i64) { let a = «&raw const x»; }" => "raw pointers are outside the subset";
    raw_mutable_address: "fn f(mut x: i64) { let a = «&raw mut x»; }" => "raw pointers are outside the subset";
    mutable_reference: "fn f(mut x: i64) { let a = «&mut x»; }" => "mutable references";
    mutable_field_reference: "struct S { a: i64 } fn f(s: &S) { let a = «&mut s.a»; }" => "mutable references";
    reference_to_local: "fn f(x: i64) { let a = «&x»; }" => "references to locals and temporaries";
    reference_to_literal: "fn f() { let a = «&5»; }" => "references to locals and temporaries";
    reference_to_constant: "const C: i64 = 1; fn f() { let a = «&C»; }" => "references to locals and temporaries";
    reference_to_call: "fn g() -> i64 { 1 } fn f() { let a = «&g()»; }" => "references to locals and temporaries";
    reference_to_scalar_field: "struct S { p: u8, a: i64 } fn f(s: &S) { let a = «&s.a»; }" => "references to parts of structures";
    dereferenced_integer: "fn f(x: i64) { let a = «*x»; }" => "`i64` cannot be dereferenced";
    dereferenced_cell: "struct S { a: Cell<i64> } fn f(s: &S) { let a = «s.a»; }" => "is a cell: use its `get` and `set`";
    assigned_dereference: "struct S { a: i64 } fn f(s: &S) { «*s» = *s; }" => "only locals and their fields";
    assigned_call: "fn g() -> i64 { 1 } fn f() { «g()» = 2; }" => "only locals and their fields";
    assigned_element: "fn f(a: Arr<i64>) { a.«get»(0) = 2; }" => "only locals and their fields";
    assigned_constant: "const C: i64 = 1; fn f() { «C» = 2; }" => "only locals and their fields";
    nested_destructuring: "fn f(mut a: i64, mut b: i64) { («(a, b)», a) = ((1, 2), 3); }" => "only locals and their fields";
    destructuring_rest: "fn f(mut a: i64) { (a, «..») = (1, 2); }" => "ranges are supported only";
    destructuring_hole: "fn f(mut a: i64) { (a, «_») = (1, 2); }" => "`_` is no value";

    macro_unknown: "fn f() { «vec»![1]; }" => "the macro `vec!` is outside the subset";
    macro_format: "fn f() { let a = «format»!(\"x\"); }" => "the macro `format!`";
    macro_assert: "fn f() { «assert»!(true); }" => "`assert!` is outside the subset";
    macro_assert_eq: "fn f() { «assert_eq»!(1, 1); }" => "`assert_eq!` is outside the subset";
    macro_todo: "fn f() { «todo»!() }" => "`todo!` is outside the subset";
    macro_unimplemented: "fn f() { «unimplemented»!() }" => "`unimplemented!` is outside the subset";
    macro_panic: "fn f() { «panic»!() }" => "`panic!` is outside the subset";
    macro_cfg: "fn f() { if «cfg»!(test) { } }" => "the macro `cfg!`";
    macro_of_ones_own: "macro_rules! m { () => { 1 } } fn f() -> i64 { «m»!() }" => "the macro `m!`";
    macro_matches_badly: "fn f(x: u8) { matches!(x«)»; }" => "expected";

    literal_string: "fn f() { let a = «\"text\"»; }" => "strings are outside the subset";
    literal_raw_string: "fn f() { let a = «r#\"text\"#»; }" => "strings are outside the subset";
    literal_byte_string: "fn f() { let a = «b\"text\"»; }" => "strings are outside the subset";
    literal_c_string: "fn f() { let a = «c\"text\"»; }" => "strings are outside the subset";
    literal_char: "fn f() { let a = «'x'»; }" => "characters are outside the subset: use byte literals";
    literal_f32: "fn f() { let a = «1.5f32»; }" => "floats other than `f64`";
    literal_int_f32: "fn f() { let a = «1f32»; }" => "type `f32` is outside the subset";
    literal_u128: "fn f() { let a = «1u128»; }" => "type `u128` is outside the subset";
    literal_i128: "fn f() { let a = «1i128»; }" => "type `i128` is outside the subset";
    literal_too_large: "fn f() { let a: u64 = «999999999999999999999999999999999999999999»; }" => "number too large";

    not_on_float: "fn f(x: f64) -> f64 { «!x» }" => "does not take `f64`";
    minus_on_bool: "fn f(x: bool) -> bool { «-x» }" => "does not take `bool`";
    minus_on_unsigned_tuple: "fn f(x: (u8, u8)) { let a = -«x»; }" => "`(u8, u8)` is not a scalar";
    add_bools: "fn f(x: bool) -> bool { «x + x» }" => "this operator does not take `bool`";
    shift_float: "fn f(x: f64) -> f64 { «x << 1» }" => "this operator does not take `f64`";
    rem_float: "fn f(x: f64) -> f64 { «x % x» }" => "`%` on `f64` is outside the subset";
    rem_float_assign: "fn f(mut x: f64) { «x %= 2.0»; }" => "`%` on `f64` is outside the subset";
    and_float: "fn f(x: f64) -> f64 { «x & x» }" => "this operator does not take `f64`";
    add_handles: "struct S { a: i64 } fn f(s: &S) { let a = «s + s»; }" => "this operator does not take `&S`";
    add_options: "fn f(x: Option<i64>) { let a = «x» + x; }" => "`Option<i64>` is not a scalar";
    order_of_bools: "fn f(x: bool) -> bool { «x < true» }" => "`bool` cannot be compared so";
    order_of_options: "fn f(x: Option<u8>) -> bool { «x > None» }" => "`Option<u8>` cannot be compared so";
    order_of_tuples: "fn f(x: (u8, u8)) -> bool { «x <= (1, 2)» }" => "`(u8, u8)` cannot be compared so";
    order_of_enums: "#[derive(PartialEq, PartialOrd)] enum E { A, B } fn f(x: E) -> bool { «x < E::B» }" => "`E` cannot be compared so";
    lazy_operands: "fn f(x: i64) -> bool { «x» && true }" => "expected `bool`, found `i64`";
    negated_condition: "fn f(x: i64) { if «x» { } }" => "expected `bool`, found `i64`";
    equal_enums_without_derive: "enum E { A } fn f(x: E, y: E) -> bool { «x == y» }" => "`E` cannot be compared so";

    cast_to_bool: "fn f(x: u8) -> bool { «x as bool» }" => "the cast from `u8` to `bool`";
    cast_to_char: "fn f(x: u8) { let a = x as «char»; }" => "type `char` is outside the subset";
    cast_to_f32: "fn f(x: u8) { let a = x as «f32»; }" => "type `f32` is outside the subset";
    cast_to_u128: "fn f(x: u8) { let a = x as «u128»; }" => "type `u128` is outside the subset";
    cast_to_pointer: "fn f(x: u64) { let a = x as «*const u8»; }" => "type `*const u8` is outside the subset";
    cast_to_function: "fn f(x: u64) { let a = x as «fn(i64) -> i64»; }" => "type `fn(i64) -> i64` is outside the subset";
    cast_bool_to_float: "fn f(x: bool) -> f64 { «x as f64» }" => "the cast from `bool` to `f64`";
    cast_handle: "struct S { a: i64 } fn f(s: &S) -> u64 { «s as u64» }" => "the cast from `&S` to `u64`";
    cast_of_structure: "struct S { a: i64, b: i64 } fn f(s: S) { let a = «s» as i64; }" => "`S` is not a scalar";
    cast_of_data_enum: "enum E { A(u8), B } fn f(s: E) { let a = «s» as i64; }" => "`E` is not a scalar";

    method_unknown: "fn f(x: i64) -> i64 { x.«pow»(2) }" => "no method `pow` on `i64`";
    method_of_option: "fn f(x: Option<i64>) { x.«map»(|y| y); }" => "no method `map` on `Option<i64>`";
    method_of_result: "fn f(x: Result<i64, u8>) { x.«map_err»(1); }" => "no method `map_err` on `Result<i64, u8>`";
    method_of_tuple: "fn f(x: (u8, u8)) { x.«len»(); }" => "no method `len` on `(u8, u8)`";
    method_of_float: "fn f(x: f64) -> f64 { x.«sin»() }" => "no method `sin` on `f64`";
    method_of_bool: "fn f(x: bool) { x.«then_some»(1); }" => "no method `then_some` on `bool`";
    method_of_cell: "struct S { a: Cell<i64> } fn f(s: &S) { s.a.«take»(); }" => "no method `take` on `Cell<i64>`";
    method_of_atomic: "struct S { a: AtomicU64 } fn f(s: &S) { s.a.«fetch_add»(1, Ordering::Relaxed); }" =>
        "no method `fetch_add` on `Atomic<u64>`";
    method_of_array: "fn f(a: Arr<u8>) { a.«len»(); }" => "no method `len` on `Arr<u8>`";
    method_of_trait: "trait T { fn t(&self); } struct S { a: i64 } impl T for S { fn t(&self) {} } fn f(s: &S) { s.«t»(); }" =>
        "no method `t` on `&S`";
    method_clone_of_handle: "struct S { a: i64 } fn f(s: Ref<S>) { s.«clone»(); }" => "`clone` of handles";
    method_clone_written_by_hand:
        "#[derive(Copy)] struct S { a: i64 } impl Clone for S { fn clone(&self) -> S { S { a: 1 } } } fn f(s: S) { s.«clone»(); }" =>
        "no method `clone` on `S`";
    method_with_wrong_arguments: "fn f(x: i64) -> i64 { x.«wrapping_add»(1, 2) }" => "no method `wrapping_add` on `i64`";
    atomic_order: "struct S { a: AtomicU64 } fn f(s: &S) { s.a.load(«Ordering::SeqCst»); }" => "only `Ordering::Relaxed`";
    atomic_store_order: "struct S { a: AtomicU64 } fn f(s: &S) { s.a.store(1, «Ordering::Release»); }" => "only `Ordering::Relaxed`";
    atomic_as_cell: "struct S { a: AtomicU64 } fn f(s: &S) { s.a.«get»(); }" => "no method `get` on `Atomic<u64>`";

    qualified_call: "fn f(x: i64) { «<i64>::abs»(x); }" => "qualified paths are outside the subset";
    qualified_trait_call: "fn f(x: i64) { «<i64 as Clone>::clone»(x); }" => "qualified paths are outside the subset";
    qualified_constant: "fn f() { let a = «<i64>::MAX»; }" => "qualified paths are outside the subset";
    path_to_foreign_crate: "fn floor(x: f64) -> f64 { x } fn f(x: f64) -> f64 { «libm::floor»(x) }" =>
        "cannot find the function `libm::floor`";
    path_to_imported_foreign_item: "use libm::ceil; mod m { fn ceil(x: f64) -> f64 { x } } fn f(x: f64) -> f64 { «ceil»(x) }" =>
        "cannot find the function `ceil`";
    function_as_value: "fn g() {} fn f() { let a = «g»; }" => "function values are outside the subset";
    method_as_value: "struct S; impl S { fn g() {} } fn f() { let a = «S::g»; }" => "function values are outside the subset";
    constructor_as_value: "fn f() { let a = «Some»; }" => "constructors as function values";
    structure_as_value: "struct S(i64); fn f() { let a = «S»; }" => "cannot find `S`";

    structure_unknown: "fn f() { let a = «Nope» { a: 1 }; }" => "cannot find the structure `Nope`";
    structure_field_unknown: "struct S { a: i64 } fn f() { let a = S { «b: 1» }; }" => "no field `b`";
    structure_fields_missing: "struct S { a: i64, b: i64 } fn f() { let a = «S» { a: 1 }; }" => "missing fields";
    structure_update_of_variant: "enum E { A { x: i64, y: i64 } } fn f(e: E) { let a = «E::A» { x: 1, ..e }; }" =>
        "a variant has no base to update";
    structure_update_of_other_type: "struct S { a: i64, b: i64 } fn f(t: u8) { let a = S { a: 1, ..«t» }; }" =>
        "expected `S`, found `u8`";
    field_of_scalar: "fn f(x: i64) { x.«a»; }" => "no field `a` on `i64`";
    field_of_tuple: "fn f(x: (u8, u8)) { x.«2»; }" => "no field `2` on `(u8, u8)`";

    break_alone: "fn f() { «break»; }" => "`break` outside of a loop";
    continue_alone: "fn f() { «continue»; }" => "`continue` outside of a loop";
    break_to_unknown_label: "fn f() { loop { «break 'no»; } }" => "`break` names the label `'no`, which nothing around has";
    continue_to_unknown_label: "fn f() { loop { «continue 'no»; } }" => "`continue` names the label `'no`";
    continue_of_block: "fn f() { 'b: { «continue 'b»; } }" => "`continue` of a block that is no loop";
    break_value_of_while: "fn f() { while true { «break 1»; } }" => "only `loop` and labelled blocks have values";
    break_value_of_for: "fn f() { for i in 0..3 { «break 1»; } }" => "only `loop` and labelled blocks have values";
    breaks_of_two_types: "fn f(x: bool) { let a = loop { if x { break 1u8; } break «true»; }; }" => "mismatched types";
    for_over_handle: "struct S { a: i64 } fn f(s: &S) { for x in «s» {} }" => "iterators are outside the subset";
    for_over_call: "fn f(x: Arr<u8>) { for y in «x.iter()» {} }" => "iterators are outside the subset";
    for_over_open_range: "fn f() { for y in «0..» {} }" => "iterators are outside the subset";
    for_over_reversed_range: "fn f() { for y in «(0..3).rev()» {} }" => "iterators are outside the subset";
    for_over_floats: "fn f() { for y in «0.0..1.0» {} }" => "`for` takes a range of integers";
    for_pattern: "fn f() { for «(a, b)» in 0..3 {} }" => "the pattern of `for` must be a name";
    for_by_reference: "fn f() { for «ref a» in 0..3 {} }" => "the pattern of `for` must be a name";
    for_mixed_ends: "fn f(n: u8) { for a in 0u64..«n» {} }" => "expected `u64`, found `u8`";
    question_on_integer: "fn f(x: i64) -> Option<i64> { Some(«x?») }" => "`?` on `i64` in a function that returns `Option<i64>`";
    question_option_in_result: "fn f(x: Option<i64>) -> Result<i64, u8> { Ok(«x?») }" => "`?` on `Option<i64>`";
    question_result_in_option: "fn f(x: Result<i64, u8>) -> Option<i64> { Some(«x?») }" => "`?` on `Result<i64, u8>`";
    question_converts: "fn f(x: Result<i64, u8>) -> Result<i64, u16> { Ok(«x?») }" => "`?` does not convert errors";
    return_of_other_type: "fn f() -> i64 { return «true»; }" => "expected `i64`, found `bool`";
    value_without_end: "fn f() { let mut x = None; x = Some(«x»); }" => "mismatched types";
    renamed_local_import: "mod m { pub const A: i64 = 1; } fn f() { use m::«A as B»; }" => "renaming imports belong";
    hiding_local_import: "mod m { pub const A: i64 = 1; } const A: i64 = 2; fn f() -> i64 { use m::«A»; A }" =>
        "`A` is another item outside";
}
