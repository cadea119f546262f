//! `table.sort`.
//!
//! Numbers and strings in a plain table are copied out, sorted by Rust and copied back: nothing can run in between. All
//! else is sorted in place by a quicksort that looks at the sequence through metamethods and calls the order function;
//! it partitions as the reference does, so that an inconsistent order function is found out at the same point. The
//! elements in flight are kept in pushed registers: the order function may change the table.

use super::sequence::{Access, Sequence};
use crate::error::Raised;
use crate::table::{Table, element, set_element, table_len};
use crate::value::{self, Value};
use crate::vm::{Call, Vm};
use moonshift_jitgen::mem::Ref;
use std::cmp::Ordering;

pub(super) fn sort(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let sequence = Sequence::check(vm, call, 1, Access::ReadWriteLen)?;
    let len = sequence.len(vm)?;
    if len < 2 {
        return call.ret0();
    }
    if len >= i64::from(i32::MAX) {
        return Err(call.arg_error(vm, 1, "array too big"));
    }
    let less = if call.is_none_or_nil(2) { None } else { Some(call.check_function(vm, 2)?) };
    vm.charge(len as usize)?;
    if less.is_none() && sequence.plain().is_some_and(|table| sort_plain(vm, table)) {
        return call.ret0();
    }
    for _ in 0..3 {
        call.push(vm, Value::nil())?;
    }
    let mut sorter = Sorter { vm, call, sequence, less, random: 0 };
    // As in the reference, the order function cannot yield: the table would be half sorted meanwhile.
    vm.threads.no_yield.set(vm.threads.no_yield.get() + 1);
    let outcome = sorter.sort(1, len);
    vm.threads.no_yield.set(vm.threads.no_yield.get() - 1);
    outcome?;
    call.ret0()
}

/// Sorts a table without metatable whose elements are all numbers or all strings; false if it is another.
fn sort_plain(vm: &Vm, table: Ref<Table>) -> bool {
    let len = table_len(table) as usize;
    debug_assert!(len <= table.array_len.get());
    let mut values: Vec<Value> = (0..len).map(|index| element(table, index)).collect();
    let all = |tag: u8| values.iter().all(|value| value.tag == tag);
    if all(value::INT) {
        values.sort_unstable_by_key(|value| value.as_int());
    } else if all(value::STRING) {
        values.sort_unstable_by(|a, b| a.as_string().as_bytes().cmp(b.as_string().as_bytes()));
    } else if all(value::FLOAT) && !values.iter().any(|value| value.as_float().is_nan()) {
        values.sort_unstable_by(|a, b| a.as_float().partial_cmp(&b.as_float()).unwrap_or(Ordering::Equal));
    } else {
        return false;
    }
    for (index, &value) in values.iter().enumerate() {
        set_element(vm, table, index, value);
    }
    true
}

/// Pushed registers: the two elements under comparison, and the pivot.
const FIRST: usize = 0;
const SECOND: usize = 1;
const PIVOT: usize = 2;

/// Partitions larger than this take a random pivot once the sizes have become uneven.
const LARGE: i64 = 100;

struct Sorter<'a> {
    vm: &'a Vm,
    call: Call,
    sequence: Sequence,
    less: Option<Value>,
    random: u64,
}

impl Sorter<'_> {
    fn load(&self, register: usize, index: i64) -> Result<Value, Raised> {
        let value = self.sequence.get(self.vm, index)?;
        self.call.set_pushed(register, value);
        Ok(value)
    }

    /// Whether the element in one register comes before that in another.
    fn less(&self, first: usize, second: usize) -> Result<bool, Raised> {
        let (first, second) = (self.call.pushed_value(first), self.call.pushed_value(second));
        match self.less {
            Some(function) => Ok(self.vm.call_without_yield(function, &[first, second])?.get(0).is_truthy()),
            None => self.vm.less_than(first, second),
        }
    }

    /// Writes the first register to one place and the second to another.
    fn store(&self, first_to: i64, second_to: i64) -> Result<(), Raised> {
        self.sequence.set(self.vm, first_to, self.call.pushed_value(FIRST))?;
        self.sequence.set(self.vm, second_to, self.call.pushed_value(SECOND))
    }

    /// Exchanges two elements if the one at the higher index comes first.
    fn order(&self, low: i64, high: i64) -> Result<bool, Raised> {
        self.load(FIRST, low)?;
        self.load(SECOND, high)?;
        let exchange = self.less(SECOND, FIRST)?;
        if exchange {
            self.store(high, low)?;
        }
        Ok(exchange)
    }

    fn sort(&mut self, mut low: i64, mut high: i64) -> Result<(), Raised> {
        while low < high {
            // What follows looks at each element at least once.
            self.vm.charge((high - low) as usize)?;
            self.order(low, high)?;
            if high - low == 1 {
                break;
            }
            let middle = self.choose_pivot(low, high);
            if !self.order(low, middle)? {
                self.order(middle, high)?;
            }
            if high - low == 2 {
                break;
            }
            // The pivot waits next to the end, out of the way of the partition.
            let pivot = self.load(PIVOT, middle)?;
            self.call.set_pushed(FIRST, pivot);
            self.load(SECOND, high - 1)?;
            self.store(high - 1, middle)?;
            let middle = self.partition(low, high)?;
            // Recursion on the smaller part keeps the depth logarithmic.
            let smaller;
            if middle - low < high - middle {
                self.sort(low, middle - 1)?;
                smaller = middle - low;
                low = middle + 1;
            } else {
                self.sort(middle + 1, high)?;
                smaller = high - middle;
                high = middle - 1;
            }
            if (high - low) / 128 > smaller {
                self.random = self.random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            }
        }
        Ok(())
    }

    fn choose_pivot(&self, low: i64, high: i64) -> i64 {
        let size = high - low;
        if size < LARGE || self.random == 0 {
            return low + size / 2;
        }
        // From the middle half.
        let quarter = size / 4;
        low + quarter + ((self.random >> 33) as i64) % (quarter * 2)
    }

    /// Splits `low..=high` around the pivot; the elements at both ends are on their right sides already.
    fn partition(&self, low: i64, high: i64) -> Result<i64, Raised> {
        let invalid = || self.vm.raise_string(1, "invalid order function for sorting");
        let (mut up, mut down) = (low, high - 1);
        loop {
            up += 1;
            self.load(FIRST, up)?;
            while self.less(FIRST, PIVOT)? {
                if up == high - 1 {
                    return Err(invalid());
                }
                up += 1;
                self.load(FIRST, up)?;
            }
            down -= 1;
            self.load(SECOND, down)?;
            while self.less(PIVOT, SECOND)? {
                if down < up {
                    return Err(invalid());
                }
                down -= 1;
                self.load(SECOND, down)?;
            }
            if down < up {
                // Exchange the pivot, which waits at `high - 1`, with the first element of the upper part.
                self.load(SECOND, high - 1)?;
                self.store(high - 1, up)?;
                return Ok(up);
            }
            self.store(down, up)?;
        }
    }
}
