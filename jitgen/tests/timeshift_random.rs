//! Random programs of a register machine with tags, windows, calls and errors: plain runs, the evaluator, and units
//! compiled with all kinds of thresholds do the same to memory.

#[path = "timeshift_random/machine.rs"]
mod machine;
#[path = "../examples/support/mod.rs"]
mod support;

use machine::*;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::{Entered, Jit, Policy};
use moonshift_jitgen::{natives, places};
use std::cell::Cell;
use support::Machine;

const REGISTERS: usize = 24;

struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn jit(policy: Policy, machine: Machine) -> Jit {
    let places = places![
        [Ins] { op, a, b, c }, [Reg] { tag, bits }, Vm { window, steps, looked, shape }, Shape { kind, slots }
    ];
    let natives = natives![
        live(code: Arr<Ins>, pc: usize, index: usize) -> bool,
        look(vm: &Vm, base: Arr<Reg>) -> (),
        clobber(vm: &Vm, above: Arr<Reg>) -> Result<u64, ()>,
        reshape(vm: &Vm, x: u64) -> (),
        run(code: Arr<Ins>, pc: usize, vm: &Vm, base: Arr<Reg>) -> Result<u64, ()>
    ];
    // SAFETY: the machine of that text.
    unsafe { support::compiler(include_str!("timeshift_random/machine.rs"), &places, &natives, policy, machine) }
}

/// A program: straight code, forward jumps, and loops that count down in registers of their own.
fn program(random: &mut Random) -> Vec<Ins> {
    let mut code: Vec<Ins> = vec![];
    let mut open: Vec<(usize, u8)> = vec![];
    let mut forward: Vec<usize> = vec![];
    let length = 5 + random.below(40) as usize;
    let register = |random: &mut Random| random.below(6) as u8;
    while code.len() < length {
        let (a, b, c) = (register(random), register(random), register(random));
        let ins = |op, a, b, c| Ins { op, a, b, c };
        match random.below(22) {
            0..=1 => code.push(ins(LOAD, a, INT, random.below(9) as u16)),
            2 => code.push(ins(LOAD, a, FLOAT, random.below(9) as u16)),
            3..=4 => code.push(ins(MOVE, a, b, 0)),
            5..=9 => code.push(ins(ADD, a, b, c.into())),
            10 => code.push(ins(LOOK, 0, 0, 0)),
            11 => code.push(ins(CLOBBER, a, 0, 0)),
            12 => code.push(ins(INDEX, a, b, 0)),
            13 => code.push(ins(SHAPE, a, b, 0)),
            14 => code.push(ins(RESHAPE, a, 0, 0)),
            15 => code.push(ins(CALL, a, b, 0)),
            16..=17 => {
                forward.push(code.len());
                code.push(ins(LESS, a, b, 0));
            }
            18..=19 if open.len() < 2 => {
                let counter = 8 + open.len() as u8;
                code.push(ins(LOAD, counter, INT, 1 + random.below(6) as u16));
                open.push((code.len(), counter));
            }
            20 if open.last().is_some_and(|(start, _)| *start < code.len()) => {
                let (start, counter) = open.pop().expect("just seen");
                code.push(ins(LOOP, counter, 0, start as u16));
            }
            _ => code.push(ins(CHECK, a, b, 0)),
        }
        if !forward.is_empty() && random.below(4) == 0 {
            let at = forward.swap_remove(random.below(forward.len() as u64) as usize);
            // A jump into a loop from outside would find its counter unset: any number will do, but not forever.
            code[at].c = code.len() as u16;
        }
    }
    while let Some((start, counter)) = open.pop() {
        code.push(Ins { op: LOOP, a: counter, b: 0, c: start as u16 });
    }
    for at in forward {
        code[at].c = code.len() as u16;
    }
    code.push(Ins { op: END, a: register(random), b: 0, c: 0 });
    code
}

/// All that a run can change.
struct World {
    registers: Vec<Cell<Reg>>,
    shapes: [Shape; 2],
    vm: Vm,
}

#[derive(Debug, PartialEq)]
struct After {
    result: Result<u64, ()>,
    registers: Vec<Reg>,
    steps: u64,
    looked: u64,
    slots: [u64; 2],
}

impl World {
    fn new() -> Box<World> {
        let shape = |kind| Shape { kind, slots: Cell::new(0) };
        let shapes = [shape(1), shape(2)];
        // SAFETY: replaced at the start of each run, by the address of what lives as long as this.
        let somewhere = unsafe { moonshift_jitgen::mem::Ref::from_ptr(&shapes[0]) };
        let vm = Vm {
            window: Cell::new(Arr::null()),
            steps: Cell::new(0),
            looked: Cell::new(0),
            shape: Cell::new(somewhere),
        };
        Box::new(World { registers: vec![Cell::new(Reg { tag: INT, bits: 0 }); REGISTERS], shapes, vm })
    }

