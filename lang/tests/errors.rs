//! Error messages, as recorded from the reference implementation (5.4.4).

use moonshift_lang::compile;

fn message(source: &[u8], name: &str) -> String {
    compile(source, name).expect_err("not a chunk").to_string()
}

#[test]
fn messages_are_those_of_the_reference() {
    for (source, expected) in RECORDED {
        assert_eq!(message(source, "=chunk"), *expected, "for {:?}", String::from_utf8_lossy(source));
    }
}

#[test]
fn chunk_names() {
    let long = "abc".repeat(40);
    let cases = [
        ("@foo.lua".to_string(), "foo.lua:1: unexpected symbol near <eof>".to_string()),
        ("=foo".into(), "foo:1: unexpected symbol near <eof>".into()),
        ("x = y\nfoo".into(), "[string \"x = y...\"]:1: unexpected symbol near <eof>".into()),
        (long.clone(), format!("[string \"{}...\"]:1: unexpected symbol near <eof>", "abc".repeat(15))),
        (format!("@{long}"), format!("...bc{}:1: unexpected symbol near <eof>", "abc".repeat(18))),
        (format!("={long}"), format!("{}ab:1: unexpected symbol near <eof>", "abc".repeat(19))),
        (String::new(), "[string \"\"]:1: unexpected symbol near <eof>".into()),
    ];
    for (name, expected) in cases {
        assert_eq!(message(b"x=", &name), expected);
    }
}

#[test]
fn limits() {
    let locals = (1..=201).map(|i| format!("local a{i}")).collect::<Vec<_>>().join("\n");
    assert_eq!(
        message(locals.as_bytes(), "=c"),
        "c:201: too many local variables (limit is 200) in main function near <eof>"
    );
    let in_function = format!("function f() {locals}\nend");
    assert_eq!(
        message(in_function.as_bytes(), "=c"),
        "c:202: too many local variables (limit is 200) in function at line 1 near 'end'"
    );
    let call = format!("x = f({}1)", "1,".repeat(260));
    assert_eq!(message(call.as_bytes(), "=c"), "c:1: function or expression needs too many registers near '1'");
    let names = |k: u32| (1..=150).map(move |i| format!("v{k}_{i}"));
    let declare = |k| names(k).map(|n| format!("local {n}\n")).collect::<String>();
    let assign: String = names(1).chain(names(2)).map(|n| format!("{n}=1\n")).collect();
    let upvalues = format!("{} local function f() {} local function g() {assign} end end", declare(1), declare(2));
    assert_eq!(
        message(upvalues.as_bytes(), "=c"),
        "c:556: too many upvalues (limit is 255) in function at line 301 near '='"
    );
}

#[test]
fn the_span_covers_the_token() {
    let error = compile(b"local x = = 1", "=c").expect_err("not a chunk");
    assert_eq!((error.span(), error.line()), (10..11, 1));
    let error = compile(b"x = 'abc\n", "=c").expect_err("not a chunk");
    assert_eq!(error.span().start, 4);
}

#[test]
fn incomplete_input_is_told_apart() {
    for source in ["x =", "if a then", "f(", "x = [[abc", "--[[", "local t = {", "for i = 1,", "return function()"] {
        assert!(compile(source.as_bytes(), "=c").expect_err("not a chunk").is_incomplete(), "{source}");
    }
    for source in ["x = = 1", "x = 'abc", "end", "x = 'abc\n", "goto l", "x = 3x"] {
        let incomplete = compile(source.as_bytes(), "=c").expect_err("not a chunk").is_incomplete();
        assert_eq!(incomplete, source == "x = 'abc", "{source}");
    }
}

