//! The arithmetic core against Rust's own operators, over pairs of edge values of each type.

use moonshift_jitgen::eval::ops::{bin, cmp, conv, ovf, un};
use moonshift_jitgen::flow::{BinOp, CmpOp, ConvOp, OvfOp, Ty, UnOp};

/// Values around the edges of every width; truncated to the type by the tests.
const EDGES: [u64; 26] = [
    0,
    1,
    2,
    3,
    5,
    7,
    8,
    31,
    63,
    64,
    100,
    0x7e,
    0x7f,
    0x80,
    0x81,
    0xfe,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
];

fn edges() -> Vec<u64> {
    EDGES.iter().flat_map(|&bits| [bits, bits.wrapping_neg(), !bits]).collect()
}

fn floats() -> Vec<f64> {
    let mut values = vec![0.0, 0.5, 1.0, 1.5, 2.5, 127.0, 128.0, 255.0, 256.0, 32768.0, 65536.0, 1e-310, 1e300];
    values.extend([2f64.powi(31), 2f64.powi(32), 2f64.powi(53), 2f64.powi(63), 2f64.powi(64), f64::MAX, f64::INFINITY]);
    values.extend([2147483647.5, 4294967295.5, 0.1, f64::MIN_POSITIVE, f64::EPSILON]);
    values.iter().flat_map(|&value| [value, -value]).chain([f64::NAN]).collect()
}

macro_rules! integers {
    ($test:ident, $ty:expr, $signed:ty, $unsigned:ty) => {
        #[test]
        fn $test() {
            let ty = $ty;
            for &x in &edges() {
                let (a, s) = (x as $unsigned, x as $signed);
                let one = |op| un(op, ty, a.into());
                assert_eq!(one(UnOp::Neg), s.wrapping_neg() as $unsigned as u64);
                assert_eq!(one(UnOp::Not), !a as u64);
                assert_eq!(one(UnOp::Clz), a.leading_zeros().into());
                assert_eq!(one(UnOp::Ctz), a.trailing_zeros().into());
                assert_eq!(one(UnOp::Popcnt), a.count_ones().into());
                assert_eq!(conv(ConvOp::SToF, ty, Ty::F64, a.into()), (s as f64).to_bits());
                assert_eq!(conv(ConvOp::UToF, ty, Ty::F64, a.into()), (a as f64).to_bits());
                assert_eq!(conv(ConvOp::Sext, ty, Ty::I64, a.into()), s as i64 as u64);
                assert_eq!(conv(ConvOp::Zext, ty, Ty::I64, a.into()), a as u64);
                assert_eq!(conv(ConvOp::Trunc, Ty::I64, ty, x), a as u64);
                for &y in &edges() {
                    let (b, t) = (y as $unsigned, y as $signed);
                    let two = |op| bin(op, ty, a.into(), b.into());
                    assert_eq!(two(BinOp::Add), Some(a.wrapping_add(b).into()));
                    assert_eq!(two(BinOp::Sub), Some(a.wrapping_sub(b).into()));
                    assert_eq!(two(BinOp::Mul), Some(a.wrapping_mul(b).into()));
                    assert_eq!(two(BinOp::SDiv), s.checked_div(t).map(|q| q as $unsigned as u64));
                    assert_eq!(two(BinOp::SRem), s.checked_rem(t).map(|q| q as $unsigned as u64));
                    assert_eq!(two(BinOp::UDiv), a.checked_div(b).map(|q| q as u64));
                    assert_eq!(two(BinOp::URem), a.checked_rem(b).map(|q| q as u64));
                    assert_eq!(two(BinOp::And), Some((a & b).into()));
                    assert_eq!(two(BinOp::Or), Some((a | b).into()));
                    assert_eq!(two(BinOp::Xor), Some((a ^ b).into()));
                    assert_eq!(two(BinOp::Shl), Some(a.wrapping_shl(b as u32).into()));
                    assert_eq!(two(BinOp::UShr), Some(a.wrapping_shr(b as u32).into()));
                    assert_eq!(two(BinOp::SShr), Some(s.wrapping_shr(b as u32) as $unsigned as u64));
                    let pair = |(bits, overflow): ($unsigned, bool)| (bits as u64, overflow);
                    let signed = |(bits, overflow): ($signed, bool)| (bits as $unsigned as u64, overflow);
                    let checked = |op| ovf(op, ty, a.into(), b.into());
                    assert_eq!(checked(OvfOp::SAdd), signed(s.overflowing_add(t)));
                    assert_eq!(checked(OvfOp::SSub), signed(s.overflowing_sub(t)));
                    assert_eq!(checked(OvfOp::SMul), signed(s.overflowing_mul(t)));
                    assert_eq!(checked(OvfOp::UAdd), pair(a.overflowing_add(b)));
                    assert_eq!(checked(OvfOp::USub), pair(a.overflowing_sub(b)));
                    assert_eq!(checked(OvfOp::UMul), pair(a.overflowing_mul(b)));
                    let holds = |op| cmp(op, ty, a.into(), b.into());
                    assert_eq!(holds(CmpOp::Eq), a == b);
                    assert_eq!(holds(CmpOp::Ne), a != b);
                    assert_eq!(holds(CmpOp::SLt), s < t);
                    assert_eq!(holds(CmpOp::SLe), s <= t);
                    assert_eq!(holds(CmpOp::SGt), s > t);
                    assert_eq!(holds(CmpOp::SGe), s >= t);
                    assert_eq!(holds(CmpOp::ULt), a < b);
                    assert_eq!(holds(CmpOp::ULe), a <= b);
                    assert_eq!(holds(CmpOp::UGt), a > b);
                    assert_eq!(holds(CmpOp::UGe), a >= b);
                }
            }
            for &x in &floats() {
                assert_eq!(conv(ConvOp::FToS, Ty::F64, ty, x.to_bits()), x as $signed as $unsigned as u64);
                assert_eq!(conv(ConvOp::FToU, Ty::F64, ty, x.to_bits()), x as $unsigned as u64);
            }
        }
    };
}

