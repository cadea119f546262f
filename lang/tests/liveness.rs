//! Liveness of registers.

mod common;
use common::{EVERYTHING, child, proto};
use moonshift_lang::bytecode::{Proto, liveness, op};

fn live_at(p: &Proto, pc: usize) -> Vec<usize> {
    liveness(p).live(pc).iter().collect()
}

/// First instruction of an opcode.
fn at(p: &Proto, opcode: u8) -> usize {
    p.code.iter().position(|i| i.op() == opcode).expect("such an instruction")
}

#[test]
fn dead_after_the_last_use() {
    let p = child("return function(a, b) local c = a + b; f(c) return c end");
    assert_eq!(live_at(&p, 0), [0, 1]);
    let call = at(&p, op::CALL);
    assert_eq!(live_at(&p, call), [2, 3, 4]);
    assert_eq!(live_at(&p, call + 1), [2]);
}

#[test]
fn loops_keep_what_the_next_turn_needs() {
    let p = child("return function(n) local s = 0 for i = 1, n do s = s + i end return s end");
    // The three loop registers, the sum; not the visible variable before the loop sets it.
    assert_eq!(live_at(&p, at(&p, op::FORPREP)), [1, 2, 3, 4]);
    assert_eq!(live_at(&p, at(&p, op::ADD)), [1, 2, 3, 4, 5]);
    assert_eq!(live_at(&p, at(&p, op::FORLOOP)), [1, 2, 3, 4]);
    let p = child("return function(t) for k, v in t do f(k) end end");
    assert_eq!(live_at(&p, at(&p, op::TFORCALL)), [1, 2, 3, 4]);
    assert_eq!(live_at(&p, at(&p, op::GETENV)), [1, 2, 3, 4, 5]);
}

#[test]
fn branches_join() {
    let p = child("return function(a, b, c) if a then return b end return c end");
    assert_eq!(live_at(&p, 0), [0, 1, 2]);
    assert_eq!(live_at(&p, 1), [1]);
    assert_eq!(live_at(&p, 2), [2]);
}

#[test]
fn to_be_closed_variables_stay() {
    let p = child("return function(a) local x <close> = a; while true do f() end end");
    for pc in at(&p, op::TBC) + 1..p.code.len() - 1 {
        assert!(liveness(&p).is_live(pc, 1), "instruction {pc}: an error may need the variable");
    }
}

#[test]
fn open_lists_and_calls() {
    let p = child("return function(a) return a, f(a) end");
    let end = at(&p, op::RETURN);
    assert!(liveness(&p).is_live(end, 1));
    let call = at(&p, op::CALL);
    assert_eq!(live_at(&p, call), [1, 2, 3]);
}

#[test]
fn captured_cells() {
    let p = child("return function(a) return function() return a end end");
    assert_eq!(live_at(&p, at(&p, op::NEWCELL)), [0]);
    assert_eq!(live_at(&p, at(&p, op::CLOSURE)), [0]);
}

/// Nothing but parameters can be live at entry: everything else would be read unset.
#[test]
fn only_parameters_are_live_at_entry() {
    fn check(p: &Proto) {
        assert!(live_at(p, 0).iter().all(|reg| *reg < p.num_params as usize));
        p.children.iter().for_each(|c| check(c));
    }
    check(&proto(EVERYTHING));
}
