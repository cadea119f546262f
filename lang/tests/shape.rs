//! The bytecode of snippets: what the interpreter runs is as short as it is meant to be.

mod common;
use common::{assert_lines, child, code, proto};

/// Code of the function `function(a, b, c, ...) <body> end`, without the RETURN0 at its end.
fn check(body: &str, expected: &str) {
    let source = format!("return function(a, b, c, ...) {body} end");
    let got = code(&child(&source));
    let got = got.strip_suffix("RETURN0\n").unwrap_or(&got);
    assert_lines(got, expected, body);
}

#[test]
fn locals_are_operands_in_place() {
    check("local x = a + b", "ADD 3 0 1");
    check("a = b", "MOVE 0 1");
    check("a = a + 1", "ADDK 0 0 0 0");
    check(
        "a, b = b, a",
        "MOVE 3 1
         MOVE 1 0
         MOVE 0 3",
    );
    check(
        "local x, y = a",
        "MOVE 3 0
         LOADNIL 4 0",
    );
    check(
        "local x = a; local y; local z",
        "MOVE 3 0
         LOADNIL 4 1",
    );
    check("local t = a[b]", "GETTABLE 3 0 1");
    check("a[b] = c", "SETTABLE 0 1 2");
    check(
        "a.x = b.y",
        "GETFIELD 3 1 1 0
         SETFIELD 0 0 3 1",
    );
    check(
        "a[1] = a[2]",
        "GETINT 3 0 2
         SETINT 0 1 3",
    );
    check("return a", "RETURN1 0");
    check(
        "return a, b",
        "MOVE 3 0
         MOVE 4 1
         RETURN 3 3",
    );
    check("return", "");
}

#[test]
fn constants_are_folded() {
    check(
        "return 1 + 2 * 3",
        "LOADI 3 7
         RETURN1 3",
    );
    check(
        "return 2^53 // 1 | 0",
        "LOADK 3 0
         RETURN1 3",
    );
    check(
        "return 1 / 0",
        "LOADI 3 1
         DIVK 3 3 1
         RETURN1 3",
    );
    check(
        "return -0.0",
        "LOADF 3 0
         UNM 3 3
         RETURN1 3",
    );
    check(
        "return \"a\" .. \"b\"",
        "LOADK 3 0
         LOADK 4 1
         CONCAT 3 2
         RETURN1 3",
    );
    check(
        "return not nil",
        "LOADTRUE 3
         RETURN1 3",
    );
    check(
        "return 7 // 0.0, 5 % 0",
        "LOADI 3 7
         IDIVK 3 3 1
         LOADI 4 5
         MODK 4 4 3
         RETURN 3 3",
    );
    check(
        "local k <const> = 5; return k + 1",
        "LOADI 3 6
         RETURN1 3",
    );
    check(
        "return 1 << 62, 1 << 64, 5 // -2, 5 % -3, -5.5 // 2",
        "LOADK 3 0
         LOADI 4 0
         LOADI 5 -3
         LOADI 6 -1
         LOADF 7 -3
         RETURN 3 6",
    );
    check("return true and a", "RETURN1 0");
    check("return false or a", "RETURN1 0");
}

#[test]
fn numbers_on_the_right_are_constants() {
    check("a = a + 1", "ADDK 0 0 0 0");
    check("a = 1 + a", "ADDK 0 0 0 1");
    check(
        "a = 1 - a",
        "LOADI 3 1
         SUB 0 3 0",
    );
    check("a = a - 1", "SUBK 0 0 0");
    check("a = a * 2.5", "MULK 0 0 0 0");
    check("a = a >> 1", "SHRK 0 0 0");
    check("a = a + 1000000000000", "ADDK 0 0 0 0");
    check(
        "a = 2 ^ a",
        "LOADI 3 2
         POW 0 3 0",
    );
}

