//! Memory: both runs act on equal objects of their own, and must leave them equal.

use crate::corpus::memory::{self, Code, Machine, Mode, Object, Position, Register, Slot};
use crate::evaluate;
use crate::slots::Slots;
use moonshift_jitgen::flow::Mutability;
use moonshift_jitgen::mem::{Arr, Ref};
use std::cell::Cell;
use std::sync::atomic::Ordering;

/// Objects and arrays, which stay where they are.
struct World {
    objects: Box<[Object; 2]>,
    slots: Box<[Slot; 4]>,
    registers: Box<[Register; 6]>,
    codes: Box<[Code; 3]>,
    numbers: Box<[i64; 3]>,
    links: Box<[Option<Ref<Object>>; 2]>,
}

fn arr<T: Copy>(items: &mut [T]) -> Arr<T> {
    // SAFETY: the world outlives every use, which stays inside the array.
    unsafe { Arr::from_ptr(items.as_mut_ptr()) }
}

impl World {
    fn new() -> World {
        let mut slots = Box::new(std::array::from_fn(|i| Slot { tag: i as u8, bits: 10 * i as u64 }));
        let mut object = |size: usize| Object {
            size,
            kind: Mode::Busy,
            value: Cell::new(Slot { tag: 2, bits: 33 }),
            next: Cell::new(None),
            position: Position { x: Cell::new(1.5), y: Cell::new(2.5), fixed: -7 },
            flag: Cell::new(true),
            small: Cell::new(-3),
            medium: Cell::new(60000),
            counter: 4.into(),
            limit: 50.into(),
            slots: Cell::new(arr(&mut slots[..])),
            pair: (200, -9),
            unsupported: vec!["a".into(); 3],
        };
        let objects = Box::new([object(11), object(22)]);
        World {
            objects,
            slots,
            registers: Box::new(std::array::from_fn(|i| Register { tag: 3 - (i % 2) as u8, bits: 1 << i })),
            codes: Box::new([Code(5), Code(0x1ff), Code(7)]),
            numbers: Box::new([1, -2, 3]),
            links: Box::new([None, None]),
        }
    }

    fn object(&self, index: usize) -> Ref<Object> {
        // SAFETY: the object is boxed and outlives every use.
        unsafe { Ref::from_ptr(&self.objects[index]) }
    }

    fn machine(&mut self) -> Machine<'_> {
        self.links[1] = Some(self.object(1));
        let (registers, codes) = (arr(&mut self.registers[..]), arr(&mut self.codes[..]));
        let (numbers, links) = (arr(&mut self.numbers[..]), arr(&mut self.links[..]));
        let current = Cell::new(Some(&self.objects[0]));
        Machine { top: Cell::new(3), current, registers, codes, numbers, links }
    }

    /// All that the functions may change.
    fn state(&self) -> Vec<u64> {
        let mut out = vec![];
        for object in self.objects.iter() {
            let next = object.next.get().map(|next| (0..2).find(|&i| self.object(i) == next).expect("known") as u64);
            (object.value.get(), next, object.position.x.get(), object.position.y.get()).put(&mut out);
            (object.flag.get(), object.small.get(), object.medium.get()).put(&mut out);
            (object.counter.load(Ordering::Relaxed), object.limit.load(Ordering::Relaxed)).put(&mut out);
        }
        self.slots.iter().for_each(|slot| slot.put(&mut out));
        self.registers.iter().for_each(|register| (register.tag, register.bits).put(&mut out));
        self.numbers.iter().for_each(|number| number.put(&mut out));
        out
    }
}

/// Runs natively and as a graph, each on a world of its own.
fn agree<R: Slots>(name: &str, native: impl FnOnce(&mut World) -> R, args: impl FnOnce(&mut World) -> Vec<u64>) {
    let (mut one, mut other) = (World::new(), World::new());
    let expected = native(&mut one).slots();
    let args = args(&mut other);
    assert_eq!(evaluate(name, &args), expected, "{name}");
    assert_eq!(other.state(), one.state(), "memory after {name}");
}

macro_rules! on_objects {
    ($($name:ident($($object:expr),*; $($arg:expr),*);)*) => {$(
        #[test]
        fn $name() {
            agree(
                stringify!($name),
                |world| memory::$name($(world.object($object),)* $($arg),*),
                |world| {
                    #[allow(unused_mut)]
                    let mut args: Vec<u64> = vec![$(world.object($object).addr()),*];
                    $(($arg).put(&mut args);)*
                    args
                },
            );
        }
    )*};
}

