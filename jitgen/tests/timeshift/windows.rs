//! Virtualizable register windows: delayed writes, written back when somebody could look; versions by promoted facts.

use super::{Toy, interp};
use moonshift_jitgen::{mem::Arr, natives, places};
use std::cell::Cell;

interp!(registers {
    #[virtualizable]
    #[derive(Copy, Clone, Debug, PartialEq)]
    pub struct Reg { pub tag: u8, pub bits: u64 }

    pub const INT: u8 = 1;
    pub const FLOAT: u8 = 2;

    /// Sees the registers.
    #[residual(reads(Reg))]
    pub fn look(base: Arr<Reg>) -> u64 {
        base.get(0).bits.wrapping_mul(1000).wrapping_add(base.get(1).bits)
    }

    /// Does not.
    #[residual(pure)]
    pub fn blind(x: u64) -> u64 {
        x ^ 5
    }

    /// Writes registers from the third on.
    #[residual(reads(Reg), writes_from(above, Reg))]
    pub fn clobber(above: Arr<Reg>) {
        above.set(0, Reg { tag: INT, bits: 77 });
    }

    fn add(a: Reg, b: Reg) -> Reg {
        if promote(a.tag) == INT {
            if promote(b.tag) == INT {
                return Reg { tag: INT, bits: a.bits.wrapping_add(b.bits) };
            }
            return Reg { tag: FLOAT, bits: (a.bits as i64 as f64 + f64::from_bits(b.bits)).to_bits() };
        }
        if promote(b.tag) == INT {
            return Reg { tag: FLOAT, bits: (f64::from_bits(a.bits) + b.bits as i64 as f64).to_bits() };
        }
        Reg { tag: FLOAT, bits: (f64::from_bits(a.bits) + f64::from_bits(b.bits)).to_bits() }
    }

    fn int(bits: u64) -> Reg {
        Reg { tag: INT, bits }
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, base: Arr<Reg>, x: u64) -> u64 {
        loop {
            merge_point();
            match pc {
                // Overwritten before anybody looks.
                0 => {
                    base.set(0, int(1));
                    base.set(0, int(2));
                    base.set(0, int(x));
                    return base.get(0).bits;
                }
                1 => {
                    base.set(0, int(x));
                    base.set(1, int(3));
                    let seen = look(base);
                    base.set(0, int(4));
                    return seen;
                }
                2 => {
                    base.set(0, int(x));
                    let y = blind(x);
                    base.set(0, int(y));
                    return y;
                }
                3 => {
                    base.set(0, int(x));
                    base.set(2, int(x));
                    clobber(base.offset(2));
                    return base.get(0).bits.wrapping_add(base.get(2).bits);
                }
                // At a red place.
                4 => {
                    base.set(1, int(x));
                    return base.get((x & 3) as usize).bits;
                }
                5 => {
                    base.set(1, int(9));
                    base.set((x & 3) as usize, int(8));
                    return base.get(1).bits;
                }
                // Through a window that begins elsewhere.
                6 => {
                    let window = base.offset(1);
                    base.set(1, int(x));
                    window.set(1, int(x + 1));
                    return window.get(0).bits.wrapping_add(base.get(2).bits);
                }
                7 => {
                    let window = base.offset((x & 1) as usize);
                    base.set(1, int(5));
                    window.set(0, int(6));
                    return base.get(1).bits;
                }
                // A loop: register 0 counts down, register 1 sums up.
                10 => {
                    base.set(1, int(0));
                    pc = 11;
                }
                11 => pc = if base.get(0).bits == 0 { 13 } else { 12 },
                12 => {
                    base.set(1, add(base.get(1), base.get(2)));
                    base.set(0, add(base.get(0), int(u64::MAX)));
                    pc = 11;
                }
                _ => return base.get(1).bits,
            }
        }
    }
});

use registers::{FLOAT, INT, Reg};

