//! Several portals in one interpreter: each has units of its own, which call those of the other.

use super::{Counts, address, interp, support};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::Jit;
use moonshift_jitgen::{natives, places};
use std::rc::Rc;
use support::Machine::{Graph, Native};

/// The number of a portal.
fn portal(jit: &Jit, name: &str) -> u32 {
    let module = &jit.extension().module;
    let named = |portal: &moonshift_jitgen::flow::Portal| module.func(portal.func).name == name;
    module.portals.iter().position(named).expect("a portal of that name") as u32
}

/// The operations of each unit of a portal, by its position in the program.
fn units(jit: &Jit, name: &str) -> Vec<(u64, Counts)> {
    let number = portal(jit, name);
    let mut all = vec![];
    jit.units(&mut |unit| {
        assert_eq!(unit.failure, None);
        if let (true, Some(graph)) = (unit.portal == number, unit.graph) {
            all.push((unit.greens[1], graph.count_ops()));
        }
    });
    all
}

/// The exits taken from the units of a portal.
fn exits(jit: &Jit, name: &str) -> u64 {
    let number = portal(jit, name);
    let mut taken = 0;
    jit.units(&mut |unit| {
        if unit.portal == number {
            taken += unit.exits.iter().map(|exit| exit.taken).sum::<u64>();
        }
    });
    taken
}

