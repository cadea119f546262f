//! What lies outside the subset is an error with its place: file, line, caret. In each source `«` and `»` enclose what the
//! caret underlines; they are removed before translation. Here are the errors by their kind; `expressions`, `patterns`,
//! `items` and `types` walk the syntax tree of Rust and have one test for each of its forms that the subset lacks.

mod expressions;
mod items;
mod marks;
mod mutations;
mod patterns;
mod types;

use moonshift_jitgen::frontend::{Diagnostic, Diagnostics, Options, Source, translate};

/// Translates `f` of a source.
fn translate_f(text: &str) -> Result<(), Diagnostics> {
    let source = Source::new("interp.rs", "crate::interp", text);
    let options = Options { roots: vec!["f".into()], ..Options::default() };
    translate(&[source], &options).map(|_| ())
}

/// The source without marks, and the places marked: line, column, width.
fn unmark(text: &str) -> (String, Vec<(u32, u32, u32)>) {
    let (mut clean, mut places) = (String::new(), vec![]);
    let (mut line, mut column, mut start) = (1, 1, 0);
    for c in text.chars() {
        match c {
            '«' => start = column,
            '»' => places.push((line, start, column - start)),
            '\n' => {
                (line, column) = (line + 1, 1);
                clean.push(c);
            }
            _ => {
                column += 1;
                clean.push(c);
            }
        }
    }
    (clean, places)
}

#[track_caller]
fn check(text: &str, messages: &[&str]) {
    let (clean, places) = unmark(text);
    let errors = match translate_f(&clean) {
        Ok(()) => panic!("translated:\n{clean}"),
        Err(errors) => errors,
    };
    let rendered = errors.to_string();
    let Diagnostics(errors) = errors;
    let found: Vec<(u32, u32, u32)> = errors.iter().map(|error| (error.line, error.column, error.width)).collect();
    assert_eq!(found, places, "{rendered}");
    assert_eq!(rendered, expected_text(&clean, &errors));
    for (Diagnostic { message, .. }, wanted) in errors.iter().zip(messages) {
        assert!(message.contains(wanted), "`{message}` should contain `{wanted}`");
    }
}

/// What the errors look like: file, line and column, the line of the source, the caret.
fn expected_text(source: &str, errors: &[Diagnostic]) -> String {
    let show = |error: &Diagnostic| {
        let Diagnostic { line, column, message, width, .. } = error;
        let text = source.lines().nth(*line as usize - 1).unwrap_or("");
        let margin = " ".repeat(line.to_string().len());
        let (indent, caret) = (" ".repeat(*column as usize - 1), "^".repeat((*width).max(1) as usize));
        format!("interp.rs:{line}:{column}: {message}\n{line} | {text}\n{margin} | {indent}{caret}\n")
    };
    errors.iter().map(show).collect()
}

/// One test an error: name, source, parts of the messages.
macro_rules! errors {
    ($($name:ident: $text:expr => $($message:expr),+;)*) => {$(
        #[test]
        fn $name() {
            $crate::errors::check($text, &[$($message),+]);
        }
    )*};
}
use errors;

#[test]
fn errors_are_rendered_with_source_and_caret() {
    let text = "pub fn f(x: u64) -> u64 {\n\tlet y = x + missing;\n    y\n}\n";
    let errors = translate_f(text).expect_err("an unknown name");
    let expected = "interp.rs:2:14: cannot find `missing` (is its file among those translated?)\n\
                    2 | \tlet y = x + missing;\n  \
                      | \t            ^^^^^^^\n";
    assert_eq!(errors.to_string(), expected);
}

