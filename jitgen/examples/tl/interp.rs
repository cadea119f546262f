//! An interpreter of a stack language with variables, comparisons, branches, loops and calls.

use moonshift_jitgen::abi::Pair;
use moonshift_jitgen::hint::{interpreting, merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, indirect, portal, residual, unroll, virtualizable};
use moonshift_jitgen::mem::Arr;

/// An instruction with its operand.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Ins {
    pub op: u8,
    pub arg: i32,
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

/// A program. None of its fields is a cell, so all of them are known where the program is.
pub struct Program {
    pub code: Arr<Ins>,
    pub functions: Arr<Function>,
    pub entries: Arr<Entry>,
}

/// A place of the stack. The parameters and variables are the first places, the operands lie above them.
#[virtualizable]
#[repr(transparent)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Slot {
    pub value: i64,
}

/// Pushes `arg`.
pub const PUSH: u8 = 0;
/// Pushes place `arg`.
pub const GET: u8 = 1;
/// Pops to place `arg`.
pub const SET: u8 = 2;
pub const POP: u8 = 3;
/// Exchanges the two topmost.
pub const SWAP: u8 = 4;
/// Pushes the one `arg` places below the top.
pub const PICK: u8 = 5;
/// Goes to `arg`.
pub const JUMP: u8 = 6;
/// Pops, and goes to `arg` if it was zero.
pub const JUMP_IF_ZERO: u8 = 7;
/// Calls function `arg` with the topmost places, which its result replaces.
pub const CALL: u8 = 8;
/// Returns the top.
pub const END: u8 = 9;
pub const ADD: u8 = 10;
pub const SUB: u8 = 11;
pub const MUL: u8 = 12;
/// Rounded towards zero; by zero it is zero.
pub const DIV: u8 = 13;
/// Is the one below the top less than the top?
pub const LESS: u8 = 14;
pub const LESS_EQUAL: u8 = 15;
pub const EQUAL: u8 = 16;
pub const NOT_EQUAL: u8 = 17;
/// The one below the top to the power of the top, which seldom changes.
pub const POWER: u8 = 18;

/// The names of the operations, by number.
pub const MNEMONICS: [&str; 19] = [
    "PUSH",
    "GET",
    "SET",
    "POP",
    "SWAP",
    "PICK",
    "JUMP",
    "JUMP_IF_ZERO",
    "CALL",
    "END",
    "ADD",
    "SUB",
    "MUL",
    "DIV",
    "LESS",
    "LESS_EQUAL",
    "EQUAL",
    "NOT_EQUAL",
    "POWER",
];

/// May place `index` still be read at `pc` when the stack is `depth` high? What was popped may not.
#[elidable]
pub fn live(_program: &Program, _pc: usize, depth: usize, index: usize) -> bool {
    index < depth
}

/// Runs `program` from `pc` on, with `depth` places of the stack in use.
#[portal(greens(program, pc, depth), order = pc, live(live, stack))]
pub fn run(program: &Program, mut pc: usize, mut depth: usize, stack: Arr<Slot>) -> i64 {
    loop {
        merge_point();
        let Ins { op, arg } = program.code.get(pc);
        pc += 1;
        match op {
            PUSH => {
                stack.set(depth, Slot { value: arg as i64 });
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
            SWAP => {
                let top = stack.get(depth - 1);
                stack.set(depth - 1, stack.get(depth - 2));
                stack.set(depth - 2, top);
            }
            PICK => {
                stack.set(depth, stack.get(depth - 1 - arg as usize));
                depth += 1;
            }
            JUMP => pc = arg as usize,
            JUMP_IF_ZERO => {
                depth -= 1;
                if stack.get(depth).value == 0 {
                    pc = arg as usize;
                }
            }
            CALL => {
                let function = program.functions.get(arg as usize);
                depth -= function.params as usize;
                let value = call(program, arg as usize, function, stack.offset(depth));
                stack.set(depth, Slot { value });
                depth += 1;
            }
            END => return stack.get(depth - 1).value,
            _ => {
                depth -= 1;
                let (left, right) = (stack.get(depth - 1).value, stack.get(depth).value);
                stack.set(depth - 1, Slot { value: arithmetic(op, left, right) });
            }
        }
    }
}

fn arithmetic(op: u8, left: i64, right: i64) -> i64 {
    match op {
        ADD => left.wrapping_add(right),
        SUB => left.wrapping_sub(right),
        MUL => left.wrapping_mul(right),
        DIV => {
            if right == 0 {
                return 0;
            }
            left.wrapping_div(right)
        }
        LESS => (left < right) as i64,
        LESS_EQUAL => (left <= right) as i64,
        EQUAL => (left == right) as i64,
        NOT_EQUAL => (left != right) as i64,
        // Compiled code is made for the exponents that were seen.
        _ => power(left, promote(right)),
    }
}

/// The exponent is known wherever this is compiled: no loop remains.
#[unroll]
fn power(base: i64, exponent: i64) -> i64 {
    let mut result = 1;
    let mut count = exponent;
    while count > 0 {
        result = base.wrapping_mul(result);
        count -= 1;
    }
    result
}

/// The status of a unit that was left through an exit.
const EXITED: u64 = 2;

/// Calls function `number`, whose places begin at `stack`. The plain interpreter calls itself; compiled code calls compiled
/// code if there is any.
fn call(program: &Program, number: usize, function: Function, stack: Arr<Slot>) -> i64 {
    let address = program.entries.get(number).address;
    if interpreting() || address == 0 {
        return run(program, function.start as usize, function.params as usize, stack);
    }
    let (status, value) = enter(address, stack);
    if status == EXITED {
        return finish(value, stack);
    }
    value as i64
}

/// Calls a unit: its parameters are the portal's reds. It writes its own part of the stack only.
#[indirect(calls, writes_from(stack, Slot))]
pub fn enter(address: usize, stack: Arr<Slot>) -> (u64, u64) {
    // SAFETY: compiled code and the evaluator pass the entry of a unit of this portal, which follows that convention.
    let unit: extern "C" fn(u64) -> Pair = unsafe { std::mem::transmute(address) };
    let Pair { a: status, b: value } = unit(stack.addr());
    (status, value)
}

/// Completes a call whose unit was left through an exit.
#[residual(calls, writes_from(stack, Slot))]
pub fn finish(exit: u64, stack: Arr<Slot>) -> i64 {
    crate::support::finish_exit(exit, &[stack.addr()])[0] as i64
}
