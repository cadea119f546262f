//! Programs of the stack language in memory, and a compiler for them.

use super::interp::{self, *};
use super::support::{self, Machine, asm::Assembled, asm::assemble};
use moonshift_jitgen::mem::Arr;
use moonshift_jitgen::portal::{Jit, Policy};
use moonshift_jitgen::{natives, places};
use std::rc::Rc;

/// A program with what it refers to.
pub struct Loaded {
    program: Box<Program>,
    _code: Box<[Ins]>,
    functions: Box<[Function]>,
    entries: Box<[Entry]>,
}

impl Loaded {
    pub fn new(code: &[(u8, i32)], functions: &[(usize, usize)]) -> Loaded {
        let mut code: Box<[Ins]> = code.iter().map(|&(op, arg)| Ins { op, arg }).collect();
        let function = |&(start, params): &(usize, usize)| Function { start: start as u32, params: params as u32 };
        let mut functions: Box<[Function]> = functions.iter().map(function).collect();
        let mut entries = vec![Entry { address: 0 }; functions.len()].into_boxed_slice();
        // SAFETY: the boxes are kept; programs end before their end, and call functions that there are.
        let program = unsafe {
            Box::new(Program {
                code: Arr::from_ptr(code.as_mut_ptr()),
                functions: Arr::from_ptr(functions.as_mut_ptr()),
                entries: Arr::from_ptr(entries.as_mut_ptr()),
            })
        };
        Loaded { program, _code: code, functions, entries }
    }

    pub fn assembled(program: &Assembled) -> Loaded {
        let code: Vec<(u8, i32)> = program.code.iter().map(|&(op, arg)| (op, arg as i32)).collect();
        Loaded::new(&code, &program.functions)
    }

    pub fn parse(text: &str) -> Loaded {
        Loaded::assembled(&assemble(text, &MNEMONICS, |_, words| panic!("no directive {words:?}")))
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The portal's variables at the start.
    pub fn args(&self, variables: usize, stack: Arr<Slot>) -> [u64; 4] {
        [std::ptr::from_ref(&*self.program) as usize as u64, 0, variables as u64, stack.addr()]
    }

    /// Lets calls of this program's functions find what `jit` compiles.
    fn install(&self, greens: &[u64], address: u64) {
        let [_, pc, depth] = *greens else { unreachable!("three greens") };
        for (index, function) in self.functions.iter().enumerate() {
            if (u64::from(function.start), u64::from(function.params)) == (pc, depth) {
                debug_assert!(index < self.entries.len());
                self.program.entries.set(index, Entry { address: address as usize });
            }
        }
    }
}

/// Calls of the portal from compiled code that find no compiled code.
pub mod linked {
    use super::*;

    pub fn run(program: &Program, pc: usize, depth: usize, stack: Arr<Slot>) -> i64 {
        let program = std::ptr::from_ref(program) as usize as u64;
        support::call_portal(0, &[program, pc as u64, depth as u64, stack.addr()])[0] as i64
    }
}

/// The interpreter, translated once; makes compilers.
pub fn prepared() -> support::Prepared {
    let places = places![
        [Ins] { op, arg }, [Function] { start, params }, [Entry] { address }, [Slot] { value },
        Program { code, functions, entries }
    ];
    let mut natives = natives![
        live(program: &Program, pc: usize, depth: usize, index: usize) -> bool,
        enter(address: usize, stack: Arr<Slot>) -> (u64, u64),
        finish(exit: u64, stack: Arr<Slot>) -> i64
    ];
    natives.extend({
        use linked::run;
        natives![run(program: &Program, pc: usize, depth: usize, stack: Arr<Slot>) -> i64]
    });
    // SAFETY: the interpreter of that text.
    unsafe { support::Prepared::new(include_str!("interp.rs"), &places, &natives) }
}

/// A compiler whose units for functions of `programs` are called directly.
pub fn compiler(prepared: &support::Prepared, programs: &[Rc<Loaded>], policy: Policy, machine: Machine) -> Rc<Jit> {
    let programs = programs.to_vec();
    let jit = Rc::new(prepared.compiler(policy, machine));
    jit.on_install(Box::new(move |_, greens, address| {
        let of = |program: &&Rc<Loaded>| std::ptr::from_ref(program.program()) as usize as u64 == greens[0];
        if let Some(program) = programs.iter().find(of) {
            program.install(greens, address);
        }
    }));
    jit
}

/// Runs a program plainly.
pub fn plain(program: &Loaded, variables: usize, stack: Arr<Slot>) -> i64 {
    interp::run(program.program(), 0, variables, stack)
}