errors! {
    syntax: "fn f() { let «=» 1; }" => "expected";
    unknown_name: "fn f() -> i64 { «nothing» }" => "cannot find `nothing`";
    unknown_function: "fn f() -> i64 { «nothing»(1) }" => "cannot find the function `nothing`";
    unknown_method: "fn f(x: i64) -> i64 { x.«pow»(2) }" => "no method `pow` on `i64`";
    unknown_field: "struct S { a: i64 } fn f(s: &S) -> i64 { s.«b» }" => "no field `b` on `&S`";
    several_errors: "fn f(x: i64) -> i64 {\n    let a = «no»;\n    let b = x.«pow»(2);\n    a + b + «yes»\n}" =>
        "cannot find `no`", "no method `pow`", "cannot find `yes`";
    errors_in_several_functions: "fn f() { g(); «h»() }\nfn g() { «i» }" => "`h`", "`i`";
    mismatched_types: "fn f(x: i64) -> u64 { «x» }" => "expected `u64`, found `i64`";
    mismatched_operands: "fn f(x: i64, y: u8) -> i64 { x + «y» }" => "expected `i64`, found `u8`";
    mismatched_branches: "fn f(x: bool) { let y = if x { 1u8 } else { «2i64» }; }" => "mismatched types";
    wrong_number_of_arguments: "fn g(x: i64) {} fn f() { «g(1, 2)» }" => "takes 1 arguments, 2 are given";
    wrong_argument: "fn g(x: i64) {} fn f() { g(«1.5») }" => "expected `i64`, found `f64`";
    closures: "fn f() { let c = «|x: i64| x»; }" => "closures";
    closures_as_arguments: "fn f(x: Option<i64>) -> Option<i64> { x.«map»(|x| x + 1) }" => "no method `map`";
    indexing: "fn f(x: i64) { let y = «x[0]»; }" => "indexing is outside the subset";
    array_literals: "fn f() { let a = «[1, 2]»; }" => "arrays are outside the subset";
    strings: "fn f() { let s = «\"text\"»; }" => "strings are outside the subset";
    characters: "fn f() { let c = «'c'»; }" => "characters are outside the subset";
    mutable_references: "fn f() { let mut x = 1; let y = «&mut x»; }" => "mutable references";
    references_to_locals: "fn f(x: i64) { let y = «&x»; }" => "references to locals";
    iterators: "fn f(x: Option<i64>) { for y in «x» { } }" => "iterators are outside the subset";
    ranges: "fn f() { let r = «0..5»; }" => "ranges are supported only";
    generic_functions: "fn g<T>(x: T) {} fn f() { «g(1)» }" => "`g` cannot be called: generic functions";
    impl_trait: "fn g(x: «impl Copy») {} fn f() { g(«1») }" =>
        "type `impl Copy` is outside the subset", "`g` takes `impl Copy`";
    function_values: "fn g() {} fn f() { let h = «g»; }" => "function values";
    inner_functions: "fn f() { «fn g() {}» }" => "items inside functions";
    opaque_types: "fn f() { let x: «Vec<u8>»; }" => "type `Vec<u8>` is outside the subset";
    opaque_fields: "struct S { v: Vec<u8> } fn f(s: &S) { let v = «s.v»; }" => "`S.v` has type `Vec<u8>`";
    opaque_parameters: "fn f(x: «Vec<u8>») {}" => "type `Vec<u8>` is outside the subset";
    slices: "fn f(x: «&[u8]») {}" => "type `&[u8]` is outside the subset";
    enums_in_memory: "enum E { A(u8), B } struct S { e: E } fn f(s: &S) { let e = «s.e»; }" => "layout in memory is not known";
    options_in_memory: "struct S { e: Option<u32> } fn f(s: &S) { let e = «s.e»; }" => "layout in memory is not known";
    cells_by_value: "struct S { c: Cell<u8> } fn f(s: &S) { let c = «s.c»; }" => "is a cell: use its `get` and `set`";
    assignment_through_handles: "struct S { a: i64 } fn f(s: &S) { «s.a» = 1; }" => "only locals and their fields";
    compound_assignment_through_handles: "struct S { a: i64 } fn f(s: &S) { «s.a» += 1; }" => "only locals";
    references_to_elements: "struct S { a: i64 } fn f(s: Arr<S>) { let x = «&s.get(0)»; }" => "references to locals";
    self_by_reference: "#[derive(Copy, Clone)] struct S { a: i64 } impl S { fn m(&self) {} } fn f(s: S) { «s».m() }" =>
        "take `self` by value";
    float_remainder: "fn f(x: f64) -> f64 { «x % 2.0» }" => "`%` on `f64`";
    float_powers: "fn f(x: f64) -> f64 { x.«powf»(2.0) }" => "no method `powf` on `f64`";
    single_floats: "fn f() { let x = «1.0f32»; }" => "floats other than `f64`";
    comparing_references: "struct S { a: i64 } fn f(x: &S, y: &S) -> bool { «x == y» }" => "`std::ptr::eq`";
    comparing_without_derive: "#[derive(Copy, Clone)] struct S { a: i64 } fn f(x: S, y: S) -> bool { «x == y» }" =>
        "`S` cannot be compared so";
    arithmetic_on_structures: "#[derive(Copy, Clone)] struct S { a: i64 } fn f(x: S, y: S) -> S { «x + y» }" =>
        "this operator does not take `S`";
    bad_casts: "fn f(x: &u8) -> usize { «x as usize» }" => "the cast from `&u8` to `usize`";
    raw_pointers: "fn f(x: u64) { let p = x as «*const u8»; }" => "type `*const u8` is outside the subset";
    panics: "fn f() { «panic»!(\"no\") }" => "`panic!` is outside the subset";
    other_macros: "fn f() { «println»!(\"no\") }" => "the macro `println!`";
    question_with_conversion:
        "fn g() -> Result<(), u8> { Ok(()) } fn f() -> Result<(), u16> { «g()?»; Ok(()) }" => "does not convert errors";
    question_elsewhere: "fn f(x: Option<u8>) -> u8 { «x?» }" => "in a function that returns `u8`";
    patterns_through_handles: "struct S { a: i64 } fn f(s: &S) { let «S { a }» = s; }" => "do not look through handles";
    reference_patterns: "struct S { a: i64 } fn f(s: &S) { let «&x» = s; }" => "reference patterns";
    slice_patterns: "fn f(x: i64) { let «[a]» = x; }" => "slice patterns";
    break_outside: "fn f() { «break»; }" => "`break` outside of a loop";
    merge_points_elsewhere: "fn f() { «merge_point()»; }" => "a merge point stands in a portal";
    promoting_pairs: "fn f(x: (i64, i64)) { let y = «promote(x)»; }" => "only scalars";
    ambiguous_types: "fn f() { let x = «None»; x.is_some(); }" => "type annotations needed";
    let_else_that_ends: "fn f(x: Option<u8>) { let Some(y) = x else «{ }»; }" => "must not end";
    missing_fields: "struct S { a: i64, b: i64 } fn f() { let s = «S» { a: 1 }; }" => "missing fields";
    constant_not_constant: "#[elidable] fn g() -> i64 { 5 } const C: i64 = g(); fn f() -> i64 { «C» }" =>
        "the constant `C` could not be evaluated";
    endless_constant: "const A: i64 = «B»; const B: i64 = «A»; fn f() -> i64 { «A» }" => "`B` could not";
    computed_discriminants: "enum E { A = «1 + 1» } fn f() {}" => "must be a literal";
    unknown_effect: "#[residual(«magic»)] fn g() {} fn f() { g() }" => "unknown effect `magic`";
    unknown_effect_class: "#[residual(reads(«Nowhere»))] fn g() {} fn f() { g() }" => "no structure `Nowhere`";
    unknown_effect_field: "struct S { a: i64 } #[residual(writes(«S.b»))] fn g() {} fn f() { g() }" =>
        "`S` has no field `b`";
    unknown_green: "#[portal(greens(«x», y), order = y)] fn f(y: usize) { loop { merge_point(); } }" =>
        "there is no parameter `x`";
    indirect_without_address: "#[indirect] fn «g»(x: &u8) {} fn f(x: &u8) { g(x) }" => "its code address, a `usize`";
}

