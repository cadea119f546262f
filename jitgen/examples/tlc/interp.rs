//! An interpreter of a stack language with dynamic types, cons cells, and objects of classes.

use moonshift_jitgen::abi::Pair;
use moonshift_jitgen::hint::{interpreting, merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, indirect, portal, residual, virtualizable};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::{Cell, RefCell};

/// An instruction with its operands.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Ins {
    pub op: u8,
    pub arg: i64,
}

/// Where a function begins, and how many places it takes from its caller's stack.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Function {
    pub start: u32,
    pub params: u32,
}

/// The compiled code of a function; 0: there is none.
#[repr(transparent)]
#[derive(Copy, Clone, Debug)]
pub struct Entry {
    pub address: usize,
}

/// A class: a name of an attribute gives its place, a name of a method its function.
#[heap]
pub struct Class {
    pub name: String,
    pub attributes: Vec<i64>,
    pub methods: Vec<(i64, i64)>,
}

/// A class in a program's table.
#[heap(frozen)]
#[repr(transparent)]
#[derive(Copy, Clone)]
pub struct ClassItem {
    pub class: Ref<Class>,
}

pub struct Program {
    pub code: Arr<Ins>,
    pub functions: Arr<Function>,
    pub classes: Arr<ClassItem>,
    pub entries: Arr<Entry>,
}

/// A value: a tag, and an integer or an address.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Value {
    pub tag: u8,
    pub bits: u64,
}

pub const INT: u8 = 0;
pub const NIL: u8 = 1;
pub const CONS: u8 = 2;
pub const OBJECT: u8 = 3;

/// A place of the stack. The parameters and variables are the first places, the operands lie above them.
#[virtualizable]
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Slot {
    pub tag: u8,
    pub bits: u64,
}

/// A pair. It never changes.
#[heap]
pub struct Cons {
    pub car: Value,
    pub cdr: Value,
}

/// An object; its class never changes, its attributes do.
#[heap]
pub struct Object {
    pub class: Ref<Class>,
    pub attributes: Arr<Attribute>,
}

#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Attribute {
    pub tag: u8,
    pub bits: u64,
}

/// An object and its attributes.
pub type Kept = (Box<Object>, Box<[Attribute]>);

/// Owns what programs allocate.
#[derive(Default)]
pub struct Heap {
    pub allocated: Cell<u64>,
    // Programs hold addresses of pairs, which have to stay.
    #[allow(clippy::vec_box)]
    pub cells: RefCell<Vec<Box<Cons>>>,
    pub objects: RefCell<Vec<Kept>>,
}

/// Why a program failed.
#[repr(u8)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Failure {
    /// An operand of the wrong type.
    Type = 1,
    /// No such attribute or method.
    Name = 2,
}

/// Pushes the integer `arg`.
pub const PUSH: u8 = 0;
/// Pushes the empty list.
pub const PUSH_NIL: u8 = 1;
/// Pushes place `arg`.
pub const GET: u8 = 2;
/// Pops to place `arg`.
pub const SET: u8 = 3;
pub const POP: u8 = 4;
/// Goes to `arg`.
pub const JUMP: u8 = 5;
/// Pops, and goes to `arg` if it was zero or the empty list.
pub const JUMP_IF_NOT: u8 = 6;
/// A pair of the one below the top and the top.
pub const MAKE_CONS: u8 = 7;
pub const CAR: u8 = 8;
pub const CDR: u8 = 9;
/// Pushes a new object of class `arg`, whose attributes are zero.
pub const NEW: u8 = 10;
/// Attribute `arg` of the top.
pub const GET_ATTR: u8 = 11;
/// Attribute `arg` of the one below the top becomes the top; the object stays.
pub const SET_ATTR: u8 = 12;
/// Calls function `arg` with the topmost places.
pub const CALL: u8 = 13;
/// Calls method `arg` of the top.
pub const SEND: u8 = 14;
/// Returns the top.
pub const RETURN: u8 = 15;
pub const ADD: u8 = 16;
pub const SUB: u8 = 17;
pub const MUL: u8 = 18;
pub const LESS: u8 = 19;
/// Are the two the same? Of pairs and objects: the same one.
pub const EQUAL: u8 = 20;

/// The names of the operations, by number.
pub const MNEMONICS: [&str; 21] = [
    "PUSH",
    "PUSH_NIL",
    "GET",
    "SET",
    "POP",
    "JUMP",
    "JUMP_IF_NOT",
    "CONS",
    "CAR",
    "CDR",
    "NEW",
    "GET_ATTR",
    "SET_ATTR",
    "CALL",
    "SEND",
    "RETURN",
    "ADD",
    "SUB",
    "MUL",
    "LESS",
    "EQUAL",
];

