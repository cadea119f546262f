//! Units that call units: inlined where they are small, otherwise through typed entries that take what the caller knows of
//! the arguments in registers and give results back in them.

use super::{Counts, address, interp, support};
use moonshift_jitgen::flow::Ty;
use moonshift_jitgen::genext::no_code_entry;
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::Jit;
use moonshift_jitgen::{natives, places};
use std::cell::Cell;
use std::rc::Rc;
use support::Machine::{self, Graph, Native};

// Functions over windows of registers with types.
interp!(calling {
    use moonshift_jitgen::abi::Pair;

    #[virtualizable]
    #[derive(Copy, Clone, Debug, PartialEq)]
    pub struct Reg { pub tag: u8, pub bits: u64 }

    pub const INT: u8 = 1;
    pub const FLOAT: u8 = 2;

    #[heap(frozen)]
    #[repr(C)]
    #[derive(Copy, Clone)]
    pub struct Ins { pub op: u8, pub a: u8, pub b: u8, pub c: i16 }

    #[quasi_immutable(scale)]
    pub struct Function {
        pub code: Arr<Ins>,
        pub params: usize,
        pub registers: usize,
        pub scale: Cell<u64>,
        /// Of the unit for the whole function.
        pub entry: Cell<usize>,
    }

    pub struct Machine {
        /// How often somebody looked at the registers, and the sum of what was seen.
        pub seen: Cell<u64>,
    }

    /// All registers are; before the first instruction only the parameters.
    #[elidable]
    pub fn live(function: &Function, pc: usize, index: usize) -> bool {
        index < if pc == 0 { function.params } else { function.registers }
    }

    /// Sees the registers, and may write above.
    #[residual(reads(Reg), writes(Machine))]
    #[inline(never)]
    pub fn look(machine: &Machine, base: Arr<Reg>, index: usize) {
        machine.seen.set(machine.seen.get().wrapping_mul(31).wrapping_add(base.get(index).bits));
    }

    fn add(a: Reg, b: Reg) -> Reg {
        if promote(a.tag) == INT && promote(b.tag) == INT {
            return Reg { tag: INT, bits: a.bits.wrapping_add(b.bits) };
        }
        Reg { tag: FLOAT, bits: (number(a) + number(b)).to_bits() }
    }

    fn less(a: Reg, b: Reg) -> bool {
        if promote(a.tag) == INT && promote(b.tag) == INT {
            return (a.bits as i64) < b.bits as i64;
        }
        number(a) < number(b)
    }

    fn number(a: Reg) -> f64 {
        if promote(a.tag) == INT { a.bits as i64 as f64 } else { f64::from_bits(a.bits) }
    }

    #[portal(greens(function, pc), order = pc, live(live, base))]
    pub fn run(function: &Function, mut pc: usize, machine: &Machine, base: Arr<Reg>) -> usize {
        loop {
            merge_point();
            let Ins { op, a, b, c } = function.code.get(pc);
            let (a, b) = (a as usize, b as usize);
            pc += 1;
            match op {
                0 => base.set(a, Reg { tag: INT, bits: c as i64 as u64 }),
                1 => base.set(a, Reg { tag: FLOAT, bits: (c as f64).to_bits() }),
                2 => base.set(a, add(base.get(b), base.get(c as usize))),
                // Skips the next unless less.
                3 => if !less(base.get(a), base.get(b)) { pc += 1; },
                4 => pc = c as usize,
                // Calls a function with what is above `a`.
                5 => {
                    let callee = concrete(machine_function(function, b));
                    call(callee, machine, base.offset(a + 1));
                }
                6 => {
                    base.back(1).set(0, base.get(a));
                    dead_from(base);
                    return 1;
                }
                7 => look(machine, base, a),
                8 => base.set(a, Reg { tag: INT, bits: base.get(b).bits.wrapping_mul(function.scale.get()) }),
                9 => base.set(a, base.get(b)),
                // Returns nothing.
                _ => {
                    base.back(1).set(0, Reg { tag: 0, bits: 0 });
                    dead_from(base);
                    return 0;
                }
            }
        }
    }

    /// Functions know each other by number, which never changes.
    #[elidable]
    pub fn machine_function(function: &Function, number: usize) -> &'static Function {
        crate::units::function_of(function, number)
    }

    const LEFT: u64 = 2;

    fn call(callee: &Function, machine: &Machine, window: Arr<Reg>) -> usize {
        if interpreting() { return run(callee, 0, machine, window); }
        let (status, value) = enter(callee.entry.get(), callee, 0, machine, window);
        if status == 0 { return value as usize; }
        if status == LEFT { return finish(value, machine, window); }
        start(callee, machine, window)
    }

    #[indirect(calls, writes_from(base, Reg, 1), enters(run))]
    pub fn enter(address: usize, function: &Function, pc: usize, machine: &Machine, base: Arr<Reg>) -> (u64, u64) {
        // Code is made for them.
        let _ = (function, pc);
        // SAFETY: the entry of a unit, whose reds are these, or of code that takes anything.
        let unit: extern "C" fn(&Machine, Arr<Reg>) -> Pair = unsafe { std::mem::transmute(address) };
        let Pair { a: status, b: value } = unit(machine, base);
        (status, value)
    }

    #[residual(calls, writes_from(base, Reg, 1))]
    pub fn finish(exit: u64, machine: &Machine, base: Arr<Reg>) -> usize {
        crate::support::finish_exit(exit, &[crate::address(machine), base.addr()])[0] as usize
    }

    /// Runs a function that is not compiled.
    #[residual(calls, writes_from(base, Reg, 1))]
    pub fn start(function: &Function, machine: &Machine, base: Arr<Reg>) -> usize {
        run(function, 0, machine, base)
    }
});

