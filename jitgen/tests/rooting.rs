//! The rooting check: references held over what may collect, accepted and refused, with the texts of the errors.

use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::hints::rooting;

/// Declarations that all programs share.
const COMMON: &str = "\
#[heap] pub struct Object { pub next: Cell<Option<Ref<Object>>>, pub shape: Ref<Object>, pub size: Cell<i64> }
pub struct Vm { pub top: Cell<Ref<Object>>, pub main: Ref<Object>, pub bits: Cell<u64> }
#[residual(collects)] pub fn poll(vm: &Vm) {}
#[residual(calls)] pub fn run_anything(vm: &Vm) {}
#[residual(writes(Object))] pub fn make(vm: &Vm) -> Ref<Object> { vm.main }
#[residual(pure)] pub fn quiet(o: Ref<Object>) {}
#[elidable] pub fn known(o: Ref<Object>) -> Ref<Object> { o }
";

/// What the check says of function `f` and all it calls; the program follows the common declarations.
fn check(program: &str) -> Result<(), String> {
    let text = format!("{COMMON}{program}");
    let options = Options { roots: vec!["f".into()], ..Options::default() };
    let module =
        translate(&[Source::new("interp.rs", "crate::interp", &text)], &options).unwrap_or_else(|e| panic!("{e}"));
    rooting(&module).map_err(|errors| {
        errors.iter().map(|error| error.render(&module, &|_| Some(text.clone()))).collect::<Vec<_>>().join("\n")
    })
}

macro_rules! accepted {
    ($($name:ident: $program:expr;)*) => {$(
        #[test]
        fn $name() {
            assert_eq!(check($program), Ok(()));
        }
    )*};
}

accepted! {
    used_before_only: "fn f(vm: &Vm) -> i64 { let o = vm.top.get(); let n = o.size.get(); poll(vm); n }";
    read_again: "fn f(vm: &Vm) -> i64 { vm.top.get().size.set(1); poll(vm); vm.top.get().size.get() }";
    nothing_collects: "fn f(vm: &Vm) -> i64 { let o = vm.top.get(); quiet(o); make(vm); o.size.get() }";
    passed_to_the_collecting_call_alone: "fn f(vm: &Vm) { g(vm, vm.top.get()); } #[residual] fn g(vm: &Vm, o: Ref<Object>) {}";
    immutable_fields_of_rooted_objects: "fn f(vm: &Vm) -> i64 { let o = vm.main.shape; poll(vm); o.size.get() }";
    parameters_of_roots: "fn f(vm: &Vm, o: Ref<Object>) -> i64 { poll(vm); o.size.get() }";
    rooted_arguments: "fn f(vm: &Vm) -> i64 { g(vm, vm.main) }
        #[never_inline] fn g(vm: &Vm, o: Ref<Object>) -> i64 { poll(vm); o.size.get() }";
    results_of_calls_that_are_rooted: "fn f(vm: &Vm) -> i64 { let o = g(vm.main); poll(vm); o.size.get() }
        #[never_inline] fn g(o: Ref<Object>) -> Ref<Object> { if o.size.get() > 1 { o.shape } else { o } }";
    elidable_results_of_rooted_arguments: "fn f(vm: &Vm) -> i64 { let o = known(vm.main); poll(vm); o.size.get() }";
    said_to_be_rooted: "fn f(vm: &Vm) -> i64 { let o = rooted(vm.top.get()); let shape = o.shape; poll(vm); o.size.get() + shape.size.get() }";
    on_other_ways: "fn f(vm: &Vm, b: bool) -> i64 { let o = vm.top.get(); if b { poll(vm); 1 } else { o.size.get() } }";
    variables_of_a_portal: "#[portal(greens(pc), order = pc)] fn f(vm: &Vm, mut o: Ref<Object>, mut pc: usize) -> i64 {
        loop { merge_point(); poll(vm); if pc > 9 { return o.size.get(); } pc += 1; o = vm.top.get(); } }";
}

/// The lines of a rendered error that say something, without the source lines.
fn steps(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with("error") || line.starts_with("  because") || line.starts_with("  -->"))
        .collect()
}

macro_rules! refused {
    ($($name:ident: $program:expr => $($step:expr),+;)*) => {$(
        #[test]
        fn $name() {
            let text = check($program).expect_err("a reference that may be collected");
            assert_eq!(steps(&text), [$($step),+], "{text}");
        }
    )*};
}

refused! {
    held_across_a_poll: "fn f(vm: &Vm) -> i64 {
    let o = vm.top.get();
    poll(vm);
    o.size.get()
}" => "error: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:10:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:9:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:11:12";
}