#[test]
fn a_missing_root_is_an_error() {
    let errors = translate_f("fn g() {}").expect_err("there is no `f`");
    assert!(errors.to_string().contains("there is no function `f`"), "{errors}");
}

errors! {
    carried_past_the_portal: "#[portal(greens(pc), order = pc)]\npub fn «f»(mut pc: usize, n: i64) -> i64 { let mut sum: i64 = 0; loop { merge_point(); if pc == 3 { return sum; } sum = sum.wrapping_add(n); pc = 3; } }"
        => "`sum` changes around the merge point but is no parameter of the portal";
    quasi_immutable_unknown: "#[quasi_immutable(«b»)] pub struct S { a: Cell<i64> }\npub fn f(s: &S) -> i64 { s.a.get() }" => "`S` has no field `b`";
    quasi_immutable_no_cell: "#[quasi_immutable(«a»)] pub struct S { a: i64 }\npub fn f(s: &S) -> i64 { s.a }" => "`a` is no cell";
    quasi_immutable_written: "#[quasi_immutable(a)] pub struct S { a: Cell<i64> }\npub fn f(s: &S) { s.a.«set»(3) }"
        => "`S.a` is quasi-immutable: only residual functions write it";
    allocates_missing_field: "«#[allocates(S { a })]»\npub fn make(a: i64) -> &'static S { unreachable!() }\npub struct S { a: i64, b: i64 }\npub fn f(x: i64) -> i64 { make(x).b }"
        => "does not say what the field `b` of `S` is";
    allocates_unknown_field: "«#[allocates(S { a, c: a })]»\npub fn make(a: i64) -> &'static S { unreachable!() }\npub struct S { a: i64 }\npub fn f(x: i64) -> i64 { make(x).a }"
        => "`S` has no field `c`";
    allocates_something_else: "«#[allocates(S { a: a + 1 })]»\npub fn make(a: i64) -> &'static S { unreachable!() }\npub struct S { a: i64 }\npub fn f(x: i64) -> i64 { make(x).a }"
        => "neither a parameter nor a literal";
    allocates_no_handle: "«#[allocates(S { a })]»\npub fn make(a: i64) -> i64 { a }\npub struct S { a: i64 }\npub fn f(x: i64) -> i64 { make(x) }"
        => "takes the structure that a `Ref` is returned to";
    allocates_nothing: "«#[allocates]»\npub fn make(a: i64) -> &'static S { unreachable!() }\npub struct S { a: i64 }\npub fn f(x: i64) -> i64 { make(x).a }"
        => "takes a structure literal";
    oopspec_unknown: "«#[oopspec(list.turn)]»\npub fn turn(a: i64) -> i64 { a }\npub fn f(x: i64) -> i64 { turn(x) }" => "unknown operation `list.turn`";
    oopspec_without_container: "«#[oopspec(list.push)]»\npub fn push(a: i64) -> i64 { a }\npub fn f(x: i64) -> i64 { push(x) }"
        => "no parameter is a container that a function marked `list.new` makes";
    oopspec_of_another: "#[oopspec(list.new)]\npub fn list() -> &'static S { unreachable!() }\n«#[oopspec(dict.len)]»\npub fn len(s: &S) -> i64 { 0 }\npub struct S { a: i64 }\npub fn f() -> i64 { len(list()) }"
        => "the container is no dict";
    oopspec_other_context: "#[oopspec(list.new)]\npub fn list() -> &'static S { unreachable!() }\n«#[oopspec(list.len)]»\npub fn len(x: i64, s: &S) -> i64 { x }\npub struct S { a: i64 }\npub fn f() -> i64 { len(1, list()) }"
        => "the parameters before the container must be those of `list`";
    containers_that_collect: "#[oopspec(list.new)]\n#[residual(collects)]\npub fn «list»() -> &'static S { unreachable!() }\npub struct S { a: i64 }\npub fn f() -> i64 { list(); 0 }"
        => "neither collects nor calls";
}
