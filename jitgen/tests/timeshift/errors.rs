//! Results caught in the unit and escaping from it, overflow, switches.

use super::{Toy, address, interp, words};
use moonshift_jitgen::{natives, places};

interp!(caught {
    pub struct Failed;

    fn divide(a: i64, b: i64) -> Result<i64, Failed> {
        if b == 0 { return Err(Failed); }
        Ok(a.wrapping_div(b))
    }

    fn mean(a: i64, b: i64, n: i64) -> Result<i64, Failed> {
        let sum = divide(a, n)?.wrapping_add(divide(b, n)?);
        Ok(sum)
    }

    fn outer(a: i64, b: i64, n: i64) -> Result<i64, Failed> {
        Ok(mean(a, b, n)?.wrapping_sub(1))
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, a: i64, b: i64, n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return match divide(a, n) {
                    Ok(value) => value,
                    Err(_) => -1,
                },
                1 => match outer(a, b, n) {
                    Ok(value) => return value,
                    // The handler is elsewhere in the program.
                    Err(_) => pc = 2,
                },
                _ => return a.wrapping_sub(b),
            }
        }
    }
});

#[test]
fn an_error_meets_its_handler_at_compile_time() {
    let toy = Toy::new(caught::SOURCE, &[], &[]);
    for n in [2, 0, 3, 0] {
        toy.same(&[0, 17, 0, n], caught::run(0, 17, 0, n));
    }
    // Divisions test for -1 too.
    toy.leaves(&[("branch", 2), ("eq", 2), ("exit", 1), ("sdiv", 1)]);
}

#[test]
fn errors_pass_through_helpers() {
    let toy = Toy::new(caught::SOURCE, &[], &[]);
    for n in [2, 0, 3, 0] {
        toy.same(&[1, 17, 5, n], caught::run(1, 17, 5, n));
    }
    // The second division by the same number is not tested again.
    toy.leaves(&[("add", 1), ("branch", 2), ("eq", 2), ("exit", 1), ("sdiv", 2), ("sub", 2)]);
}

interp!(escaping {
    pub struct Machine { pub budget: Cell<i64> }

    fn spend(machine: &Machine, amount: i64) -> Result<i64, ()> {
        let rest = machine.budget.get() - amount;
        if rest < 0 { return Err(()); }
        machine.budget.set(rest);
        Ok(rest)
    }

    #[residual(writes(Machine.budget))]
    pub fn audit(machine: &Machine, limit: i64) -> Result<i64, ()> {
        if machine.budget.get() < limit { Err(()) } else { Ok(machine.budget.get() - limit) }
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, machine: &Machine, amount: i64) -> Result<i64, ()> {
        loop {
            merge_point();
            match pc {
                0 => {
                    spend(machine, amount)?;
                    pc = 1;
                }
                1 => return spend(machine, 2),
                2 => return Ok(audit(machine, amount)?.wrapping_add(1)),
                _ => return audit(machine, amount),
            }
        }
    }
});

fn escaping(pc: u64) -> Toy {
    use escaping::{Machine, audit, run};
    let natives = natives![audit(machine: &Machine, limit: i64) -> Result<i64, ()>];
    let toy = Toy::new(escaping::SOURCE, &places![Machine { budget }], &natives);
    let machine = Machine { budget: std::cell::Cell::new(0) };
    for (budget, amount) in [(10, 3), (10, 9), (10, 20), (4, 1), (10, 9), (0, 1), (3, 3)] {
        toy.check(
            || {
                machine.budget.set(budget);
                vec![pc, address(&machine), amount as u64]
            },
            || match run(pc as usize, &machine, amount) {
                Ok(value) => vec![0, value as u64],
                Err(()) => vec![1, 0],
            },
            || machine.budget.get(),
        );
    }
    toy
}

#[test]
fn errors_escape() {
    let toy = escaping(0);
    // One load: the rest after the first payment is known when the second is made.
    assert_eq!((toy.count("load"), toy.count("branch"), toy.count("sub")), (1, 2, 2), "{:?}", toy.counts());
}

#[test]
fn errors_of_residual_calls_are_tested_once() {
    let toy = escaping(2);
    assert_eq!((toy.count("call"), toy.count("branch")), (1, 1));
}

#[test]
fn errors_of_residual_calls_are_passed_on() {
    let toy = escaping(3);
    assert_eq!(toy.count("call"), 1);
}

interp!(overflow {
    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, x: i64, y: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return match x.checked_add(y) {
                    Some(sum) => sum,
                    None => -1,
                },
                1 => {
                    let (product, overflowed) = x.overflowing_mul(y);
                    return if overflowed { 0 } else { product };
                }
                2 => return match 5i64.checked_sub(3) {
                    Some(value) => x.wrapping_add(value),
                    None => 0,
                },
                3 => return match i64::MAX.checked_add(1) {
                    Some(_) => 1,
                    None => x,
                },
                _ => return match x.checked_sub(1) {
                    Some(less) => match less.checked_mul(y) {
                        Some(value) => value,
                        None => 1,
                    },
                    None => 2,
                },
            }
        }
    }
});