#[test]
fn comparisons_jump() {
    check(
        "if a < b then f() end",
        "JNLT 0 1 3
         GETENV 3 0 0 0
         CALL 3 1 1",
    );
    check(
        "if a > b then f() end",
        "JNLT 1 0 3
         GETENV 3 0 0 0
         CALL 3 1 1",
    );
    check(
        "if a <= 1 then f() end",
        "JNLEK 0 0 3
         GETENV 3 0 1 0
         CALL 3 1 1",
    );
    check(
        "if 1 <= a then f() end",
        "JNGEK 0 0 3
         GETENV 3 0 1 0
         CALL 3 1 1",
    );
    check(
        "if a == nil then f() end",
        "JNEK 0 0 3
         GETENV 3 0 1 0
         CALL 3 1 1",
    );
    check(
        "if a ~= \"x\" then f() end",
        "JEQK 0 0 3
         GETENV 3 0 1 0
         CALL 3 1 1",
    );
    check(
        "if not (a < b) then f() end",
        "JLT 0 1 3
         GETENV 3 0 0 0
         CALL 3 1 1",
    );
    check(
        "if a then f() else g() end",
        "JF 0 4
         GETENV 3 0 0 0
         CALL 3 1 1
         JMP 6
         GETENV 3 0 1 1
         CALL 3 1 1",
    );
    check(
        "if a < b and b < c then f() end",
        "JNLT 0 1 4
         JNLT 1 2 4
         GETENV 3 0 0 0
         CALL 3 1 1",
    );
    check(
        "if a or b < 1 then f() end",
        "JT 0 2
         JNLTK 1 0 4
         GETENV 3 0 1 0
         CALL 3 1 1",
    );
    check(
        "if not (a and b) or c then f() end",
        "JF 0 3
         JF 1 3
         JF 2 5
         GETENV 3 0 0 0
         CALL 3 1 1",
    );
    check(
        "while a < 10 do a = a + 1 end",
        "JNLTK 0 0 3
         ADDK 0 0 1 0
         LOOP 0 0",
    );
    check(
        "repeat a = f() until a",
        "GETENV 3 0 0 0
         CALL 3 1 2
         MOVE 0 3
         JT 0 5
         LOOP 0 0",
    );
    check(
        "if a then return 1 elseif b then return 2 end",
        "JF 0 3
         LOADI 3 1
         RETURN1 3
         JF 1 6
         LOADI 3 2
         RETURN1 3",
    );
    check(
        "for i = 1, 2 do if a then break end end",
        "LOADI 3 1
         LOADI 4 2
         LOADI 5 1
         FORPREP 3 6
         JT 0 6
         FORLOOP 3 0 4",
    );
    check(
        "for i = 1, 2 do if a then goto c end f() ::c:: end",
        "LOADI 3 1
         LOADI 4 2
         LOADI 5 1
         FORPREP 3 8
         JT 0 7
         GETENV 7 0 0 0
         CALL 7 1 1
         FORLOOP 3 0 4",
    );
}

#[test]
fn logical_values_jump_straight() {
    check(
        "local x = a and b",
        "MOVE 3 0
         JF 0 3
         MOVE 3 1",
    );
    check(
        "local x = a or b",
        "MOVE 3 0
         JT 0 3
         MOVE 3 1",
    );
    check(
        "a = a or 1",
        "JT 0 2
         LOADI 0 1",
    );
    check(
        "a = b and a or c",
        "JF 1 3
         MOVE 3 0
         JT 0 4
         MOVE 3 2
         MOVE 0 3",
    );
    check(
        "local x = a and b or c",
        "JF 0 3
         MOVE 3 1
         JT 1 4
         MOVE 3 2",
    );
    check(
        "local x = a == b",
        "JEQ 0 1 3
         LOADFALSE 3
         JMP 4
         LOADTRUE 3",
    );
    check(
        "local x = not (a == b)",
        "JNE 0 1 3
         LOADFALSE 3
         JMP 4
         LOADTRUE 3",
    );
    check(
        "local x = a == b and c",
        "JNE 0 1 3
         MOVE 3 2
         JMP 4
         LOADFALSE 3",
    );
    check(
        "local x = a and b == c",
        "MOVE 3 0
         JF 0 6
         JEQ 1 2 5
         LOADFALSE 3
         JMP 6
         LOADTRUE 3",
    );
    check(
        "f(a or b)",
        "GETENV 3 0 0 0
         MOVE 4 0
         JT 0 4
         MOVE 4 1
         CALL 3 2 1",
    );
    check(
        "return a and b.x",
        "MOVE 3 0
         JF 0 3
         GETFIELD 3 1 0 0
         RETURN1 3",
    );
    check(
        "local x = (a or b) and c",
        "JT 0 3
         MOVE 3 1
         JF 1 4
         MOVE 3 2",
    );
}

