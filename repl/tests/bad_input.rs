//! Bad input gives the message and exit status that users of the reference expect, and nothing panics.
//!
//! Each case is a script (bytes, not always text), run by name in a folder of its own. What the reference says is recorded
//! in `expected/bad_input`, and where it is installed it is asked live.

mod support;

use support::{Outcome, Run, has_reference, recorded, scratch};

/// Runs a script by both programs, or only ours and the record, in all modes that differ in how code is run.
fn check(name: &str, script: &[u8]) {
    check_with(name, &[("script.lua", script)], &["script.lua"], b"");
}

fn check_with(name: &str, files: &[(&str, &[u8])], args: &[&str], stdin: &[u8]) {
    let folder = scratch(&format!("bad_input-{name}"));
    for (file, bytes) in files {
        std::fs::write(folder.join(file), bytes).expect("the script can be written");
    }
    let ask = || Run::reference().folder(&folder).args(args).stdin(stdin).outcome().in_our_name().text();
    let record = recorded(&format!("expected/bad_input/{name}.txt"), || ask().into_bytes());
    let expected = String::from_utf8(record).expect("records are escaped");
    if has_reference() {
        assert_eq!(ask(), expected, "{name}: the record differs from the reference");
    }
    for mode in ["on", "off", "always"] {
        let outcome: Outcome =
            Run::ours().folder(&folder).args([format!("--jit={mode}")]).args(args).stdin(stdin).outcome();
        assert_eq!(outcome.text(), expected, "{name} with --jit={mode}");
    }
}

macro_rules! cases {
    ($($name:ident: $script:expr;)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), $script);
        })*
    };
}

cases! {
    // The text is no program.
    syntax_error: b"print('first')\nlocal x = = 3\n";
    unfinished_block: b"for i = 1, 10 do\n  print(i)\n";
    unfinished_string: b"local s = \"abc\nprint(s)\n";
    unfinished_long_string: b"local s = [[abc\n\n";
    bad_escape: b"print('a\\qb')";
    goto_without_label: b"do\n  goto nowhere\nend\n";
    break_outside_loop: b"print(1)\nbreak\n";
    assign_to_constant: b"local x <const> = 1\nx = 2\n";
    malformed_number: b"print(3x)";
    deep_nesting: &[b"x = ".as_slice(), &[b'('; 300]].concat();
    // The text is no text.
    invalid_utf8: b"\x80\xff\xfe abc";
    invalid_utf8_in_string: b"local s = '\xff\xfe\x80' print(#s, s)";
    invalid_utf8_in_name: b"local na\xefve = 1\n";
    control_characters: &[1; 300];
    zero_bytes: &[0; 100];
    garbage: &random_bytes();
    binary_chunk_header: b"\x1bLua garbage that is no chunk";
    byte_order_mark: b"\xef\xbb\xbfprint('marked')";
    first_line_comment: b"#!/usr/bin/env lua\nprint(...)\nerror('line 3')\n";
    empty: b"";
    // The program fails.
    runtime_error: b"local function inner(t)\n  return t.x.y\nend\nlocal function outer(t)\n  local r = inner(t)\n  return r\nend\nprint('before')\nouter({})\n";
    error_in_method: b"local C = {}\nC.__index = C\nfunction C:run() return self.count + 1 end\nlocal o = setmetatable({}, C)\nlocal r = o:run()\n";
    error_in_global_function: b"function g(x)\n  return #x\nend\nlocal r = g(5)\n";
    arithmetic_on_table: b"local t = {}\nlocal x = 5 + t\n";
    compare_mixed: b"print(1 < 'x')";
    call_nil_global: b"undefined_function(1)";
    call_nil_field: b"string.nothing('x')";
    call_nil_method: b"local s = 'x'\ns:nothing()";
    concat_nil: b"local s = 'x' .. nil .. 'y'";
    index_upvalue: b"local t\nlocal function f() return t.x end\nf()\n";
    integer_overflow_in_for: b"for i = 1, 10, 0 do end";
    no_integer_representation: b"print(1.5 // 1 | 2.5)";
    divide_by_zero: b"print(1 // 0)";
    bad_argument: b"string.rep()";
    bad_argument_to_method: b"local s = 'x'\nlocal r = s:rep({})";
    bad_argument_type: b"math.floor('x')";
    error_with_level: b"local function check(x) error('wrong ' .. x, 2) end\ncheck('one')\n";
    error_without_position: b"error('message', 0)";
    error_nothing: b"error()";
    error_nil: b"error(nil)";
    error_table: b"error({ code = 2 })";
    error_with_tostring: b"error(setmetatable({}, { __tostring = function() return 'an object' end }))";
    error_with_bad_tostring: b"error(setmetatable({}, { __tostring = function() return 1 end }))";
    error_number: b"error(42)";
    error_boolean: b"error(true)";
    error_function: b"error(print)";
    error_assert: b"assert(false)";
    error_assert_message: b"assert(nil, 'the reason')";
    error_assert_table: b"assert(false, {})";
    error_in_coroutine: b"local co = coroutine.wrap(function() error('inside') end)\nco()\n";
    error_message_with_invalid_utf8: b"error('\xff\xfe')";
    stack_overflow_is_caught: b"local function f(n) return 1 + f(n + 1) end\nlocal ok, message = pcall(f, 1)\nprint(ok, message:match('stack overflow'))\n";
    exit_status: b"io.write('bye')\nos.exit(7)";
    exit_false: b"os.exit(false)";
}

/// All byte values, in no order.
fn random_bytes() -> Vec<u8> {
    let mut state = 12345u32;
    (0..4096)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[test]
fn missing_file() {
    check_with("missing_file", &[], &["missing.lua"], b"");
}

#[test]
fn folder_as_script() {
    check_with("folder_as_script", &[], &["."], b"");
}

#[test]
fn bad_standard_input() {
    check_with("bad_standard_input", &[], &["-"], b"local x = = 1");
}

#[test]
fn bad_statement() {
    check_with("bad_statement", &[], &["-e", "x = "], b"");
}

#[test]
fn failing_statement() {
    check_with("failing_statement", &[], &["-e", "print(1)", "-e", "error('two')", "-e", "print(3)"], b"");
}

/// Random bytes of many lengths and beginnings never make the program panic or hang.
#[test]
fn random_bytes_never_panic() {
    let folder = scratch("bad_input-random");
    let bytes = random_bytes();
    let beginnings: [&[u8]; 4] = [b"", b"return ", b"\x1bLua\x54\x00", b"local t = {"];
    for (index, beginning) in beginnings.iter().enumerate() {
        for length in [1, 7, 64, 1000] {
            let script = [beginning, &bytes[index * 100..index * 100 + length]].concat();
            std::fs::write(folder.join("script.lua"), script).expect("the script can be written");
            let outcome = Run::ours().folder(&folder).args(["script.lua"]).outcome();
            assert!(matches!(outcome.status, Some(0 | 1)), "{index} {length}:\n{}", outcome.text());
            assert!(!outcome.text().contains("panicked"), "{index} {length}:\n{}", outcome.text());
        }
    }
}

#[test]
fn error_after_tail_call() {
    let script = b"local function f(x) return x() end\nlocal function g() return f(1) end\nlocal v = g()\n";
    check("error_after_tail_call", script);
}

#[test]
fn error_in_callback() {
    check("error_in_callback", b"local v = string.gsub('abc', '%a', function(c) return c + {} end)\n");
}
