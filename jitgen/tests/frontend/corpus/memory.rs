//! Structures behind handles, arrays.

use moonshift_jitgen::marks::{heap, residual, virtualizable};
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

#[derive(Copy, Clone, PartialEq)]
#[repr(C)]
pub struct Slot {
    pub tag: u8,
    pub bits: u64,
}

#[virtualizable]
#[derive(Copy, Clone, PartialEq)]
#[repr(C)]
pub struct Register {
    pub tag: u8,
    pub bits: u64,
}

#[heap(frozen)]
#[derive(Copy, Clone)]
#[repr(transparent)]
pub struct Code(pub u32);

impl Code {
    pub fn op(self) -> u8 {
        self.0 as u8
    }
}

#[derive(Copy, Clone, PartialEq)]
#[repr(u8)]
pub enum Mode {
    Idle = 1,
    Busy = 7,
}

pub struct Position {
    pub x: Cell<f64>,
    pub y: Cell<f64>,
    pub fixed: i32,
}

impl Position {
    pub fn sum(&self) -> f64 {
        self.x.get() + self.y.get()
    }

    pub fn shift(&self, by: f64) {
        self.x.set(self.x.get() + by);
    }
}

#[heap]
pub struct Object {
    pub size: usize,
    pub kind: Mode,
    pub value: Cell<Slot>,
    pub next: Cell<Option<Ref<Object>>>,
    pub position: Position,
    pub flag: Cell<bool>,
    pub small: Cell<i8>,
    pub medium: Cell<u16>,
    pub counter: AtomicU32,
    pub limit: AtomicU64,
    pub slots: Cell<Arr<Slot>>,
    pub pair: (u8, i64),
    pub unsupported: Vec<String>,
}

pub struct Machine<'a> {
    pub top: Cell<usize>,
    pub current: Cell<Option<&'a Object>>,
    pub registers: Arr<Register>,
    pub codes: Arr<Code>,
    pub numbers: Arr<i64>,
    pub links: Arr<Option<Ref<Object>>>,
}

pub fn read_fields(object: Ref<Object>) -> (usize, bool, i8, u16, i64) {
    (object.size, object.flag.get(), object.small.get(), object.medium.get(), object.pair.1 + object.pair.0 as i64)
}

pub fn write_fields(object: Ref<Object>, n: i64) -> u64 {
    object.flag.set(n > 3);
    object.small.set(n as i8);
    object.medium.set(n as u16);
    object.value.set(Slot { tag: 9, bits: n as u64 });
    object.value.get().bits + object.value.get().tag as u64
}

pub fn enum_field(object: Ref<Object>) -> bool {
    object.kind == Mode::Busy
}

pub fn atomics(object: &Object, n: u64) -> u64 {
    object.counter.store(n as u32 + 1, Ordering::Relaxed);
    object.limit.load(Ordering::Relaxed) + object.counter.load(Ordering::Relaxed) as u64
}

pub fn nested_fields(object: Ref<Object>, by: f64) -> f64 {
    object.position.y.set(by);
    object.position.shift(2.0);
    object.position.sum() + object.position.x.get() + object.position.fixed as f64
}

pub fn reference_to_nested(object: Ref<Object>) -> f64 {
    let position = &object.position;
    sum_of(position) + sum_of(&object.position)
}

fn sum_of(position: &Position) -> f64 {
    position.sum() * 2.0
}

pub fn replace(object: Ref<Object>, n: i8) -> i8 {
    object.small.replace(n) + object.small.get()
}

pub fn list_length(object: Ref<Object>) -> usize {
    let mut length = 1;
    let mut at = object;
    while let Some(next) = at.next.get() {
        length += 1;
        at = next;
    }
    length
}

pub fn relink(object: Ref<Object>, other: Ref<Object>) -> bool {
    let had = object.next.get().is_some();
    object.next.set(Some(other));
    if had {
        other.next.set(None);
    }
    object.next.get() == Some(other) && other.next.get().is_none()
}

pub fn same(object: Ref<Object>, other: Ref<Object>) -> (bool, bool, bool) {
    (object == other, object.addr() == other.addr(), std::ptr::eq(&*object, &*other))
}

pub fn through_bits(object: Ref<Object>) -> usize {
    let slot = Slot { tag: 7, bits: object.addr() };
    let back: Ref<Object> = unsafe { Ref::from_addr(slot.bits) };
    back.size + unsafe { Ref::<Object>::from_addr(slot.bits) }.size
}

pub fn register_sum(vm: &Machine, count: usize) -> u64 {
    let mut sum = 0;
    for i in 0..count {
        let register = vm.registers.get(i);
        if register.tag == 3 {
            sum += register.bits;
        }
    }
    sum
}

pub fn register_windows(vm: &Machine, n: usize) -> u64 {
    let window = vm.registers.offset(n);
    window.set(0, Register { tag: 5, bits: 77 });
    let before = window.back(1);
    before.get(0).bits * 1000 + before.get(1).bits
}

pub fn array_swap(slots: Arr<Slot>, i: usize, j: usize) -> Slot {
    let a = slots.get(i);
    slots.set(i, slots.get(j));
    slots.set(j, a);
    slots.get(i)
}

pub fn array_in_cell(object: Ref<Object>, i: usize) -> u64 {
    let slots = object.slots.get();
    slots.set(i, Slot { tag: 1, bits: 5 });
    object.slots.get().get(i).bits + (slots == object.slots.get()) as u64
}

pub fn scalar_arrays(vm: &Machine, i: usize) -> i64 {
    vm.numbers.set(i, vm.numbers.get(i) + 100);
    vm.numbers.get(i)
}

pub fn handle_arrays(vm: &Machine, i: usize) -> usize {
    match vm.links.get(i) {
        Some(object) => object.size,
        None => 0,
    }
}

pub fn frozen_code(vm: &Machine, pc: usize) -> u8 {
    vm.codes.get(pc).op()
}

pub fn borrowed_option(vm: &Machine) -> usize {
    let Some(object) = vm.current.get() else { return 0 };
    vm.top.set(vm.top.get() + 1);
    object.size + size_of_object(object)
}

fn size_of_object(object: &Object) -> usize {
    object.size
}

pub fn handle_as_reference(object: Ref<Object>) -> usize {
    size_of_object(&object) + size_of_object(&*object)
}

pub fn structure_read_whole(slots: Arr<Slot>, object: Ref<Object>) -> (Slot, bool) {
    let value = object.value.get();
    slots.set(0, value);
    (slots.get(0), slots.get(0) == value)
}

/// Fields outside the subset harm nobody who does not touch them.
#[residual(reads(Object))]
pub fn count_strings(object: Ref<Object>) -> usize {
    object.unsupported.len()
}

pub fn opaque_fields(object: Ref<Object>) -> usize {
    count_strings(object) + 1
}
