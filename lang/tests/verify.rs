//! The verifier takes what the compiler makes and refuses what was tampered with.

mod common;
use common::{EVERYTHING, proto};
use moonshift_lang::bytecode::{
    Constant, Instr, Proto, disassemble, dump, function_name_at_call, liveness, op, undump, verify,
};
use std::sync::Arc;

/// Changes the first instruction of an opcode and expects to be refused with a message that contains `why`.
fn refused(source: &str, opcode: u8, why: &str, change: impl Fn(Instr) -> Instr) {
    let mut p = proto(source);
    let at = p.code.iter().position(|i| i.op() == opcode).unwrap_or_else(|| panic!("{source}: no such instruction"));
    p.code[at] = change(p.code[at]);
    let error = verify(&p).expect_err("must be refused");
    assert!(error.to_string().contains(why), "{source}: {error}");
    let bytes = dump(&p, false);
    assert!(undump(&bytes).is_err(), "{source}: undump must verify");
}

#[test]
fn operands_in_range() {
    refused("local a = 1; local b = a", op::MOVE, "MOVE", |_| Instr::abd(op::MOVE, 1, 200, 0));
    refused("local a = 1; local b = a", op::MOVE, "MOVE", |_| Instr::abd(op::MOVE, 200, 0, 0));
    refused("local a = 'x'", op::LOADK, "LOADK", |_| Instr::abd(op::LOADK, 0, 0, 77));
    refused("local a = x + 1", op::ADDK, "ADDK", |i| Instr::abce(op::ADDK, i.a() as u8, i.b() as u16, 0, 0));
    refused("local a = x.y", op::GETFIELD, "GETFIELD", |i| Instr(i.0 | 0xffff << 48));
    refused("local a = x", op::GETENV, "GETENV", |_| Instr::abce(op::GETENV, 0, 3, 0, 0));
    refused("local function f() end", op::CLOSURE, "CLOSURE", |_| Instr::abd(op::CLOSURE, 0, 0, 1));
    refused("while x do end", op::LOOP, "LOOP", |i| Instr::abd(op::LOOP, 0, 9, i.d() as u32));
    refused("local a = -x", op::UNM, "unused operand", |i| Instr(i.0 | 1 << 40));
    refused("local a = -x", op::UNM, "unknown opcode", |_| Instr(250));
    refused("f(1, 2)", op::CALL, "out of range", |_| Instr::abce(op::CALL, 0, 100, 1, 0));
    refused("local a, b = f()", op::CALL, "out of range", |_| Instr::abce(op::CALL, 0, 1, 60, 0));
    refused("local a = b .. c", op::CONCAT, "do not fit", |_| Instr::abd(op::CONCAT, 0, 1, 0));
}

#[test]
fn jumps() {
    refused("if x then f() end", op::JF, "JF", |_| Instr::abd(op::JF, 0, 0, 99));
    refused("if x then f() end", op::JF, "JF", |_| Instr::abd(op::JF, 0, 0, 0));
    refused("while x do f() end", op::LOOP, "LOOP", |_| Instr::abd(op::LOOP, 0, 0, 5));
    refused("for i = 1, 2 do f() end", op::FORLOOP, "FORLOOP", |i| Instr::abd(op::FORLOOP, i.a() as u8, 0, 8));
    refused("for i in f do g() end", op::TFORPREP, "do not fit", |i| Instr::abd(op::TFORPREP, i.a() as u8, 0, 4));
    let mut p = proto("f()");
    p.code.pop();
    p.lines.pop();
    assert!(verify(&p).expect_err("no end").to_string().contains("off the end"));
}

#[test]
fn registers_are_written_before_they_are_read() {
    refused("local a = 1; local b = a", op::LOADI, "may be unset", |_| Instr::abd(op::LOADI, 1, 0, 1));
    refused("local a; if x then a = 1 end return a", op::LOADNIL, "may be unset", |_| Instr::abd(op::LOADNIL, 1, 0, 0));
    refused("f(g())", op::CALL, "open list", |i| Instr::abce(op::CALL, i.a() as u8, 1, 2, 0));
    refused("return ...", op::VARARG, "open list", |i| Instr::abce(op::VARARG, i.a() as u8, 0, 2, 0));
}