#[test]
fn calls_have_their_arguments_in_place() {
    check(
        "f(a, b, 1)",
        "GETENV 3 0 0 0
         MOVE 4 0
         MOVE 5 1
         LOADI 6 1
         CALL 3 4 1",
    );
    check(
        "local x = f(a)",
        "GETENV 3 0 0 0
         MOVE 4 0
         CALL 3 2 2",
    );
    check(
        "a = f(b)",
        "GETENV 3 0 0 0
         MOVE 4 1
         CALL 3 2 2
         MOVE 0 3",
    );
    check(
        "a:m(1)",
        "SELF 3 0 0 0
         LOADI 5 1
         CALL 3 3 1",
    );
    check(
        "a.b:m(b.c)",
        "GETFIELD 3 0 0 0
         SELF 3 3 1 1
         GETFIELD 5 1 2 2
         CALL 3 3 1",
    );
    check(
        "f(g())",
        "GETENV 3 0 0 0
         GETENV 4 0 1 1
         CALL 4 1 0
         CALL 3 0 1",
    );
    check(
        "f(...)",
        "GETENV 3 0 0 0
         VARARG 4 0
         CALL 3 0 1",
    );
    check(
        "f((g()))",
        "GETENV 3 0 0 0
         GETENV 4 0 1 1
         CALL 4 1 2
         CALL 3 2 1",
    );
    check(
        "return f(a)",
        "GETENV 3 0 0 0
         MOVE 4 0
         TAILCALL 3 2",
    );
    check(
        "return (f(a))",
        "GETENV 3 0 0 0
         MOVE 4 0
         CALL 3 2 2
         RETURN1 3",
    );
    check(
        "return a, f()",
        "MOVE 3 0
         GETENV 4 0 0 0
         CALL 4 1 0
         RETURN 3 0",
    );
    check(
        "return ...",
        "VARARG 3 0
         RETURN 3 0",
    );
    check(
        "local x, y, z = f()",
        "GETENV 3 0 0 0
         CALL 3 1 4",
    );
    check("local x, y = ...", "VARARG 3 3");
    check(
        "f \"s\"",
        "GETENV 3 0 0 0
         LOADK 4 1
         CALL 3 2 1",
    );
    check(
        "f {1}",
        "GETENV 3 0 0 0
         NEWTABLE 4 1 0
         LOADI 5 1
         SETLIST 4 1 0
         CALL 3 2 1",
    );
    check(
        "a.x.y(1)(2)",
        "GETFIELD 3 0 0 0
         GETFIELD 3 3 1 1
         LOADI 4 1
         CALL 3 2 2
         LOADI 4 2
         CALL 3 2 1",
    );
}

#[test]
fn concatenation_is_one_instruction() {
    check(
        "local x = a .. b .. c",
        "MOVE 3 0
         MOVE 4 1
         MOVE 5 2
         CONCAT 3 3",
    );
    check(
        "a = a .. 1 .. \"x\"",
        "MOVE 3 0
         LOADI 4 1
         LOADK 5 0
         CONCAT 3 3
         MOVE 0 3",
    );
    check(
        "f(a .. b)",
        "GETENV 3 0 0 0
         MOVE 4 0
         MOVE 5 1
         CONCAT 4 2
         CALL 3 2 1",
    );
    check(
        "local x = a .. (b .. c)",
        "MOVE 3 0
         MOVE 4 1
         MOVE 5 2
         CONCAT 3 3",
    );
    check(
        "local x = (a .. b) .. c",
        "MOVE 3 0
         MOVE 4 1
         CONCAT 3 2
         MOVE 4 2
         CONCAT 3 2",
    );
}

