//! Random doubles and numerals, of the kinds that conversions go wrong with.

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn digits(&mut self, set: &[u8], most: u64, out: &mut String) {
        for _ in 0..self.below(most + 1) {
            out.push(self.choose(set) as char);
        }
    }
}

pub fn double(random: &mut Random) -> f64 {
    match random.below(8) {
        // Any bits: huge, tiny, not a number.
        0..=2 => f64::from_bits(random.next()),
        // Subnormal.
        3 => f64::from_bits(random.next() & 0x800f_ffff_ffff_ffff),
        // Short in decimal.
        4 => {
            let digits = 1 + random.below(17) as u32;
            let value = random.below(10u64.pow(digits)) as f64;
            let scaled = value * 10f64.powi(random.below(40) as i32 - 20);
            if random.below(2) == 0 { scaled } else { -scaled }
        }
        // Integers.
        5 => {
            let bits = random.below(64);
            (random.next() >> bits) as i64 as f64
        }
        // Halfway between what 14 digits show.
        6 => format!("{}5e{}", 10u64.pow(13) + random.below(9 * 10u64.pow(13)), random.below(600) as i64 - 320)
            .parse()
            .expect("a float"),
        // Powers of two and ten, and their neighbours.
        _ => {
            let power = if random.below(2) == 0 {
                2f64.powi(random.below(2098) as i32 - 1074)
            } else {
                10f64.powi(random.below(616) as i32 - 308)
            };
            f64::from_bits(power.to_bits().wrapping_add(random.below(3)).wrapping_sub(1))
        }
    }
}

const DECIMAL: &[u8] = b"0123456789";
const HEXADECIMAL: &[u8] = b"0123456789abcdefABCDEF";

/// A numeral, or something like one. Never with a line end.
pub fn numeral(random: &mut Random) -> String {
    let mut text = String::new();
    if random.below(8) == 0 {
        text.push_str(random.choose(&[" ", "\t", "  ", "\x0b", "\x0c "]));
    }
    if random.below(4) == 0 {
        text.push_str(random.choose(&["-", "-", "+", "--", "- "]));
    }
    match random.below(6) {
        0..=2 => decimal(random, &mut text),
        3 | 4 => hexadecimal(random, &mut text),
        // A double, written out.
        _ => {
            let float = double(random);
            text.push_str(&match random.below(3) {
                0 => format!("{float:e}"),
                1 => format!("{float:.20e}"),
                _ => format!("{float:?}"),
            });
        }
    }
    if random.below(12) == 0 {
        text.push_str(random.choose(&[" ", "\t ", "x", "e", "p1", ".", " 1", "\0", "L"]));
    }
    if random.below(12) == 0 {
        let at = random.below(text.len() as u64 + 1) as usize;
        if text.is_char_boundary(at) {
            text.insert_str(at, random.choose(&["e", ".", "-", "_", "x", "p", "0", "n", "i", "+"]));
        }
    }
    text
}

fn decimal(random: &mut Random, text: &mut String) {
    let most = random.choose(&[3, 3, 18, 20, 60, 400]);
    random.digits(DECIMAL, most, text);
    if random.below(2) == 0 {
        text.push('.');
        let most = random.choose(&[0, 3, 20, 400, 800]);
        random.digits(DECIMAL, most, text);
    }
    if random.below(2) == 0 {
        text.push_str(random.choose(&["e", "E", "e+", "e-", "E-"]));
        let most = random.choose(&[1, 2, 3, 3, 6]);
        random.digits(DECIMAL, most, text);
    }
}

fn hexadecimal(random: &mut Random, text: &mut String) {
    text.push_str(random.choose(&["0x", "0X"]));
    let most = random.choose(&[2, 8, 16, 17, 40, 300]);
    random.digits(HEXADECIMAL, most, text);
    if random.below(2) == 0 {
        text.push('.');
        let most = random.choose(&[0, 3, 14, 30, 300]);
        random.digits(HEXADECIMAL, most, text);
    }
    if random.below(2) == 0 {
        text.push_str(random.choose(&["p", "P", "p+", "p-", "P-"]));
        let most = random.choose(&[1, 2, 3, 4, 9]);
        random.digits(DECIMAL, most, text);
    }
}
