//! An interpreter of words separated by spaces, over a stack of integers and texts, and places that its caller gives it.
//!
//! * `12` and `"abc` push an integer and a text; `#2` pushes what is in place 2, `->#2` pops into it;
//! * `ADD` adds integers and joins texts, `SUB` and `MUL` are for integers, `LEN` is a text's length;
//! * `{ .. }` is a loop: `}` pops, and goes back to `{` if that was not zero;
//! * `[ .. | .. ]`: what fails before the bar goes on after it, with the stack cut back to its height at `[` and the failure's
//!   number on it.
//!
//! The stack is a list, which a run makes when it starts. Nothing but the functions marked `oopspec` touches it, so compiled
//! code has its items in registers, and makes it only where it is left.

use moonshift_jitgen::hint::{merge_point, promote};
use moonshift_jitgen::marks::{elidable, heap, oopspec, portal, residual, unroll, virtualizable};
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

/// The stack of a run.
#[heap]
#[derive(Default)]
pub struct List {
    pub items: RefCell<Vec<Slot>>,
}

/// Owns the texts and the stacks that programs make.
#[derive(Default)]
pub struct Heap {
    pub made: Cell<u64>,
    // Programs hold addresses of texts, which have to stay.
    #[allow(clippy::vec_box)]
    pub texts: RefCell<Vec<Box<Text>>>,
    // And compiled code and runs those of lists.
    #[allow(clippy::vec_box)]
    pub lists: RefCell<Vec<Box<List>>>,
    /// What a program starts with: nothing is ever pushed to it.
    pub empty: List,
}

/// A value, in a place or on the stack.
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
    /// Not as many operands as the word takes.
    Empty = 3,
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

/// A new list. The functions below take what this takes, then the list.
#[oopspec(list.new)]
#[residual(writes(List))]
pub fn list_new(heap: &Heap) -> Ref<List> {
    let list = Box::<List>::default();
    // SAFETY: the heap keeps the box.
    let handle = unsafe { Ref::from_ptr(&*list) };
    heap.lists.borrow_mut().push(list);
    handle
}

#[oopspec(list.push)]
#[residual(writes(List))]
pub fn list_push(_heap: &Heap, list: Ref<List>, tag: u8, bits: u64) {
    list.items.borrow_mut().push(Slot { tag, bits });
}

/// From a list with an item: the height is looked at before.
#[oopspec(list.pop)]
#[residual(reads(List), writes(List))]
pub fn list_pop(_heap: &Heap, list: Ref<List>) -> (u8, u64) {
    let Slot { tag, bits } = list.items.borrow_mut().pop().expect("the list has an item");
    (tag, bits)
}

#[oopspec(list.get)]
#[residual(reads(List))]
pub fn list_get(_heap: &Heap, list: Ref<List>, index: usize) -> (u8, u64) {
    let Slot { tag, bits } = list.items.borrow()[index];
    (tag, bits)
}

fn push(heap: &Heap, stack: Ref<List>, value: Slot) {
    list_push(heap, stack, value.tag, value.bits);
}

fn pop(heap: &Heap, stack: Ref<List>) -> Slot {
    let (tag, bits) = list_pop(heap, stack);
    Slot { tag, bits }
}

/// A list of the run's own with the items of the one it was given, which is `depth` high. So compiled code that starts in the
/// middle of a program has the items in registers too, and that of a whole program does not touch the list it was given.
#[unroll]
fn taken_over(heap: &Heap, given: Ref<List>, depth: usize) -> Ref<List> {
    let own = list_new(heap);
    let mut index = 0;
    while index < depth {
        let (tag, bits) = list_get(heap, given, index);
        list_push(heap, own, tag, bits);
        index += 1;
    }
    own
}

/// Cuts the stack back to `height`. How high it is then: it may have been lower.
#[unroll]
fn cut(heap: &Heap, stack: Ref<List>, depth: usize, height: usize) -> usize {
    let mut depth = depth;
    while depth > height {
        pop(heap, stack);
        depth -= 1;
    }
    depth
}

/// How many operands an operation takes. At the end there may be none.
fn operands(op: u8) -> usize {
    match op {
        ADD | SUB | MUL => 2,
        SET | LEN | LOOP => 1,
        _ => 0,
    }
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

/// Runs `code` from `pc` on with what is on `stack`, which is `depth` high. The result, the top at the end, is left in the
/// first place.
#[portal(greens(code, pc, depth), order = pc)]
pub fn run(
    code: Arr<Item>,
    mut pc: usize,
    mut depth: usize,
    heap: &Heap,
    places: Arr<Slot>,
    stack: Ref<List>,
) -> Result<(), Failure> {
    let stack = taken_over(heap, stack, depth);
    loop {
        merge_point();
        let Item { word, target, handler, height } = code.get(pc);
        pc += 1;
        let op = operation(word);
        let outcome = if depth < operands(op) {
            Err(Failure::Empty)
        } else {
            depth -= operands(op);
            match op {
                NUMBER => Ok(int(number(word))),
                LITERAL => Ok(Slot { tag: TEXT, bits: literal(word) }),
                GET => Ok(places.get(number(word) as usize)),
                SET => {
                    places.set(number(word) as usize, pop(heap, stack));
                    continue;
                }
                ADD => {
                    let right = pop(heap, stack);
                    add(heap, pop(heap, stack), right)
                }
                SUB | MUL => {
                    let right = pop(heap, stack);
                    arithmetic(op, pop(heap, stack), right)
                }
                LEN => len(pop(heap, stack)),
                LOOP => {
                    let top = pop(heap, stack);
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
                    if depth > 0 {
                        places.set(0, pop(heap, stack));
                    }
                    return Ok(());
                }
            }
        };
        let value = match outcome {
            Ok(value) => value,
            Err(failure) => {
                if handler == 0 {
                    return Err(failure);
                }
                pc = handler as usize;
                depth = cut(heap, stack, depth, height as usize);
                int(failure as i64)
            }
        };
        push(heap, stack, value);
        depth += 1;
    }
}