integers!(i8s, Ty::I8, i8, u8);
integers!(i16s, Ty::I16, i16, u16);
integers!(i32s, Ty::I32, i32, u32);
integers!(i64s, Ty::I64, i64, u64);

#[test]
fn booleans() {
    for a in [false, true] {
        assert_eq!(un(UnOp::Not, Ty::Bool, a.into()), (!a).into());
        assert_eq!(conv(ConvOp::Zext, Ty::Bool, Ty::I32, a.into()), a.into());
        for b in [false, true] {
            assert_eq!(bin(BinOp::And, Ty::Bool, a.into(), b.into()), Some((a & b).into()));
            assert_eq!(bin(BinOp::Or, Ty::Bool, a.into(), b.into()), Some((a | b).into()));
            assert_eq!(bin(BinOp::Xor, Ty::Bool, a.into(), b.into()), Some((a ^ b).into()));
            assert_eq!(cmp(CmpOp::Ne, Ty::Bool, a.into(), b.into()), a != b);
        }
    }
}

#[test]
fn floating() {
    for &a in &floats() {
        let one = |op| un(op, Ty::F64, a.to_bits());
        let same = |bits: u64, value: f64| bits == value.to_bits() || (f64::from_bits(bits).is_nan() && value.is_nan());
        assert!(same(one(UnOp::FNeg), -a));
        assert!(same(one(UnOp::FAbs), a.abs()));
        assert!(same(one(UnOp::FSqrt), a.sqrt()));
        assert!(same(one(UnOp::FFloor), a.floor()));
        assert!(same(one(UnOp::FCeil), a.ceil()));
        assert!(same(one(UnOp::FTrunc), a.trunc()));
        assert_eq!(conv(ConvOp::Bitcast, Ty::F64, Ty::I64, a.to_bits()), a.to_bits());
        for &b in &floats() {
            let two = |op| bin(op, Ty::F64, a.to_bits(), b.to_bits()).expect("floats are never undefined");
            assert!(same(two(BinOp::FAdd), a + b));
            assert!(same(two(BinOp::FSub), a - b));
            assert!(same(two(BinOp::FMul), a * b));
            assert!(same(two(BinOp::FDiv), a / b));
            let holds = |op| cmp(op, Ty::F64, a.to_bits(), b.to_bits());
            assert_eq!(holds(CmpOp::FEq), a == b);
            assert_eq!(holds(CmpOp::FNe), a != b);
            assert_eq!(holds(CmpOp::FLt), a < b);
            assert_eq!(holds(CmpOp::FLe), a <= b);
            assert_eq!(holds(CmpOp::FGt), a > b);
            assert_eq!(holds(CmpOp::FGe), a >= b);
        }
    }
}