const RECORDED: &[(&[u8], &str)] = &[
    (b"goto x", "chunk:1: no visible label 'x' for <goto> at line 1"),
    (b"do goto x end\n\n", "chunk:3: no visible label 'x' for <goto> at line 1"),
    (b"break", "chunk:1: break outside loop at line 1"),
    (b"function f() break end\n\nx=1", "chunk:3: break outside loop at line 1"),
    (b"goto l1; local a; ::l1:: ; print(a)", "chunk:1: <goto l1> at line 1 jumps into the scope of local 'a'"),
    (b"::a:: ::a::", "chunk:1: label 'a' already defined on line 1"),
    (b"do ::a:: end ::a::  do ::a:: end", "chunk:1: label 'a' already defined on line 1"),
    (b"local x <const> = 1; x \n= 2", "chunk:2: attempt to assign to const variable 'x'"),
    (b"local x <foo> = 1", "chunk:1: unknown attribute 'foo'"),
    (b"local x <close>, y <close> = 1", "chunk:1: multiple to-be-closed variables in local list"),
    (b"function f() return ... end", "chunk:1: cannot use '...' outside a vararg function near '...'"),
    (b"x = 'abc\n", "chunk:1: unfinished string near ''abc'"),
    (b"x = 'abc", "chunk:1: unfinished string near <eof>"),
    (b"x = '\\q'", "chunk:1: invalid escape sequence near ''\\q'"),
    (b"x='\\300'", "chunk:1: decimal escape too large near ''\\300''"),
    (b"x='\\xZZ'", "chunk:1: hexadecimal digit expected near ''\\xZ'"),
    (b"x='\\u{110000000}'", "chunk:1: UTF-8 value too large near ''\\u{110000000'"),
    (b"x='\\u{zz", "chunk:1: hexadecimal digit expected near ''\\u{z'"),
    (b"x='\\u123'", "chunk:1: missing '{' near ''\\u1'"),
    (b"x='\\u{12'", "chunk:1: missing '}' near ''\\u{12''"),
    (b"x=[==", "chunk:1: invalid long string delimiter near '[=='"),
    (b"x=[[abc\n\n", "chunk:3: unfinished long string (starting at line 1) near <eof>"),
    (b"--[[abc", "chunk:1: unfinished long comment (starting at line 1) near <eof>"),
    (b"x = 3x", "chunk:1: malformed number near '3x'"),
    (b"x=0x", "chunk:1: malformed number near '0x'"),
    (b"x=3e", "chunk:1: malformed number near '3e'"),
    (b"x=0x1p", "chunk:1: malformed number near '0x1p'"),
    (b"x=.0xffp1", "chunk:1: malformed number near '.0xffp1'"),
    (b"x = @", "chunk:1: unexpected symbol near '@'"),
    (b"x = a\x01", "chunk:1: unexpected symbol near '<\\1>'"),
    (b"if x then\n\n", "chunk:3: 'end' expected (to close 'if' at line 1) near <eof>"),
    (b"if x then else", "chunk:1: 'end' expected near <eof>"),
    (b"for", "chunk:1: <name> expected near <eof>"),
    (b"for x", "chunk:1: '=' or 'in' expected near <eof>"),
    (b"for x do", "chunk:1: '=' or 'in' expected near 'do'"),
    (b"for x,y = ", "chunk:1: 'in' expected near '='"),
    (b"local function", "chunk:1: <name> expected near <eof>"),
    (b"x.1", "chunk:1: syntax error near '.1'"),
    (b"a.b:c = 1", "chunk:1: function arguments expected near '='"),
    (b"a", "chunk:1: syntax error near <eof>"),
    (b"a,b", "chunk:1: '=' expected near <eof>"),
    (b"f() = 1", "chunk:1: syntax error near '='"),
    (b"(a) = 1", "chunk:1: syntax error near '='"),
    (b"return return", "chunk:1: unexpected symbol near 'return'"),
    (b"x = }", "chunk:1: unexpected symbol near '}'"),
    (b"x = function( a, ", "chunk:1: <name> or '...' expected near <eof>"),
    (b"x = {a b}", "chunk:1: '}' expected near 'b'"),
    (b"x = {1, 2\n\n", "chunk:3: '}' expected (to close '{' at line 1) near <eof>"),
    (b"f(\n1", "chunk:2: ')' expected (to close '(' at line 1) near <eof>"),
    (b"a = 'x' 'y'", "chunk:1: unexpected symbol near ''y''"),
    (b"goto 1", "chunk:1: <name> expected near '1'"),
    (b"::x", "chunk:1: '::' expected near <eof>"),
    (b"local 1", "chunk:1: <name> expected near '1'"),
    (b"x = = 'abc\\65\\0ab'", "chunk:1: unexpected symbol near '='"),
    (b"x = = [[\nabc]]", "chunk:1: unexpected symbol near '='"),
    (b"x = = 12.50", "chunk:1: unexpected symbol near '='"),
    (b"a + 1", "chunk:1: syntax error near '+'"),
    (b"x = a.", "chunk:1: <name> expected near <eof>"),
    (b"x = a[1", "chunk:1: ']' expected near <eof>"),
    (b"for i=1 do end", "chunk:1: ',' expected near 'do'"),
    (b"for i=1,2,3,4 do end", "chunk:1: 'do' expected near ','"),
    (b"until x", "chunk:1: <eof> expected near 'until'"),
    (b"x=1 end", "chunk:1: <eof> expected near 'end'"),
    (b"return 1,", "chunk:1: unexpected symbol near <eof>"),
    (b"local x <", "chunk:1: <name> expected near <eof>"),
    (b"local x <const", "chunk:1: '>' expected near <eof>"),
    (b"repeat", "chunk:1: 'until' expected near <eof>"),
    (b"repeat x=1 \n end", "chunk:2: 'until' expected (to close 'repeat' at line 1) near 'end'"),
    (b"while true", "chunk:1: 'do' expected near <eof>"),
    (b"function f", "chunk:1: '(' expected near <eof>"),
    (b"function f.a:b.c() end", "chunk:1: '(' expected near '.'"),
    (b"function (x) end", "chunk:1: <name> expected near '('"),
    (b"local t = {[1] 2}", "chunk:1: '=' expected near '2'"),
    (b"x = ~", "chunk:1: unexpected symbol near <eof>"),
    (b"x = a b = c d", "chunk:1: syntax error near <eof>"),
    (b"else", "chunk:1: <eof> expected near 'else'"),
    (b"do return 1 x=2 end", "chunk:1: 'end' expected near 'x'"),
    (b"local function a.b() end", "chunk:1: '(' expected near '.'"),
    (b"f{", "chunk:1: unexpected symbol near <eof>"),
    (b"x = \"\\\n\n\"", "chunk:2: unfinished string near '\"\n'"),
    (b"f(a,)", "chunk:1: unexpected symbol near ')'"),
    (b"f(a b)", "chunk:1: ')' expected near 'b'"),
    (b"x::", "chunk:1: syntax error near '::'"),
    (b"x = 1 = 2", "chunk:1: unexpected symbol near '='"),
    (b"local a = 1,", "chunk:1: unexpected symbol near <eof>"),
    (b"local ...", "chunk:1: <name> expected near '...'"),
    (b"local a,b,...", "chunk:1: <name> expected near '...'"),
    (b"function f(a,...,b) end", "chunk:1: ')' expected near ','"),
    (b"function f(a,1) end", "chunk:1: <name> or '...' expected near '1'"),
    (b"break x", "chunk:1: syntax error near <eof>"),
    (b"goto", "chunk:1: <name> expected near <eof>"),
    (b"goto while", "chunk:1: <name> expected near 'while'"),
    (b"x = not", "chunk:1: unexpected symbol near <eof>"),
    (b"x = 'a\\z  \n\n b\n'", "chunk:3: unfinished string near ''ab'"),
    (b"x = 0xep1q", "chunk:1: malformed number near '0xep1q'"),
    (b"x = = ", "chunk:1: unexpected symbol near '='"),
    (b"x=#", "chunk:1: unexpected symbol near <eof>"),
    (b"local t = {} t.1 = 2", "chunk:1: syntax error near '.1'"),
    (b"x = \"a\rb\"", "chunk:1: unfinished string near '\"a'"),
    (b"x = 1..2", "chunk:1: malformed number near '1..2'"),
    (b"x = 0x1.p", "chunk:1: malformed number near '0x1.p'"),
    (b"x = .", "chunk:1: unexpected symbol near '.'"),
    (b"x = ...5", "chunk:1: unexpected symbol near '5'"),
    (b"f(function() end", "chunk:1: ')' expected near <eof>"),
    (b"if a then elseif", "chunk:1: unexpected symbol near <eof>"),
    (b"if a then elseif b", "chunk:1: 'then' expected near <eof>"),
    (b"while a do if b then end", "chunk:1: 'end' expected near <eof>"),
    (b"for i in f() do end end", "chunk:1: <eof> expected near 'end'"),
    (b"return 1; x = 2", "chunk:1: <eof> expected near 'x'"),
    (b"x = (1", "chunk:1: ')' expected near <eof>"),
    (b"x = (\n\n1", "chunk:3: ')' expected (to close '(' at line 1) near <eof>"),
    (b"f\n(\n1,\n2\n", "chunk:5: ')' expected (to close '(' at line 1) near <eof>"),
    (b"local x <const> = 1; function x() end", "chunk:1: attempt to assign to const variable 'x'"),
    (b"local x <close> = nil; x = 1", "chunk:1: attempt to assign to const variable 'x'"),
    (b"for i = 1, 2 do local x <const> = i; x = 3 end", "chunk:1: attempt to assign to const variable 'x'"),
    (b"local x <const> = 5; local function f() x = 6 end", "chunk:1: attempt to assign to const variable 'x'"),
    (b"goto l; do ::l:: end", "chunk:1: no visible label 'l' for <goto> at line 1"),
    (b"do goto l end; local a; ::l:: f()", "chunk:1: <goto l> at line 1 jumps into the scope of local 'a'"),
    (
        b"repeat if x then goto c end; local y; ::c:: until y",
        "chunk:1: <goto c> at line 1 jumps into the scope of local 'y'",
    ),
    (b"while true do end break", "chunk:1: break outside loop at line 1"),
    (b"x = \"\\u{7FFFFFFF}\" y = \"\\u{80000000}\"", "chunk:1: UTF-8 value too large near '\"\\u{80000000'"),
    (b"x = '\\x4", "chunk:1: hexadecimal digit expected near ''\\x4'"),
    (b"x = '\\", "chunk:1: unfinished string near <eof>"),
    (b"x = \"\\\x01\"", "chunk:1: invalid escape sequence near '\"\\\x01'"),
    (b"--[==[ ]=]", "chunk:1: unfinished long comment (starting at line 1) near <eof>"),
    (b"x = [=[ ]]", "chunk:1: unfinished long string (starting at line 1) near <eof>"),
    (b"x = 1e+", "chunk:1: malformed number near '1e+'"),
    (b"x = 0xg", "chunk:1: malformed number near '0xg'"),
    (b"x = 5 $", "chunk:1: unexpected symbol near '$'"),
    (b"x = \"abc\" .. \"def", "chunk:1: unfinished string near <eof>"),
    (b"a.b.c", "chunk:1: syntax error near <eof>"),
    (b"a[1][2]", "chunk:1: syntax error near <eof>"),
    (b"a:b", "chunk:1: function arguments expected near <eof>"),
    (b"a:b.c()", "chunk:1: function arguments expected near '.'"),
    (b"(f)", "chunk:1: syntax error near <eof>"),
    (b"f() g() h", "chunk:1: syntax error near <eof>"),
    (b"x y", "chunk:1: syntax error near 'y'"),
    (b"x = y z = w q", "chunk:1: syntax error near <eof>"),
    (b"local function f(a, a b) end", "chunk:1: ')' expected near 'b'"),
    (b"function f(... , a) end", "chunk:1: ')' expected near ','"),
    (b"x = function() return ... end", "chunk:1: cannot use '...' outside a vararg function near '...'"),
    (b"for 1 = 2 do end", "chunk:1: <name> expected near '1'"),
    (b"for a.b = 1, 2 do end", "chunk:1: '=' or 'in' expected near '.'"),
    (b"return return", "chunk:1: unexpected symbol near 'return'"),
    (b"x = {1 2}", "chunk:1: '}' expected near '2'"),
    (b"x = {[1]}", "chunk:1: '=' expected near '}'"),
    (b"x = {a = }", "chunk:1: unexpected symbol near '}'"),
    (b"x = {,}", "chunk:1: unexpected symbol near ','"),
    (b"x = a and", "chunk:1: unexpected symbol near <eof>"),
    (b"x = a ==", "chunk:1: unexpected symbol near <eof>"),
    (b"x = ~= 2", "chunk:1: unexpected symbol near '~='"),
    (b"x = not", "chunk:1: unexpected symbol near <eof>"),
    (b"x = }", "chunk:1: unexpected symbol near '}'"),
    (b"end", "chunk:1: <eof> expected near 'end'"),
    (b")", "chunk:1: unexpected symbol near ')'"),
    (b"local", "chunk:1: <name> expected near <eof>"),
    (b"function", "chunk:1: <name> expected near <eof>"),
    (b"function f(", "chunk:1: <name> or '...' expected near <eof>"),
    (b"function f()", "chunk:1: 'end' expected near <eof>"),
    (b"function f() return", "chunk:1: 'end' expected near <eof>"),
    (b"if", "chunk:1: unexpected symbol near <eof>"),
    (b"if x", "chunk:1: 'then' expected near <eof>"),
    (b"while", "chunk:1: unexpected symbol near <eof>"),
    (b"while x do", "chunk:1: 'end' expected near <eof>"),
    (b"repeat until", "chunk:1: unexpected symbol near <eof>"),
    (b"goto continue\n\n\n", "chunk:4: no visible label 'continue' for <goto> at line 1"),
    (b"local a = {\n\n", "chunk:3: unexpected symbol near <eof>"),
    (b"local a = {\n f(\n\n", "chunk:4: unexpected symbol near <eof>"),
    (b"x = \"tab\\9\" \"x\"", "chunk:1: unexpected symbol near '\"x\"'"),
];
