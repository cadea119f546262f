//! The embedding API.

use moonshift::{
    AnyUserData, Error, ErrorContext, Function, Lua, MultiValue, Result, String as LuaString, Table, Value, Variadic,
};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

#[test]
fn values_convert_both_ways() -> Result<()> {
    let lua = Lua::new();
    let echo: Function = lua.load("function(...) return ... end").eval()?;
    assert_eq!(echo.call::<i64>(7)?, 7);
    assert_eq!(echo.call::<f64>(7)?, 7.0);
    assert_eq!(echo.call::<u8>("12")?, 12);
    assert_eq!(echo.call::<String>(1.5)?, "1.5");
    assert_eq!(echo.call::<Option<i64>>(())?, None);
    assert!(!echo.call::<bool>(())?);
    assert!(echo.call::<bool>(0)?);
    assert_eq!(echo.call::<(i64, String)>((1, "two", 3))?, (1, "two".to_string()));
    assert_eq!(echo.call::<Vec<i64>>(vec![1, 2, 3])?, [1, 2, 3]);
    let map = HashMap::from([("a".to_string(), 1), ("b".to_string(), 2)]);
    assert_eq!(echo.call::<HashMap<String, i32>>(map.clone())?, map);
    assert_eq!(echo.call::<BTreeMap<String, i32>>(map)?.len(), 2);
    assert_eq!(echo.call::<Variadic<i32>>((1, 2, 3))?.len(), 3);
    assert_eq!(echo.call::<MultiValue>((1, (), ()).0)?.len(), 1);
    assert_eq!(echo.call::<Value>(u64::MAX)?, Value::Number(u64::MAX as f64));
    assert!(matches!(echo.call::<u8>(300), Err(Error::FromLuaConversionError { .. })));
    assert!(matches!(echo.call::<i64>(1.5), Err(Error::FromLuaConversionError { .. })));
    assert!(matches!(echo.call::<Table>(1), Err(Error::FromLuaConversionError { from: "integer", .. })));
    Ok(())
}

#[test]
fn tables() -> Result<()> {
    let lua = Lua::new();
    let table = lua.create_table()?;
    table.set("x", 1)?;
    table.set(1, "one")?;
    table.push("two")?;
    assert_eq!(table.len()?, 2);
    assert_eq!(table.get::<String>(2)?, "two");
    assert!(table.contains_key("x")? && !table.contains_key("y")?);
    assert_eq!(table.pop::<String>()?, "two");
    let mut keys: Vec<String> =
        table.pairs::<Value, Value>().map(|pair| pair.unwrap().0.to_text(&lua).unwrap()).collect();
    keys.sort();
    assert_eq!(keys, ["1", "x"]);
    let meta = lua.create_table()?;
    meta.set("__index", lua.create_function(|_, (_, key): (Table, String)| Ok(key + "!"))?)?;
    table.set_metatable(Some(meta.clone()))?;
    assert_eq!(table.get::<String>("missing")?, "missing!");
    assert_eq!(table.raw_get::<Option<String>>("missing")?, None);
    assert_eq!(table.metatable(), Some(meta));
    table.clear()?;
    assert!(table.is_empty());
    assert_eq!(lua.create_sequence_from([1, 2, 3])?.sequence_values::<i64>().sum::<Result<i64>>()?, 6);
    assert!(table.raw_set(Value::Nil, 1).is_err());
    Ok(())
}