fn overflow(pc: i64, values: &[(i64, i64)]) -> Toy {
    let toy = Toy::new(overflow::SOURCE, &[], &[]);
    for &(x, y) in values {
        toy.same(&[pc, x, y], overflow::run(pc as usize, x, y));
    }
    toy
}

const CALM: &[(i64, i64)] = &[(1, 2), (-5, 7), (0, 0)];
const WILD: &[(i64, i64)] = &[(1, 2), (i64::MAX, 2), (i64::MIN, -1), (5, 5), (i64::MIN, i64::MIN), (i64::MAX, 1)];

#[test]
fn overflow_that_was_not_seen_is_an_exit() {
    let toy = overflow(0, CALM);
    assert_eq!((toy.count("sadd_ovf"), toy.count("branch"), toy.count("exit")), (1, 1, 1));
    overflow(1, CALM).leaves(&[("branch", 1), ("exit", 1), ("smul_ovf", 1)]);
}

#[test]
fn overflow_that_was_seen_is_a_branch() {
    let toy = overflow(0, WILD);
    assert_eq!((toy.count("sadd_ovf"), toy.count("branch"), toy.count("exit")), (1, 1, 0));
    overflow(1, WILD).leaves(&[("branch", 1), ("smul_ovf", 1)]);
    let toy = overflow(4, WILD);
    assert_eq!((toy.count("ssub_ovf"), toy.count("smul_ovf"), toy.count("branch")), (1, 1, 2));
}

#[test]
fn overflow_of_constants_is_decided() {
    overflow(2, WILD).leaves(&[("add", 1)]);
    overflow(3, WILD).leaves(&[]);
}

interp!(switches {
    #[derive(Copy, Clone, PartialEq)]
    pub enum Shape { Point, Line, Circle, Square }

    pub struct Figure { pub shape: Cell<Shape>, pub size: i64 }

    fn area(shape: Shape, size: i64) -> i64 {
        match shape {
            Shape::Point => 0,
            Shape::Line => 1,
            Shape::Circle => size.wrapping_mul(size).wrapping_mul(3),
            Shape::Square => size.wrapping_mul(size),
        }
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(pc: usize, figure: &Figure, x: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                0 => return match x {
                    1 => 10,
                    2 | 3 => 20,
                    7 => x.wrapping_mul(11),
                    _ => x,
                },
                1 => return area(figure.shape.get(), figure.size),
                2 => {
                    // The same value asked again is known.
                    let shape = figure.shape.get();
                    let first = area(shape, 5);
                    return first.wrapping_add(match shape {
                        Shape::Square => 1,
                        Shape::Circle => 2,
                        _ => 3,
                    });
                }
                _ => return match x {
                    0..=9 => 1,
                    10..=99 => 2,
                    _ => 3,
                },
            }
        }
    }
});

#[test]
fn switch_on_an_integer() {
    let toy = Toy::new(switches::SOURCE, &figure_places(), &[]);
    let figure = figure();
    for x in [1, 2, 3, 7, 0, 8, -1].repeat(6) {
        let expected = switches::run(0, &figure, x);
        toy.check(|| vec![0, address(&figure), x as u64], || words(&[expected]), || ());
    }
    // In the case 7 the product is known.
    toy.leaves(&[("switch", 1)]);
    assert!(toy.totals().compiled <= 6);
}

fn figure() -> switches::Figure {
    switches::Figure { shape: std::cell::Cell::new(switches::Shape::Point), size: 6 }
}

fn figure_places() -> Vec<moonshift_jitgen::abi::by_hand::Place> {
    use switches::Figure;
    places![Figure { shape, size }]
}

#[test]
fn switch_on_an_enum() {
    use switches::Shape;
    for pc in [1, 2] {
        let toy = Toy::new(switches::SOURCE, &figure_places(), &[]);
        let figure = figure();
        for shape in [Shape::Circle, Shape::Line, Shape::Square, Shape::Point].repeat(6) {
            figure.shape.set(shape);
            let expected = switches::run(pc, &figure, 0);
            toy.check(|| vec![pc as u64, address(&figure), 0], || words(&[expected]), || ());
        }
        assert_eq!(toy.count("switch") + toy.count("branch"), pc, "{:?}", toy.counts());
    }
}

#[test]
fn cases_that_were_not_seen_leave() {
    use switches::Shape;
    let toy = Toy::new(switches::SOURCE, &figure_places(), &[]);
    let figure = figure();
    for shape in [Shape::Square, Shape::Square, Shape::Square] {
        figure.shape.set(shape);
        let expected = switches::run(1, &figure, 0);
        toy.check(|| vec![1, address(&figure), 0], || words(&[expected]), || ());
    }
    assert_eq!(toy.count("mul"), 1, "{:?}", toy.counts());
    assert_eq!(toy.count("exit"), 1);
    assert_eq!(toy.totals().exits, 0);
}

#[test]
fn ranges() {
    let toy = Toy::new(switches::SOURCE, &figure_places(), &[]);
    let figure = figure();
    for x in [0, 5, 9, 10, 50, 99, 100, -1, 0, 10, 100] {
        let expected = switches::run(3, &figure, x);
        toy.check(|| vec![3, address(&figure), x as u64], || words(&[expected]), || ());
    }
    assert!(toy.count("branch") <= 4);
}
