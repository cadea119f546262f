//! Fuel: nothing escapes the limit, what it costs does not depend on the compiler, and hosts can tell when it is gone.

use moonshift::jit::JitMode;
use moonshift::{Error, Function, Lua, LuaOptions, Result};

const MODES: [JitMode; 4] = [JitMode::Off, JitMode::On, JitMode::Always, JitMode::Evaluator];

fn machine(mode: JitMode, fuel: u64) -> Lua {
    let lua = Lua::new_with(LuaOptions::new().jit(mode));
    lua.set_fuel(Some(fuel));
    lua
}

/// Programs that would run for ever, or for longer than anybody waits.
const ENDLESS: &[&str] = &[
    // Loops and calls.
    "while true do end",
    "repeat local x = 1 until false",
    "::again:: goto again",
    "for i = 1, math.maxinteger do end",
    "for x = 1.0, math.huge, 0.5 do end",
    "for _ in function() return 1 end do end",
    "local function f() return f() end f()",
    "local function f() f() f() end pcall(f) while true do pcall(f) end",
    "local function f() pcall(f) pcall(f) end f()",
    "local function f(e) xpcall(error, f, e) end while true do f() end",
    "local function f() coroutine.wrap(f)() end while true do pcall(f) end",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
    "coroutine.wrap(function() while true do end end)()",
    "local t = {} while next(t) == nil do end",
    "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) while true do pcall(function() return t[1] end) end",
    "local t = setmetatable({}, {__close = function() while true do end end}) do local x <close> = t end",
    "local x <close> = setmetatable({}, {__close = function() while true do end end}) error('first')",
    "while true do setmetatable({}, {__gc = function() while true do end end}) collectgarbage() end",
    "while true do load('return 1')() end",
    "load(function() return 'x = 1; ' end) while true do end",
    "debug.sethook(function() end, 'l') while true do end",
    // Errors are no way out.
    "while true do pcall(error) end",
    "while true do pcall(pcall, error) end",
    "while not pcall(function() while true do end end) do end while true do end",
    "error(setmetatable({}, {__tostring = function() while true do end end}))",
    // Patterns.
    "return ('a'):rep(1e5):find(('.-'):rep(100) .. 'b')",
    "return ('a'):rep(1e5):find(('a*'):rep(100) .. 'b')",
    "return ('a'):rep(1e5):find(('a?'):rep(100) .. ('a'):rep(100) .. 'b')",
    "return ('a'):rep(1e5):match('(a*)%1%1b')",
    "return ('('):rep(1e6):gsub('%b()', '')",
    "for _ in ('a'):rep(1e5):gmatch('[a-z]*[a-z]*[a-z]*b') do end",
    "return ('a'):rep(1e6):find('[' .. ('b'):rep(1e6) .. 'a]*b')",
    "return ('a'):rep(1e6):find('%f[' .. ('b'):rep(1e6) .. ']x')",
    "return ('a'):rep(1e4):gsub('', function() while true do end end)",
    "return ('ab'):rep(1e6):gsub('a.-a', '%0%0%0%0')",
    // The library's own loops.
    "return ('x'):rep(1e6):rep(1e3)",
    "local s = 'xx' while true do s = s .. s end",
    "local s = ('x'):rep(1e6) while true do s:upper() s:reverse() s:sub(2) end",
    "local s = ('x'):rep(1e6) .. 'y' while not s:find('z', 1, true) do end",
    "local a, b = ('x'):rep(1e6), ('x'):rep(1e6) .. 'y' while a < b do end",
    "return table.move({}, 1, 1 << 60, 2)",
    "return table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)",
    "return table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)",
    "return table.concat(setmetatable({}, {__len = function() return 1 << 60 end, __index = function() return '' end}))",
    "local e = setmetatable({}, {__index = function() return '' end}) return table.concat(e, '', 1, 1 << 60)",
    "while true do table.unpack({}, 1, 1e6) end",
    "return table.sort(setmetatable({}, {__len = function() return 1 << 30 end, __index = function() return 1 end}))",
    "local t = {} for i = 1, 1000 do t[i] = i % 7 end while true do table.sort(t) end",
    "while true do pcall(table.sort, {1, 2, 3, 4, 5}, function() return true end) end",
    "local s = ('%s'):rep(200) local t = {} for i = 1, 200 do t[i] = ('x'):rep(1000) end while true do s:format(table.unpack(t)) end",
    "local s = ('x'):rep(1e6) while true do utf8.len(s) end",
    "local s = ('9'):rep(1e6) while true do tonumber(s) end",
    "local s = ('x = 1 '):rep(1e5) while true do load(s) end",
    "local f = ('b'):rep(1e5) while true do pcall(string.unpack, f, f) end",
    "local t = {} for i = 1, 1e3 do t[i] = {} end while true do collectgarbage() end",
    "local t = {} for i = 1, 5000 do t[i] = i end for i = 1, 4999 do t[i] = nil end while next(t) do end",
];

#[test]
fn nothing_escapes() {
    for source in ENDLESS {
        for mode in MODES {
            let lua = machine(mode, 20_000);
            let started = std::time::Instant::now();
            let error = lua.load(*source).exec().expect_err(source);
            assert_eq!(lua.fuel(), Some(0), "{mode:?}: {source}: {error}");
            // An object's text, which needs a call, cannot be had any more.
            let no_text = error.to_string().contains("(error object is a table value)");
            assert!(matches!(error, Error::OutOfFuel(_)) || no_text, "{mode:?}: {source}: {error}");
            assert!(started.elapsed().as_secs() < 20, "{mode:?}: {source} took {:?}", started.elapsed());
        }
    }
}