/// May place `index` still be read when the stack is `depth` high?
#[elidable]
pub fn live(_program: &Program, _pc: usize, depth: usize, index: usize) -> bool {
    index < depth
}

/// The place of an attribute; -1: the class has none of that name.
#[elidable]
pub fn attribute(class: Ref<Class>, name: i64) -> i64 {
    class.attributes.iter().position(|&attribute| attribute == name).map_or(-1, |place| place as i64)
}

/// The function of a method; -1: the class has none of that name.
#[elidable]
pub fn method(class: Ref<Class>, name: i64) -> i64 {
    class.methods.iter().find(|method| method.0 == name).map_or(-1, |method| method.1)
}

#[residual(writes(Heap.allocated))]
pub fn new_cons(heap: &Heap, car_tag: u8, car: u64, cdr_tag: u8, cdr: u64) -> u64 {
    heap.allocated.set(heap.allocated.get() + 1);
    let cons = Box::new(Cons { car: Value { tag: car_tag, bits: car }, cdr: Value { tag: cdr_tag, bits: cdr } });
    let address = std::ptr::from_ref(&*cons) as usize as u64;
    heap.cells.borrow_mut().push(cons);
    address
}

#[residual(writes(Heap.allocated))]
pub fn new_object(heap: &Heap, class: Ref<Class>) -> u64 {
    heap.allocated.set(heap.allocated.get() + 1);
    let mut attributes = vec![Attribute { tag: INT, bits: 0 }; class.attributes.len()].into_boxed_slice();
    // SAFETY: the box is kept with the object.
    let object = Box::new(Object { class, attributes: unsafe { Arr::from_ptr(attributes.as_mut_ptr()) } });
    let address = std::ptr::from_ref(&*object) as usize as u64;
    heap.objects.borrow_mut().push((object, attributes));
    address
}

fn value(slot: Slot) -> Value {
    Value { tag: slot.tag, bits: slot.bits }
}

fn push(stack: Arr<Slot>, at: usize, value: Value) {
    stack.set(at, Slot { tag: value.tag, bits: value.bits });
}

fn int(value: i64) -> Value {
    Value { tag: INT, bits: value as u64 }
}

fn cons(value: Value) -> Result<Ref<Cons>, Failure> {
    if promote(value.tag) != CONS {
        return Err(Failure::Type);
    }
    // SAFETY: the tag says that it is the address of a pair; the heap keeps it.
    Ok(unsafe { Ref::from_addr(value.bits) })
}

fn object(value: Value) -> Result<Ref<Object>, Failure> {
    if promote(value.tag) != OBJECT {
        return Err(Failure::Type);
    }
    // SAFETY: the tag says that it is the address of an object; the heap keeps it.
    Ok(unsafe { Ref::from_addr(value.bits) })
}

/// The place of an attribute of an object: known where its class is.
fn place(object: Ref<Object>, name: i64) -> Result<usize, Failure> {
    let place = attribute(promote(object.class), name);
    if place < 0 { Err(Failure::Name) } else { Ok(place as usize) }
}

fn arithmetic(op: u8, left: Value, right: Value) -> Result<Value, Failure> {
    let (left_tag, right_tag) = (promote(left.tag), promote(right.tag));
    if op == EQUAL {
        return Ok(int((left_tag == right_tag && left.bits == right.bits) as i64));
    }
    if left_tag != INT || right_tag != INT {
        return Err(Failure::Type);
    }
    let (left, right) = (left.bits as i64, right.bits as i64);
    Ok(int(match op {
        ADD => left.wrapping_add(right),
        SUB => left.wrapping_sub(right),
        MUL => left.wrapping_mul(right),
        _ => (left < right) as i64,
    }))
}

fn is_true(value: Value) -> bool {
    match promote(value.tag) {
        INT => value.bits != 0,
        NIL => false,
        _ => true,
    }
}

