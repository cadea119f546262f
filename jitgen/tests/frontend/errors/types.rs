//! Types: every form of `syn::Type` that is outside the subset, in the places where types stand.

use super::errors;

errors! {
    array: "fn f(x: «[u8; 4]») {}" => "type `[u8; 4]` is outside the subset";
    array_in_let: "fn f() { let a: «[u8; 4]»; }" => "type `[u8; 4]` is outside the subset";
    slice_reference: "fn f(x: «&[u8]») {}" => "type `&[u8]` is outside the subset";
    function_pointer: "fn f(x: «fn(i64) -> i64») {}" => "type `fn(i64) -> i64` is outside the subset";
    raw_pointer: "fn f(x: «*const u8») {}" => "type `*const u8` is outside the subset";
    raw_mutable_pointer: "fn f(x: «*mut u8») {}" => "type `*mut u8` is outside the subset";
    mutable_reference: "fn f(x: «&mut u8») {}" => "type `&mut u8` is outside the subset";
    implemented_trait: "fn f(x: «impl Copy») {}" => "type `impl Copy` is outside the subset";
    returned_trait: "fn f() -> «impl Copy» { 1 }" => "type `impl Copy` is outside the subset";
    trait_object: "fn f(x: «&dyn Copy») {}" => "type `&dyn Copy` is outside the subset";
    boxed_trait_object: "fn f(x: «Box<dyn Copy>») {}" => "type `Box<dyn Copy>` is outside the subset";
    boxed: "fn f(x: «Box<u8>») {}" => "type `Box<u8>` is outside the subset";
    vector: "fn f(x: «Vec<u8>») {}" => "type `Vec<u8>` is outside the subset";
    string: "fn f(x: «String») {}" => "type `String` is outside the subset";
    string_slice: "fn f(x: «&str») {}" => "type `&str` is outside the subset";
    character: "fn f(x: «char») {}" => "type `char` is outside the subset";
    single_float: "fn f(x: «f32») {}" => "type `f32` is outside the subset";
    wide_integer: "fn f(x: «u128») {}" => "type `u128` is outside the subset";
    wide_signed_integer: "fn f(x: «i128») {}" => "type `i128` is outside the subset";
    qualified: "fn f(x: «<u8 as Trait>::Out») {}" => "type `<u8 as Trait>::Out` is outside the subset";
    associated: "fn f(x: «Unknown::Out») {}" => "type `Unknown::Out` is outside the subset";
    macro_type: "fn f(x: «m!()») {}" => "type `m!()` is outside the subset";
    option_of_outside: "fn f(x: «Option<String>») {}" => "type `Option<String>` is outside the subset";
    result_of_outside: "fn f() -> «Result<(), String>» { Ok(()) }" =>
        "type `Result<(), String>` is outside the subset";
    incomplete_result: "fn f() -> «std::fmt::Result» { Ok(()) }" => "type `std::fmt::Result` is outside the subset";
    tuple_of_outside: "fn f(x: «(u8, char)») {}" => "type `char` is outside the subset";
    field_of_outside: "struct S { v: Vec<u8> } fn f(s: &S) { let a = «s.v»; }" => "`S.v` has type `Vec<u8>`";
    field_of_option: "struct S { v: Option<u8> } fn f(s: &S) { let a = «s.v»; }" => "whose layout in memory is not known";
    field_of_result: "struct S { v: Result<u8, u8> } fn f(s: &S) { let a = «s.v»; }" => "whose layout in memory is not known";
    field_of_data_enum: "enum E { A(u8), B } struct S { v: E } fn f(s: &S) { let a = «s.v»; }" => "whose layout in memory is not known";
    element_of_option: "fn f(s: Arr<Option<u8>>) { let a = s.«get»(0); }" => "whose layout in memory is not known";
    element_of_outside: "fn f(s: Arr<char>) { let a = s.«get»(0); }" => "which is outside the subset";
    cell_by_value: "fn f(x: «Cell<u8>») {}" => "`Cell<u8>` is supported only as a field behind a handle";
    atomic_by_value: "fn f(x: «AtomicU8») {}" => "is supported only as a field behind a handle";
    cell_in_local_structure: "struct S { a: Cell<u8> } fn f(s: «S») {}" => "`Cell<u8>` is supported only as a field behind a handle";
    reference_to_cell: "fn f(x: &Cell<u8>) -> u8 { «x».get() }" => "references to cells are outside the subset";
    once_cell: "struct S { v: OnceCell<u8> } fn f(s: &S) { s.v.«get»(); }" => "no method `get` on `OnceCell<u8>`";
    ref_cell: "struct S { v: RefCell<u8> } fn f(s: &S) { s.v.«borrow»(); }" => "no method `borrow` on `RefCell<u8>`";
    generic_structure: "struct S<T> { v: T } fn f(s: &S<u8>) { let a = «s.v»; }" => "`S.v` has type `T`";
    generic_structure_by_value: "struct S<T> { v: T } fn f(s: «S<u8>») {}" => "type `T` is outside the subset";
    constant_generic_structure: "struct S<const N: usize> { v: [u8; N] } fn f(s: &S<3>) { let a = «s.v»; }" => "`S.v` has type `[u8; N]`";
    generic_enum: "enum E<T> { A(T), B } fn f(s: «E<u8>») {}" => "type `T` is outside the subset";
    name_of_parameter_and_structure: "struct T { a: i64 } struct S<T> { v: T } fn f(s: «S<u8>») {}" => "type `T` is outside the subset";
    destructor: "struct S { a: i64 } impl Drop for S { fn drop(&mut self) {} } fn f(s: «S») {}" => "`S` has a destructor";
    destructor_in_field: "struct D(u8); impl Drop for D { fn drop(&mut self) {} } struct S { d: D } fn f(s: &S) { let «a» = s.d; }" =>
        "`D` has a destructor";
    recursive_structure: "struct S { a: «S» } fn f(s: &S) {}" => "`S` contains itself by value";
    recursive_option: "struct S { a: «Option<S>» } fn f(s: «S») {}" => "`S` contains itself by value", "outside the subset";
    recursive_enum: "enum E { A(«E»), B } fn f() { let a = «E::B»; }" => "`E` contains itself by value", "outside the subset";
    recursion_over_two: "struct S { t: «T» } struct T { s: S } fn f(s: &S) {}" => "`S` contains itself by value";
    recursive_alias: "type A = B; type B = A; fn f(x: «A») {}" => "is outside the subset";
    wide_discriminant: "enum E { A = 1, «B = 300» } fn f() { let a = E::B; }" => "must fit in eight bits";
    discriminants_of_both_signs: "enum E { A = -1, «B = 200» } fn f() { let a = E::B; }" => "must fit in eight bits";
    discriminant_by_constant: "const C: isize = 3; enum E { A = «C» } fn f() {}" => "must be a literal";
    union_type: "union U { a: u64, b: f64 } fn f(u: «U») {}" => "type `U` is outside the subset";
    self_by_mutable_reference: "struct S { a: i64 } impl S { fn g(&mut self) {} } fn f(s: &S) { s.«g»() }" =>
        "`S::g` cannot be called: `self` is taken by value or as `&self`";
}
