//! Constant folding of single operations, and identities that need no constants.
//!
//! Follows the evaluator to the bit: integers wrap, shift counts are modulo the width, `f64 as int` saturates.

use crate::flow::{Arg, BinOp, CmpOp, Const, ConvOp, Op, OvfOp, Ty, UnOp};

/// The results of an operation on constants, if it is foldable. Divisions that must not happen are left alone.
pub fn fold(op: Op, args: &[Const]) -> Option<Vec<Const>> {
    Some(match (op, args) {
        (Op::Bin(op), &[a, b]) => vec![fold_bin(op, a, b)?],
        (Op::Ovf(op), &[a, b]) => {
            let (value, overflow) = fold_ovf(op, a, b);
            vec![value, Const::bool(overflow)]
        }
        (Op::Cmp(op), &[a, b]) => vec![Const::bool(fold_cmp(op, a, b))],
        (Op::Un(op), &[a]) => vec![fold_un(op, a)],
        (Op::Conv(op, to), &[a]) => vec![fold_conv(op, a, to)],
        (Op::Select, &[cond, a, b]) => vec![if cond.bits != 0 { a } else { b }],
        (Op::Concrete | Op::Promote | Op::Likely, &[a]) => vec![a],
        (Op::PromoteFew, &[a]) => vec![Const::bool(true), a],
        _ => return None,
    })
}

fn fold_bin(op: BinOp, a: Const, b: Const) -> Option<Const> {
    let (x, y) = (a.bits, b.bits);
    let shift = (y % a.ty.bits() as u64) as u32;
    let float = |value: f64| Const::f64(value);
    let (fx, fy) = (f64::from_bits(x), f64::from_bits(y));
    let bits = match op {
        BinOp::Add => x.wrapping_add(y),
        BinOp::Sub => x.wrapping_sub(y),
        BinOp::Mul => x.wrapping_mul(y),
        BinOp::SDiv | BinOp::SRem => {
            let min = i64::MIN >> (64 - a.ty.bits());
            if y == 0 || (a.signed() == min && b.signed() == -1) {
                return None;
            }
            if op == BinOp::SDiv { (a.signed() / b.signed()) as u64 } else { (a.signed() % b.signed()) as u64 }
        }
        BinOp::UDiv => x.checked_div(y)?,
        BinOp::URem => x.checked_rem(y)?,
        BinOp::And => x & y,
        BinOp::Or => x | y,
        BinOp::Xor => x ^ y,
        BinOp::Shl => x << shift,
        BinOp::UShr => x >> shift,
        BinOp::SShr => (a.signed() >> shift) as u64,
        BinOp::FAdd => return Some(float(fx + fy)),
        BinOp::FSub => return Some(float(fx - fy)),
        BinOp::FMul => return Some(float(fx * fy)),
        BinOp::FDiv => return Some(float(fx / fy)),
    };
    Some(Const::new(a.ty, bits))
}

fn fold_ovf(op: OvfOp, a: Const, b: Const) -> (Const, bool) {
    let (sx, sy) = (a.signed() as i128, b.signed() as i128);
    let (ux, uy) = (a.bits as i128, b.bits as i128);
    let (exact, signed) = match op {
        OvfOp::SAdd => (sx + sy, true),
        OvfOp::SSub => (sx - sy, true),
        OvfOp::SMul => (sx * sy, true),
        OvfOp::UAdd => (ux + uy, false),
        OvfOp::USub => (ux - uy, false),
        // The product of two 64-bit numbers may pass the range of `i128`; its low bits are right, and so is the test.
        OvfOp::UMul => {
            let exact = a.bits as u128 * b.bits as u128;
            return (Const::new(a.ty, exact as u64), exact > a.ty.mask() as u128);
        }
    };
    let value = Const::new(a.ty, exact as u64);
    let back = if signed { value.signed() as i128 } else { value.bits as i128 };
    (value, back != exact)
}

fn fold_cmp(op: CmpOp, a: Const, b: Const) -> bool {
    let (sx, sy) = (a.signed(), b.signed());
    let (ux, uy) = (a.bits, b.bits);
    let (fx, fy) = (f64::from_bits(a.bits), f64::from_bits(b.bits));
    match op {
        CmpOp::Eq => ux == uy,
        CmpOp::Ne => ux != uy,
        CmpOp::SLt => sx < sy,
        CmpOp::SLe => sx <= sy,
        CmpOp::SGt => sx > sy,
        CmpOp::SGe => sx >= sy,
        CmpOp::ULt => ux < uy,
        CmpOp::ULe => ux <= uy,
        CmpOp::UGt => ux > uy,
        CmpOp::UGe => ux >= uy,
        CmpOp::FEq => fx == fy,
        CmpOp::FNe => fx != fy,
        CmpOp::FLt => fx < fy,
        CmpOp::FLe => fx <= fy,
        CmpOp::FGt => fx > fy,
        CmpOp::FGe => fx >= fy,
    }
}

fn fold_un(op: UnOp, a: Const) -> Const {
    let float = f64::from_bits(a.bits);
    match op {
        UnOp::Neg => Const::new(a.ty, a.bits.wrapping_neg()),
        UnOp::Not => Const::new(a.ty, !a.bits),
        // Negation and absolute value touch the sign bit alone, of a NaN too.
        UnOp::FNeg => Const::new(a.ty, a.bits ^ 1 << 63),
        UnOp::FAbs => Const::new(a.ty, a.bits & !(1 << 63)),
        UnOp::FSqrt => Const::f64(float.sqrt()),
        UnOp::FFloor => Const::f64(float.floor()),
        UnOp::FCeil => Const::f64(float.ceil()),
        UnOp::FTrunc => Const::f64(float.trunc()),
        UnOp::Clz => Const::new(a.ty, (a.bits.leading_zeros() - (64 - a.ty.bits())) as u64),
        UnOp::Ctz => Const::new(a.ty, a.bits.trailing_zeros().min(a.ty.bits()) as u64),
        UnOp::Popcnt => Const::new(a.ty, a.bits.count_ones() as u64),
    }
}

fn fold_conv(op: ConvOp, a: Const, to: Ty) -> Const {
    let float = f64::from_bits(a.bits);
    match op {
        ConvOp::Zext | ConvOp::Trunc | ConvOp::Bitcast => Const::new(to, a.bits),
        ConvOp::Sext => Const::new(to, a.signed() as u64),
        ConvOp::SToF => Const::f64(a.signed() as f64),
        ConvOp::UToF => Const::f64(a.bits as f64),
        ConvOp::FToS => {
            let (min, max) = (i64::MIN >> (64 - to.bits()), i64::MAX >> (64 - to.bits()));
            Const::new(to, (float as i64).clamp(min, max) as u64)
        }
        ConvOp::FToU => Const::new(to, (float as u64).min(to.mask())),
    }
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
