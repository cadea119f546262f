//! Division of 64-bit integers by constants, by multiplication with the reciprocal (Granlund and Montgomery 1994, in the
//! form of Warren, Hacker's Delight, chapter 10). Cranelift does it in its mid-end, which units go without.

use super::lower::Lowering;
use crate::flow::BinOp;
use cranelift_codegen::ir::{InstBuilder, Value, types};

/// A multiplier and what is to be done to the high half of the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Signed {
    multiplier: i64,
    shift: u32,
}

/// `divisor` is neither 0, 1, -1 nor a power of two or its negation.
fn signed(divisor: i64) -> Signed {
    let size = u128::from(divisor.unsigned_abs());
    let sign_bit = 1u128 << 63;
    // The largest dividend of its sign that leaves size - 1.
    let bound = sign_bit + u128::from(divisor < 0);
    let largest = bound - 1 - bound % size;
    // The least power of two for which the rounded-up reciprocal is exact for all dividends.
    let mut power = 64;
    while (1u128 << power) <= largest * (size - (1u128 << power) % size) {
        power += 1;
    }
    let multiplier = ((1u128 << power) + size - (1u128 << power) % size) / size;
    let multiplier = if divisor < 0 { (multiplier as i64).wrapping_neg() } else { multiplier as i64 };
    Signed { multiplier, shift: power - 64 }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Unsigned {
    multiplier: u64,
    shift: u32,
    /// The multiplier has a 65th bit.
    add: bool,
}

/// `divisor` is neither 0 nor a power of two.
fn unsigned(divisor: u64) -> Unsigned {
    let bits = 64 - divisor.leading_zeros();
    // 2^(64 + bits) / divisor rounded up lies in (2^64, 2^65).
    let low = ((1u128 << bits) - u128::from(divisor)) << 64;
    let multiplier = (low / u128::from(divisor) + 1) as u64;
    // One bit less may do.
    let half = (1u128 << (63 + bits)) / u128::from(divisor) + 1;
    let error = half * u128::from(divisor) - (1u128 << (63 + bits));
    if half >> 64 == 0 && error <= 1u128 << (bits - 1) {
        return Unsigned { multiplier: half as u64, shift: bits - 1, add: false };
    }
    Unsigned { multiplier, shift: bits, add: true }
}

impl Lowering<'_> {
    /// A division or remainder of 64 bits by a constant other than 0.
    pub(super) fn divide_by(&mut self, op: BinOp, value: Value, divisor: i64) -> Value {
        let quotient = match op {
            BinOp::SDiv | BinOp::SRem => self.signed_quotient(value, divisor),
            _ => self.unsigned_quotient(value, divisor as u64),
        };
        match op {
            BinOp::SDiv | BinOp::UDiv => quotient,
            _ => {
                let back = self.times(quotient, divisor);
                self.builder.ins().isub(value, back)
            }
        }
    }

    fn times(&mut self, value: Value, factor: i64) -> Value {
        let size = factor.unsigned_abs();
        if size.is_power_of_two() {
            let shifted = self.builder.ins().ishl_imm_u(value, i64::from(size.trailing_zeros()));
            return if factor < 0 && factor != i64::MIN { self.builder.ins().ineg(shifted) } else { shifted };
        }
        let factor = self.builder.ins().iconst(types::I64, factor);
        self.builder.ins().imul(value, factor)
    }

    fn signed_quotient(&mut self, value: Value, divisor: i64) -> Value {
        let size = divisor.unsigned_abs();
        if size.is_power_of_two() {
            let bits = i64::from(size.trailing_zeros());
            let mut quotient = value;
            if bits > 0 {
                // Negative dividends are rounded up.
                let sign = self.builder.ins().sshr_imm_u(value, 63);
                let bias = self.builder.ins().ushr_imm_u(sign, 64 - bits);
                let biased = self.builder.ins().iadd(value, bias);
                quotient = self.builder.ins().sshr_imm_u(biased, bits);
            }
            return if divisor < 0 { self.builder.ins().ineg(quotient) } else { quotient };
        }
        let Signed { multiplier, shift } = signed(divisor);
        let factor = self.builder.ins().iconst(types::I64, multiplier);
        let mut quotient = self.builder.ins().smulhi(value, factor);
        if divisor > 0 && multiplier < 0 {
            quotient = self.builder.ins().iadd(quotient, value);
        } else if divisor < 0 && multiplier > 0 {
            quotient = self.builder.ins().isub(quotient, value);
        }
        if shift > 0 {
            quotient = self.builder.ins().sshr_imm_u(quotient, i64::from(shift));
        }
        let sign = self.builder.ins().ushr_imm_u(quotient, 63);
        self.builder.ins().iadd(quotient, sign)
    }

    fn unsigned_quotient(&mut self, value: Value, divisor: u64) -> Value {
        if divisor.is_power_of_two() {
            return self.builder.ins().ushr_imm_u(value, i64::from(divisor.trailing_zeros()));
        }
        let Unsigned { multiplier, shift, add } = unsigned(divisor);
        let factor = self.builder.ins().iconst(types::I64, multiplier as i64);
        let high = self.builder.ins().umulhi(value, factor);
        if !add {
            return self.builder.ins().ushr_imm_u(high, i64::from(shift));
        }
        // (value + high) >> shift without the carry.
        let rest = self.builder.ins().isub(value, high);
        let half = self.builder.ins().ushr_imm_u(rest, 1);
        let sum = self.builder.ins().iadd(half, high);
        self.builder.ins().ushr_imm_u(sum, i64::from(shift) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERESTING: [i64; 14] =
        [0, 1, -1, 2, 3, -7, 10, 1000, 2147483647, i64::MAX, i64::MAX - 1, i64::MIN, i64::MIN + 1, 1 << 40];

    fn dividends(divisor: i64) -> impl Iterator<Item = i64> {
        let near = [-2i64, -1, 0, 1, 2]
            .into_iter()
            .flat_map(move |step| [1i64, 2, 3, 5, 1 << 20].map(|times| divisor.wrapping_mul(times).wrapping_add(step)));
        INTERESTING.into_iter().chain(near)
    }

    fn divisors() -> impl Iterator<Item = i64> {
        let mut state = 1u64;
        let random = std::iter::repeat_with(move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state as i64) >> (state >> 58)
        });
        INTERESTING.into_iter().chain(-200..200).chain(random.take(20_000))
    }

    #[test]
    fn signed_quotients() {
        for divisor in
            divisors().filter(|divisor| !matches!(divisor.unsigned_abs(), size if size == 0 || size.is_power_of_two()))
        {
            let Signed { multiplier, shift } = signed(divisor);
            for dividend in dividends(divisor) {
                let mut quotient = ((i128::from(dividend) * i128::from(multiplier)) >> 64) as i64;
                if divisor > 0 && multiplier < 0 {
                    quotient = quotient.wrapping_add(dividend);
                } else if divisor < 0 && multiplier > 0 {
                    quotient = quotient.wrapping_sub(dividend);
                }
                quotient >>= shift;
                quotient += (quotient as u64 >> 63) as i64;
                assert_eq!(quotient, dividend.wrapping_div(divisor), "{dividend} / {divisor}");
            }
        }
    }

    #[test]
    fn unsigned_quotients() {
        for divisor in divisors().map(|divisor| divisor as u64).filter(|&size| size != 0 && !size.is_power_of_two()) {
            let Unsigned { multiplier, shift, add } = unsigned(divisor);
            for dividend in dividends(divisor as i64).map(|dividend| dividend as u64) {
                let high = ((u128::from(dividend) * u128::from(multiplier)) >> 64) as u64;
                let quotient = if add { (((dividend - high) >> 1) + high) >> (shift - 1) } else { high >> shift };
                assert_eq!(quotient, dividend / divisor, "{dividend} / {divisor}");
            }
        }
    }
}
