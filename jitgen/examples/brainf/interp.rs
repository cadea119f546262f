//! An interpreter of brainf***.

use moonshift_jitgen::hint::merge_point;
use moonshift_jitgen::marks::{heap, portal, residual};
use moonshift_jitgen::mem::Arr;
use std::cell::Cell;

/// A character of the program; for brackets, where the other one is.
#[heap(frozen)]
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct Ins {
    pub op: u8,
    pub target: u32,
}

/// What the program reads and writes.
pub struct Console {
    pub output: Arr<u8>,
    /// How much was written.
    pub written: Cell<usize>,
    pub input: Cell<&'static [u8]>,
}

/// The next byte of the input; 0 at its end. Slices are outside the subset: the translator takes this as it is.
#[residual(writes(Console.input))]
pub fn read(console: &Console) -> u8 {
    let Some((&byte, rest)) = console.input.get().split_first() else { return 0 };
    console.input.set(rest);
    byte
}

/// Runs `code` from `pc` on, with the head at `cell`.
#[portal(greens(code, pc), order = pc)]
pub fn run(code: Arr<Ins>, mut pc: usize, console: &Console, mut cell: Arr<u8>) {
    loop {
        merge_point();
        let Ins { op, target } = code.get(pc);
        pc += 1;
        match op {
            b'>' => cell = cell.offset(1),
            b'<' => cell = cell.back(1),
            b'+' => cell.set(0, cell.get(0).wrapping_add(1)),
            b'-' => cell.set(0, cell.get(0).wrapping_sub(1)),
            b'.' => {
                let at = console.written.get();
                console.output.set(at, cell.get(0));
                console.written.set(at + 1);
            }
            b',' => cell.set(0, read(console)),
            b'[' => {
                if cell.get(0) == 0 {
                    pc = target as usize;
                }
            }
            b']' => {
                if cell.get(0) != 0 {
                    pc = target as usize;
                }
            }
            _ => return,
        }
    }
}

/// A program's instructions: comments left out, brackets matched.
pub fn parse(text: &str) -> Option<Vec<Ins>> {
    let mut code = vec![];
    let mut open = vec![];
    for op in text.bytes().filter(|byte| b"><+-.,[]".contains(byte)) {
        let mut target = 0;
        if op == b'[' {
            open.push(code.len());
        } else if op == b']' {
            let start = open.pop()?;
            let end = code.len() as u32 + 1;
            let ins: &mut Ins = &mut code[start];
            ins.target = end;
            target = start as u32 + 1;
        }
        code.push(Ins { op, target });
    }
    code.push(Ins { op: 0, target: 0 });
    open.is_empty().then_some(code)
}