use calling::{FLOAT, Function, INT, Ins, Reg};

/// All functions of a test lie behind one another.
fn function_of(function: &Function, number: usize) -> &'static Function {
    FUNCTIONS.with(|functions| {
        let functions = functions.get();
        assert!(functions.iter().any(|known| std::ptr::eq(known, function)));
        &functions[number]
    })
}

thread_local! {
    static FUNCTIONS: Cell<&'static [Function]> = const { Cell::new(&[]) };
}

/// A program, a compiler, and registers.
struct Program {
    functions: &'static [Function],
    machine: &'static calling::Machine,
    registers: &'static mut [Reg],
    jit: Rc<Jit>,
}

const fn ins(op: u8, a: u8, b: u8, c: i16) -> Ins {
    Ins { op, a, b, c }
}

impl Program {
    /// Of functions with their numbers of parameters. `inlined`: operations of what is inlined.
    fn new(program: &[(usize, &[Ins])], inlined: usize, machine: Machine) -> Program {
        use calling::{enter, finish, live, look, machine_function, start};
        let natives = natives![
            live(function: &Function, pc: usize, index: usize) -> bool,
            look(machine: &calling::Machine, base: Arr<Reg>, index: usize) -> (),
            machine_function(function: &Function, number: usize) -> &'static Function,
            enter(address: usize, function: &Function, pc: usize, machine: &calling::Machine, base: Arr<Reg>) -> (u64, u64),
            finish(exit: u64, machine: &calling::Machine, base: Arr<Reg>) -> usize,
            start(function: &Function, machine: &calling::Machine, base: Arr<Reg>) -> usize
        ];
        let places = places![
            [Reg] { tag, bits }, [Ins] { op, a, b, c }, Function { code, params, registers, scale, entry }
        ];
        let mut policy = support::eager();
        policy.limits.inlined_ops = inlined;
        let functions: Vec<Function> = program
            .iter()
            .map(|&(params, code)| Function {
                // SAFETY: leaked; functions end within.
                code: unsafe { Arr::from_ptr(code.to_vec().leak().as_mut_ptr()) },
                params,
                registers: 12,
                scale: Cell::new(3),
                entry: Cell::new(no_code_entry() as usize),
            })
            .collect();
        let functions: &'static [Function] = functions.leak();
        // SAFETY: the interpreter of that text, and what lives as long as the process.
        let jit = Rc::new(unsafe { support::compiler(calling::SOURCE, &places, &natives, policy, machine) });
        jit.on_install(Box::new(move |_, greens, entry| {
            let [function, 0] = *greens else { return };
            let function = functions.iter().find(|known| address(*known) == function).expect("one of the program");
            function.entry.set(if entry == 0 { no_code_entry() } else { entry } as usize);
        }));
        jit.on_finish(Box::new(support::finish_exit));
        let machine = Box::leak(Box::new(calling::Machine { seen: Cell::new(0) }));
        let registers = vec![Reg { tag: 0, bits: 0 }; 4000].leak();
        Program { functions, machine, registers, jit }
    }

