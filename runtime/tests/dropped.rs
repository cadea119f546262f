//! A machine that is dropped gives back what it had, whatever it was in the middle of.

#![cfg(feature = "jit")]

use moonshift::jit::JitMode;
use moonshift::{Lua, LuaOptions};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts the bytes in use.
struct Counting;

thread_local! {
    /// Of this thread: each test runs on its own.
    static IN_USE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    let _ = IN_USE.try_with(|in_use| in_use.set(in_use.get() + bytes));
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(address, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const PROGRAMS: [&str; 6] = [
    "local t = {} for i = 1, 5000 do t[i] = { i, tostring(i) } end kept = t",
    "for i = 1, 200 do load('local a = ' .. i .. ' return function() return a end')()() end",
    "local function f() return 1 + f() end pcall(f)",
    "kept = {} for i = 1, 200 do kept[i] = coroutine.create(function() coroutine.yield(i) end) end",
    "kept = {} for i = 1, 200 do kept[i] = coroutine.wrap(function() local s = 0 for j = 1, 200 do s = s + j end coroutine.yield(s) end) kept[i]() end",
    "setmetatable({}, {__gc = function() for i = 1, 100 do local co = coroutine.wrap(function() coroutine.yield() end) co() end end})",
];

/// Programs that leave coroutines behind in the middle of all kinds of things.
const ABANDONING: [&str; 5] = [
    "for i = 1, 200 do coroutine.wrap(function() coroutine.yield() end)() end",
    "for i = 1, 200 do coroutine.wrap(function() local s = 0 for j = 1, 300 do s = s + j end coroutine.yield(s) end)() end",
    "for i = 1, 200 do coroutine.wrap(function() string.gsub(('x'):rep(500), 'x', coroutine.yield) end)() end",
    "for i = 1, 200 do coroutine.wrap(function() pcall(table.sort, {3, 2, 1}, function(a, b) coroutine.yield() return a < b end) end)() end",
    "for i = 1, 200 do coroutine.wrap(function() local x <close> = setmetatable({}, {__close = function() closed = true end})
       local t = setmetatable({}, {__index = function() coroutine.yield() end}) return t.x end)() end assert(not closed)",
];

/// What runs of the program leave behind, by mode: each defines `n` to be the number of the run. After `warm` runs all is
/// compiled that ever will be; then `runs` of them may leave `most` bytes, and the heap as it was.
#[track_caller]
fn check_leftovers(program: &str, warm: usize, runs: usize, most: isize) {
    for mode in [JitMode::Off, JitMode::On, JitMode::Always] {
        let lua = Lua::new_with(LuaOptions::new().jit(mode));
        lua.load(format!(
            "n = 0 function run() {program} end
             function check() n = n + 1 run() collectgarbage() return collectgarbage('count') end"
        ))
        .exec()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
        let check: moonshift::Function = lua.globals().get("check").expect("defined");
        let once = || check.call::<f64>(()).unwrap_or_else(|error| panic!("{mode:?}: {program}: {error}"));
        for _ in 0..warm {
            once();
        }
        let (before, kib) = (IN_USE.get(), once());
        for _ in 0..runs {
            once();
        }
        let grown = IN_USE.get() - before;
        assert!(grown < most, "{mode:?}: {grown} bytes are left by {runs} runs of {program}");
        assert!((once() - kib).abs() < 2.0, "{mode:?}: the heap grows by {program}");
    }
}

/// 800 coroutines.
#[test]
fn abandoned_coroutines_are_collected_whole() {
    for program in ABANDONING {
        check_leftovers(program, 20, 4, 4096);
    }
}

/// Programs that make functions, which get compiled, and let go of them: each time others.
const LOADING: [&str; 7] = [
    "for i = 1, 20 do local f = load('local s = 0 for i = 1, 600 do s = s + ' .. n .. ' end return s') assert(f() == 600 * n) end",
    "local f = load('return function(a) return a + ' .. n .. ' end')() for i = 1, 600 do assert(f(i) == i + n) end",
    "local f = load('local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib --' .. n)()
       assert(f(15) == 610)",
    // The function is gone while its code runs what it has called last.
    "local t = {}
     local function leaf(a) if a == 550 then t.f = nil collectgarbage() collectgarbage() end return a * 2 end
     t.f = load('local leaf = ... return function(a) return leaf(a + ' .. n .. ' - ' .. n .. ') end')(leaf)
     for i = 1, 550 do assert(t.f(i) == 2 * i) end assert(not t.f)",
    // The same in a loop that is left by the call.
    "local t = {}
     local function leaf(a) t.f = nil collectgarbage() collectgarbage() local s = 0 for i = 1, 500 do s = s + a end return s end
     t.f = load('local leaf = ... return function() local s = ' .. n .. ' for i = 1, 500 do s = s + i % 2 end return leaf(s) end')(leaf)
     assert(t.f() == 500 * (n + 250))",
    "local co = coroutine.wrap(load('local s = 0 for i = 1, 300 do s = s + ' .. n .. ' if i % 50 == 0 then coroutine.yield(s) end end return 0'))
     for i = 1, 6 do assert(co() == n * 50 * i) collectgarbage() end assert(co() == 0)",
    "local function call(f, x) return f(x) end
     for i = 1, 8 do local f = load('return function(x) return x * ' .. n + i .. ' end')()
       for x = 1, 80 do assert(call(f, x) == x * (n + i)) end end",
];

/// Code of functions that are gone goes too, and all that was kept for it.
#[test]
fn functions_that_are_gone_leave_no_code() {
    for program in LOADING {
        check_leftovers(program, 150, 40, 2048);
    }
}

#[test]
fn memory_comes_back() {
    for mode in [JitMode::Off, JitMode::On, JitMode::Always] {
        for program in PROGRAMS {
            let once = || {
                let lua = Lua::new_with(LuaOptions::new().jit(mode));
                lua.load(program).exec().unwrap_or_else(|error| panic!("{program}: {error}"));
            };
            // What is made once and kept.
            once();
            let before = IN_USE.get();
            for _ in 0..4 {
                once();
            }
            let grown = IN_USE.get() - before;
            assert!(grown < 2048, "{mode:?}: {grown} bytes are left by four machines that ran {program}");
        }
    }
}