/// The same work costs the same in every mode.
#[test]
fn fuel_does_not_depend_on_the_mode() {
    for source in [
        "local s = 0 for i = 1, 500 do s = s + i end return s",
        "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(13)",
        "local t = {} for i = 1, 300 do t[#t + 1] = tostring(i) end return table.concat(t)",
        "local n = 0 for w in ('the quick brown fox '):rep(20):gmatch('%a+') do n = n + #w end return n",
        "local t = {} for i = 1, 200 do t[i] = (i * 7919) % 211 end table.sort(t, function(a, b) return a > b end) return t[1]",
        "local V = setmetatable({}, {__add = function(a, b) return a end}) for i = 1, 200 do V = V + 1 end",
        "local f = coroutine.wrap(function() for i = 1, 200 do coroutine.yield(i) end end) for i = 1, 200 do f() end",
        "local function loop(n) if n > 0 then return loop(n - 1) end end loop(300)",
        "for i = 1, 100 do pcall(error, i) end",
        "local t = {} for i = 1, 300 do t['k' .. i] = i end local n = 0 for k, v in pairs(t) do n = n + v end return n",
        "for i = 1, 200 do local c = setmetatable({}, {__close = function() end}) do local x <close> = c end end",
    ] {
        let used = MODES.map(|mode| {
            const FUEL: u64 = 10_000_000;
            let lua = machine(mode, FUEL);
            // Often enough to be compiled, and for exits to be taken.
            let chunk = lua.load(source).into_function().expect("a chunk");
            for _ in 0..5 {
                chunk.call::<()>(()).expect(source);
            }
            FUEL - lua.fuel().expect("a limit")
        });
        assert!(used[0] > 100, "{source}: {used:?}");
        assert_eq!(used, [used[0]; 4], "{source}");
    }
}

#[test]
fn code_compiled_before_the_limit_keeps_to_it() -> Result<()> {
    for mode in MODES {
        let lua = Lua::new_with(LuaOptions::new().jit(mode));
        let (sum, spin): (Function, Function) = lua
            .load(
                "local function sum(n) local s = 0 for i = 1, n do s = s + i end return s end
                 local function spin(n) while n > 0 do n = n - 1 end while n == 0 do end end
                 return sum, spin",
            )
            .eval()?;
        for _ in 0..20 {
            assert_eq!(sum.call::<i64>(1000)?, 500_500);
        }
        lua.set_fuel(Some(5_000));
        assert_eq!(sum.call::<i64>(1000)?, 500_500);
        // The call, and 999 times back to the start of the loop.
        assert_eq!(lua.fuel(), Some(4_000), "{mode:?}");
        assert!(matches!(sum.call::<i64>(100_000), Err(Error::OutOfFuel(_))), "{mode:?}");
        lua.set_fuel(Some(5_000));
        assert!(matches!(spin.call::<()>(10), Err(Error::OutOfFuel(_))), "{mode:?}");
        // Without a limit everything goes on as before.
        lua.set_fuel(None);
        assert_eq!(lua.fuel(), None);
        assert_eq!(sum.call::<i64>(100_000)?, 5_000_050_000);
    }
    Ok(())
}

#[test]
fn scripts_may_catch_it_but_get_no_further() -> Result<()> {
    for mode in MODES {
        let lua = machine(mode, 1_000);
        let source = "caught = not pcall(function() while true do end end) reached = true tostring(1) passed = true";
        assert!(matches!(lua.load(source).exec(), Err(Error::OutOfFuel(_))), "{mode:?}");
        let globals = lua.globals();
        let flags = ["caught", "reached", "passed"].map(|name| globals.get::<Option<bool>>(name).expect("a flag"));
        assert_eq!(flags, [Some(true), Some(true), None], "{mode:?}");
    }
    Ok(())
}

#[test]
fn hosts_see_where_it_ran_out() -> Result<()> {
    let lua = machine(JitMode::On, 1_000);
    let error =
        lua.load("local function spin()\n  while true do end\nend\nspin()").set_name("=spin").exec().unwrap_err();
    let Error::OutOfFuel(place) = &error else { panic!("{error}") };
    assert!(place.contains("spin:2: in ") && place.contains("spin:4: in main chunk"), "{place}");
    assert!(error.to_string().starts_with("out of fuel\n"), "{error}");
    // Through functions of the host's it stays what it is.
    let lua = machine(JitMode::On, 1_000);
    lua.globals().set("run", lua.create_function(|lua, text: String| lua.load(text).exec())?)?;
    let error = lua.load("run('while true do end')").exec().unwrap_err();
    assert!(matches!(error, Error::OutOfFuel(_)), "{error}");
    Ok(())
}

#[test]
fn hosts_may_give_more() -> Result<()> {
    let lua = machine(JitMode::On, 100);
    let more = lua.create_function(|lua, ()| {
        lua.set_fuel(Some(lua.fuel().unwrap_or(0) + 1_000));
        Ok(())
    })?;
    lua.globals().set("more", more)?;
    lua.load("for i = 1, 500 do if i % 50 == 0 then more() end end").exec()?;
    assert!(matches!(lua.load("for i = 1, 50000 do end").exec(), Err(Error::OutOfFuel(_))));
    Ok(())
}