#[test]
fn constructors() {
    check("local t = {}", "NEWTABLE 3 0 0");
    check(
        "local t = {1, 2, x = a}",
        "NEWTABLE 3 2 1
         LOADI 4 1
         LOADI 5 2
         SETFIELD 3 0 0 0
         SETLIST 3 2 0",
    );
    check(
        "local t = {f()}",
        "NEWTABLE 3 0 0
         GETENV 4 0 0 0
         CALL 4 1 0
         SETLIST 3 0 0",
    );
    check(
        "local t = {a, f(), ...}",
        "NEWTABLE 3 0 0
         MOVE 4 0
         GETENV 5 0 0 0
         CALL 5 1 2
         VARARG 6 0
         SETLIST 3 0 0",
    );
    check(
        "a = {a}",
        "NEWTABLE 3 1 0
         MOVE 4 0
         SETLIST 3 1 0
         MOVE 0 3",
    );
    check(
        "local t = {[a] = b, [1] = 2, [1.5] = 3}",
        "NEWTABLE 3 0 3
         SETTABLE 3 0 1
         SETINT 3 1 256
         LOADK 4 1
         SETTABLE 3 4 258",
    );
    check(
        "local t = {x = nil, y = true, z = \"s\"}",
        "NEWTABLE 3 0 3
         SETFIELD 3 0 257 0
         SETFIELD 3 2 259 1
         SETFIELD 3 4 261 2",
    );
}

#[test]
fn assignments_keep_the_order_of_the_reference() {
    check(
        "a.x, b.y = b, a",
        "MOVE 3 1
         SETFIELD 1 1 0 0
         SETFIELD 0 0 3 1",
    );
    check(
        "a, b, c = 1, 2",
        "LOADI 3 1
         LOADI 4 2
         LOADNIL 5 0
         MOVE 2 5
         MOVE 1 4
         MOVE 0 3",
    );
    check(
        "a, a.x = b, c",
        "MOVE 3 1
         SETFIELD 0 0 2 0
         MOVE 0 3",
    );
    check(
        "a.x, a = b, c",
        "MOVE 3 0
         MOVE 4 1
         MOVE 0 2
         SETFIELD 3 0 4 0",
    );
    check(
        "a[b], b = b, c",
        "MOVE 3 1
         MOVE 4 1
         MOVE 1 2
         SETTABLE 0 3 4",
    );
    check(
        "a, b = f()",
        "GETENV 3 0 0 0
         CALL 3 1 3
         MOVE 1 4
         MOVE 0 3",
    );
    check(
        "a.x = f()",
        "GETENV 3 0 1 0
         CALL 3 1 2
         SETFIELD 0 0 3 1",
    );
    check(
        "x, y = a, b",
        "MOVE 3 0
         SETENV 1 0 1 0
         SETENV 3 0 0 1",
    );
    check(
        "x = nil",
        "LOADNIL 3 0
         SETENV 3 0 0 0",
    );
    check(
        "a.x, a.y = 1",
        "LOADI 3 1
         LOADNIL 4 0
         SETFIELD 0 1 4 0
         SETFIELD 0 0 3 1",
    );
}

#[test]
fn captured_variables_live_in_cells() {
    check(
        "local x = a; return function() return x end",
        "MOVE 3 0
         NEWCELL 3
         CLOSURE 4 0
         RETURN1 4",
    );
    check(
        "local x = 1; local function f() x = x + 1 end; return x",
        "LOADI 3 1
         NEWCELL 3
         CLOSURE 4 0
         GETCELL 5 3
         RETURN1 5",
    );
    check(
        "return function() return a end",
        "NEWCELL 0
         CLOSURE 3 0
         RETURN1 3",
    );
    check(
        "for i = 1, 3 do local function f() return i end end",
        "LOADI 3 1
         LOADI 4 3
         LOADI 5 1
         FORPREP 3 7
         NEWCELL 6
         CLOSURE 7 0
         FORLOOP 3 0 4",
    );
    check(
        "local function f() return f end",
        "LOADNIL 3 0
         NEWCELL 3
         CLOSURE 4 0
         SETCELL 3 4",
    );
    check("local function f() end", "CLOSURE 3 0");
    check(
        "local x; function x() return x end",
        "LOADNIL 3 0
         NEWCELL 3
         CLOSURE 4 0
         SETCELL 3 4",
    );
    check(
        "for k, v in a do local function f() return v end end",
        "MOVE 3 0
         LOADNIL 4 2
         TFORPREP 3 5
         NEWCELL 8
         CLOSURE 9 0
         TFORCALL 3 2
         TFORLOOP 3 0 3
         CLOSE 6 0",
    );
}

