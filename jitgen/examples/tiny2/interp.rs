//! An interpreter of words separated by spaces, over a stack of integers and texts.
//!
//! * `12` and `"abc` push an integer and a text; `#2` pushes place 2 of the stack, `->#2` pops into it;
//! * `ADD` adds integers and joins texts, `SUB` and `MUL` are for integers, `LEN` is a text's length;
//! * `{ .. }` is a loop: `}` pops, and goes back to `{` if that was not zero;
//! * `[ .. | .. ]`: what fails before the bar goes on after it, with the failure's number on the stack.

use moonshift_jitgen::hint::{merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, portal, residual, virtualizable};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::{Cell, RefCell};

/// A word. What it says is looked at when a program is compiled.
#[heap]
pub struct Word {
    pub text: String,
    /// Of a word that begins with a quotation mark: what it stands for.
    pub literal: Text,
}

/// A word at its place in a program.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone)]
pub struct Item {
    pub word: Ref<Word>,
    /// Where a `}` or `|` goes.
    pub target: u32,
    /// Where failures are handled, and how high the stack is there; 0: nowhere.
    pub handler: u32,
    pub height: u32,
}

/// A text. It never changes.
#[heap]
pub struct Text {
    pub text: String,
}

/// Owns the texts that programs make.
#[derive(Default)]
pub struct Heap {
    pub made: Cell<u64>,
    // Programs hold addresses of texts, which have to stay.
    #[allow(clippy::vec_box)]
    pub texts: RefCell<Vec<Box<Text>>>,
}

/// A place of the stack.
#[virtualizable]
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Slot {
    pub tag: u8,
    /// An integer, or the address of a text.
    pub bits: u64,
}

pub const INT: u8 = 0;
pub const TEXT: u8 = 1;

/// Why a word failed.
#[repr(u8)]
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Failure {
    Overflow = 1,
    /// An operand of the wrong type.
    Type = 2,
}

const NUMBER: u8 = 0;
const LITERAL: u8 = 1;
const GET: u8 = 2;
const SET: u8 = 3;
const ADD: u8 = 4;
const SUB: u8 = 5;
const MUL: u8 = 6;
const LEN: u8 = 7;
const LOOP: u8 = 8;
const LEAVE: u8 = 9;
const MARK: u8 = 10;
const END: u8 = 11;

/// What a word does. Of a known word this is known: no comparison of texts is left in compiled code.
#[elidable]
pub fn operation(word: Ref<Word>) -> u8 {
    match word.text.as_str() {
        "ADD" => ADD,
        "SUB" => SUB,
        "MUL" => MUL,
        "LEN" => LEN,
        "{" | "[" | "]" => MARK,
        "}" => LOOP,
        "|" => LEAVE,
        "" => END,
        text if text.starts_with('"') => LITERAL,
        text if text.starts_with('#') => GET,
        text if text.starts_with("->#") => SET,
        _ => NUMBER,
    }
}

/// The number that a word ends with.
#[elidable]
pub fn number(word: Ref<Word>) -> i64 {
    word.text.trim_start_matches("->").trim_start_matches('#').parse().unwrap_or(0)
}

/// The text that a word stands for.
#[elidable]
pub fn literal(word: Ref<Word>) -> u64 {
    std::ptr::from_ref(&word.literal) as usize as u64
}

/// Texts never change, so this is a function of the address.
#[elidable]
pub fn length(text: u64) -> i64 {
    // SAFETY: the address is that of a text: the tag said so.
    let text: Ref<Text> = unsafe { Ref::from_addr(text) };
    text.text.len() as i64
}

#[residual(writes(Heap.made))]
pub fn join(heap: &Heap, left: u64, right: u64) -> u64 {
    // SAFETY: the addresses are those of texts: the tags said so.
    let (left, right): (Ref<Text>, Ref<Text>) = unsafe { (Ref::from_addr(left), Ref::from_addr(right)) };
    let text = Box::new(Text { text: format!("{}{}", left.text, right.text) });
    let address = std::ptr::from_ref(&*text) as usize as u64;
    heap.made.set(heap.made.get() + 1);
    heap.texts.borrow_mut().push(text);
    address
}

/// May place `index` still be read when the stack is `depth` high?
#[elidable]
pub fn live(_code: Arr<Item>, _pc: usize, depth: usize, index: usize) -> bool {
    index < depth
}

fn int(value: i64) -> Slot {
    Slot { tag: INT, bits: value as u64 }
}

fn add(heap: &Heap, left: Slot, right: Slot) -> Result<Slot, Failure> {
    match (promote(left.tag), promote(right.tag)) {
        (INT, INT) => arithmetic(ADD, left, right),
        (TEXT, TEXT) => Ok(Slot { tag: TEXT, bits: join(heap, left.bits, right.bits) }),
        _ => Err(Failure::Type),
    }
}

fn arithmetic(op: u8, left: Slot, right: Slot) -> Result<Slot, Failure> {
    if promote(left.tag) != INT || promote(right.tag) != INT {
        return Err(Failure::Type);
    }
    let (left, right) = (left.bits as i64, right.bits as i64);
    let result = match op {
        ADD => left.checked_add(right),
        SUB => left.checked_sub(right),
        _ => left.checked_mul(right),
    };
    Ok(int(result.ok_or(Failure::Overflow)?))
}

fn len(text: Slot) -> Result<Slot, Failure> {
    if promote(text.tag) != TEXT {
        return Err(Failure::Type);
    }
    Ok(int(length(text.bits)))
}

/// Runs `code` from `pc` on, with `depth` places of the stack in use. The result is left in the first place.
#[portal(greens(code, pc, depth), order = pc, live(live, stack))]
pub fn run(code: Arr<Item>, mut pc: usize, mut depth: usize, heap: &Heap, stack: Arr<Slot>) -> Result<(), Failure> {
    loop {
        merge_point();
        let Item { word, target, handler, height } = code.get(pc);
        pc += 1;
        let op = operation(word);
        let outcome = match op {
            NUMBER => {
                depth += 1;
                Ok(int(number(word)))
            }
            LITERAL => {
                depth += 1;
                Ok(Slot { tag: TEXT, bits: literal(word) })
            }
            GET => {
                depth += 1;
                Ok(stack.get(number(word) as usize))
            }
            SET => {
                depth -= 1;
                stack.set(number(word) as usize, stack.get(depth));
                continue;
            }
            ADD => {
                depth -= 1;
                add(heap, stack.get(depth - 1), stack.get(depth))
            }
            SUB | MUL => {
                depth -= 1;
                arithmetic(op, stack.get(depth - 1), stack.get(depth))
            }
            LEN => len(stack.get(depth - 1)),
            LOOP => {
                depth -= 1;
                let top = stack.get(depth);
                if promote(top.tag) == TEXT || top.bits != 0 {
                    pc = target as usize;
                }
                continue;
            }
            LEAVE => {
                pc = target as usize;
                continue;
            }
            MARK => continue,
            _ => {
                stack.set(0, stack.get(depth - 1));
                return Ok(());
            }
        };
        match outcome {
            Ok(value) => stack.set(depth - 1, value),
            Err(failure) => {
                if handler == 0 {
                    return Err(failure);
                }
                pc = handler as usize;
                depth = height as usize + 1;
                stack.set(depth - 1, int(failure as i64));
            }
        }
    }
}
