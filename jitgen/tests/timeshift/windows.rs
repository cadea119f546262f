//! Virtualizable register windows: delayed writes, written back when somebody could look; versions by promoted facts.

use super::{Toy, interp};
use moonshift_jitgen::flow::Op;
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
                // A window is at hand where the unit may be left.
                8 | 9 => {
                    let from = if pc == 8 { base } else { base.offset((x & 1) as usize) };
                    let window = from.offset(1);
                    let more = if x > 10 { window.get(2).bits } else { 0 };
                    window.set(0, int(x + 1));
                    return window.get(0).bits.wrapping_add(more);
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
fn exits_compute_no_addresses() {
    // Of a window behind the unit's parameter, and of one behind an address that the unit computes.
    for (pc, computed) in [(8, 0), (9, 1)] {
        let toy = simple(pc);
        assert_eq!(toy.count("ptr_add"), computed, "{:?}", toy.counts());
        let exits = toy.totals().exits;
        for x in [20, 31] {
            perform(&toy, pc, x, ints([10, 11, 12, 13, 14]));
        }
        assert!(toy.totals().exits > exits, "the way not seen");
    }
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

// Each turn looks at a row of its own, whose kind is promoted.
interp!(rows {
    #[virtualizable]
    #[derive(Copy, Clone, Debug, PartialEq)]
    pub struct Reg { pub tag: u8, pub bits: u64 }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, base: Arr<Reg>, rows: Arr<u8>) -> u64 {
        loop {
            merge_point();
            match pc {
                0 => {
                    let left = base.get(0);
                    pc = if promote(left.tag) == 1 && left.bits > 0 { 1 } else { 2 };
                }
                1 => {
                    let left = base.get(0).bits;
                    let row = rows.offset(left as usize);
                    let sum = base.get(1);
                    if promote(sum.tag) == 1 && promote(row.get(0)) == 5 {
                        base.set(1, Reg { tag: 1, bits: sum.bits.wrapping_add(row.get(1) as u64) });
                    }
                    base.set(0, Reg { tag: 1, bits: left - 1 });
                    pc = 0;
                }
                _ => return base.get(1).bits,
            }
        }
    }
});

#[test]
fn from_the_second_turn_on_no_tag_is_looked_at() {
    use rows::Reg;
    let toy = Toy::new(rows::SOURCE, &places![[Reg] { tag, bits }], &[]);
    let mut bytes = [5u8; 64];
    // SAFETY: neither is used by another name while the compiler runs.
    let rows = unsafe { Arr::from_ptr(bytes.as_mut_ptr()) };
    let registers = [const { Cell::new(Reg { tag: 1, bits: 0 }) }; 2];
    // SAFETY: a cell is its content.
    let base = unsafe { Arr::from_ptr(registers.as_ptr().cast::<Reg>().cast_mut()) };
    for turns in [60, 60, 3, 0, 1] {
        let start = || {
            registers[0].set(Reg { tag: 1, bits: turns });
            registers[1].set(Reg { tag: 1, bits: 0 });
            vec![0, base.addr(), rows.addr()]
        };
        toy.check(start, || vec![rows::run(0, base, rows)], || registers.each_ref().map(Cell::get));
    }
    // From the second turn on no tag is looked at: there is a loop without.
    let jit = &toy.jits[0].1;
    let graph = super::support::residual(jit);
    let is_tag = |op: Op| matches!(op, Op::LoadItem(field) if jit.extension().module.field(field).name == "[Reg].tag");
    let plain: Vec<bool> = graph.blocks.iter().map(|block| !block.insts.iter().any(|inst| is_tag(inst.op))).collect();
    let comes_back = |start: usize| {
        let mut seen = vec![false; graph.blocks.len()];
        let mut work = vec![start];
        while let Some(block) = work.pop() {
            for link in graph.blocks[block].term.links() {
                let next = link.block.index();
                if next == start {
                    return true;
                }
                if plain[next] && !std::mem::replace(&mut seen[next], true) {
                    work.push(next);
                }
            }
        }
        false
    };
    assert!((0..plain.len()).any(|block| plain[block] && comes_back(block)), "{}", super::support::show(jit));
    let tags = graph.blocks.iter().flat_map(|block| &block.insts).filter(|inst| is_tag(inst.op)).count();
    assert_eq!(tags, 2, "{}", super::support::show(jit));
}