/// Runs `program` from `pc` on, with `depth` places of the stack in use. The result is left in the first place.
#[portal(greens(program, pc, depth), order = pc, live(live, stack))]
pub fn run(program: &Program, mut pc: usize, mut depth: usize, heap: &Heap, stack: Arr<Slot>) -> Result<(), Failure> {
    loop {
        merge_point();
        let Ins { op, arg } = program.code.get(pc);
        pc += 1;
        match op {
            PUSH => {
                push(stack, depth, int(arg));
                depth += 1;
            }
            PUSH_NIL => {
                push(stack, depth, Value { tag: NIL, bits: 0 });
                depth += 1;
            }
            GET => {
                stack.set(depth, stack.get(arg as usize));
                depth += 1;
            }
            SET => {
                depth -= 1;
                stack.set(arg as usize, stack.get(depth));
            }
            POP => depth -= 1,
            JUMP => pc = arg as usize,
            JUMP_IF_NOT => {
                depth -= 1;
                if !is_true(value(stack.get(depth))) {
                    pc = arg as usize;
                }
            }
            MAKE_CONS => {
                depth -= 1;
                let (car, cdr) = (stack.get(depth - 1), stack.get(depth));
                let bits = new_cons(heap, car.tag, car.bits, cdr.tag, cdr.bits);
                push(stack, depth - 1, Value { tag: CONS, bits });
            }
            CAR => push(stack, depth - 1, cons(value(stack.get(depth - 1)))?.car),
            CDR => push(stack, depth - 1, cons(value(stack.get(depth - 1)))?.cdr),
            NEW => {
                let bits = new_object(heap, program.classes.get(arg as usize).class);
                push(stack, depth, Value { tag: OBJECT, bits });
                depth += 1;
            }
            GET_ATTR => {
                let receiver = object(value(stack.get(depth - 1)))?;
                let Attribute { tag, bits } = receiver.attributes.get(place(receiver, arg)?);
                push(stack, depth - 1, Value { tag, bits });
            }
            SET_ATTR => {
                depth -= 1;
                let receiver = object(value(stack.get(depth - 1)))?;
                let Slot { tag, bits } = stack.get(depth);
                receiver.attributes.set(place(receiver, arg)?, Attribute { tag, bits });
            }
            CALL => {
                depth = call(program, arg as usize, depth, heap, stack)?;
            }
            SEND => {
                let receiver = object(value(stack.get(depth - 1)))?;
                let function = method(promote(receiver.class), arg);
                if function < 0 {
                    return Err(Failure::Name);
                }
                depth = call(program, function as usize, depth, heap, stack)?;
            }
            RETURN => {
                stack.set(0, stack.get(depth - 1));
                return Ok(());
            }
            _ => {
                depth -= 1;
                let result = arithmetic(op, value(stack.get(depth - 1)), value(stack.get(depth)))?;
                push(stack, depth - 1, result);
            }
        }
    }
}

/// The statuses of units: one that was left through an exit has neither returned nor failed.
const FAILED: u64 = 1;
const EXITED: u64 = 2;

/// Calls function `number` with the topmost places, which its result replaces; the new depth. The plain interpreter calls
/// itself; compiled code calls compiled code if there is any.
fn call(program: &Program, number: usize, depth: usize, heap: &Heap, stack: Arr<Slot>) -> Result<usize, Failure> {
    let Function { start, params } = program.functions.get(number);
    let first = depth - params as usize;
    let window = stack.offset(first);
    let address = program.entries.get(number).address;
    if interpreting() || address == 0 {
        run(program, start as usize, params as usize, heap, window)?;
    } else {
        let (status, what) = enter(address, heap, window);
        if status == FAILED {
            return Err(failure(what));
        }
        if status == EXITED {
            let failed = finish(what, heap, window);
            if failed != 0 {
                return Err(failure(failed));
            }
        }
    }
    Ok(first + 1)
}

fn failure(number: u64) -> Failure {
    if number == Failure::Type as u64 { Failure::Type } else { Failure::Name }
}

/// Calls a unit: its parameters are the portal's reds. It writes its own part of the stack only.
#[indirect(calls, writes_from(stack, Slot))]
pub fn enter(address: usize, heap: &Heap, stack: Arr<Slot>) -> (u64, u64) {
    // SAFETY: compiled code and the evaluator pass the entry of a unit of this portal, which follows that convention.
    let unit: extern "C" fn(u64, u64) -> Pair = unsafe { std::mem::transmute(address) };
    let Pair { a: status, b: value } = unit(std::ptr::from_ref(heap) as usize as u64, stack.addr());
    (status, value)
}

/// Completes a call whose unit was left through an exit: the number of its failure, or 0.
#[residual]
pub fn finish(exit: u64, heap: &Heap, stack: Arr<Slot>) -> u64 {
    match crate::support::finish_exit(exit, &[std::ptr::from_ref(heap) as usize as u64, stack.addr()])[..] {
        [0, _] => 0,
        [_, failure] => failure,
        _ => unreachable!("the portal has two results"),
    }
}
