//! Constant folding: operations on numerals whose result is exact enough to keep.
//!
//! As the reference does, a result that is zero (as a float) or NaN is left to run time: a constant must not lose the
//! sign of a zero, and division by zero stays visible.

use crate::syntax::ast::{BinOp, ExprKind, UnOp};

/// An expression that is a constant, and its truth.
pub fn truth(kind: &ExprKind) -> Option<bool> {
    match kind {
        ExprKind::Nil | ExprKind::False => Some(false),
        ExprKind::True | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) => Some(true),
        _ => None,
    }
}

/// The integer equal to a number.
fn to_int(kind: ExprKind) -> Option<i64> {
    match kind {
        ExprKind::Int(i) => Some(i),
        ExprKind::Float(f) if f.floor() == f && (-9223372036854775808.0..9223372036854775808.0).contains(&f) => {
            Some(f as i64)
        }
        _ => None,
    }
}

fn to_float(kind: ExprKind) -> Option<f64> {
    match kind {
        ExprKind::Int(i) => Some(i as f64),
        ExprKind::Float(f) => Some(f),
        _ => None,
    }
}

fn keep(result: f64) -> Option<ExprKind> {
    (!result.is_nan() && result != 0.0).then_some(ExprKind::Float(result))
}

/// `op operand`
pub fn unary(op: UnOp, operand: ExprKind) -> Option<ExprKind> {
    match (op, operand) {
        (UnOp::Not, kind) => truth(&kind).map(|t| if t { ExprKind::False } else { ExprKind::True }),
        (UnOp::Neg, ExprKind::Int(i)) => Some(ExprKind::Int(i.wrapping_neg())),
        (UnOp::Neg, ExprKind::Float(f)) => keep(-f),
        (UnOp::Bnot, kind) => to_int(kind).map(|i| ExprKind::Int(!i)),
        _ => None,
    }
}

/// `left op right` for arithmetic and bitwise operators.
pub fn binary(op: BinOp, left: ExprKind, right: ExprKind) -> Option<ExprKind> {
    use BinOp::*;
    if matches!(op, Band | Bor | Bxor | Shl | Shr) {
        let (l, r) = (to_int(left)?, to_int(right)?);
        return Some(ExprKind::Int(match op {
            Band => l & r,
            Bor => l | r,
            Bxor => l ^ r,
            Shl => shift_left(l, r),
            _ => shift_left(l, r.wrapping_neg()),
        }));
    }
    let (x, y) = (to_float(left)?, to_float(right)?);
    if matches!(op, Div | IDiv | Mod) && y == 0.0 {
        return None;
    }
    if let (ExprKind::Int(l), ExprKind::Int(r)) = (left, right) {
        let result = match op {
            Add => Some(l.wrapping_add(r)),
            Sub => Some(l.wrapping_sub(r)),
            Mul => Some(l.wrapping_mul(r)),
            IDiv => Some(floor_div(l, r)),
            Mod => Some(l.wrapping_sub(floor_div(l, r).wrapping_mul(r))),
            _ => None,
        };
        if let Some(i) = result {
            return Some(ExprKind::Int(i));
        }
    }
    keep(match op {
        Add => x + y,
        Sub => x - y,
        Mul => x * y,
        Div => x / y,
        IDiv => (x / y).floor(),
        Mod => {
            let m = x % y;
            if m != 0.0 && (m < 0.0) != (y < 0.0) { m + y } else { m }
        }
        Pow => {
            if y == 2.0 {
                x * x
            } else {
                x.powf(y)
            }
        }
        _ => return None,
    })
}

fn floor_div(l: i64, r: i64) -> i64 {
    let quotient = l.wrapping_div(r);
    if (l ^ r) < 0 && quotient.wrapping_mul(r) != l { quotient - 1 } else { quotient }
}

fn shift_left(value: i64, by: i64) -> i64 {
    match by {
        0..=63 => ((value as u64) << by) as i64,
        -63..=-1 => ((value as u64) >> -by) as i64,
        _ => 0,
    }
}