#[test]
fn to_be_closed() {
    check(
        "local x <close> = a",
        "MOVE 3 0
         TBC 3
         CLOSE 0 0",
    );
    check(
        "local x <close> = a; return f()",
        "MOVE 3 0
         TBC 3
         GETENV 4 0 0 0
         CALL 4 1 0
         CLOSE 3 1
         RETURN 4 0",
    );
    check(
        "local x <close> = a; return b",
        "MOVE 3 0
         TBC 3
         CLOSE 3 0
         RETURN1 1",
    );
    check(
        "do local x <close> = a end",
        "MOVE 3 0
         TBC 3
         CLOSE 3 0",
    );
    check(
        "for k, v in a do return k end",
        "MOVE 3 0
         LOADNIL 4 2
         TFORPREP 3 5
         CLOSE 6 0
         RETURN1 7
         TFORCALL 3 2
         TFORLOOP 3 0 3
         CLOSE 6 0",
    );
    check(
        "while a do local x <close> = a; break end",
        "JF 0 5
         MOVE 3 0
         TBC 3
         CLOSE 3 0
         JMP 5",
    );
    check(
        "local x <close> = a; local function f() return x end",
        "MOVE 3 0
         TBC 3
         NEWCELL 3
         CLOSURE 4 0
         CLOSE 0 0",
    );
    check(
        "::top:: do local x <close> = a; if b then goto top end end",
        "MOVE 3 0
         TBC 3
         JF 1 5
         CLOSE 3 0
         LOOP 0 0
         CLOSE 3 0",
    );
}

#[test]
fn unary() {
    check(
        "return -a",
        "UNM 3 0
         RETURN1 3",
    );
    check(
        "return #a.b",
        "GETFIELD 3 0 0 0
         LEN 3 3
         RETURN1 3",
    );
    check(
        "return ~a",
        "BNOT 3 0
         RETURN1 3",
    );
    check(
        "return - -a",
        "UNM 3 0
         UNM 3 3
         RETURN1 3",
    );
    check(
        "return not a",
        "NOT 3 0
         RETURN1 3",
    );
    check(
        "return not not a",
        "NOT 3 0
         NOT 3 3
         RETURN1 3",
    );
}

#[test]
fn globals_and_upvalues() {
    check(
        "x = 1",
        "LOADI 3 1
         SETENV 3 0 0 0",
    );
    check(
        "x = y",
        "GETENV 3 0 1 0
         SETENV 3 0 0 1",
    );
    check(
        "x.y = 1",
        "GETENV 3 0 0 0
         SETFIELD 3 1 258 1",
    );
    check(
        "local _ENV = a; x = y",
        "MOVE 3 0
         GETFIELD 4 3 1 0
         SETFIELD 3 0 4 1",
    );
    check(
        "local _ENV <const> = a; return x",
        "MOVE 3 0
         GETFIELD 4 3 0 0
         RETURN1 4",
    );
}

/// Whether a parenthesis starts a call depends on what stands before it.
#[test]
fn call_parentheses() {
    let calls = |source: &str| code(&proto(source)).matches("CALL").count();
    for (source, expected) in [
        ("local f f()", 1),
        ("local f <const> f()", 1),
        ("local f, g f()", 1),
        ("local f (g)()", 1),
        ("local f = g (h)()", 2),
        ("local f = 1 (h)()", 1),
        ("local f = {} (h)()", 1),
        ("local f = 's' (h)()", 1),
        ("f {} (h)", 2),
        ("f 's' (h)", 2),
        ("do goto l (f)() ::l:: (g)() end", 2),
        ("::l:: f()", 1),
        ("local function f() (g)() end", 0),
        ("local f = function() end (g)()", 1),
        ("f[1] (g)", 1),
        ("f (g) (h)", 2),
        ("repeat local x until f (g)()", 2),
        ("return (f)()", 1),
    ] {
        assert_eq!(calls(source), expected, "{source}");
    }
}