    fn start(&self, seed: &[Reg]) -> Arr<Reg> {
        for (index, register) in self.registers.iter().enumerate() {
            register.set(seed[index % seed.len()]);
        }
        self.shapes.iter().for_each(|shape| shape.slots.set(0));
        self.vm.steps.set(0);
        self.vm.looked.set(0);
        // SAFETY: the shapes and registers are in this box, which outlives the run.
        unsafe {
            self.vm.shape.set(moonshift_jitgen::mem::Ref::from_ptr(&self.shapes[0]));
            Arr::from_ptr(self.registers.as_ptr().cast::<Reg>().cast_mut())
        }
    }

    /// What is dead at the end (see [`live`]) is not looked at.
    fn after(&self, result: Result<u64, ()>) -> After {
        After {
            result,
            registers: self.registers[..12].iter().map(Cell::get).collect(),
            steps: self.vm.steps.get(),
            looked: self.vm.looked.get(),
            slots: [0, 1].map(|index| self.shapes[index].slots.get()),
        }
    }
}

fn result(words: &[u64]) -> Result<u64, ()> {
    if words[0] == 0 { Ok(words[1]) } else { Err(()) }
}

fn compiled(jit: &Jit, args: &[u64], hot: bool) -> Result<u64, ()> {
    let mut args = args.to_vec();
    loop {
        match if hot { jit.hot(0, &args) } else { jit.call(0, &args) } {
            Entered::Finished(words) => return result(&words),
            Entered::Continue(next) => args = next,
            Entered::Nothing { .. } => return result(&jit.evaluate(0, &args)),
        }
    }
}

fn check(seeds: std::ops::Range<u64>, policy: Policy, machine: Machine, hot: bool) {
    let world = World::new();
    for seed in seeds {
        let mut random = Random((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut code = program(&mut random);
        // SAFETY: the program lives as long as the compiler, which comes after it.
        let address = unsafe { Arr::from_ptr(code.as_mut_ptr()) };
        let jit = jit(policy, machine);
        for round in 0..6 {
            let inputs: Vec<Reg> = (0..7)
                .map(|_| match random.below(3) {
                    0 if round > 1 => Reg { tag: FLOAT, bits: (random.below(10) as f64 / 2.0).to_bits() },
                    _ => Reg { tag: INT, bits: random.below(10) },
                })
                .collect();
            let base = world.start(&inputs);
            let plain = run(address, 0, &world.vm, base);
            let expected = world.after(plain);
            let args = [address.addr(), 0, std::ptr::from_ref(&world.vm) as usize as u64, base.addr()];
            world.start(&inputs);
            let evaluated = result(&jit.evaluate(0, &args));
            assert_eq!(world.after(evaluated), expected, "evaluator, seed {seed}, round {round}\n{code:?}");
            world.start(&inputs);
            let done = compiled(&jit, &args, hot);
            assert_eq!(
                world.after(done),
                expected,
                "seed {seed}, round {round}, {machine:?}, {policy:?}\n{code:#?}\n{}",
                support::show(&jit)
            );
        }
    }
}

/// More programs than usual: `TIMESHIFT_RANDOM=1000 cargo test`.
fn programs(usual: u64) -> u64 {
    std::env::var("TIMESHIFT_RANDOM").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

#[test]
fn watched_to_the_end() {
    check(0..programs(20), support::eager(), Machine::Graph, false);
}

#[test]
fn watched_to_the_end_native() {
    check(0..programs(12), support::eager(), Machine::Native, false);
}

#[test]
fn loop_units() {
    check(0..programs(15), support::eager(), Machine::Graph, true);
}

#[test]
fn hardly_watched() {
    for profile_merges in [1, 7] {
        let policy = Policy { profile_merges, exit_merges: 2, ..support::eager() };
        check(0..programs(6), policy, Machine::Graph, profile_merges == 1);
    }
}

#[test]
fn not_watched_at_all() {
    check(0..programs(12), Policy { profile_runs: 0, max_recompiles: 20, ..support::eager() }, Machine::Graph, false);
}

#[test]
fn narrow_limits() {
    let mut policy = support::eager();
    policy.limits.max_versions = 1;
    policy.limits.max_cases = 1;
    policy.limits.few = 1;
    check(0..programs(20), policy, Machine::Graph, false);
}

#[test]
fn as_processes_have_it() {
    check(0..programs(20), Policy { keep_dumps: true, ..Policy::default() }, Machine::Native, true);
}
