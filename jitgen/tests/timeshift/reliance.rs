//! Quasi-immutable fields: relied on without a check, until they are written.

use super::{address, interp, support};
use moonshift_jitgen::{natives, places, portal::Jit};
use std::cell::Cell;
use std::rc::Rc;
use support::Machine;

interp!(config {
    #[quasi_immutable(scale, wide)]
    pub struct Config { pub scale: Cell<i64>, pub wide: Cell<f64>, pub count: Cell<i64> }

    /// Every fifth call changes the scale.
    #[residual(writes(Config))]
    pub fn tick(config: &Config) -> i64 {
        super::tick(config)
    }

    #[residual(writes(Config.count))]
    pub fn count(config: &Config) -> i64 {
        config.count.set(config.count.get() + 1);
        config.count.get()
    }

    #[portal(greens(pc, config), order = pc)]
    pub fn run(mut pc: usize, config: &Config, mut x: i64, mut sum: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Known: folded with what depends on it.
                0 => {
                    if config.scale.get() > 1000 { return 0; }
                    return x.wrapping_mul(concrete(config.scale.get()));
                }
                // A call that may write it.
                1 => {
                    let before = config.scale.get();
                    let ticked = tick(config);
                    return before.wrapping_mul(1000).wrapping_add(config.scale.get()).wrapping_add(ticked).wrapping_add(config.scale.get());
                }
                // A call that does not.
                2 => {
                    let counted = count(config);
                    return config.scale.get().wrapping_mul(counted);
                }
                // In a loop with such a call.
                3 => {
                    if x <= 0 { pc = 9; continue; }
                    sum = sum.wrapping_add(config.scale.get()).wrapping_add(tick(config));
                    x = x.wrapping_sub(1);
                    continue;
                }
                // In a loop without.
                4 => {
                    if x <= 0 { pc = 9; continue; }
                    sum = sum.wrapping_add(config.scale.get());
                    x = x.wrapping_sub(1);
                    continue;
                }
                // A float.
                5 => {
                    tick(config);
                    return (config.wide.get() * 2.0) as i64;
                }
                _ => return sum,
            }
        }
    }
});

fn tick(config: &config::Config) -> i64 {
    config.count.set(config.count.get() + 1);
    if config.count.get() % 5 == 0 {
        config.scale.set(config.scale.get() + 1);
        config.wide.set(config.wide.get() + 0.5);
        support::invalidate(address(config));
    }
    config.count.get()
}

struct Reliance {
    config: &'static config::Config,
    jits: Vec<Rc<Jit>>,
}

fn reliance() -> Reliance {
    use config::{Config, count, tick};
    let jits = [Machine::Graph, Machine::Native].map(|machine| {
        let natives = natives![tick(config: &Config) -> i64, count(config: &Config) -> i64];
        let places = places![Config { scale, wide, count }];
        // SAFETY: the natives and places are those of the text; the structure lives for ever.
        Rc::new(unsafe { support::compiler(config::SOURCE, &places, &natives, support::eager(), machine) })
    });
    let config = Config { scale: Cell::new(0), wide: Cell::new(0.0), count: Cell::new(0) };
    Reliance { config: Box::leak(Box::new(config)), jits: jits.into() }
}

impl Reliance {
    /// Sets the structure and tells the compiler.
    fn set(&self, jit: &Jit, scale: i64) {
        self.config.scale.set(scale);
        self.config.wide.set(scale as f64);
        self.config.count.set(0);
        jit.invalidate(address(self.config));
    }

    /// Runs a program several times with changes between, on each backend and plainly: the same results.
    fn agrees(&self, pc: usize, xs: &[i64]) {
        for jit in &self.jits {
            support::linked(jit, || {
                for scale in [3, 4, 3, -1] {
                    self.set(jit, scale);
                    let expected: Vec<i64> = xs.iter().map(|&x| config::run(pc, self.config, x, 0)).collect();
                    let end = self.config.scale.get();
                    self.set(jit, scale);
                    let args = |x: i64| [pc as u64, address(self.config), x as u64, 0];
                    let found: Vec<i64> = xs.iter().map(|&x| support::run(jit, &args(x))[0] as i64).collect();
                    assert_eq!((found, self.config.scale.get()), (expected, end), "{}", support::show(jit));
                }
            });
        }
    }

    /// What is left while nothing changes.
    fn leaves(&self, pc: usize, x: i64, expected: &[(&str, usize)]) {
        for jit in &self.jits {
            support::linked(jit, || {
                self.set(jit, 3);
                for _ in 0..3 {
                    // Far from a change.
                    self.config.count.set(0);
                    support::run(jit, &[pc as u64, address(self.config), x as u64, 0]);
                }
                let counts = support::counts(jit);
                assert_eq!(counts, expected.iter().copied().collect(), "{}", support::show(jit));
            });
        }
    }
}

#[test]
fn relied_on_without_a_check() {
    reliance().agrees(0, &[1, 2, 3]);
    reliance().leaves(0, 7, &[("mul", 1)]);
}

#[test]
fn checked_once_after_a_call_that_may_write() {
    reliance().agrees(1, &[1, 2, 3, 4, 5, 6, 7]);
    reliance().leaves(1, 7, &[("add", 2), ("branch", 1), ("call", 1), ("eq", 1), ("exit", 1), ("load", 1)]);
}

#[test]
fn not_checked_after_one_that_does_not() {
    reliance().agrees(2, &[1, 2, 3]);
    reliance().leaves(2, 7, &[("call", 1), ("mul", 1)]);
}

#[test]
fn checked_in_each_turn_of_a_loop() {
    reliance().agrees(3, &[0, 3, 20, 40]);
    reliance().leaves(
        3,
        4,
        &[("add", 2), ("branch", 2), ("call", 1), ("eq", 1), ("exit", 1), ("load", 1), ("sle", 1), ("sub", 1)],
    );
}

#[test]
fn a_loop_without_calls_has_no_check() {
    reliance().agrees(4, &[0, 3, 20]);
    reliance().leaves(4, 30, &[("add", 1), ("branch", 1), ("sle", 1), ("sub", 1)]);
}

#[test]
fn a_float_is_relied_on_by_its_bits() {
    reliance().agrees(5, &[1, 2, 3, 4, 5, 6, 7]);
    reliance().leaves(5, 1, &[("bitcast", 1), ("branch", 1), ("call", 1), ("eq", 1), ("exit", 1), ("load", 1)]);
}

#[test]
fn discarded_when_it_is_written() {
    let reliance = reliance();
    let jit = &reliance.jits[1];
    let run = |x: i64| support::run(jit, &[0, address(reliance.config), x as u64, 0])[0] as i64;
    reliance.set(jit, 3);
    assert_eq!([run(5), run(6)], [15, 18]);
    let before = jit.totals().compiled;
    assert_eq!(before, 1);
    reliance.set(jit, 4);
    assert_eq!(support::residuals(jit).len(), 1, "the graph is kept for the viewer");
    assert_eq!([run(5), run(6)], [20, 24]);
    assert_eq!(jit.totals().compiled, before + 1);
}

#[test]
fn what_keeps_changing_is_not_compiled_for_ever() {
    let reliance = reliance();
    let jit = &reliance.jits[1];
    for scale in 0..100 {
        reliance.set(jit, scale);
        assert_eq!(support::run(jit, &[0, address(reliance.config), 2, 0])[0] as i64, 2 * scale);
    }
    assert!(jit.totals().compiled <= u64::from(jit.policy().max_recompiles) + 1);
}
