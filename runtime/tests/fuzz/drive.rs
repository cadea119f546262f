//! The driver: inputs at random, and changed copies of those that led to something new.
//!
//! A target says in a number what kind of outcome an input had; inputs with a new one are kept to be changed further.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// Checks an input, panics if something is wrong with what becomes of it, and tells what kind of outcome it was.
pub type Target = fn(&[u8]) -> u64;

const MOST_KEPT: usize = 4000;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 16) as usize % limit
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 24) as u8).collect()
    }
}

fn variable(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// Runs a target for as long as the environment says, or two seconds.
pub fn run(name: &str, target: Target) {
    if let Ok(file) = std::env::var("MOONSHIFT_FUZZ_INPUT") {
        target(&std::fs::read(file).expect("an input"));
        return;
    }
    let time = Duration::from_secs(variable("MOONSHIFT_FUZZ_SECONDS").unwrap_or(2));
    let seed = variable("MOONSHIFT_FUZZ_SEED").unwrap_or(1);
    let keep = std::env::var_os("MOONSHIFT_FUZZ_KEEP");
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut kept, mut outcomes): (Vec<Vec<u8>>, _) = (Vec::new(), HashSet::new());
    let (started, mut count) = (Instant::now(), 0u64);
    while started.elapsed() < time {
        let input = next_input(&mut random, &kept);
        if let Some(file) = &keep {
            std::fs::write(file, &input).expect("a writable file");
        }
        match catch_unwind(AssertUnwindSafe(|| target(&input))) {
            Ok(outcome) => {
                if outcomes.insert(outcome) && kept.len() < MOST_KEPT {
                    kept.push(input);
                }
            }
            Err(panic) => {
                let text: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
                eprintln!("{name}, seed {seed}, input {count}: {text}");
                resume_unwind(panic);
            }
        }
        count += 1;
    }
    eprintln!("{name}: {count} inputs, {} kinds of outcome, in {:?}", outcomes.len(), started.elapsed());
    assert!(count > 0 && outcomes.len() > 1, "{name}: {count} inputs, {} kinds of outcome", outcomes.len());
}

fn next_input(random: &mut Random, kept: &[Vec<u8>]) -> Vec<u8> {
    if kept.is_empty() || random.below(3) == 0 {
        let count = 1 << random.below(10);
        let count = random.below(count) + count / 2;
        return random.bytes(count);
    }
    let mut input = kept[random.below(kept.len())].clone();
    for _ in 0..1 << random.below(4) {
        if input.is_empty() {
            input = random.bytes(16);
        }
        let at = random.below(input.len());
        match random.below(7) {
            0 => input[at] = random.next() as u8,
            1 => input[at] ^= 1 << random.below(8),
            2 => input[at] = input[at].wrapping_add(1 + 254 * random.below(2) as u8),
            3 => drop(input.drain(at..(at + 1 + random.below(8)).min(input.len()))),
            4 => {
                let count = 1 + random.below(8);
                let new = random.bytes(count);
                input.splice(at..at, new);
            }
            5 => {
                let other = &kept[random.below(kept.len())];
                let start = random.below(other.len() + 1);
                let end = (start + random.below(64)).min(other.len());
                input.splice(at..at, other[start..end].iter().copied());
            }
            _ => input.extend(random.bytes(8)),
        }
    }
    input.truncate(8192);
    input
}