#[test]
fn strings_need_not_be_utf8() -> Result<()> {
    let lua = Lua::new();
    let text: LuaString = lua.load(r#"return "a\xff\0b""#).eval()?;
    assert_eq!(&*text.as_bytes(), b"a\xff\0b");
    assert!(text.to_str().is_err());
    assert!(text == b"a\xff\0b");
    assert!(lua.globals().get::<String>("_VERSION")? == "Lua 5.4");
    let borrowed = lua.create_string("kept")?;
    let bytes = borrowed.as_bytes();
    drop(lua);
    assert_eq!(&*bytes, b"kept");
    Ok(())
}

#[test]
fn errors_have_tracebacks_and_causes() -> Result<()> {
    let lua = Lua::new();
    match lua.load("local function f() error('inside') end\nf()").set_name("=chunk").exec() {
        Err(Error::RuntimeError(text)) => {
            assert!(text.starts_with("chunk:1: inside\nstack traceback:\n"), "{text}");
            assert!(text.contains("chunk:2: in main chunk"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    match lua.load("x = ").set_name("=chunk").exec() {
        Err(Error::SyntaxError { message, incomplete_input: true }) => {
            assert_eq!(message, "chunk:1: unexpected symbol near <eof>");
        }
        other => panic!("{other:?}"),
    }
    match lua.load("error({})").exec() {
        Err(Error::RuntimeError(text)) => assert!(text.starts_with("(error object is a table value)"), "{text}"),
        other => panic!("{other:?}"),
    }

    // Through Lua and back: scripts see a text, hosts the error itself.
    let fail = lua.create_function(|_, ()| -> Result<()> {
        Err(Error::external(std::io::Error::other("disk on fire")).context("while reading"))
    })?;
    lua.globals().set("fail", fail)?;
    let seen: String = lua.load("local ok, e = pcall(fail) return tostring(e)").eval()?;
    assert_eq!(seen, "while reading\ndisk on fire");
    let error = lua.load("fail()").exec().unwrap_err();
    assert_eq!(error.downcast_ref::<std::io::Error>().unwrap().to_string(), "disk on fire");
    let caught: Value = lua.load("return select(2, pcall(fail))").eval()?;
    assert!(matches!(caught, Value::Error(_)));
    let rethrown = lua.load("local ok, e = pcall(fail) error(e)").exec().unwrap_err();
    assert!(matches!(rethrown, Error::CallbackError { .. }));

    // Wrong arguments name their position.
    let strict = lua.create_function(|_, (_, _): (i64, i64)| Ok(()))?;
    lua.globals().set("strict", strict)?;
    let error = lua.load("strict(1, 'x')").exec().unwrap_err().to_string();
    assert!(error.starts_with("bad argument #2: error converting Lua string to i64"), "{error}");
    Ok(())
}

#[test]
fn panics_pass_through_lua() {
    let lua = Lua::new();
    let panics = lua.create_function(|_, ()| -> Result<()> { panic!("of the host") }).unwrap();
    lua.globals().set("panics", panics).unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lua.load("panics()").exec()));
    assert_eq!(*outcome.unwrap_err().downcast_ref::<&str>().unwrap(), "of the host");
    assert_eq!(lua.load("1 + 1").eval::<i64>().unwrap(), 2);
}

#[test]
fn functions_capture_and_recurse() -> Result<()> {
    let lua = Lua::new();
    let counter = Rc::new(Cell::new(0));
    let seen = counter.clone();
    lua.globals().set(
        "each",
        lua.create_function(move |_, (table, f): (Table, Function)| {
            for value in table.sequence_values::<Value>() {
                seen.set(seen.get() + f.call::<i64>(value?)?);
            }
            Ok(seen.get())
        })?,
    )?;
    assert_eq!(lua.load("each({1, 2, 3}, function(v) return v * 10 end)").eval::<i64>()?, 60);
    assert_eq!(counter.get(), 60);
    // From Rust into Lua into Rust, many levels.
    let nest = lua.create_function(|lua, n: i64| {
        if n == 0 { Ok(0) } else { Ok(1 + lua.globals().get::<Function>("nest")?.call::<i64>(n - 1)?) }
    })?;
    lua.globals().set("nest", nest)?;
    assert_eq!(lua.load("nest(100)").eval::<i64>()?, 100);
    let mut total = 0;
    let add = lua.create_function_mut(move |_, n: i64| {
        total += n;
        Ok(total)
    })?;
    add.call::<()>(5)?;
    assert_eq!(add.call::<i64>(6)?, 11);
    Ok(())
}

#[test]
fn handles_keep_objects_alive_and_let_them_go() -> Result<()> {
    let lua = Lua::new();
    lua.load("weak = setmetatable({}, { __mode = 'v' })").exec()?;
    let table = lua.create_table()?;
    lua.globals().get::<Table>("weak")?.set(1, &table)?;
    lua.gc_collect()?;
    assert!(lua.load("weak[1] ~= nil").eval::<bool>()?);
    let again = table.clone();
    drop(table);
    lua.gc_collect()?;
    assert!(lua.load("weak[1] ~= nil").eval::<bool>()?);
    drop(again);
    lua.gc_collect()?;
    assert!(lua.load("weak[1] == nil").eval::<bool>()?);
    Ok(())
}

#[test]
fn handles_outlive_the_machine_harmlessly() {
    let lua = Lua::new();
    let table = lua.create_table().unwrap();
    let looped = table.clone();
    // A function that captures a handle does not keep the machine alive.
    let function = lua.create_function(move |_, ()| Ok(looped.raw_len())).unwrap();
    table.set("f", function).unwrap();
    drop(lua);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| table.raw_len())).is_err());
    drop(table);
}