    /// The result of a function, and what was seen while it ran.
    fn run(&mut self, number: usize, args: &[Reg], how: impl FnOnce(&Program, &[u64; 4]) -> u64) -> (Reg, u64) {
        self.registers.fill(Reg { tag: 0, bits: 0 });
        self.registers[1..][..args.len()].copy_from_slice(args);
        self.machine.seen.set(0);
        FUNCTIONS.set(self.functions);
        let base = self.registers[1..].as_mut_ptr() as usize as u64;
        let count = how(self, &[address(&self.functions[number]), 0, address(self.machine), base]);
        assert!(count <= 1);
        (self.registers[0], self.machine.seen.get())
    }

    fn plain(&mut self, number: usize, args: &[Reg]) -> (Reg, u64) {
        self.run(number, args, |program, &[_, _, _, base]| {
            // SAFETY: the registers.
            let base = unsafe { Arr::from_ptr(base as usize as *mut Reg) };
            calling::run(&program.functions[number], 0, program.machine, base) as u64
        })
    }

    /// Runs a function plainly, in the evaluator and compiled; all agree. Gives the result.
    fn agree(&mut self, number: usize, args: &[Reg]) -> Reg {
        let expected = self.plain(number, args);
        let jit = self.jit.clone();
        let evaluated =
            support::linked(&jit, || self.run(number, args, |program, vars| program.jit.evaluate(0, vars)[0]));
        assert_eq!(evaluated, expected, "evaluator");
        let compiled = support::linked(&jit, || {
            self.run(number, args, |program, vars| support::run_portal(&program.jit, 0, vars)[0])
        });
        assert_eq!(compiled, expected, "of {args:?}\n{}", support::show(&jit));
        expected.0
    }

    fn exits(&self) -> u64 {
        self.jit.totals().exits
    }

    /// Operations of the function's unit, or of those of its typed entries.
    fn units(&self, number: usize, typed: bool) -> Vec<Counts> {
        let mut all = vec![];
        self.jit.units(&mut |unit| {
            if unit.greens == [address(&self.functions[number]), 0] && unit.typed == typed {
                all.extend(unit.graph.map(|graph| graph.count_ops()));
            }
        });
        all
    }

    /// Types of what the units of typed entries take besides the portal's variables.
    fn passed(&self, number: usize) -> Vec<Vec<Ty>> {
        let mut all = vec![];
        self.jit.units(&mut |unit| {
            if let (true, Some(graph)) = (unit.typed && unit.greens[0] == address(&self.functions[number]), unit.graph)
            {
                all.push(graph.params()[2..].iter().map(|param| graph.vars[param.index()].ty).collect());
            }
        });
        all
    }
}

fn int(value: i64) -> Reg {
    Reg { tag: INT, bits: value as u64 }
}

fn float(value: f64) -> Reg {
    Reg { tag: FLOAT, bits: value.to_bits() }
}

