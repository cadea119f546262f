//! The meaning of operations on values, with the semantics of Rust: the constant folder and the evaluator share it,
//! and backends are tested against it.
//!
//! Values are canonical bits (see [`crate::flow::Const`]): zero-extended from the width of their type. `ty` is the
//! type of the operands.

use crate::flow::{BinOp, CmpOp, ConvOp, OvfOp, Ty, UnOp};

/// The value sign-extended from the width of its type.
fn signed(ty: Ty, bits: u64) -> i64 {
    let shift = 64 - ty.bits();
    ((bits << shift) as i64) >> shift
}

/// The low bits of a value, in the width of a type.
fn wrap(ty: Ty, bits: u64) -> u64 {
    bits & ty.mask()
}

fn float(bits: u64) -> f64 {
    f64::from_bits(bits)
}

/// `None` where the operation has no meaning: division by zero and the overflowing signed division.
pub fn bin(op: BinOp, ty: Ty, a: u64, b: u64) -> Option<u64> {
    // Shift counts are taken modulo the width, a power of two.
    let count = || (b & u64::from(ty.bits() - 1)) as u32;
    let bits = match op {
        BinOp::Add => a.wrapping_add(b),
        BinOp::Sub => a.wrapping_sub(b),
        BinOp::Mul => a.wrapping_mul(b),
        BinOp::SDiv | BinOp::SRem => {
            let (x, y) = (signed(ty, a), signed(ty, b));
            let smallest = i64::MIN >> (64 - ty.bits());
            if y == 0 || (y == -1 && x == smallest) {
                return None;
            }
            (if op == BinOp::SDiv { x / y } else { x % y }) as u64
        }
        BinOp::UDiv => a.checked_div(b)?,
        BinOp::URem => a.checked_rem(b)?,
        BinOp::And => a & b,
        BinOp::Or => a | b,
        BinOp::Xor => a ^ b,
        BinOp::Shl => a << count(),
        BinOp::UShr => a >> count(),
        BinOp::SShr => (signed(ty, a) >> count()) as u64,
        BinOp::FAdd => (float(a) + float(b)).to_bits(),
        BinOp::FSub => (float(a) - float(b)).to_bits(),
        BinOp::FMul => (float(a) * float(b)).to_bits(),
        BinOp::FDiv => (float(a) / float(b)).to_bits(),
    };
    Some(wrap(ty, bits))
}

/// The wrapped result and whether it overflowed.
pub fn ovf(op: OvfOp, ty: Ty, a: u64, b: u64) -> (u64, bool) {
    let (x, y) = (i128::from(signed(ty, a)), i128::from(signed(ty, b)));
    let (u, v) = (i128::from(a), i128::from(b));
    // Exact: the product of two 64-bit unsigned values is the only one that does not fit, and it wraps to a value
    // whose upper bits are not those of a small one.
    let (exact, is_signed) = match op {
        OvfOp::SAdd => (x + y, true),
        OvfOp::SSub => (x - y, true),
        OvfOp::SMul => (x * y, true),
        OvfOp::UAdd => (u + v, false),
        OvfOp::USub => (u - v, false),
        OvfOp::UMul => {
            let product = u128::from(a) * u128::from(b);
            return (wrap(ty, product as u64), product > u128::from(ty.mask()));
        }
    };
    let bits = wrap(ty, exact as u64);
    let back = if is_signed { i128::from(signed(ty, bits)) } else { i128::from(bits) };
    (bits, back != exact)
}

pub fn cmp(op: CmpOp, ty: Ty, a: u64, b: u64) -> bool {
    match op {
        CmpOp::Eq => a == b,
        CmpOp::Ne => a != b,
        CmpOp::SLt => signed(ty, a) < signed(ty, b),
        CmpOp::SLe => signed(ty, a) <= signed(ty, b),
        CmpOp::SGt => signed(ty, a) > signed(ty, b),
        CmpOp::SGe => signed(ty, a) >= signed(ty, b),
        CmpOp::ULt => a < b,
        CmpOp::ULe => a <= b,
        CmpOp::UGt => a > b,
        CmpOp::UGe => a >= b,
        CmpOp::FEq => float(a) == float(b),
        CmpOp::FNe => float(a) != float(b),
        CmpOp::FLt => float(a) < float(b),
        CmpOp::FLe => float(a) <= float(b),
        CmpOp::FGt => float(a) > float(b),
        CmpOp::FGe => float(a) >= float(b),
    }
}

pub fn un(op: UnOp, ty: Ty, a: u64) -> u64 {
    match op {
        UnOp::Neg => wrap(ty, a.wrapping_neg()),
        UnOp::Not => wrap(ty, !a),
        UnOp::FNeg => (-float(a)).to_bits(),
        UnOp::FAbs => float(a).abs().to_bits(),
        UnOp::FSqrt => float(a).sqrt().to_bits(),
        UnOp::FFloor => float(a).floor().to_bits(),
        UnOp::FCeil => float(a).ceil().to_bits(),
        UnOp::FTrunc => float(a).trunc().to_bits(),
        UnOp::Clz => u64::from(a.leading_zeros() - (64 - ty.bits())),
        UnOp::Ctz => u64::from(a.trailing_zeros().min(ty.bits())),
        UnOp::Popcnt => u64::from(a.count_ones()),
    }
}

/// From `ty` to `to`.
pub fn conv(op: ConvOp, ty: Ty, to: Ty, a: u64) -> u64 {
    match op {
        ConvOp::Zext | ConvOp::Bitcast => a,
        ConvOp::Sext => wrap(to, signed(ty, a) as u64),
        ConvOp::Trunc => wrap(to, a),
        ConvOp::SToF => (signed(ty, a) as f64).to_bits(),
        ConvOp::UToF => (a as f64).to_bits(),
        ConvOp::FToS => match to {
            Ty::I8 => wrap(to, float(a) as i8 as u64),
            Ty::I16 => wrap(to, float(a) as i16 as u64),
            Ty::I32 => wrap(to, float(a) as i32 as u64),
            _ => float(a) as i64 as u64,
        },
        ConvOp::FToU => match to {
            Ty::I8 => u64::from(float(a) as u8),
            Ty::I16 => u64::from(float(a) as u16),
            Ty::I32 => u64::from(float(a) as u32),
            _ => float(a) as u64,
        },
    }
}
