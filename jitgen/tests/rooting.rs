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
#[indirect(calls)] pub fn enter(address: usize, vm: &Vm) -> i64 { 0 }
pub struct Pair { object: Ref<Object>, number: i64 }
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
    read_again_each_turn: "fn f(vm: &Vm) -> i64 { let mut n = 0; while n < 9 { n += vm.top.get().size.get(); poll(vm); } n }";
    rooted_and_carried_by_a_loop: "fn f(vm: &Vm) -> i64 { let mut o = vm.main; let mut n = 0;
        while n < 9 { poll(vm); n += o.size.get(); o = o.shape; } n }";
    last_used_in_the_turn_before: "fn f(vm: &Vm) -> i64 { let mut o = vm.top.get(); let mut n = 0;
        while n < 9 { n += o.size.get(); poll(vm); o = vm.top.get(); } n }";
    another_part_of_a_structure: "fn f(vm: &Vm) -> i64 { let p = Pair { object: vm.top.get(), number: 3 }; poll(vm); p.number }";
    rooted_part_of_a_structure: "fn f(vm: &Vm) -> i64 { let p = Pair { object: vm.main, number: 3 }; poll(vm); p.object.size.get() }";
    structures_from_callees: "fn f(vm: &Vm) -> i64 { let p = g(vm.main); poll(vm); p.object.size.get() }
        #[never_inline] fn g(o: Ref<Object>) -> Pair { Pair { object: o.shape, number: o.size.get() } }";
    whether_there_was_one: "fn f(vm: &Vm) -> bool { let o = vm.main.next.get(); let is = o.is_some(); poll(vm); is }";
    an_option_of_a_rooted_one: "fn f(vm: &Vm, b: bool) -> i64 { let o = if b { Some(vm.main) } else { None }; poll(vm);
        match o { Some(o) => o.size.get(), None => 0 } }";
    argument_of_an_earlier_call: "fn f(vm: &Vm) { let o = vm.top.get(); quiet(o); poll(vm); quiet(vm.top.get()); }";
    what_a_collecting_call_returns: "fn f(vm: &Vm) -> i64 { let o = g(vm); o.size.get() }
        #[residual(collects)] fn g(vm: &Vm) -> Ref<Object> { vm.top.get() }";
    held_across_calls_that_collect_on_no_way: "fn f(vm: &Vm) -> i64 { let o = vm.top.get(); g(vm, 3); o.size.get() }
        #[never_inline] fn g(vm: &Vm, n: i64) { if n > 0 { make(vm); g(vm, n - 1); } }";
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
}" => "error: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:13:12";
    held_across_the_turns_of_a_loop: "fn f(vm: &Vm) -> i64 {
    let o = vm.top.get();
    let mut n = 0;
    while n < 9 {
        n += o.size.get();
        poll(vm);
    }
    n
}" => "error: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:15:9",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:14:21";
    carried_by_a_loop: "fn f(vm: &Vm) -> i64 {
    let mut o = vm.main;
    let mut n = 0;
    while n < 9 {
        n += o.size.get();
        o = vm.top.get();
        poll(vm);
    }
    n
}" => "error: `o#7` is held across the call of `poll`, which may collect", "  --> interp.rs:16:9",
      "  because: `o#7` comes from here, and nothing is known to keep it", "  --> interp.rs:15:20",
      "  because: `o#7` is used afterwards", "  --> interp.rs:14:21";
    part_of_a_structure: "fn f(vm: &Vm) -> i64 {
    let p = Pair { object: vm.top.get(), number: 3 };
    poll(vm);
    p.object.size.get() + p.number
}" => "error: `p.object#1` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `p.object#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:35",
      "  because: `p.object#1` is used afterwards", "  --> interp.rs:13:19";
    part_of_a_structure_from_a_callee: "fn f(vm: &Vm) -> i64 {
    let p = g(vm);
    poll(vm);
    p.object.size.get() + p.number
}
#[never_inline] fn g(vm: &Vm) -> Pair { Pair { object: vm.top.get(), number: 3 } }" => "error: `p.object#1` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `p.object#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:13",
      "  because: `p.object#1` is used afterwards", "  --> interp.rs:13:19";
    part_of_a_structure_passed_by_value: "fn f(vm: &Vm) -> i64 {
    g(vm, Pair { object: vm.top.get(), number: 3 })
}
#[never_inline] fn g(vm: &Vm, p: Pair) -> i64 {
    poll(vm);
    p.object.size.get()
}" => "error: `v1` is passed as `p.object` of `g`, which needs it rooted", "  --> interp.rs:11:5",
      "  because: `v1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:33",
      "  because: `p.object#1` is held across the call of `poll`, which may collect", "  --> interp.rs:14:5",
      "  because: `p.object#1` is used afterwards", "  --> interp.rs:15:19";
    argument_of_a_later_call: "fn f(vm: &Vm) {
    let o = vm.top.get();
    poll(vm);
    quiet(o);
}" => "error: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:13:5";
    argument_of_the_collecting_call_and_of_a_later_one: "fn f(vm: &Vm) {
    let o = vm.top.get();
    g(vm, o);
    quiet(o);
}
#[residual(collects)] fn g(vm: &Vm, o: Ref<Object>) {}" => "error: `o#1` is held across the call of `g`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:13:5";
    in_an_option: "fn f(vm: &Vm) -> i64 {
    let o = vm.main.next.get();
    poll(vm);
    match o {
        Some(o) => o.size.get(),
        None => 0,
    }
}" => "error: `o.some#2` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `o.some#2` comes from here, and nothing is known to keep it", "  --> interp.rs:11:26",
      "  because: `o.some#2` is used afterwards", "  --> interp.rs:14:27";
    in_an_option_on_one_of_two_ways: "fn f(vm: &Vm, b: bool) -> i64 {
    let o = if b { Some(vm.main) } else { vm.main.next.get() };
    poll(vm);
    match o {
        Some(o) => o.size.get(),
        None => 0,
    }
}" => "error: `.some#7` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `.some#7` comes from here, and nothing is known to keep it", "  --> interp.rs:11:56",
      "  because: `.some#7` is used afterwards", "  --> interp.rs:14:27";
    just_made: "fn f(vm: &Vm) -> i64 {
    let o = make(vm);
    poll(vm);
    o.size.get()
}" => "error: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:13",
      "  because: `o#1` is used afterwards", "  --> interp.rs:13:12";
    of_an_elidable_function: "fn f(vm: &Vm) -> i64 {
    let o = known(vm.top.get());
    run_anything(vm);
    o.size.get()
}" => "error: `o#2` is held across the call of `run_anything`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#2` comes from here, and nothing is known to keep it", "  --> interp.rs:11:13",
      "  because: `o#2` is used afterwards", "  --> interp.rs:13:12";
    across_an_indirect_call: "fn f(vm: &Vm, address: usize) -> i64 {
    let o = vm.top.get();
    let n = enter(address, vm);
    o.size.get() + n
}" => "error: `o#2` is held across an indirect call, which may collect", "  --> interp.rs:12:13",
      "  because: `o#2` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#2` is used afterwards", "  --> interp.rs:13:12";
    across_a_call_that_collects_deep_down: "fn f(vm: &Vm) -> i64 {
    let o = vm.top.get();
    g(vm, 3);
    o.size.get()
}
#[never_inline] fn g(vm: &Vm, n: i64) { if n > 0 { h(vm, n); } }
#[never_inline] fn h(vm: &Vm, n: i64) { if n > 1 { g(vm, n - 1); } else { poll(vm); } }" => "error: `o#1` is held across the call of `g`, which may collect", "  --> interp.rs:12:5",
      "  because: `o#1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:20",
      "  because: `o#1` is used afterwards", "  --> interp.rs:13:12";
    through_two_callees: "fn f(vm: &Vm) -> i64 {
    g(vm, vm.top.get())
}
#[never_inline] fn g(vm: &Vm, o: Ref<Object>) -> i64 {
    h(vm, o.shape) + 1
}
#[never_inline] fn h(vm: &Vm, o: Ref<Object>) -> i64 {
    poll(vm);
    o.size.get()
}" => "error: `v1` is passed as `o` of `g`, which needs it rooted", "  --> interp.rs:11:5",
      "  because: `v1` comes from here, and nothing is known to keep it", "  --> interp.rs:11:18",
      "  because: `v2` is passed as `o` of `h`, which needs it rooted", "  --> interp.rs:14:5",
      "  because: `o#1` is held across the call of `poll`, which may collect", "  --> interp.rs:17:5",
      "  because: `o#1` is used afterwards", "  --> interp.rs:18:12";
}