fn count(counts: &Counts, op: &str) -> usize {
    counts.get(op).copied().unwrap_or(0)
}

/// `f(x) = x + x`; `g(x, y) = f(x + y) + y`.
const DOUBLE: [(usize, &[Ins]); 2] = [
    (1, &[ins(2, 1, 0, 0), ins(6, 1, 0, 0)]),
    (2, &[ins(2, 3, 0, 1), ins(5, 2, 0, 0), ins(2, 4, 2, 1), ins(6, 4, 0, 0)]),
];

#[test]
fn small_units_are_inlined() {
    for machine in [Graph, Native] {
        let mut program = Program::new(&DOUBLE, 100, machine);
        for n in 0..4 {
            program.agree(0, &[int(n)]);
        }
        for n in 0..6 {
            assert_eq!(program.agree(1, &[int(n), int(10)]), int(2 * (n + 10) + 10));
        }
        let units = program.units(1, false);
        let [unit] = &units[..] else { panic!("one unit") };
        assert_eq!([count(unit, "add"), count(unit, "call_unit"), count(unit, "call_entry")], [3, 0, 0], "{unit:?}");
        // The result alone is written.
        assert_eq!(count(unit, "store_item"), 2, "{unit:?}");
        assert!(program.units(0, true).is_empty());
    }
}

#[test]
fn exits_of_inlined_units_leave_both_to_the_interpreter() {
    for machine in [Graph, Native] {
        let mut program = Program::new(&DOUBLE, 100, machine);
        for n in 0..4 {
            program.agree(0, &[int(n)]);
            program.agree(1, &[int(n), int(10)]);
        }
        let before = program.exits();
        // The sum in the caller is seen for the first time, and in what it calls.
        assert_eq!(program.agree(1, &[float(0.5), int(2)]), float(7.0));
        assert!(program.exits() > before);
        for n in 0..8 {
            assert_eq!(program.agree(1, &[float(0.5), int(n)]), float(2.0 * (n as f64 + 0.5) + n as f64));
            assert_eq!(program.agree(1, &[int(n), int(1)]), int(2 * (n + 1) + 1));
        }
    }
}

/// `f(n) = if n < 2 then n else f(n + -1) + f(n + -2)`.
const FIBONACCI: [(usize, &[Ins]); 1] = [(
    1,
    &[
        ins(0, 1, 0, 2),
        ins(3, 0, 1, 0), // n < 2?
        ins(6, 0, 0, 0),
        ins(0, 1, 0, -1),
        ins(2, 3, 0, 1),
        ins(5, 2, 0, 0),
        ins(0, 3, 0, -2),
        ins(2, 4, 0, 3),
        ins(5, 3, 0, 0),
        ins(2, 4, 2, 3),
        ins(6, 4, 0, 0),
    ],
)];

#[test]
fn recursion_goes_through_a_typed_entry() {
    let mut program = Program::new(&FIBONACCI, 100, Native);
    for (n, value) in [(0, 0), (1, 1), (5, 5), (10, 55), (3, 2), (12, 144), (9, 34)] {
        assert_eq!(program.agree(0, &[int(n)]), int(value));
    }
    let before = program.exits();
    assert_eq!(program.agree(0, &[int(15)]), int(610));
    assert_eq!(program.exits(), before);
    // What it returns was seen before it calls itself.
    let totals = program.jit.totals();
    assert_eq!(totals.generations, totals.compiled);
    assert_eq!(program.passed(0), [[Ty::I64]]);
    let units = program.units(0, true);
    let [unit] = &units[..] else { panic!("one typed entry") };
    assert_eq!([count(unit, "call_entry"), count(unit, "call_unit")], [2, 0], "{unit:?}");
    // Nothing that it was passed or gets back is read from memory. What outlives a call is written before it: the argument
    // and a constant, then a result and the other constant.
    assert_eq!(count(unit, "load_item"), 0, "{unit:?}");
    assert_eq!(count(unit, "store_item"), 8, "{unit:?}");
}

