//! The generator behind `math.random`: xoshiro256** (Blackman and Vigna, 2018), seeded and projected as the reference
//! does, so that a seed gives the reference's sequence.

/// The state of the generator; never all zero.
#[derive(Clone, Copy, Debug)]
pub struct Random([u64; 4]);

impl Random {
    /// The state the reference reaches from a seed of two integers.
    pub fn seeded(first: u64, second: u64) -> Self {
        let mut random = Random([first, 0xff, second, 0]);
        for _ in 0..16 {
            random.next();
        }
        random
    }

    /// 64 random bits.
    pub fn next(&mut self) -> u64 {
        let [s0, s1, s2, s3] = self.0;
        let s2 = s2 ^ s0;
        let s3 = s3 ^ s1;
        self.0 = [s0 ^ s3, s1 ^ s2, s2 ^ (s1 << 17), s3.rotate_left(45)];
        s1.wrapping_mul(5).rotate_left(7).wrapping_mul(9)
    }

    /// A float in [0, 1) with 53 random bits.
    pub fn next_float(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (0.5 / (1u64 << 52) as f64)
    }

    /// An integer in `low..=high`; `low <= high`.
    pub fn next_in(&mut self, low: i64, high: i64) -> i64 {
        let random = self.next();
        let span = (high as u64).wrapping_sub(low as u64);
        (self.project(random, span) as i64).wrapping_add(low)
    }

    /// Projects random bits into `0..=span`: cut to the bits of `span`, drawn again while too large.
    fn project(&mut self, mut random: u64, span: u64) -> u64 {
        let mask = u64::MAX.checked_shr(span.leading_zeros()).unwrap_or(0);
        loop {
            random &= mask;
            if random <= span {
                return random;
            }
            random = self.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers are those of the reference after `math.randomseed(42)`.
    #[test]
    fn sequence_of_the_reference() {
        let mut random = Random::seeded(42, 0);
        let drawn: Vec<i64> = (0..5).map(|_| random.next_in(1, 100)).collect();
        assert_eq!(drawn, SEQUENCE_42);
        assert_eq!(random.next() as i64, WHOLE_42);
        assert_eq!(format!("{:.16e}", random.next_float()), FLOAT_42);
        assert_eq!(random.next_in(7, 7), 7);
    }
    const SEQUENCE_42: [i64; 5] = [50, 76, 86, 54, 64];
    const WHOLE_42: i64 = -665975457013052154;
    const FLOAT_42: &str = "7.1097689661550945e-1";
}
