//! Programs with classes in memory, and a compiler for them.

use super::interp::*;
use super::support::{self, Machine, asm::assemble};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_jitgen::portal::{Jit, Policy};
use moonshift_jitgen::{natives, places};
use std::rc::Rc;

/// A program with what it refers to.
pub struct Loaded {
    program: Box<Program>,
    _code: Box<[Ins]>,
    functions: Box<[Function]>,
    _classes: (Box<[Class]>, Box<[ClassItem]>),
    _entries: Box<[Entry]>,
}

/// A class as it is described: its attributes, and its methods with their functions.
#[derive(Clone, Debug)]
pub struct Description {
    pub name: String,
    pub attributes: Vec<i64>,
    pub methods: Vec<(i64, i64)>,
}

impl Loaded {
    pub fn new(code: &[(u8, i64)], functions: &[(usize, usize)], classes: &[Description]) -> Loaded {
        let mut code: Box<[Ins]> = code.iter().map(|&(op, arg)| Ins { op, arg }).collect();
        let function = |&(start, params): &(usize, usize)| Function { start: start as u32, params: params as u32 };
        let mut functions: Box<[Function]> = functions.iter().map(function).collect();
        let mut entries = vec![Entry { address: 0 }; functions.len()].into_boxed_slice();
        let class = |class: &Description| {
            let Description { name, attributes, methods } = class.clone();
            Class { name, attributes, methods }
        };
        let classes: Box<[Class]> = classes.iter().map(class).collect();
        // SAFETY: the boxes are kept with the program.
        let item = |class: &Class| ClassItem { class: unsafe { Ref::from_ptr(class) } };
        let mut items: Box<[ClassItem]> = classes.iter().map(item).collect();
        // SAFETY: the boxes are kept; programs return before their end, and name functions and classes that there are.
        let program = unsafe {
            Box::new(Program {
                code: Arr::from_ptr(code.as_mut_ptr()),
                functions: Arr::from_ptr(functions.as_mut_ptr()),
                classes: Arr::from_ptr(items.as_mut_ptr()),
                entries: Arr::from_ptr(entries.as_mut_ptr()),
            })
        };
        Loaded { program, _code: code, functions, _classes: (classes, items), _entries: entries }
    }

    /// Assembles a program with directives `.class NAME attribute ..`, whose number the name then is, and `.method CLASS
    /// name function`.
    pub fn parse(text: &str) -> Loaded {
        let mut classes: Vec<Description> = vec![];
        let program = assemble(text, &MNEMONICS, |program, words| match *words {
            [".class", name, ref attributes @ ..] => {
                program.define(name, classes.len());
                let attributes = attributes.iter().map(|name| program.number(name)).collect();
                classes.push(Description { name: name.to_string(), attributes, methods: vec![] });
            }
            [".method", class, name, function] => {
                let (class, name, function) = (program.number(class), program.number(name), program.number(function));
                classes[class as usize].methods.push((name, function));
            }
            _ => panic!("no directive {words:?}"),
        });
        Loaded::new(&program.code, &program.functions, &classes)
    }

    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The portal's variables at the start.
    pub fn args(&self, variables: usize, heap: &Heap, stack: Arr<Slot>) -> [u64; 5] {
        variables_of(&self.program, 0, variables, heap, stack)
    }

    /// Lets calls of this program's functions find what a compiler made of them.
    fn install(&self, greens: &[u64], address: u64) {
        let [_, pc, depth] = *greens else { unreachable!("three greens") };
        for (index, function) in self.functions.iter().enumerate() {
            if (u64::from(function.start), u64::from(function.params)) == (pc, depth) {
                self.program.entries.set(index, Entry { address: address as usize });
            }
        }
    }
}

fn variables_of(program: &Program, pc: usize, depth: usize, heap: &Heap, stack: Arr<Slot>) -> [u64; 5] {
    let address = |of: *const ()| of as usize as u64;
    [
        address(std::ptr::from_ref(program).cast()),
        pc as u64,
        depth as u64,
        address(std::ptr::from_ref(heap).cast()),
        stack.addr(),
    ]
}

/// A value, for people and comparisons. What lies deeper than a few levels is left out: objects can form cycles.
pub fn show(value: Value, levels: usize) -> String {
    match value.tag {
        INT => (value.bits as i64).to_string(),
        NIL => "nil".to_string(),
        _ if levels == 0 => "..".to_string(),
        CONS => {
            // SAFETY: the tag says so; heaps outlive what is shown.
            let cons: Ref<Cons> = unsafe { Ref::from_addr(value.bits) };
            format!("({} . {})", show(cons.car, levels - 1), show(cons.cdr, levels - 1))
        }
        _ => {
            // SAFETY: as above.
            let object: Ref<Object> = unsafe { Ref::from_addr(value.bits) };
            let attributes = (0..object.class.attributes.len()).map(|place| {
                let Attribute { tag, bits } = object.attributes.get(place);
                show(Value { tag, bits }, levels - 1)
            });
            format!("{}{{{}}}", object.class.name, attributes.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Calls of the portal from compiled code that find no compiled code.
pub mod linked {
    use super::*;

    pub fn run(program: &Program, pc: usize, depth: usize, heap: &Heap, stack: Arr<Slot>) -> (bool, u8) {
        let results = support::call_portal(0, &variables_of(program, pc, depth, heap, stack));
        (results[0] != 0, results[1] as u8)
    }
}

/// The interpreter, translated once; makes compilers.
pub fn prepared() -> support::Prepared {
    let places = places![
        [Ins] { op, arg }, [Function] { start, params }, [Entry] { address }, [ClassItem] { class },
        [Slot] { tag, bits }, [Attribute] { tag, bits }, Program { code, functions, classes, entries },
        Cons { car.tag, car.bits, cdr.tag, cdr.bits }, Object { class, attributes }, Heap { allocated }
    ];
    let mut natives = natives![
        live(program: &Program, pc: usize, depth: usize, index: usize) -> bool,
        attribute(class: Ref<Class>, name: i64) -> i64,
        method(class: Ref<Class>, name: i64) -> i64,
        new_cons(heap: &Heap, car_tag: u8, car: u64, cdr_tag: u8, cdr: u64) -> u64,
        new_object(heap: &Heap, class: Ref<Class>) -> u64,
        enter(address: usize, heap: &Heap, stack: Arr<Slot>) -> (u64, u64),
        finish(exit: u64, heap: &Heap, stack: Arr<Slot>) -> u64
    ];
    natives.extend({
        use linked::run;
        natives![run(program: &Program, pc: usize, depth: usize, heap: &Heap, stack: Arr<Slot>) -> (bool, u8)]
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