fn toy() -> Toy {
    use registers::{blind, clobber, look};
    let natives = natives![look(base: Arr<Reg>) -> u64, blind(x: u64) -> u64, clobber(above: Arr<Reg>) -> ()];
    Toy::new(registers::SOURCE, &places![[Reg] { tag, bits }], &natives)
}

fn perform(toy: &Toy, pc: usize, x: u64, registers: [Reg; 5]) {
    let cells = registers.map(Cell::new);
    // SAFETY: a cell is its content; the programs use no register beyond, and addresses are not kept.
    let base = unsafe { Arr::from_ptr(cells.as_ptr().cast::<Reg>().cast_mut()) };
    toy.check(
        || {
            cells.iter().zip(registers).for_each(|(cell, register)| cell.set(register));
            vec![pc as u64, base.addr(), x]
        },
        || vec![registers::run(pc, base, x)],
        || cells.iter().map(Cell::get).collect::<Vec<_>>(),
    );
}

fn ints(values: [u64; 5]) -> [Reg; 5] {
    values.map(|bits| Reg { tag: INT, bits })
}

fn simple(pc: usize) -> Toy {
    let toy = toy();
    for x in [1, 2, 0, 3, 7] {
        perform(&toy, pc, x, ints([10, 11, 12, 13, 14]));
    }
    toy
}

#[test]
fn only_the_last_write_remains() {
    simple(0).leaves(&[("store_item", 2)]);
}

#[test]
fn written_before_somebody_looks() {
    // Two registers before the call, and one of them after it, whose tag is as before.
    let toy = simple(1);
    assert_eq!(toy.count("call"), 1);
    assert!(matches!(toy.count("store_item"), 5 | 6), "{:?}", toy.counts());
}

#[test]
fn not_written_for_those_who_do_not_look() {
    simple(2).leaves(&[("call", 1), ("store_item", 2)]);
}

#[test]
fn calls_that_write_above() {
    // Register 0 is known after the call, register 2 is read.
    let toy = simple(3);
    assert_eq!((toy.count("call"), toy.count("load_item")), (1, 1), "{:?}", toy.counts());
}

#[test]
fn reads_at_unknown_places() {
    simple(4);
    simple(5);
}

#[test]
fn windows_overlap() {
    let toy = simple(6);
    assert_eq!(toy.count("load_item"), 0, "at known distances: {:?}", toy.counts());
    simple(7);
}

#[test]
fn a_loop_keeps_registers_out_of_memory() {
    let toy = toy();
    for n in [10, 20, 0, 1] {
        perform(&toy, 10, 0, ints([n, 0, 3, 0, 0]));
    }
    let counts = toy.counts();
    assert!(toy.count("add") <= 4, "the loop, and at most its first iteration: {counts:?}");
    assert!(toy.count("load_item") <= 6, "{counts:?}");
}

#[test]
fn versions_by_promoted_facts() {
    let toy = toy();
    let float = |x: f64| Reg { tag: FLOAT, bits: x.to_bits() };
    for n in [10, 10, 3] {
        let mut registers = ints([n, 0, 0, 0, 0]);
        registers[2] = float(0.5);
        perform(&toy, 10, 0, registers);
    }
    // An integer at first and a float from then on: both additions, and none of them tests a tag in the loop.
    let counts = toy.counts();
    assert!(toy.count("s_to_f") <= 1, "{counts:?}");
    assert!(matches!(toy.count("fadd"), 1 | 2), "{counts:?}");
    // Integers now: the unit is left, and compiled for both.
    for n in [5, 6] {
        perform(&toy, 10, 0, ints([n, 0, 4, 0, 0]));
        let mut registers = ints([n, 0, 0, 0, 0]);
        registers[2] = float(-2.0);
        perform(&toy, 10, 0, registers);
    }
    assert!(toy.totals().compiled <= 3, "{:?}", toy.totals());
    let exits = toy.totals().exits;
    perform(&toy, 10, 0, ints([50, 0, 4, 0, 0]));
    assert_eq!(toy.totals().exits, exits, "both are compiled in");
}
