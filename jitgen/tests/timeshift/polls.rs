//! What keeps the references that compiled code holds over a collection: the register window, in which every one of them
//! stands when the collector may run, as it does in the interpreter.

use super::{Toy, address, interp};
use moonshift_jitgen::mem::{Arr, Ref};
use moonshift_jitgen::{natives, places};
use std::cell::Cell;

interp!(machine {
    #[heap]
    pub struct Object { pub value: Cell<i64> }

    #[virtualizable]
    #[repr(transparent)]
    #[derive(Copy, Clone)]
    pub struct Slot { pub object: Ref<Object> }

    /// May collect what is in none of the three slots.
    #[residual(collects)]
    pub fn poll(base: Arr<Slot>) {
        crate::polls::look(base);
    }

    #[portal(greens(pc), order = pc)]
    pub fn run(mut pc: usize, base: Arr<Slot>, mut n: i64) -> i64 {
        loop {
            merge_point();
            match pc {
                // Moved to where it was not before.
                0 => {
                    base.set(0, base.get(1));
                    base.set(1, base.get(2));
                    poll(base);
                    return base.get(0).object.value.get();
                }
                // Overwritten: nobody may look at it any more.
                1 => {
                    let first = base.get(0).object.value.get();
                    base.set(0, base.get(2));
                    poll(base);
                    return first + base.get(0).object.value.get();
                }
                // Exchanged in every turn of a loop, over two polls.
                2 => {
                    let slot = base.get(0);
                    base.set(0, base.get(1));
                    base.set(1, slot);
                    poll(base);
                    pc = 3;
                }
                3 => {
                    let object = base.get(0).object;
                    object.value.set(object.value.get() + n);
                    poll(base);
                    n -= 1;
                    pc = if n > 0 { 2 } else { 4 };
                }
                _ => return base.get(0).object.value.get() * 1000 + base.get(1).object.value.get(),
            }
        }
    }
});

use machine::{Object, Slot, poll, run};

thread_local! {
    /// What stood in the slots at each poll.
    static SEEN: Cell<Vec<[u64; 3]>> = const { Cell::new(vec![]) };
}

pub fn look(base: Arr<Slot>) {
    let mut seen = SEEN.take();
    seen.push([0, 1, 2].map(|index| base.get(index).object.addr()));
    SEEN.set(seen);
}

/// Runs a program for each number; what was seen at its polls is the same on every machine.
fn polls(pc: usize, numbers: &[i64]) -> Toy {
    let natives = natives![poll(base: Arr<Slot>) -> ()];
    let toy = Toy::new(machine::SOURCE, &places![[Slot] { object }, Object { value }], &natives);
    let objects = [7, 20, 300].map(|value| Object { value: Cell::new(value) });
    // SAFETY: the objects outlive the runs.
    let handles = [0, 1, 2].map(|index: usize| unsafe { Ref::from_addr(address(&objects[index])) });
    let mut slots = handles.map(|object| Slot { object });
    // SAFETY: so do the slots.
    let base = unsafe { Arr::from_ptr(slots.as_mut_ptr()) };
    for &n in numbers.iter().chain(numbers) {
        toy.check(
            || {
                for (index, &object) in handles.iter().enumerate() {
                    base.set(index, Slot { object });
                    objects[index].value.set([7, 20, 300][index]);
                }
                SEEN.set(vec![]);
                vec![pc as u64, base.addr(), n as u64]
            },
            || vec![run(pc, base, n) as u64],
            || {
                let seen = SEEN.take();
                assert!(!seen.is_empty());
                seen
            },
        );
    }
    toy
}

#[test]
fn moved_references_are_in_the_window_at_a_poll() {
    // Read before the poll and not again: slot 0 keeps it, where it is written first.
    polls(0, &[1, 2]).leaves(&[("call", 1), ("load", 1), ("load_item", 2), ("store_item", 2)]);
}

#[test]
fn of_what_is_overwritten_nothing_is_held() {
    polls(1, &[1, 2]).leaves(&[("add", 1), ("call", 1), ("load", 2), ("load_item", 2), ("store_item", 1)]);
}

#[test]
fn references_carried_by_a_loop_are_in_the_window_at_each_poll() {
    let toy = polls(2, &[1, 2, 5, 6]);
    assert_eq!((toy.count("call"), toy.count("store")), (2, 1), "{:?}", toy.counts());
    // The window is written before the first poll of a turn; at the second it stands as it is.
    assert!(toy.count("store_item") >= 2, "{:?}", toy.counts());
}
