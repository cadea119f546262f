//! What cannot be green is an error with the whole chain: from the request to the source that makes it impossible.

use super::{module, portal};
use moonshift_jitgen::frontend::{Options, Source, translate};
use moonshift_jitgen::hints::annotate;

/// The errors of a text, rendered.
#[track_caller]
fn refused(text: &str) -> Vec<String> {
    let module = module(text);
    let Err(errors) = annotate(&module) else { panic!("nothing is wrong with\n{text}") };
    errors.iter().map(|error| error.render(&module, &|file| (file == 0).then(|| text.to_string()))).collect()
}

#[test]
fn a_parameter_of_the_portal_is_red() {
    assert_eq!(
        refused(portal!("        let k = concrete(x + 1);\n        if pc > 9 { return k; }\n        pc += 1;")),
        ["\
error: `v4` must be green: it is made concrete
  --> interp.rs:5:17
   |         let k = concrete(x + 1);
   |                 ^
  because: `v4` is computed from `x#1`
  --> interp.rs:5:26
   |         let k = concrete(x + 1);
   |                          ^
  because: `x` is a red of the portal `run`
  --> interp.rs:5:26
   |         let k = concrete(x + 1);
   |                          ^
"]
    );
}

#[test]
fn through_a_call() {
    assert_eq!(
        refused(concat!(
            portal!("        if pc > 9 {\n            return outer(y, x);\n        }\n        pc += 1;"),
            "fn outer(n: i64, x: i64) -> i64 {\n    if x > 5 { return 1; }\n    inner(n + x)\n}\n",
            "fn inner(n: i64) -> i64 {\n    if n > 5 { return 1; }\n    concrete(n) + 1\n}\n"
        )),
        [
            "\
error: `n#0` must be green: it is made concrete
  --> interp.rs:17:5
   |     concrete(n) + 1
   |     ^
  because: `v3` is passed as `n` of `inner`
  --> interp.rs:13:5
   |     inner(n + x)
   |     ^
  because: `v3` is computed from `x#1`
  --> interp.rs:13:11
   |     inner(n + x)
   |           ^
  because: `x#1` is passed as `x` of `outer`
  --> interp.rs:6:20
   |             return outer(y, x);
   |                    ^
  because: `x` is a red of the portal `run`
  --> interp.rs:6:20
   |             return outer(y, x);
   |                    ^
",
            "\
error: `n#0` must be green: it is made concrete
  --> interp.rs:17:5
   |     concrete(n) + 1
   |     ^
  because: `v3` is passed as `n` of `inner`
  --> interp.rs:13:5
   |     inner(n + x)
   |     ^
  because: `v3` is computed from `n#0`
  --> interp.rs:13:11
   |     inner(n + x)
   |           ^
  because: `y#2` is passed as `n` of `outer`
  --> interp.rs:6:20
   |             return outer(y, x);
   |                    ^
  because: `y` is a red of the portal `run`
  --> interp.rs:6:20
   |             return outer(y, x);
   |                    ^
"
        ]
    );
}

#[test]
fn through_a_loop_variable() {
    assert_eq!(
        refused(concat!(
            portal!("        if pc > 9 {\n            return f(x);\n        }\n        pc += 1;"),
            "fn f(x: i64) -> i64 {\n    let mut n = 3;\n    let mut sum = 0;\n    while concrete(n) > 0 {\n        sum += n;\n        n = x - n;\n    }\n    sum\n}\n"
        )),
        ["\
error: `n#1` must be green: it is made concrete
  --> interp.rs:14:11
   |     while concrete(n) > 0 {
   |           ^
  because: `n#1` may be `n#6`
  --> interp.rs:16:13
   |         n = x - n;
   |             ^
  because: `n#6` is computed from `x#0`
  --> interp.rs:16:13
   |         n = x - n;
   |             ^
  because: `x#1` is passed as `x` of `f`
  --> interp.rs:6:20
   |             return f(x);
   |                    ^
  because: `x` is a red of the portal `run`
  --> interp.rs:6:20
   |             return f(x);
   |                    ^
"]
    );
}

#[test]
fn through_a_part_of_a_structure() {
    assert_eq!(
        refused(concat!(
            "pub struct Pair { first: i64, second: i64 }\n",
            portal!(
                "        if pc > 9 {\n            let pair = make(pc as i64, x);\n            return concrete(pair.first) + concrete(pair.second);\n        }\n        pc += 1;"
            ),
            "fn make(a: i64, b: i64) -> Pair {\n    if b > 5 { return Pair { first: a, second: 2 }; }\n    Pair { first: 1, second: b }\n}\n"
        )),
        ["\
error: `pair.second#7` must be green: it is made concrete
  --> interp.rs:8:43
   |             return concrete(pair.first) + concrete(pair.second);
   |                                           ^
  because: `pair.second#7` is the result of `make`, which returns
  --> interp.rs:15:19
   |     Pair { first: 1, second: b }
   |                   ^
  because: `x#1` is passed as `b` of `make`
  --> interp.rs:7:24
   |             let pair = make(pc as i64, x);
   |                        ^
  because: `x` is a red of the portal `run`
  --> interp.rs:7:24
   |             let pair = make(pc as i64, x);
   |                        ^
"]
    );
}

#[test]
fn through_a_mutable_field() {
    assert_eq!(
        refused(
            "pub struct State { pub kind: Cell<i64> }
#[portal(greens(pc), order = pc)]
fn run(state: &State, mut pc: usize) -> i64 {
    loop {
        merge_point();
        let kind = state.kind.get();
        if pc > 9 { return concrete(kind); }
        pc += 1;
    }
}
"
        ),
        ["\
error: `kind#3` must be green: it is made concrete
  --> interp.rs:7:28
   |         if pc > 9 { return concrete(kind); }
   |                            ^
  because: `kind#3` is red: it is read from a mutable field
  --> interp.rs:6:31
   |         let kind = state.kind.get();
   |                               ^
"]
    );
}

#[test]
fn the_result_of_a_residual_call() {
    assert_eq!(
        refused(concat!(
            portal!("        let k = read(x);\n        if pc > 9 { return concrete(k); }\n        pc += 1;"),
            "#[residual] fn read(n: i64) -> i64 { n }\n"
        )),
        ["\
error: `k#4` must be green: it is made concrete
  --> interp.rs:6:28
   |         if pc > 9 { return concrete(k); }
   |                            ^
  because: `k#4` is red: it is the result of a residual call
  --> interp.rs:5:17
   |         let k = read(x);
   |                 ^
"]
    );
}

#[test]
fn a_green_of_the_portal_that_becomes_red() {
    assert_eq!(
        refused(portal!("        if x > 9 { return y; }\n        pc = pc + x as usize;")),
        ["\
error: `pc` must be green: it is a green of the portal `run`
  --> interp.rs:4:9
   |         merge_point();
   |         ^
  because: `pc#3` may be `pc#5`
  --> interp.rs:6:14
   |         pc = pc + x as usize;
   |              ^
  because: `pc#5` is computed from `x#1`
  --> interp.rs:6:14
   |         pc = pc + x as usize;
   |              ^
  because: `x` is a red of the portal `run`
  --> interp.rs:6:14
   |         pc = pc + x as usize;
   |              ^
"]
    );
}

#[test]
fn each_request_has_its_own_error() {
    let errors = refused(portal!(
        "        let a = concrete(x);\n        let b = concrete(y);\n        if pc > 9 { return a + b; }\n        pc += 1;"
    ));
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|error| error.contains("is a red of the portal `run`")), "{errors:?}");
}

#[test]
fn a_variable_that_is_no_parameter_of_the_portal() {
    let text = "#[portal(greens(pc), order = pc)]
fn run(mut pc: usize) -> i64 {
    let mut sum = 0;
    loop {
        merge_point();
        sum += 1;
        if pc > 9 { return sum; }
        pc += 1;
    }
}
";
    let errors = translate(&[Source::new("interp.rs", "crate::interp", text)], &Options::default());
    assert_eq!(
        errors.expect_err("a stray").to_string(),
        "\
interp.rs:2:4: `sum` changes around the merge point but is no parameter of the portal
2 | fn run(mut pc: usize) -> i64 {
  |    ^^^
"
    );
}

#[test]
fn deepfreeze_misused() {
    // A frozen integer, and the promise about a red: its reads stay red.
    let text = "#[portal(greens(pc), order = pc)]
fn run(mut pc: usize, x: i64) -> i64 {
    loop {
        merge_point();
        if pc > 9 { return deepfreeze(x); }
        pc += 1;
    }
}
";
    let errors = translate(&[Source::new("interp.rs", "crate::interp", text)], &Options::default());
    assert_eq!(
        errors.expect_err("not an address").to_string(),
        "\
interp.rs:5:28: `deepfreeze` says that what an address leads to never changes: there is no address in this value
5 |         if pc > 9 { return deepfreeze(x); }
  |                            ^^^^^^^^^^^^^
"
    );
    assert_eq!(
        refused(
            "pub struct Config { pub scale: Cell<i64> }
#[portal(greens(pc), order = pc)]
fn run(config: &Config, mut pc: usize) -> i64 {
    loop {
        merge_point();
        if pc > 9 { return concrete(deepfreeze(config).scale.get()); }
        pc += 1;
    }
}
"
        ),
        ["\
error: `v6` must be green: it is made concrete
  --> interp.rs:6:28
   |         if pc > 9 { return concrete(deepfreeze(config).scale.get()); }
   |                            ^
  because: `v6` is computed from `v5`
  --> interp.rs:6:62
   |         if pc > 9 { return concrete(deepfreeze(config).scale.get()); }
   |                                                              ^
  because: `v5` is computed from `config#0`
  --> interp.rs:6:37
   |         if pc > 9 { return concrete(deepfreeze(config).scale.get()); }
   |                                     ^
  because: `config` is a red of the portal `run`
  --> interp.rs:6:37
   |         if pc > 9 { return concrete(deepfreeze(config).scale.get()); }
   |                                     ^
"]
    );
}

#[test]
fn results_of_recursion() {
    assert_eq!(
        refused(concat!(
            portal!(
                "        if pc > 9 {
            return concrete(depth(pc as i64));
        }
        pc += 1;"
            ),
            "fn depth(n: i64) -> i64 {
    if n < 1 { return 0; }
    depth(n - 1) + 1
}
"
        )),
        ["\
error: `v6` must be green, and is red in `run`: results of recursive functions are
  --> interp.rs:6:20
   |             return concrete(depth(pc as i64));
   |                    ^
"]
    );
}

#[test]
fn an_argument_of_one_call_of_several() {
    // Only the second call is asked for a green.
    assert_eq!(
        refused(concat!(
            portal!(
                "        let a = pick(y);
        let b = pick(x);
        if pc > 9 { return a + concrete(b); }
        pc += 1;"
            ),
            "fn pick(n: i64) -> i64 {
    if n > 5 { return 1; }
    n + 1
}
"
        )),
        ["\
error: `b#5` must be green: it is made concrete
  --> interp.rs:7:32
   |         if pc > 9 { return a + concrete(b); }
   |                                ^
  because: `b#5` is the result of `pick`, which returns
  --> interp.rs:13:5
   |     n + 1
   |     ^
  because: `v2` is computed from `n#0`
  --> interp.rs:13:5
   |     n + 1
   |     ^
  because: `x#1` is passed as `n` of `pick`
  --> interp.rs:6:17
   |         let b = pick(x);
   |                 ^
  because: `x` is a red of the portal `run`
  --> interp.rs:6:17
   |         let b = pick(x);
   |                 ^
"]
    );
}
