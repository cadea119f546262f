//! Coroutines: very many alive at once, stacks that come back, yields through everything that calls.

use moonshift::value::Value;
use moonshift::vm::Vm;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tests measure the memory of their process: one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a chunk; its results as `tostring` shows them, or the error.
fn run(vm: &Vm, source: &str) -> Result<Vec<String>, String> {
    let proto = moonshift_lang::compile(source.as_bytes(), "=test").map_err(|error| error.to_string())?;
    let main = vm.load_main(Arc::new(proto), Value::table(vm.globals()));
    let show = |value: Value| vm.tostring(value).expect("no metamethod").to_str_lossy().into_owned();
    match vm.call_protected(Value::closure(main), &[]) {
        Ok(results) => Ok(results.to_vec().into_iter().map(show).collect()),
        Err(error) => Err(show(error)),
    }
}

fn machine() -> Box<Vm> {
    let vm = Vm::new();
    moonshift::stdlib::open_all(&vm);
    vm
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let _alone = alone();
    assert_eq!(run(&machine(), source).expect(source), expected);
}

/// Memory of this process that is in use, tables of pages included, in bytes, where the system tells.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib = |name: &str| status.split_once(name)?.1.split_whitespace().next()?.parse::<usize>().ok();
    Some((kib("VmRSS:")? + kib("VmPTE:")?) << 10)
}

/// All wait in the middle of a call, some of them inside `pcall`, a metamethod, an iterator or `gsub`, with a variable
/// to be closed; all go on to their end, and what they took is given back.
#[test]
fn a_hundred_thousand_alive_at_once() {
    let _alone = alone();
    let vm = machine();
    run(&vm, "collectgarbage()").expect("no error");
    let before = resident();
    let started = run(
        &vm,
        r#"
        N = 100000
        local yield = coroutine.yield
        closed = 0
        local add = setmetatable({}, { __add = function(_, x) return yield(x) + 1 end })
        local function leaf(x) return yield(x) + 1 end
        local function call(x) local y = leaf(x) return y end
        local kinds = {
          [0] = call,
          function(x) local ok, y = pcall(call, x) assert(ok) return y end,
          function(x) return add + x end,
          function(x) for y in function(_, last) if not last then return call(x) end end do return y end end,
          function(x) local y string.gsub('a', '.', function() y = call(x) end) return y end,
          function(x)
            local guard <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
            local y = call(x)
            return y
          end,
          function(x) local ok, e = pcall(function() error({ call(x) }) end) assert(not ok) return e[1] end,
        }
        alive = {}
        for i = 1, N do
          local co = coroutine.create(kinds[i % 7])
          local ok, x = coroutine.resume(co, i)
          assert(ok and x == i)
          alive[i] = co
        end
        collectgarbage()
        for i = 1, N do assert(coroutine.status(alive[i]) == 'suspended') end
        return #alive
        "#,
    );
    assert_eq!(started.expect("no error"), ["100000"]);
    if let (Some(before), Some(most)) = (before, resident()) {
        assert!(most < before + (3 << 30), "{} MiB before, {} MiB at most", before >> 20, most >> 20);
    }
    let ended = run(
        &vm,
        r#"
        local sum = 0
        for i = N, 1, -1 do
          local ok, y = coroutine.resume(alive[i], 2 * i)
          assert(ok, y)
          assert(y == 2 * i + 1)
          sum = sum + y
          assert(coroutine.status(alive[i]) == 'dead')
        end
        alive = nil
        collectgarbage()
        return sum, closed, collectgarbage('count') < 1024
        "#,
    );
    assert_eq!(ended.expect("no error"), ["10000200000", "14286", "true"]);
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(after < before + (64 << 20), "{} MiB before, {} MiB after", before >> 20, after >> 20);
    }
}

/// Suspended ones that nobody refers to are collected, stacks included.
#[test]
fn abandoned_ones_give_their_stacks_back() {
    let _alone = alone();
    let vm = machine();
    let start = resident();
    for _ in 0..4 {
        let source = r"
            for i = 1, 20000 do
              local co = coroutine.wrap(function(x) local t = { x } coroutine.yield(t) return t end)
              co(i)
            end
            collectgarbage()
            return collectgarbage('count') < 2 * 1024
        ";
        assert_eq!(run(&vm, source).expect(source), ["true"]);
        if let (Some(start), Some(now)) = (start, resident()) {
            assert!(now < start + (64 << 20), "{} MiB at first, {} MiB now", start >> 20, now >> 20);
        }
    }
}

/// A stack that is used again shows nothing of what was there, and what is deep in one is not in another's way.
#[test]
fn neighbours_keep_apart() {
    check(
        r"
        local function deep(n) if n == 0 then return coroutine.yield(0) end return deep(n - 1) + 1 end
        local all = {}
        for round = 1, 3 do
          for i = 1, 40 do
            all[i] = coroutine.create(deep)
            assert(coroutine.resume(all[i], i * 70))
          end
          collectgarbage()
          for i = 40, 1, -1 do
            local ok, n = coroutine.resume(all[i], i)
            assert(ok and n == i * 71, n)
          end
        end
        return #all
        ",
        &["40"],
    );
}

/// The limit of depth is an error there too, in every one.
#[test]
fn overflows_are_errors_with_or_without_a_guard() {
    check(
        r"
        local function endless(n) return 1 + endless(n + 1) end
        local through = setmetatable({}, { __index = function(t, k) return t[k + 1] end })
        local waiting = {}
        for i = 1, 9000 do
          waiting[i] = coroutine.wrap(function() coroutine.yield() end)
          waiting[i]()
        end
        for i = 1, 4 do
          local ok, message = coroutine.resume(coroutine.create(i % 2 == 0 and endless or function() return through[1] end), 1)
          assert(not ok and string.find(message, 'overflow'), message)
        end
        for i = 1, 9000 do waiting[i]() end
        return 'fine'
        ",
        &["fine"],
    );
}
