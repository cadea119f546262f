//! Programs of words in memory, and a compiler for them.

use super::interp::*;
use super::support::{self, Machine};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_jitgen::portal::{Jit, Policy};
use moonshift_jitgen::{natives, places};

/// A program with what it refers to.
pub struct Loaded {
    items: Vec<Item>,
    _words: Box<[Word]>,
}

/// A bracket that is open while a program is read.
enum Open {
    Loop {
        start: u32,
    },
    /// What may fail, and the height of the stack at its beginning.
    Try {
        first: usize,
        height: u32,
    },
    /// What handles failures, and where the bar is.
    Handle {
        bar: usize,
    },
}

impl Loaded {
    /// Reads a program: matches its brackets, and finds out where failures go.
    ///
    /// # Panics
    /// If brackets do not match.
    pub fn parse(text: &str) -> Loaded {
        let make = |word: &str| {
            let literal = Text { text: word.trim_start_matches('"').to_string() };
            Word { text: word.to_string(), literal }
        };
        let words: Box<[Word]> = text.split_whitespace().chain([""]).map(make).collect();
        let mut items: Vec<Item> = vec![];
        let mut open = vec![];
        // How high the stack is if every loop leaves it as it was.
        let mut depth = 0u32;
        for (at, word) in words.iter().enumerate() {
            // SAFETY: the words are kept with the program.
            let word = unsafe { Ref::from_ptr(word) };
            items.push(Item { word, target: 0, handler: 0, height: 0 });
            match (word.text.as_str(), at as u32 + 1) {
                ("{", next) => open.push(Open::Loop { start: next }),
                ("[", _) => open.push(Open::Try { first: at, height: depth }),
                ("}", _) => {
                    let Some(Open::Loop { start }) = open.pop() else { panic!("`}}` without `{{`") };
                    items[at].target = start;
                    depth = depth.saturating_sub(1);
                }
                ("|", next) => {
                    let Some(Open::Try { first, height }) = open.pop() else { panic!("`|` without `[`") };
                    // What lies in brackets inside has its handler already.
                    for item in items[first..at].iter_mut().filter(|item| item.handler == 0) {
                        (item.handler, item.height) = (next, height);
                    }
                    open.push(Open::Handle { bar: at });
                    depth = height + 1;
                }
                ("]", next) => {
                    let Some(Open::Handle { bar }) = open.pop() else { panic!("`]` without `|`") };
                    items[bar].target = next;
                }
                ("ADD" | "SUB" | "MUL", _) => depth = depth.saturating_sub(1),
                (text, _) if text.starts_with("->#") => depth = depth.saturating_sub(1),
                ("LEN" | "", _) => {}
                _ => depth += 1,
            }
        }
        assert!(open.is_empty(), "a bracket is left open");
        Loaded { items, _words: words }
    }

    /// Runs it plainly.
    pub fn run(&self, heap: &Heap, places: Arr<Slot>) -> Result<(), Failure> {
        run(self.code(), 0, 0, heap, places, empty(heap))
    }

    /// The portal's variables at the start.
    pub fn args(&self, heap: &Heap, places: Arr<Slot>) -> [u64; 6] {
        [self.code().addr(), 0, 0, std::ptr::from_ref(heap) as usize as u64, places.addr(), empty(heap).addr()]
    }

    fn code(&self) -> Arr<Item> {
        // SAFETY: a program ends with the empty word, which ends it; nobody writes it; programs outlive their compilers.
        unsafe { Arr::from_ptr(self.items.as_ptr().cast_mut()) }
    }
}

fn empty(heap: &Heap) -> Ref<List> {
    // SAFETY: heaps outlive the runs that are given them.
    unsafe { Ref::from_ptr(&heap.empty) }
}

/// What a place holds, for people.
pub fn show(slot: Slot) -> String {
    if slot.tag == INT {
        return (slot.bits as i64).to_string();
    }
    // SAFETY: the tag says that it is the address of a text; heaps and programs outlive what is shown.
    let text: Ref<Text> = unsafe { Ref::from_addr(slot.bits) };
    format!("{:?}", text.text)
}

/// A compiler for the language.
pub fn compiler(policy: Policy, machine: Machine) -> Jit {
    let places = places![[Item] { word, target, handler, height }, [Slot] { tag, bits }, Heap { made }];
    let natives = natives![
        operation(word: Ref<Word>) -> u8,
        number(word: Ref<Word>) -> i64,
        literal(word: Ref<Word>) -> u64,
        length(text: u64) -> i64,
        join(heap: &Heap, left: u64, right: u64) -> u64,
        list_new(heap: &Heap) -> Ref<List>,
        list_push(heap: &Heap, list: Ref<List>, tag: u8, bits: u64) -> (),
        list_pop(heap: &Heap, list: Ref<List>) -> (u8, u64),
        list_get(heap: &Heap, list: Ref<List>, index: usize) -> (u8, u64)
    ];
    // SAFETY: the interpreter of that text.
    unsafe { support::compiler(include_str!("interp.rs"), &places, &natives, policy, machine) }
}
