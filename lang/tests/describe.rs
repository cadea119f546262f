//! Names and lines for messages.

mod common;
use common::{child, proto};
use moonshift_lang::bytecode::{Proto, describe_register, describe_upvalue, function_name_at_call, op};

/// "kind name" of the register that operand `b` of the first `opcode` instruction names.
fn described(p: &Proto, opcode: u8) -> String {
    let pc = p.code.iter().position(|i| i.op() == opcode).expect("such an instruction");
    text(describe_register(p, pc, p.code[pc].b()))
}

fn text(description: Option<(&str, &[u8])>) -> String {
    description.map_or("none".into(), |(kind, name)| format!("{kind} {}", String::from_utf8_lossy(name)))
}

#[test]
fn registers() {
    let cases = [
        ("local x; return x.y", op::GETFIELD, "local x"),
        ("return x.y", op::GETFIELD, "global x"),
        ("return -x.y", op::UNM, "field y"),
        ("local t = {} return -t[1]", op::UNM, "field integer index"),
        ("local t, k = {} return -t[k]", op::UNM, "field ?"),
        ("return #'abc'", op::LEN, "constant abc"),
        ("return -f()", op::UNM, "none"),
        ("local _ENV = {} return -x", op::UNM, "global x"),
        ("local x; local function f() return x end return -x", op::UNM, "local x"),
        ("return -(a and b)", op::UNM, "none"),
        ("local a return -(a or b.c)", op::UNM, "none"),
        ("local x = 1; do local y = x end return ~z.w", op::BNOT, "field w"),
    ];
    for (source, opcode, expected) in cases {
        assert_eq!(described(&proto(source), opcode), expected, "{source}");
    }
    let p = child("local up; return function() return up.x.y end");
    assert_eq!(described(&p, op::GETFIELD), "upvalue up");
    assert_eq!(text(describe_upvalue(&p, 0)), "upvalue up");
}

fn called(source: &str, opcode: u8) -> String {
    let p = proto(source);
    let pc = p.code.iter().position(|i| i.op() == opcode).expect("such an instruction");
    text(function_name_at_call(&p, pc))
}

#[test]
fn calls() {
    let cases = [
        ("f()", op::CALL, "global f"),
        ("local f; f()", op::CALL, "local f"),
        ("t.f(1, 2)", op::CALL, "field f"),
        ("t:m(1)", op::CALL, "method m"),
        ("return f()", op::TAILCALL, "global f"),
        ("f()()", op::CALL, "global f"),
        ("(function() end)()", op::CALL, "none"),
        ("for k in f do end", op::TFORCALL, "for iterator for iterator"),
        ("local x = a + b", op::ADD, "metamethod add"),
        ("local x = a >> 1", op::SHRK, "metamethod shr"),
        ("local x = a .. b", op::CONCAT, "metamethod concat"),
        ("local x = a.b", op::GETFIELD, "metamethod index"),
        ("a.b = 1", op::SETFIELD, "metamethod newindex"),
        ("local x = a < b", op::JLT, "metamethod lt"),
        ("local x = a >= 1", op::JGEK, "metamethod le"),
        ("local x = a == b", op::JEQ, "metamethod eq"),
        ("local x <close> = a", op::CLOSE, "metamethod close"),
        ("local x = 1", op::LOADI, "none"),
    ];
    for (source, opcode, expected) in cases {
        assert_eq!(called(source, opcode), expected, "{source}");
    }
}

/// Lines as the compiler of 5.4.8 gives them: a call is where its arguments begin.
#[test]
fn lines() {
    let source = "local x = {a =\n 1,\n f(\n 2\n ),\n 3\n}\nlocal y = x\n .a\n .b(1,\n 2)\n (3)\nlocal z = a\n +\n b\nif z\n ==\n 1\n \
         then\n print(1)\nend\nfor i = 1,\n 10\n do\n print(i)\nend\nlocal s = a\n..\nb\n..\nc\nfunction x.f()\n return a\nend\n\
         return x.f(a,\n b\n )";
    let p = proto(source);
    let lines_of = |opcode| {
        let with = p.code.iter().zip(&p.lines).filter(|(i, _)| i.op() == opcode);
        with.map(|(_, line)| *line).collect::<Vec<u32>>()
    };
    assert_eq!(lines_of(op::NEWTABLE), [1]);
    assert_eq!(lines_of(op::SETLIST), [7]);
    assert_eq!(lines_of(op::CALL), [3, 10, 12, 20, 25]);
    assert_eq!(lines_of(op::ADD), [14]);
    assert_eq!(lines_of(op::JNEK), [18]);
    assert_eq!(lines_of(op::FORPREP), [24]);
    assert_eq!(lines_of(op::FORLOOP), [22]);
    assert_eq!(lines_of(op::CONCAT), [30]);
    assert_eq!(lines_of(op::CLOSURE), [34]);
    assert_eq!(lines_of(op::SETFIELD), [2, 32]);
    assert_eq!(lines_of(op::TAILCALL), [35]);
    assert_eq!((p.children[0].line_defined, p.children[0].last_line), (32, 34));
}

#[test]
fn variables_in_scope() {
    let p = child("return function(a) local b = a; do local c = b end return b end");
    let names = |pc| p.active_locals(pc).map(|v| String::from_utf8_lossy(&v.name).into_owned()).collect::<Vec<_>>();
    assert_eq!(names(0), ["a"]);
    assert_eq!(names(1), ["a", "b"]);
    assert_eq!(names(p.code.len() - 1), ["a", "b"]);
    assert_eq!(p.local_name(2, 1), Some((&b"b"[..], 1)));
    assert_eq!(p.local_name(3, 1), None);
}

#[test]
fn upvalues() {
    let p = child(
        "local a, b = 1, 2; local k <const> = 3; return function() b = a + k; return function() return b, print end end",
    );
    let seen: Vec<_> = p
        .upvalues
        .iter()
        .map(|u| (String::from_utf8_lossy(&u.name).into_owned(), u.in_parent_register, u.assigned_after_init))
        .collect();
    assert_eq!(seen, [("b".into(), true, true), ("a".into(), true, false), ("_ENV".into(), false, false)]);
    let inner = &p.children[0];
    assert_eq!(inner.upvalues[0].index, 0);
    assert!(inner.upvalues[0].assigned_after_init && !inner.upvalues[0].in_parent_register);
}
