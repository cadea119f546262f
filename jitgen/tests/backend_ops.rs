//! Every operation in the evaluator and in machine code, over pairs of edge values. (`eval_ops` compares the
//! evaluator with Rust.)
#![cfg(feature = "run")]

mod support;

use moonshift_jitgen::eval::ops;
use moonshift_jitgen::flow::*;
use support::{Machines, edges, same, single};

const INTS: [Ty; 4] = [Ty::I8, Ty::I16, Ty::I32, Ty::I64];

/// Runs an operation on all tuples of edge values in both, and again with the second operand a constant.
fn check(machines: &mut Machines, op: Op, params: &[Ty], results: &[Ty], defined: impl Fn(&[u64]) -> bool) {
    let graph = single(op, params, results);
    let [evaluated, compiled] = machines.compile(&graph);
    let mut tuples: Vec<Vec<u64>> = vec![vec![]];
    for &ty in params {
        tuples =
            tuples.iter().flat_map(|tuple| edges(ty).into_iter().map(|bits| [&tuple[..], &[bits]].concat())).collect();
    }
    tuples.retain(|tuple| defined(tuple));
    for tuple in &tuples {
        let expected = machines.run(&*evaluated, tuple).results;
        let given = machines.run(&*compiled, tuple).results;
        assert!(same(results, &expected, &given), "{op:?} {params:?} {tuple:x?}: {expected:x?}, compiled {given:x?}");
    }
    // Constants take other paths of the lowering.
    if let [first, second] = *params {
        for constant in edges(second).into_iter().step_by(4) {
            for position in 0..2 {
                let mut graph = Graph::new("constant");
                let param = graph.param(Graph::ENTRY, first, "");
                let mut args: Vec<Arg> = vec![param.into(), Const::new(second, constant).into()];
                if position == 1 && first == second {
                    args.reverse();
                }
                let values = graph.push(Graph::ENTRY, op, args, results, Span::default());
                graph.results = results.to_vec();
                graph.blocks[0].term = Term::Return(values.into_iter().map(Into::into).collect());
                let [evaluated, compiled] = machines.compile(&graph);
                for bits in edges(first) {
                    let tuple = if position == 1 && first == second { [constant, bits] } else { [bits, constant] };
                    if !defined(&tuple) {
                        continue;
                    }
                    let expected = machines.run(&*evaluated, &[bits]).results;
                    let given = machines.run(&*compiled, &[bits]).results;
                    assert!(same(results, &expected, &given), "{op:?} constant {tuple:x?}: {expected:x?}, {given:x?}");
                }
            }
        }
    }
}

#[test]
fn integers() {
    let machines = &mut Machines::new();
    for ty in INTS {
        use BinOp::*;
        for op in [Add, Sub, Mul, SDiv, UDiv, SRem, URem, And, Or, Xor, Shl, UShr, SShr] {
            check(machines, Op::Bin(op), &[ty, ty], &[ty], |args| ops::bin(op, ty, args[0], args[1]).is_some());
        }
        for op in [UnOp::Neg, UnOp::Not, UnOp::Clz, UnOp::Ctz, UnOp::Popcnt] {
            check(machines, Op::Un(op), &[ty], &[ty], |_| true);
        }
    }
}

#[test]
fn overflow() {
    let machines = &mut Machines::new();
    for ty in INTS {
        for op in [OvfOp::SAdd, OvfOp::SSub, OvfOp::SMul, OvfOp::UAdd, OvfOp::USub, OvfOp::UMul] {
            check(machines, Op::Ovf(op), &[ty, ty], &[ty, Ty::Bool], |_| true);
        }
    }
}

#[test]
fn comparisons() {
    let machines = &mut Machines::new();
    use CmpOp::*;
    for ty in INTS {
        for op in [Eq, Ne, SLt, SLe, SGt, SGe, ULt, ULe, UGt, UGe] {
            check(machines, Op::Cmp(op), &[ty, ty], &[Ty::Bool], |_| true);
        }
    }
    for op in [FEq, FNe, FLt, FLe, FGt, FGe] {
        check(machines, Op::Cmp(op), &[Ty::F64, Ty::F64], &[Ty::Bool], |_| true);
    }
    for ty in [Ty::Bool, Ty::Ptr, Ty::Ref] {
        check(machines, Op::Cmp(Eq), &[ty, ty], &[Ty::Bool], |_| true);
        check(machines, Op::Cmp(Ne), &[ty, ty], &[Ty::Bool], |_| true);
    }
}

#[test]
fn booleans_and_floats() {
    let machines = &mut Machines::new();
    for op in [BinOp::And, BinOp::Or, BinOp::Xor] {
        check(machines, Op::Bin(op), &[Ty::Bool, Ty::Bool], &[Ty::Bool], |_| true);
    }
    check(machines, Op::Un(UnOp::Not), &[Ty::Bool], &[Ty::Bool], |_| true);
    for op in [BinOp::FAdd, BinOp::FSub, BinOp::FMul, BinOp::FDiv] {
        check(machines, Op::Bin(op), &[Ty::F64, Ty::F64], &[Ty::F64], |_| true);
    }
    for op in [UnOp::FNeg, UnOp::FAbs, UnOp::FSqrt, UnOp::FFloor, UnOp::FCeil, UnOp::FTrunc] {
        check(machines, Op::Un(op), &[Ty::F64], &[Ty::F64], |_| true);
    }
}

#[test]
fn conversions() {
    let machines = &mut Machines::new();
    let mut one = |op: ConvOp, from: Ty, to: Ty| check(machines, Op::Conv(op, to), &[from], &[to], |_| true);
    for from in [Ty::Bool, Ty::I8, Ty::I16, Ty::I32, Ty::I64] {
        for to in INTS {
            if to.bits() > from.bits() {
                one(ConvOp::Zext, from, to);
                if from != Ty::Bool {
                    one(ConvOp::Sext, from, to);
                }
            } else if to.bits() < from.bits() {
                one(ConvOp::Trunc, from, to);
            }
        }
    }
    for ty in INTS {
        one(ConvOp::SToF, ty, Ty::F64);
        one(ConvOp::UToF, ty, Ty::F64);
        one(ConvOp::FToS, Ty::F64, ty);
        one(ConvOp::FToU, Ty::F64, ty);
    }
    for from in [Ty::I64, Ty::F64, Ty::Ptr, Ty::Ref] {
        for to in [Ty::I64, Ty::F64, Ty::Ptr, Ty::Ref] {
            one(ConvOp::Bitcast, from, to);
        }
    }
}

#[test]
fn select_and_hints() {
    let machines = &mut Machines::new();
    for ty in [Ty::Bool, Ty::I8, Ty::I32, Ty::I64, Ty::F64, Ty::Ptr] {
        check(machines, Op::Select, &[Ty::Bool, ty, ty], &[ty], |_| true);
        check(machines, Op::Promote, &[ty], &[ty], |_| true);
        check(machines, Op::Concrete, &[ty], &[ty], |_| true);
        check(machines, Op::Variable, &[ty], &[ty], |_| true);
        check(machines, Op::PromoteFew, &[ty], &[Ty::Bool, ty], |_| true);
    }
    check(machines, Op::Likely, &[Ty::Bool], &[Ty::Bool], |_| true);
}