on_objects! {
    read_fields(0;);
    write_fields(0; 300i64);
    enum_field(1;);
    nested_fields(0; 4.5f64);
    reference_to_nested(0;);
    replace(1; 9i8);
    list_length(0;);
    relink(0, 1;);
    same(0, 1;);
    through_bits(1;);
    handle_as_reference(0;);
    array_in_cell(0; 2usize);
    opaque_fields(0;);
}

macro_rules! on_machine {
    ($($name:ident($($arg:expr),*);)*) => {$(
        #[test]
        fn $name() {
            agree(
                stringify!($name),
                |world| memory::$name(&world.machine(), $($arg),*),
                |world| {
                    // Kept until the end of the process: the graph runs after this closure.
                    let machine: &'static Machine = Box::leak(Box::new(unsafe {
                        std::mem::transmute::<Machine<'_>, Machine<'static>>(world.machine())
                    }));
                    #[allow(unused_mut)]
                    let mut args: Vec<u64> = machine.slots();
                    $(($arg).put(&mut args);)*
                    args
                },
            );
        }
    )*};
}

trait MachineSlots {
    fn slots(&'static self) -> Vec<u64>;
}

impl MachineSlots for Machine<'static> {
    fn slots(&'static self) -> Vec<u64> {
        vec![std::ptr::from_ref(self) as usize as u64]
    }
}

on_machine! {
    register_sum(6usize);
    register_windows(2usize);
    scalar_arrays(1usize);
    handle_arrays(1usize);
    frozen_code(1usize);
    borrowed_option();
}

#[test]
fn lists_of_two() {
    let link = |world: &World| world.objects[0].next.set(Some(world.object(1)));
    let native = |world: &mut World| {
        link(world);
        memory::list_length(world.object(0))
    };
    agree("list_length", native, |world| {
        link(world);
        vec![world.object(0).addr()]
    });
}

#[test]
fn atomics() {
    agree("atomics", |world| memory::atomics(&world.objects[0], 9), |world| vec![world.object(0).addr(), 9]);
}

#[test]
fn array_swap() {
    agree(
        "array_swap",
        |world| memory::array_swap(arr(&mut world.slots[..]), 1, 3),
        |world| vec![arr(&mut world.slots[..]).addr(), 1, 3],
    );
}

#[test]
fn structure_read_whole() {
    agree(
        "structure_read_whole",
        |world| memory::structure_read_whole(arr(&mut world.slots[..]), world.object(0)),
        |world| vec![arr(&mut world.slots[..]).addr(), world.object(0).addr()],
    );
}

#[test]
fn descriptors_say_what_is_known() {
    let module = crate::module();
    let field = |name: &str| module.fields.iter().find(|field| field.name == name).expect(name);
    assert_eq!(field("Object.size").mutability, Mutability::Immutable);
    assert_eq!(field("Object.flag").mutability, Mutability::Mutable);
    assert_eq!(field("Object.counter").mutability, Mutability::Volatile);
    assert_eq!(field("Object.value.tag").mutability, Mutability::Mutable);
    assert_eq!(field("[Code].0").mutability, Mutability::Immutable);
    assert_eq!(field("[Slot].bits").mutability, Mutability::Mutable);
    assert!(field("[Register].tag").virtualizable && field("[Register].tag").overlapping);
    assert!(!field("[Slot].tag").virtualizable);
    assert_ne!(field("[Slot].tag").class, field("[Register].tag").class);
    assert_ne!(field("Object.value.tag").class, field("Object.value.bits").class);
    // Reached as a part of the object and by the address of the part.
    assert_eq!(field("Object.position.y").class, field("Position.y").class);
}

#[test]
fn effects_name_classes() {
    use moonshift_jitgen::flow::Touched;
    let module = crate::module();
    let effects = &module.func(module.find_func("count_strings").expect("translated")).effects;
    assert_eq!(effects.writes, Touched::Nothing);
    let Touched::Classes(classes) = &effects.reads else { panic!("{effects:?}") };
    let flag = module.fields.iter().find(|field| field.name == "Object.flag").expect("used");
    assert!(classes.contains(&flag.class));
    let strongest = &module.func(module.find_func("joined").expect("translated")).effects;
    assert!(strongest.calls && strongest.collects && strongest.writes == Touched::Everything);
}