#[test]
fn cells_are_cells() {
    let captured = "local x = 1; local function f() x = x + 1 end; x = 2; return x";
    refused(captured, op::NEWCELL, "needs a cell", |_| Instr::abd(op::LOADI, 0, 0, 1));
    refused(captured, op::GETCELL, "cell as a value", |i| Instr::abd(op::MOVE, i.a() as u8, 0, 0));
    refused(captured, op::CLOSURE, "", |_| Instr::abd(op::LOADI, 0, 0, 1));
    let mut p = proto(captured);
    let child = Arc::make_mut(&mut p.children[0]);
    child.upvalues[0].index = 1;
    assert!(verify(&p).expect_err("captures no cell").to_string().contains("needs a cell"));
    let mut p = proto(captured);
    Arc::make_mut(&mut p.children[0]).upvalues[0].assigned_after_init = false;
    let error = verify(&p).expect_err("assigns a constant");
    assert_eq!(error.path, [0]);
}

#[test]
fn variables_to_be_closed_are_closed() {
    let closes = "do local x <close> = f; f() end return 1";
    refused(closes, op::CLOSE, "are left", |_| Instr::abd(op::LOADNIL, 1, 0, 0));
    refused("local a <close>, b = f; return g(a)", op::CLOSE, "", |i| Instr::abd(op::CLOSE, 1, i.b() as u16, 0));
    let twice = "local a <close> = f; local b <close> = f";
    let mut p = proto(twice);
    let marks: Vec<usize> = (0..p.code.len()).filter(|&pc| p.code[pc].op() == op::TBC).collect();
    p.code[marks[1]] = p.code[marks[0]];
    assert!(verify(&p).expect_err("marked twice").to_string().contains("closed already"));
}

#[test]
fn numbers_of_loops_and_caches_are_no_more_than_there_are() {
    let mut p = proto("while x do f() end");
    p.num_loops = u32::MAX;
    assert!(verify(&p).expect_err("memory").to_string().contains("too many loops"));
    let mut p = proto("x.a = y.b");
    p.num_caches = u32::MAX;
    assert!(verify(&p).expect_err("memory").to_string().contains("too many caches"));
    refused("x.a = y.b", op::SETFIELD, "SETFIELD", |i| Instr(i.0 & !(0xffff << 48)));
}

#[test]
fn vararg_needs_a_vararg_function() {
    let mut p = proto("local a = ...");
    p.is_vararg = false;
    assert!(verify(&p).is_err());
}

fn count(p: &Proto) -> usize {
    p.code.len() + p.children.iter().map(|c| count(c)).sum::<usize>()
}

/// A function by its position in a walk over the tree, to be changed.
fn nth_mut(p: &mut Proto, n: &mut usize, change: &mut dyn FnMut(&mut Instr)) -> bool {
    if *n < p.code.len() {
        change(&mut p.code[*n]);
        return true;
    }
    *n -= p.code.len();
    p.children.iter_mut().any(|c| nth_mut(Arc::make_mut(c), n, change))
}

/// Whatever is accepted must be safe to analyse, print and dump.
fn exercise(p: &Proto) {
    let live = liveness(p);
    for pc in 0..p.code.len() {
        assert!(live.live(pc).iter().all(|reg| reg < p.max_stack as usize));
        function_name_at_call(p, pc);
    }
    p.children.iter().for_each(|c| exercise(c));
}

#[test]
fn mutations_are_refused_or_harmless() {
    let original = proto(EVERYTHING);
    let total = count(&original);
    let mut refused = 0;
    let mut tried = 0;
    for n in 0..total {
        for (shift, width) in [(0, 8), (8, 8), (16, 16), (32, 16), (32, 32), (48, 16)] {
            for new in [0u64, 1, 5, 0x7f, 0xff, 0x1ff, 0xffff, 0xffff_ffff] {
                let mask = ((1u64 << width) - 1) << shift;
                let mut p = original.clone();
                let mut same = false;
                nth_mut(&mut p, &mut n.clone(), &mut |i| {
                    let changed = Instr(i.0 & !mask | new << shift & mask);
                    same = changed == *i;
                    *i = changed;
                });
                if same {
                    continue;
                }
                tried += 1;
                match verify(&p) {
                    Err(_) => refused += 1,
                    Ok(()) => exercise(&p),
                }
            }
        }
    }
    assert!(tried > 5000 && refused * 10 > tried * 6, "{refused} of {tried} refused");
    assert!(!disassemble(&original).is_empty());
}

#[test]
fn constants_of_another_kind_are_refused() {
    let p = proto(EVERYTHING);
    for k in 0..p.constants.len() {
        if p.constants[k].as_str().is_some() {
            let mut changed = p.clone();
            changed.constants[k] = Constant::Nil;
            // Strings that are only values may become nil; field names may not.
            let is_name = p.code.iter().any(|i| match i.op() {
                op::GETFIELD | op::GETENV | op::SETENV | op::SELF => i.c() == k,
                op::SETFIELD => i.b() == k,
                _ => false,
            });
            assert_eq!(verify(&changed).is_err(), is_name);
        }
    }
}
