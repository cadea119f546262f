//! Deep recursion of every kind gives an error, never an overflow of a native stack: on the main thread, in coroutines
//! and on small threads of the host's; interpreted, compiled and evaluated.

mod deep_programs;

use deep_programs::{PROGRAMS, SOUND};
use moonshift::jit::JitMode;
use moonshift::{Lua, LuaOptions, Result};

fn in_place(source: &str) -> String {
    format!(
        "local function run() {source} end
         local first, second = run()
         return tostring(second == nil and first or second)"
    )
}

fn in_coroutine(source: &str) -> String {
    format!(
        "local function run() {source} end
         local outcome = table.pack(coroutine.resume(coroutine.create(run)))
         local first, second = table.unpack(outcome, 2, outcome.n)
         return tostring(second == nil and first or second)"
    )
}

fn check_all(mode: JitMode) {
    check(mode, in_place, &[PROGRAMS, SOUND]);
    check(mode, in_coroutine, &[PROGRAMS, SOUND]);
}

fn check(mode: JitMode, wrap: fn(&str) -> String, programs: &[&[(&str, &str)]]) {
    for programs in programs {
        for (source, expected) in *programs {
            let lua = Lua::new_with(LuaOptions::new().jit(mode));
            // Twice: the machine is whole afterwards, and what is compiled by then behaves the same.
            for _ in 0..if mode == JitMode::Evaluator { 1 } else { 2 } {
                let text: Result<String> = lua.load(wrap(source)).eval();
                let text = text.unwrap_or_else(|error| panic!("{mode:?}: {source}\n{error}"));
                assert!(text.contains(expected), "{mode:?}: {source}\n{text}");
            }
            let after = lua.load("local n = 0 for i = 1, 100 do n = n + i end return n").eval::<i64>();
            assert_eq!(after.ok(), Some(5050), "{mode:?}: after {source}");
        }
    }
}

fn on_thread(stack: usize, run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(stack).spawn(run).expect("a thread").join().expect("no panic");
}

#[test]
fn interpreted() {
    check_all(JitMode::Off);
}

#[test]
fn compiled_when_hot() {
    check_all(JitMode::On);
}

#[test]
fn compiled_at_once() {
    check_all(JitMode::Always);
}

#[test]
fn evaluated() {
    // The evaluator takes seconds for what the others do at once: a few of each sort.
    let few: Vec<_> = PROGRAMS.iter().copied().step_by(16).collect();
    check(JitMode::Evaluator, in_place, &[&few]);
}

#[test]
fn on_small_threads() {
    for stack in [512 << 10, 2 << 20] {
        for mode in [JitMode::Off, JitMode::Always] {
            on_thread(stack, move || check(mode, in_place, &[PROGRAMS]));
        }
    }
}

/// Functions with many values alive across a call: their compiled frames are large.
#[test]
fn large_frames() {
    for count in [20, 80, 180] {
        let names: Vec<String> = (0..count).map(|index| format!("a{index}")).collect();
        let values: Vec<String> = (0..count).map(|index| format!("n * {index}.5")).collect();
        let (list, values, sum) = (names.join(", "), values.join(", "), names.join(" + "));
        let source = format!(
            "local function f(n) local {list} = {values} local r = f(n + 1) return r + {sum} end
             for i = 1, 3 do local ok, e = pcall(f, 1) assert(not ok and e:find('stack overflow'), e) end
             local function g(n) local {list} = {values} if n == 0 then return 0.0 end
               local r = g(n - 1) for i = 1, 2 do r = r + {sum} end return r end
             local function h(n) if n == 0 then return g(20) end return (h(n - 1)) end
             return h(1000) == g(20)"
        );
        for mode in [JitMode::Off, JitMode::On, JitMode::Always] {
            for wrap in [in_place, in_coroutine] {
                let lua = Lua::new_with(LuaOptions::new().jit(mode));
                let text: Result<String> = lua.load(wrap(&source)).eval();
                assert_eq!(
                    text.unwrap_or_else(|error| panic!("{mode:?} {count}: {error}")),
                    "true",
                    "{mode:?} {count}"
                );
            }
        }
    }
}

/// Recursion through functions of the host's, which use some stack of their own.
#[test]
fn through_the_host() {
    for stack in [512 << 10, 2 << 20] {
        on_thread(stack, || {
            for mode in [JitMode::Off, JitMode::Always] {
                let lua = Lua::new_with(LuaOptions::new().jit(mode));
                let through = |_: &Lua, f: moonshift::Function| {
                    let ballast = std::hint::black_box([1u8; 16 << 10]);
                    Ok(f.call::<i64>(())? + i64::from(ballast[0]))
                };
                let through = lua.create_function(through).expect("a function");
                lua.globals().set("through", through).expect("a global");
                let source = "local function f() return through(f) end local ok, e = pcall(f) return tostring(e)";
                let text: String = lua.load(source).eval().expect("caught");
                assert!(text.contains("stack overflow"), "{mode:?}: {text}");
            }
        });
    }
}
