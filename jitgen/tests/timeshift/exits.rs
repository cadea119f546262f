//! Exits resume where they stand: effects before them happen once, and all frames are rebuilt.

use super::{Toy, address, interp, support};
use moonshift_jitgen::portal::Policy;
use moonshift_jitgen::{natives, places};
use std::cell::Cell;

interp!(effects {
    pub struct Log { pub count: Cell<i64>, pub total: Cell<i64> }

    #[residual(writes(Log))]
    pub fn note(log: &Log, x: i64) -> i64 {
        log.count.set(log.count.get() + 1);
        log.total.set(log.total.get().wrapping_mul(3).wrapping_add(x));
        x
    }

    fn bump(log: &Log, x: i64) -> i64 {
        log.count.set(log.count.get() + 1);
        if x > 10 {
            log.total.set(log.total.get() + x);
            return 1;
        }
        0
    }

    fn level2(log: &Log, x: i64, y: i64) -> i64 {
        let kind = bump(log, x);
        kind.wrapping_mul(y).wrapping_add(x)
    }

    fn level1(log: &Log, x: i64, y: i64) -> i64 {
        let first = level2(log, x, y);
        let second = level2(log, y, first);
        first.wrapping_mul(7).wrapping_add(second)
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, log: &Log, mut x: i64, mut y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // An effect, then a branch, in one block.
                0 => {
                    log.count.set(log.count.get() + 1);
                    if x > 5 { y += 1; }
                    pc = 1;
                }
                1 => {
                    log.total.set(log.total.get() + y);
                    pc = if y > 3 { 2 } else { 3 };
                }
                2 => {
                    note(log, x);
                    if x == 9 { return -1; }
                    return x;
                }
                3 => {
                    note(log, y);
                    match y {
                        0 => return 100,
                        1 => return 200,
                        _ => return y,
                    }
                }
                // In frames.
                10 => return level1(log, x, y).wrapping_add(x),
                // In a loop, with what the loop carries.
                20 => {
                    let odd = note(log, x) & 1;
                    y = if odd == 1 { y.wrapping_mul(2).wrapping_add(x) } else { y.wrapping_sub(1) };
                    x -= 1;
                    if x == 3 { y = y.wrapping_add(1000); }
                    if x <= 0 { return y; }
                }
                _ => return promote(note(log, x)).wrapping_add(note(log, y)),
            }
        }
    }
});

fn effects(policy: Policy) -> Toy {
    use effects::{Log, note};
    let natives = natives![note(log: &Log, x: i64) -> i64];
    Toy::with(effects::SOURCE, &places![Log { count, total }], &natives, policy)
}

fn perform(toy: &Toy, pc: usize, x: i64, y: i64) {
    let log = effects::Log { count: Cell::new(0), total: Cell::new(0) };
    toy.check(
        || {
            log.count.set(0);
            log.total.set(0);
            vec![pc as u64, address(&log), x as u64, y as u64]
        },
        || vec![effects::run(pc, &log, x, y) as u64],
        || (log.count.get(), log.total.get()),
    );
}

const PAIRS: &[(i64, i64)] =
    &[(1, 2), (9, 9), (7, 0), (1, 0), (1, 1), (9, 3), (20, 1), (1, 20), (20, 20), (5, 4), (9, 9), (1, 0)];

#[test]
fn effects_before_branches_happen_once() {
    let toy = effects(support::eager());
    for &(x, y) in PAIRS.iter().chain(PAIRS) {
        perform(&toy, 0, x, y);
    }
    assert!(toy.totals().compiled <= 7);
    let exits = toy.totals().exits;
    for &(x, y) in PAIRS {
        perform(&toy, 0, x, y);
    }
    assert_eq!(toy.totals().exits, exits, "all ways are compiled in");
}

/// Hardly watched, so that compiled code stands before branches that never ran.
#[test]
fn effects_before_branches_that_never_ran_happen_once() {
    for profile_merges in 0..4 {
        for exit_merges in [0, 1, usize::MAX] {
            let toy = effects(Policy { profile_merges, exit_merges, ..support::eager() });
            for pc in [0, 10, 20, 30] {
                for &(x, y) in PAIRS {
                    perform(&toy, pc, x, y);
                }
            }
        }
    }
}

#[test]
fn without_any_profile() {
    let toy = effects(Policy { profile_runs: 0, ..support::eager() });
    for pc in [0, 10, 20, 30] {
        for &(x, y) in PAIRS {
            perform(&toy, pc, x, y);
        }
    }
}

#[test]
fn frames_are_rebuilt() {
    let toy = effects(support::eager());
    for &(x, y) in PAIRS.iter().chain(PAIRS) {
        perform(&toy, 10, x, y);
    }
    assert!(toy.totals().exits >= 1);
    assert!(toy.totals().compiled <= 7);
}

#[test]
fn loops_are_left_in_the_middle() {
    let toy = effects(support::eager());
    perform(&toy, 20, 2, 5);
    for x in [1, 2, 3, 4, 5, 10, 33] {
        for y in [0, -7, 1 << 40] {
            perform(&toy, 20, x, y);
        }
    }
    assert!(toy.totals().compiled <= 7);
    assert_eq!(toy.count("call"), 1, "{:?}", toy.counts());
}

#[test]
fn promotions_after_effects() {
    let toy = effects(support::eager());
    for &(x, y) in PAIRS {
        perform(&toy, 30, x, y);
    }
}

/// Exits that go on being taken do not compile for ever.
#[test]
fn compilations_are_bounded() {
    let policy = Policy { max_recompiles: 3, ..support::eager() };
    let toy = effects(policy);
    for x in 0..200 {
        perform(&toy, 30, x, 1);
    }
    assert!(toy.totals().compiled <= 4, "{:?}", toy.totals());
}

/// Every threshold, in all combinations: results never depend on them.
#[test]
fn thresholds_do_not_matter() {
    for profile_runs in [0, 1, 3] {
        for exits_before_recompile in [1, 3] {
            for profile_merges in [1, 5] {
                let policy =
                    Policy { profile_runs, exits_before_recompile, profile_merges, exit_merges: 2, ..support::eager() };
                let toy = effects(policy);
                for pc in [0, 20] {
                    for &(x, y) in PAIRS {
                        perform(&toy, pc, x, y);
                    }
                }
            }
        }
    }
}