fn counts(list: &[(&'static str, usize)]) -> Counts {
    list.iter().copied().collect()
}

// Statements and expressions: a statement evaluates expressions, and an expression calls functions, which are statements.
// The same instruction means something else to each of the two.
interp!(language {
    #[heap(frozen)]
    #[repr(C)]
    #[derive(Copy, Clone)]
    pub struct Ins { pub op: u8, pub arg: i64 }

    #[portal(greens(code, pc), order = pc)]
    pub fn execute(code: Arr<Ins>, mut pc: usize, mut a: i64, mut b: i64) -> i64 {
        loop {
            merge_point();
            let Ins { op, arg } = code.get(pc);
            pc += 1;
            match op {
                0 => a = evaluate(code, arg as usize, a, b, 0),
                1 => b = evaluate(code, arg as usize, a, b, 0),
                // Skips the next.
                2 => if evaluate(code, arg as usize, a, b, 0) != 0 { pc += 1; },
                3 => pc = arg as usize,
                _ => return evaluate(code, arg as usize, a, b, 0),
            }
        }
    }

    #[portal(greens(code, pc), order = pc)]
    pub fn evaluate(code: Arr<Ins>, mut pc: usize, a: i64, b: i64, mut value: i64) -> i64 {
        loop {
            merge_point();
            let Ins { op, arg } = code.get(pc);
            pc += 1;
            match op {
                0 => value = value.wrapping_add(arg),
                1 => value = value.wrapping_add(a),
                2 => value = value.wrapping_add(b),
                3 => value = value.wrapping_mul(a),
                4 => value = value.wrapping_mul(promote(b)),
                // Calls the function at `arg` with the value, and with `b`.
                5 => value = execute(code, arg as usize, value, b),
                _ => return value,
            }
        }
    }
});

/// Calls of one portal by units of the other find no entry: they go through the compiler.
mod linked {
    use super::{language::Ins, support};
    use moonshift_jitgen::mem::Arr;

    pub const EXECUTE: u32 = 0;
    pub const EVALUATE: u32 = 1;

    pub fn execute(code: Arr<Ins>, pc: usize, a: i64, b: i64) -> i64 {
        support::call_portal(EXECUTE, &[code.addr(), pc as u64, a as u64, b as u64])[0] as i64
    }

    pub fn evaluate(code: Arr<Ins>, pc: usize, a: i64, b: i64, value: i64) -> i64 {
        support::call_portal(EVALUATE, &[code.addr(), pc as u64, a as u64, b as u64, value as u64])[0] as i64
    }
}

/// Compilers for a program of the language, one a backend, and the program.
fn language(program: &[(u8, i64)]) -> (Vec<Rc<Jit>>, Arr<language::Ins>) {
    use language::Ins;
    let code: Vec<Ins> = program.iter().map(|&(op, arg)| Ins { op, arg }).collect();
    let natives = {
        use linked::{evaluate, execute};
        natives![
            execute(code: Arr<Ins>, pc: usize, a: i64, b: i64) -> i64,
            evaluate(code: Arr<Ins>, pc: usize, a: i64, b: i64, value: i64) -> i64
        ]
    };
    // SAFETY: the program is never freed, and what is run of it stays within.
    unsafe {
        let prepared = support::Prepared::new(language::SOURCE, &places![[Ins] { op, arg }], &natives);
        let jits: Vec<Rc<Jit>> =
            [Graph, Native].map(|machine| Rc::new(prepared.compiler(support::eager(), machine))).into();
        for jit in &jits {
            assert_eq!([portal(jit, "execute"), portal(jit, "evaluate")], [linked::EXECUTE, linked::EVALUATE]);
        }
        (jits, Arr::from_ptr(code.leak().as_mut_ptr()))
    }
}

/// Runs the function at `pc` plainly, in the evaluator, and compiled.
fn agree(jits: &[Rc<Jit>], code: Arr<language::Ins>, pc: usize, a: i64, b: i64) {
    let expected = language::execute(code, pc, a, b) as u64;
    let args = [code.addr(), pc as u64, a as u64, b as u64];
    for jit in jits {
        assert_eq!(jit.evaluate(linked::EXECUTE, &args), [expected], "evaluator, of {a}, {b}");
        let compiled = support::linked(jit, || support::run_portal(jit, linked::EXECUTE, &args));
        assert_eq!(compiled, [expected], "of {a}, {b}\n{}", support::show(jit));
    }
}

/// The factorial: `if a { return f(a - 1) * a }; return 1`.
const FACTORIAL: [(u8, i64); 12] = [
    (2, 3), // unless a: the next
    (9, 5), // return 1
    (9, 7), // return f(a - 1) * a
    (1, 0), // 3: a
    (9, 0),
    (0, 1), // 5: 1
    (9, 0),
    (0, -1), // 7: -1
    (1, 0),  // + a
    (5, 0),  // f of it
    (3, 0),  // * a
    (9, 0),
];

#[test]
fn recursion_through_two_portals() {
    let (jits, code) = language(&FACTORIAL);
    for n in [0, 0, 1, 5, 3, 0, 20] {
        agree(&jits, code, 0, n, 0);
    }
    for jit in &jits {
        let function = counts(&[("branch", 1), ("call", 3), ("ne", 1)]);
        assert_eq!(units(jit, "execute"), [(0, function)], "{}", support::show(jit));
        let sum = counts(&[("add", 1)]);
        let product = counts(&[("add", 2), ("call", 1), ("mul", 1)]);
        let expected = [(3, sum.clone()), (5, sum), (7, product)];
        assert_eq!(units(jit, "evaluate"), expected, "{}", support::show(jit));
        // The first calls did not see the way that recursion takes: it was an exit once.
        assert!(exits(jit, "execute") >= 1);
    }
}

#[test]
fn both_kinds_of_units_are_left_through_exits() {
    // f(a, b) = if a * b != 0 { return 9 + a }; return b: the product is promoted on `b`.
    let program = [(2, 3), (9, 6), (9, 8), (1, 0), (4, 0), (9, 0), (2, 0), (9, 0), (0, 9), (1, 0), (9, 0)];
    let (jits, code) = language(&program);
    for (a, b) in [(1, 0), (7, 0), (1, 2), (1, 3), (0, 5), (6, 2)] {
        agree(&jits, code, 0, a, b);
    }
    let [graph, native] = &jits[..] else { unreachable!("two backends") };
    assert_eq!(graph.totals().exits, native.totals().exits);
    for jit in &jits {
        assert!(exits(jit, "execute") >= 1, "statements");
        assert!(exits(jit, "evaluate") >= 1, "expressions");
        assert_eq!(units(jit, "evaluate"), units(native, "evaluate"), "the backends do not agree");
    }
}

#[test]
fn greens_of_portals_are_kept_apart() {
    // As a statement: return the expression at 0. As an expression: add 0; then return.
    let (jits, code) = language(&[(4, 0), (9, 0)]);
    for jit in &jits {
        support::linked(jit, || {
            for (a, b) in [(3, 4), (5, 4), (6, 4)] {
                let args = [code.addr(), 0, a, b];
                assert_eq!(support::run_portal(jit, linked::EXECUTE, &args), [0]);
                let args = [code.addr(), 0, a, b, 7];
                assert_eq!(support::run_portal(jit, linked::EVALUATE, &args), [7 * b]);
            }
        });
        // Position 0 of one program is a unit of each portal.
        assert_eq!(units(jit, "execute"), [(0, counts(&[("call", 1)]))]);
        // By the four that was promoted.
        let product = counts(&[("branch", 1), ("eq", 1), ("exit", 1), ("mul", 1)]);
        assert_eq!(units(jit, "evaluate"), [(0, product)]);
        assert_eq!(exits(jit, "evaluate"), 0);
    }
}

// A search, and the matcher of its patterns: a pattern may have a part of the text searched, so that each of the two
// calls the other. Units call units, by the entries that are kept with the program.
interp!(searching {
    use moonshift_jitgen::abi::Pair;

    #[heap(frozen)]
    #[repr(C)]
    #[derive(Copy, Clone)]
    pub struct Ins { pub op: u8, pub arg: u32 }

    #[repr(transparent)]
    #[derive(Copy, Clone)]
    pub struct Letter { pub letter: u8 }

    /// Compiled code for a position; 0: there is none.
    #[repr(transparent)]
    #[derive(Copy, Clone)]
    pub struct Entry { pub address: usize }

    pub struct Machine {
        pub code: Arr<Ins>,
        pub text: Arr<Letter>,
        pub length: usize,
        pub searches: Arr<Entry>,
        pub patterns: Arr<Entry>,
    }

    #[portal(greens(machine, pc), order = pc)]
    pub fn search(machine: &Machine, mut pc: usize, mut at: usize, mut count: i64) -> i64 {
        loop {
            merge_point();
            let Ins { op, arg } = machine.code.get(pc);
            pc += 1;
            match op {
                // Counts a match.
                0 => if find(machine, arg as usize, at) >= 0 { count += 1; },
                // Goes on at the next letter.
                1 => {
                    at += 1;
                    if at < machine.length { pc = arg as usize; }
                }
                _ => return count,
            }
        }
    }

    #[portal(greens(machine, pc), order = pc)]
    pub fn matches(machine: &Machine, mut pc: usize, mut at: usize) -> i64 {
        loop {
            merge_point();
            let Ins { op, arg } = machine.code.get(pc);
            pc += 1;
            match op {
                // A letter.
                0 => {
                    if !is(machine, at, arg) { return -1; }
                    at += 1;
                }
                // As many of a letter as there are.
                1 => if is(machine, at, arg) {
                    at += 1;
                    pc -= 1;
                },
                // Skips as many letters as the search at `arg` counts here.
                2 => at += count(machine, arg as usize, at) as usize,
                _ => return at as i64,
            }
        }
    }

    fn is(machine: &Machine, at: usize, letter: u32) -> bool {
        at < machine.length && machine.text.get(at).letter == letter as u8
    }

    const EXITED: u64 = 2;

    fn find(machine: &Machine, pc: usize, at: usize) -> i64 {
        let address = machine.patterns.get(pc).address;
        if interpreting() || address == 0 { return matches(machine, pc, at); }
        let (status, value) = enter_pattern(address, at);
        if status == EXITED { return finish_pattern(value, at); }
        value as i64
    }

    fn count(machine: &Machine, pc: usize, at: usize) -> i64 {
        let address = machine.searches.get(pc).address;
        if interpreting() || address == 0 { return search(machine, pc, at, 0); }
        let (status, value) = enter_search(address, at, 0);
        if status == EXITED { return finish_search(value, at, 0); }
        value as i64
    }

    #[indirect(calls)]
    pub fn enter_pattern(address: usize, at: usize) -> (u64, u64) {
        // SAFETY: the entry of a unit of `matches`, whose only red is the place in the text.
        let unit: extern "C" fn(u64) -> Pair = unsafe { std::mem::transmute(address) };
        let Pair { a: status, b: value } = unit(at as u64);
        (status, value)
    }

    #[indirect(calls)]
    pub fn enter_search(address: usize, at: usize, count: i64) -> (u64, u64) {
        // SAFETY: the entry of a unit of `search`, whose reds are these.
        let unit: extern "C" fn(u64, u64) -> Pair = unsafe { std::mem::transmute(address) };
        let Pair { a: status, b: value } = unit(at as u64, count as u64);
        (status, value)
    }

    #[residual(calls)]
    pub fn finish_pattern(exit: u64, at: usize) -> i64 {
        crate::support::finish_exit(exit, &[at as u64])[0] as i64
    }

    #[residual(calls)]
    pub fn finish_search(exit: u64, at: usize, count: i64) -> i64 {
        crate::support::finish_exit(exit, &[at as u64, count as u64])[0] as i64
    }
});

mod linked_search {
    use super::{searching::Machine, support};
    use crate::address;

    pub const SEARCH: u32 = 0;
    pub const MATCHES: u32 = 1;

    pub fn search(machine: &Machine, pc: usize, at: usize, count: i64) -> i64 {
        support::call_portal(SEARCH, &[address(machine), pc as u64, at as u64, count as u64])[0] as i64
    }

    pub fn matches(machine: &Machine, pc: usize, at: usize) -> i64 {
        support::call_portal(MATCHES, &[address(machine), pc as u64, at as u64])[0] as i64
    }
}

fn letters(text: &str) -> Vec<searching::Letter> {
    text.bytes().map(|letter| searching::Letter { letter }).collect()
}

/// A machine that lives as long as the process, over a text of at most 32 letters.
fn searcher(program: &[(u8, u32)]) -> &'static searching::Machine {
    use searching::{Entry, Ins, Machine};
    let code: Vec<Ins> = program.iter().map(|&(op, arg)| Ins { op, arg }).collect();
    let none = || vec![Entry { address: 0 }; program.len()].leak().as_mut_ptr();
    // SAFETY: all of it is leaked; programs end within.
    unsafe {
        Box::leak(Box::new(Machine {
            code: Arr::from_ptr(code.leak().as_mut_ptr()),
            text: Arr::from_ptr(letters(&" ".repeat(32)).leak().as_mut_ptr()),
            length: 32,
            searches: Arr::from_ptr(none()),
            patterns: Arr::from_ptr(none()),
        }))
    }
}

/// Counts where `a`, `b`s, and then what the search at 8 counts match: a `c`, whose pattern searches at 8 again.
const SEARCH: [(u8, u32); 13] = [
    (0, 3), // 0: does the pattern at 3 match here?
    (1, 0), // next letter, back to 0
    (9, 0),
    (0, b'a' as u32), // 3: a b*, then as many as 8 counts
    (1, b'b' as u32),
    (2, 8),
    (0, b'd' as u32), // d
    (9, 0),
    (0, 10), // 8: one if the pattern at 10 matches
    (9, 0),
    (0, b'c' as u32), // 10: c, then as many as 8 counts
    (2, 8),
    (9, 0),
];

#[test]
fn units_of_portals_call_each_other() {
    use linked_search::{MATCHES, SEARCH as MAIN, matches, search};
    use searching::{Entry, Ins, Letter, Machine, enter_pattern, enter_search, finish_pattern, finish_search};
    let natives = natives![
        search(machine: &Machine, pc: usize, at: usize, count: i64) -> i64,
        matches(machine: &Machine, pc: usize, at: usize) -> i64,
        enter_pattern(address: usize, at: usize) -> (u64, u64),
        enter_search(address: usize, at: usize, count: i64) -> (u64, u64),
        finish_pattern(exit: u64, at: usize) -> i64,
        finish_search(exit: u64, at: usize, count: i64) -> i64
    ];
    let places = places![
        [Ins] { op, arg }, [Letter] { letter }, [Entry] { address },
        Machine { code, text, length, searches, patterns }
    ];
    // SAFETY: the interpreter of that text; machines live as long as the process.
    let prepared = unsafe { support::Prepared::new(searching::SOURCE, &places, &natives) };
    // Compiled code finds its entries in a machine of its own.
    let (plain, evaluated) = (searcher(&SEARCH), searcher(&SEARCH));
    for kind in [Graph, Native] {
        let compiled = searcher(&SEARCH);
        let jit = Rc::new(prepared.compiler(support::eager(), kind));
        assert_eq!([portal(&jit, "search"), portal(&jit, "matches")], [MAIN, MATCHES]);
        jit.on_install(Box::new(move |portal, greens, entry| {
            let table = if portal == MAIN { compiled.searches } else { compiled.patterns };
            table.set(greens[1] as usize, Entry { address: entry as usize });
        }));
        for (text, count) in
            [("xx", 0), ("ad", 1), ("abbd ab", 1), ("abcdad", 2), ("acd abbcd ad", 3), ("ccc abc", 0), ("accd abcd", 1)]
        {
            let text = letters(&format!("{text:32}"));
            for machine in [plain, evaluated, compiled] {
                text.iter().enumerate().for_each(|(at, &letter)| machine.text.set(at, letter));
            }
            let args = |machine| [address(machine), 0, 0, 0];
            assert_eq!(searching::search(plain, 0, 0, 0), count);
            assert_eq!(jit.evaluate(MAIN, &args(evaluated)), [count as u64]);
            for _ in 0..2 {
                let result = support::linked(&jit, || support::run_portal(&jit, MAIN, &args(compiled)));
                assert_eq!(result, [count as u64], "{kind:?}\n{}", support::show(&jit));
            }
        }
        let indirect = |name| -> Vec<(u64, usize)> {
            let calls = |counts: &Counts| counts.get("call_indirect").copied().unwrap_or(0);
            units(&jit, name).iter().map(|(pc, counts)| (*pc, calls(counts))).collect()
        };
        // What the evaluator runs has no entry that could be called.
        let calls = (kind == Native) as usize;
        assert_eq!(indirect("search"), [(0, calls), (8, calls)]);
        assert_eq!(indirect("matches"), [(3, calls), (10, calls)]);
        assert!(exits(&jit, "search") >= 1 && exits(&jit, "matches") >= 1);
    }
}