/// `f(n)` adds up `j` for all `i` and `j` below `n`.
const NESTED: [(usize, &[Ins]); 1] = [(
    1,
    &[
        ins(0, 1, 0, 0),
        ins(0, 2, 0, 0),
        ins(0, 4, 0, 1),
        ins(3, 1, 0, 0), // i < n?
        ins(4, 0, 0, 6),
        ins(6, 2, 0, 0),
        ins(0, 3, 0, 0),
        ins(3, 3, 0, 0), // j < n?
        ins(4, 0, 0, 11),
        ins(2, 1, 1, 4),
        ins(4, 0, 0, 3),
        ins(2, 2, 2, 3),
        ins(2, 3, 3, 4),
        ins(4, 0, 0, 7),
    ],
)];

#[test]
fn what_varies_in_loops_is_foreseen() {
    for machine in [Graph, Native] {
        let mut program = Program::new(&NESTED, 0, machine);
        for n in [5, 0, 1, 9, 4, 5, 6, 7] {
            assert_eq!(program.agree(0, &[int(n)]), int(n * n * (n - 1) / 2));
        }
        // Both loops are entered with numbers that are known, and none of them was taken to stay.
        let totals = program.jit.totals();
        assert!(totals.compiled > 0);
        assert_eq!([totals.restarts, totals.widenings], [0, 0]);
    }
}

/// `f(x, y) = x + y`; `g(x) = f(x + 0, 1) + f(1, x + 0)`.
const SUMS: [(usize, &[Ins]); 2] = [
    (2, &[ins(2, 2, 0, 1), ins(6, 2, 0, 0)]),
    (
        1,
        &[
            ins(0, 6, 0, 0),
            ins(2, 2, 0, 6),
            ins(0, 3, 0, 1),
            ins(5, 1, 0, 0),
            ins(0, 3, 0, 1),
            ins(2, 4, 0, 6),
            ins(5, 2, 0, 0),
            ins(2, 1, 1, 2),
            ins(6, 1, 0, 0),
        ],
    ),
];

#[test]
fn floats_are_passed_and_returned_unboxed() {
    let mut program = Program::new(&SUMS, 0, Native);
    for n in 0..6 {
        program.agree(0, &[float(n as f64), int(n)]);
        program.agree(0, &[int(n), float(n as f64)]);
        program.agree(0, &[int(n), int(n)]);
    }
    for n in 0..8 {
        assert_eq!(program.agree(1, &[float(n as f64 + 0.5)]), float(2.0 * (n as f64 + 1.5)));
    }
    // By the types of the arguments; a sum is passed as the float it is.
    assert_eq!(program.passed(0), [[Ty::F64, Ty::I64], [Ty::I64, Ty::F64]]);
    let units = program.units(1, false);
    let [unit] = &units[..] else { panic!("one unit") };
    assert_eq!([count(unit, "call_entry"), count(unit, "call_unit")], [2, 0], "{unit:?}");
    let before = program.exits();
    for n in 0..8 {
        program.agree(1, &[float(n as f64)]);
    }
    assert_eq!(program.exits(), before);
    // Another type: two entries more, which is as many as there may be.
    for n in 0..8 {
        assert_eq!(program.agree(1, &[int(n)]), int(2 * (n + 1)));
    }
    assert_eq!(program.units(0, true).len(), 3, "(float, int), (int, float), (int, int)");
}

/// `f(x) = look; if x < 10 then x + 1 else 0.5`; `g(x) = f(x) + x`.
const TURNS: [(usize, &[Ins]); 2] = [
    (
        1,
        &[
            ins(7, 0, 0, 0),
            ins(0, 1, 0, 10),
            ins(3, 0, 1, 0),
            ins(4, 0, 0, 6),
            ins(1, 2, 0, 7),
            ins(6, 2, 0, 0),
            ins(0, 1, 0, 1), // 6
            ins(2, 2, 0, 1),
            ins(6, 2, 0, 0),
        ],
    ),
    (1, &[ins(9, 2, 0, 0), ins(5, 1, 0, 0), ins(2, 3, 1, 0), ins(6, 3, 0, 0)]),
];

