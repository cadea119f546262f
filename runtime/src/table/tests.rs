//! Tables against a model: random keys of all kinds, traversal, growth, dictionaries.

use super::*;
use crate::vm::Vm;
use std::collections::HashMap;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Key {
    Int(i64),
    Str(String),
    Bool(bool),
    Float(u64),
}

impl Key {
    fn value(&self, vm: &Vm) -> Value {
        match self {
            Key::Int(int) => Value::int(*int),
            Key::Str(text) => Value::string(vm.new_string(text.as_bytes())),
            Key::Bool(bool) => Value::bool(*bool),
            Key::Float(bits) => Value::float(f64::from_bits(*bits)),
        }
    }
}

/// A small generator of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn key(&mut self, spread: u64) -> Key {
        match self.below(10) {
            0..5 => Key::Int(self.below(spread) as i64 - 3),
            5..8 => Key::Str(format!("key {}", self.below(spread / 2))),
            8 => Key::Bool(self.below(2) == 0),
            _ => Key::Float((self.below(50) as f64 + 0.5).to_bits()),
        }
    }
}

fn check(vm: &Vm, t: Ref<Table>, model: &HashMap<Key, i64>) {
    for (key, value) in model {
        let found = table_get(t, key.value(vm));
        assert_eq!((found.tag, found.as_int()), (crate::value::INT, *value), "{key:?}");
    }
    let (mut count, mut key) = (0, Value::nil());
    while let Some((next, _)) = table_next(vm, t, key).expect("a key of the table") {
        count += 1;
        key = next;
    }
    assert_eq!(count, model.len());
    let len = table_len(t);
    assert!(len == 0 || model.contains_key(&Key::Int(len)), "{len} is no border");
    assert!(!model.contains_key(&Key::Int(len + 1)), "{len} is no border");
}

#[test]
fn behaves_like_a_map() {
    let vm = Vm::new();
    for (seed, spread) in [(1, 20), (2, 100), (3, 1000), (4, 8)] {
        let t = vm.new_table_sized(seed as usize % 3, seed as usize % 2);
        let mut random = Random(seed);
        let mut model = HashMap::new();
        for step in 0..4000 {
            let key = random.key(spread);
            if random.below(3) == 0 {
                model.remove(&key);
                table_set(&vm, t, key.value(&vm), Value::nil()).expect("a valid key");
            } else {
                model.insert(key.clone(), step);
                table_set(&vm, t, key.value(&vm), Value::int(step)).expect("a valid key");
            }
            if step % 97 == 0 {
                check(&vm, t, &model);
            }
        }
        check(&vm, t, &model);
    }
}

#[test]
fn sequences_live_in_the_array_part() {
    let vm = Vm::new();
    let t = vm.new_table();
    for i in (1..=1000).rev() {
        table_set_int(&vm, t, i, Value::int(i));
    }
    assert_eq!(t.array_len.get(), 1000);
    table_set_int(&vm, t, 1000, Value::nil());
    assert_eq!(table_len(t), 999);
    table_set_int(&vm, t, 500, Value::nil());
    assert_eq!(table_len(t), 999);
    for i in 501..1000 {
        table_set_int(&vm, t, i, Value::nil());
    }
    assert_eq!(table_len(t), 499);
}

#[test]
fn traversal_survives_clearing() {
    let vm = Vm::new();
    let t = vm.new_table();
    for i in 1..=50 {
        table_set_int(&vm, t, i, Value::int(i));
        table_set_str(&vm, t, vm.new_string(format!("s{i}").as_bytes()), Value::int(i));
        table_set(&vm, t, Value::float(i as f64 + 0.5), Value::int(i)).expect("a valid key");
    }
    let (mut count, mut key) = (0, Value::nil());
    while let Some((next, _)) = table_next(&vm, t, key).expect("a key of the table") {
        table_set(&vm, t, next, Value::nil()).expect("a valid key");
        count += 1;
        key = next;
    }
    assert_eq!(count, 150);
    assert!(table_next(&vm, t, Value::nil()).expect("empty").is_none());
}

#[test]
fn shapes_are_shared_and_give_up() {
    let vm = Vm::new();
    let [x, y] = [b"x", b"y"].map(|name| vm.new_string(name));
    let make = |keys: [Ref<LuaString>; 2]| {
        let t = vm.new_table();
        keys.iter().for_each(|&key| table_set_str(&vm, t, key, Value::int(1)));
        t
    };
    let (a, b, c) = (make([x, y]), make([x, y]), make([y, x]));
    assert_eq!(a.shape.get(), b.shape.get());
    assert_ne!(a.shape.get(), c.shape.get());
    table_set_metatable(&vm, a, Some(b));
    assert_ne!(a.shape.get(), b.shape.get());
    assert_eq!(shape_lookup(a.shape.get(), y), 1);
    table_set_metatable(&vm, a, None);
    assert_eq!(a.shape.get(), b.shape.get());
    for i in 0..200 {
        table_set_str(&vm, a, vm.new_string(format!("computed {i}").as_bytes()), Value::int(i));
    }
    assert!(a.shape.get().dictionary);
    assert_eq!(table_get_str(a, x).as_int(), 1);
    assert_eq!(table_get_str(a, vm.new_string(b"computed 150")).as_int(), 150);
}

use crate::string::LuaString;
