//! A host that runs a script, calls a function of the script's, and gives it one of its own.

use moonshift::{Error, Function, Lua, Result, Table, Variadic};
use std::cell::Cell;
use std::rc::Rc;

fn main() -> Result<()> {
    let lua = Lua::new();

    // A function of the host's, with what it captured.
    let calls = Rc::new(Cell::new(0));
    let counted = calls.clone();
    let sum = lua.create_function(move |_, numbers: Variadic<f64>| {
        counted.set(counted.get() + 1);
        Ok(numbers.iter().sum::<f64>())
    })?;
    lua.globals().set("sum", sum)?;

    lua.load(
        r#"
        function greet(name) return "hello, " .. name end
        total = sum(1, 2, 3.5)
        settings = { width = 80, title = "embedded", tags = { "a", "b" } }
        "#,
    )
    .set_name("=script")
    .exec()?;

    // What the script left.
    let globals = lua.globals();
    assert_eq!(globals.get::<f64>("total")?, 6.5);
    assert_eq!(calls.get(), 1);
    let settings: Table = globals.get("settings")?;
    assert_eq!(settings.get::<u32>("width")?, 80);
    assert_eq!(settings.get::<Vec<String>>("tags")?, ["a", "b"]);

    // A function of the script's.
    let greet: Function = globals.get("greet")?;
    let greeting: String = greet.call("host")?;
    assert_eq!(greeting, "hello, host");

    // Several results; an expression.
    let (quotient, rest): (i64, i64) = lua.load("return 17 // 5, 17 % 5").eval()?;
    assert_eq!((quotient, rest), (3, 2));
    assert_eq!(lua.load("2^10").eval::<f64>()?, 1024.0);

    // Errors come with their message and traceback, or as the host's own.
    match greet.call::<String>(()) {
        Err(Error::RuntimeError(message)) => {
            assert!(message.contains("attempt to concatenate a nil value"), "{message}");
        }
        other => panic!("expected a run-time error, got {other:?}"),
    }
    let refuse = lua.create_function(|_, ()| Err::<(), _>(Error::external("not today")))?;
    globals.set("refuse", refuse)?;
    match lua.load("refuse()").exec() {
        Err(Error::CallbackError { cause, .. }) => assert_eq!(cause.to_string(), "not today"),
        other => panic!("expected the host's error, got {other:?}"),
    }

    println!("{greeting}");
    Ok(())
}