#[test]
fn typed_entries_complete_their_exits() {
    let mut program = Program::new(&TURNS, 0, Native);
    for n in 0..5 {
        program.agree(0, &[int(n)]);
        program.agree(1, &[int(n)]);
    }
    let units = program.units(1, false);
    assert_eq!(count(&units[0], "call_entry"), 1, "{units:?}");
    // The callee leaves its unit, and returns as nobody expected: so does the caller.
    let before = program.exits();
    assert_eq!(program.agree(1, &[int(20)]), float(27.0));
    assert!(program.exits() >= before + 2);
    // As often as it likes: callers give the entry up in the end.
    for n in 0..40 {
        program.agree(1, &[int(n % 20)]);
        program.agree(0, &[int(n % 20)]);
    }
    let units = program.units(1, false);
    assert_eq!([count(&units[0], "call_entry"), count(&units[0], "call_unit")], [0, 1], "{units:?}");
    let before = program.exits();
    for n in 0..40 {
        program.agree(1, &[int(n % 20)]);
    }
    assert_eq!(program.exits(), before);
}

/// `f(x) = look; x * scale`; `g(x) = f(x) + x`.
const SCALED: [(usize, &[Ins]); 2] = [
    (1, &[ins(7, 0, 0, 0), ins(8, 1, 0, 0), ins(6, 1, 0, 0)]),
    (1, &[ins(9, 2, 0, 0), ins(0, 3, 0, 0), ins(2, 2, 2, 3), ins(5, 1, 0, 0), ins(2, 3, 1, 0), ins(6, 3, 0, 0)]),
];

#[test]
fn code_behind_a_typed_entry_may_be_discarded() {
    let mut program = Program::new(&SCALED, 0, Native);
    for n in 0..5 {
        program.agree(0, &[int(n)]);
        assert_eq!(program.agree(1, &[int(n)]), int(4 * n));
    }
    assert_eq!(program.units(0, true).len(), 1);
    for scale in [5, 7] {
        let jit = program.jit.clone();
        program.functions[0].scale.set(scale);
        jit.invalidate(address(&program.functions[0]));
        // Callers find no code, and no reason to make some until the unit for all calls is back.
        assert_eq!(program.agree(0, &[int(1)]), int(scale as i64));
        program.agree(0, &[int(2)]);
        for n in 0..8 {
            assert_eq!(program.agree(1, &[int(n)]), int((scale as i64 + 1) * n));
        }
        let units = program.units(1, false);
        assert_eq!(count(&units[0], "call_entry"), 1, "{units:?}");
        let before = program.exits();
        assert_eq!(program.agree(1, &[int(9)]), int((scale as i64 + 1) * 9));
        assert_eq!(program.exits(), before);
    }
}

/// `f(x) = look; return nothing`; `g(x) = f(x); x`.
const NOTHING: [(usize, &[Ins]); 2] = [
    (1, &[ins(7, 0, 0, 0), ins(10, 0, 0, 0)]),
    (1, &[ins(0, 2, 0, 0), ins(2, 2, 0, 2), ins(5, 1, 0, 0), ins(6, 0, 0, 0)]),
];

#[test]
fn what_only_returns_is_typed_too() {
    let mut program = Program::new(&NOTHING, 0, Native);
    for n in 0..6 {
        program.agree(0, &[int(n)]);
        assert_eq!(program.agree(1, &[int(n)]), int(n));
    }
    let units = program.units(1, false);
    assert_eq!(count(&units[0], "call_entry"), 1, "{units:?}");
}