#[test]
#[should_panic(expected = "another Lua machine")]
fn handles_do_not_mix_machines() {
    let (one, other) = (Lua::new(), Lua::new());
    let table = one.create_table().unwrap();
    other.globals().set("t", table).unwrap();
}

#[test]
fn userdata_holds_what_the_host_gives() -> Result<()> {
    let lua = Lua::new();
    let userdata: AnyUserData = lua.create_any_userdata(vec![1, 2])?;
    let methods = lua.create_table()?;
    methods
        .set("add", lua.create_function(|_, (this, n): (AnyUserData, i32)| this.with(|v: &mut Vec<i32>| v.push(n)))?)?;
    let meta = lua.create_table()?;
    meta.set("__index", methods)?;
    userdata.set_metatable(Some(meta))?;
    lua.globals().set("u", &userdata)?;
    lua.load("u:add(3)").exec()?;
    assert!(userdata.is::<Vec<i32>>() && !userdata.is::<String>());
    assert_eq!(userdata.take::<Vec<i32>>()?, [1, 2, 3]);
    assert!(matches!(userdata.take::<Vec<i32>>(), Err(Error::UserDataTypeMismatch)));
    Ok(())
}

#[test]
fn environments_and_app_data() -> Result<()> {
    let lua = Lua::new();
    let env = lua.create_table()?;
    lua.load("x = 5").set_environment(env.clone()).exec()?;
    assert_eq!(env.get::<i64>("x")?, 5);
    assert!(!lua.globals().contains_key("x")?);
    lua.set_app_data(17u8);
    assert_eq!(lua.with_app_data(|n: &u8| *n), Some(17));
    assert_eq!(lua.remove_app_data::<u8>(), Some(17));
    Ok(())
}

/// More than the reference allows: a yield may leave any native and come back to it.
#[test]
fn coroutines_yield_through_natives_and_host_functions() -> Result<()> {
    let lua = Lua::new();
    lua.globals().set("twice", lua.create_function(|_, (f, n): (Function, i64)| Ok(f.call::<i64>(n)? * 2))?)?;
    let found: Table = lua
        .load(
            r#"
            local results = {}
            local g = coroutine.wrap(function()
              return (("abc"):gsub("%w", function(c) return coroutine.yield(c) end))
            end)
            g() g("1") g("2")
            results[1] = g("3")
            local ts = coroutine.wrap(function()
              return tostring(setmetatable({}, { __tostring = function() return coroutine.yield() end }))
            end)
            ts()
            results[2] = ts("text")
            local h = coroutine.wrap(function(n) return twice(function(m) return m + coroutine.yield(m) end, n) end)
            h(5)
            results[3] = h(6)
            -- Closing one that waits in a host function unwinds it.
            local c = coroutine.create(function() twice(function() coroutine.yield() end, 1) end)
            coroutine.resume(c)
            results[4] = coroutine.close(c)
            results[5] = coroutine.status(c)
            return results
            "#,
        )
        .eval()?;
    let found: Vec<Value> = found.sequence_values().collect::<Result<_>>()?;
    let found: Vec<String> = found.iter().map(|value| value.to_text(&lua)).collect::<Result<_>>()?;
    assert_eq!(found, ["123", "text", "22", "true", "dead"]);
    Ok(())
}

#[test]
fn a_machine_is_dropped_with_coroutines_in_it() -> Result<()> {
    let lua = Lua::new();
    lua.load("kept = {} for i = 1, 20 do kept[i] = coroutine.wrap(coroutine.yield) kept[i]() end").exec()?;
    drop(lua);
    Ok(())
}
