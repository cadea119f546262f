//! Constant folding of single operations, and identities that need no constants.
//!
//! The arithmetic is the evaluator's own.

use crate::eval::ops;
use crate::flow::{Arg, BinOp, CmpOp, Const, Op, Ty};
use smallvec::{SmallVec, smallvec};

/// The results of an operation on constants, if it is foldable. Divisions that must not happen are left alone.
pub fn fold(op: Op, args: &[Const]) -> Option<SmallVec<[Const; 2]>> {
    Some(match (op, args) {
        (Op::Ovf(op), &[a, b]) => {
            let (value, overflow) = ops::ovf(op, a.ty, a.bits, b.bits);
            smallvec![Const::new(a.ty, value), Const::bool(overflow)]
        }
        (Op::PromoteFew, &[a]) => smallvec![Const::bool(true), a],
        _ => smallvec![fold_one(op, args)?],
    })
}

/// Of an operation with one result.
pub fn fold_one(op: Op, args: &[Const]) -> Option<Const> {
    Some(match (op, args) {
        (Op::Bin(op), &[a, b]) => Const::new(a.ty, ops::bin(op, a.ty, a.bits, b.bits)?),
        (Op::Cmp(op), &[a, b]) => Const::bool(ops::cmp(op, a.ty, a.bits, b.bits)),
        (Op::Un(op), &[a]) => Const::new(a.ty, ops::un(op, a.ty, a.bits)),
        (Op::Conv(op, to), &[a]) => Const::new(to, ops::conv(op, a.ty, to, a.bits)),
        (Op::Select, &[cond, a, b]) => {
            if cond.bits != 0 {
                a
            } else {
                b
            }
        }
        (Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Promote | Op::Likely, &[a]) => a,
        _ => return None,
    })
}

/// What an operation with one result equals without computing, if that can be seen from its operands.
pub fn identity(op: Op, args: &[Arg]) -> Option<Arg> {
    let constant = |arg: Arg| match arg {
        Arg::Const(value) => Some(value),
        Arg::Var(_) => None,
    };
    match (op, args) {
        (Op::Bin(op), &[a, b]) => {
            let (left, right) = (constant(a), constant(b));
            let is = |value: Option<Const>, bits: u64| value.is_some_and(|value| value.bits == bits);
            match op {
                BinOp::Add | BinOp::Or | BinOp::Xor if is(left, 0) => Some(b),
                BinOp::Add | BinOp::Or | BinOp::Xor | BinOp::Sub | BinOp::Shl | BinOp::UShr | BinOp::SShr
                    if is(right, 0) =>
                {
                    Some(a)
                }
                BinOp::Mul | BinOp::And if is(left, 0) => Some(a),
                BinOp::Mul | BinOp::And if is(right, 0) => Some(b),
                BinOp::Mul if is(left, 1) => Some(b),
                BinOp::Mul | BinOp::SDiv | BinOp::UDiv if is(right, 1) => Some(a),
                BinOp::And if left.is_some_and(|value| value.bits == value.ty.mask()) => Some(b),
                BinOp::And if right.is_some_and(|value| value.bits == value.ty.mask()) => Some(a),
                BinOp::And | BinOp::Or if a == b => Some(a),
                _ => None,
            }
        }
        (Op::Cmp(CmpOp::Eq), &[a, b]) if a == b => Some(Const::bool(true).into()),
        (Op::Cmp(CmpOp::Ne), &[a, b]) if a == b => Some(Const::bool(false).into()),
        // Comparing a `bool` with a constant.
        (Op::Cmp(op @ (CmpOp::Eq | CmpOp::Ne)), &[a, Arg::Const(b)]) if b.ty == Ty::Bool => {
            ((b.bits != 0) == (op == CmpOp::Eq)).then_some(a)
        }
        (Op::Select, &[cond, a, b]) => match constant(cond) {
            Some(cond) => Some(if cond.bits != 0 { a } else { b }),
            None if a == b => Some(a),
            None if a == Arg::Const(Const::bool(true)) && b == Arg::Const(Const::bool(false)) => Some(cond),
            None => None,
        },
        _ => None,
    }
}
