//! The table of short strings: chains through the strings themselves.

use super::LuaString;
use moonshift_jitgen::mem::Ref;
use std::cell::{Cell, RefCell};

/// All short strings alive, by hash.
pub struct Interner {
    buckets: RefCell<Vec<Option<Ref<LuaString>>>>,
    count: Cell<usize>,
}

impl Default for Interner {
    fn default() -> Self {
        Interner { buckets: RefCell::new(vec![None; 256]), count: Cell::new(0) }
    }
}

impl Interner {
    /// The string with these bytes, if there is one.
    #[inline]
    pub fn find(&self, bytes: &[u8], hash: u32) -> Option<Ref<LuaString>> {
        let buckets = self.buckets.borrow();
        let mut next = buckets[hash as usize & (buckets.len() - 1)];
        while let Some(string) = next {
            if string.hash.get() == hash && string.as_bytes() == bytes {
                return Some(string);
            }
            next = string.next.get();
        }
        None
    }

    /// Adds a string that `find` did not find.
    pub fn add(&self, string: Ref<LuaString>) {
        let mut buckets = self.buckets.borrow_mut();
        if self.count.get() >= buckets.len() {
            let size = buckets.len() * 2;
            let old = std::mem::replace(&mut *buckets, vec![None; size]);
            for mut next in old {
                while let Some(string) = next {
                    next = string.next.get();
                    link(&mut buckets, string);
                }
            }
        }
        link(&mut buckets, string);
        self.count.set(self.count.get() + 1);
    }

    /// Drops a string that is freed.
    pub fn remove(&self, string: Ref<LuaString>) {
        let mut buckets = self.buckets.borrow_mut();
        let index = string.hash.get() as usize & (buckets.len() - 1);
        self.count.set(self.count.get() - 1);
        if buckets[index] == Some(string) {
            buckets[index] = string.next.get();
            return;
        }
        let mut before = buckets[index].expect("a short string is in its chain");
        while before.next.get() != Some(string) {
            before = before.next.get().expect("a short string is in its chain");
        }
        before.next.set(string.next.get());
    }
}

fn link(buckets: &mut [Option<Ref<LuaString>>], string: Ref<LuaString>) {
    let index = string.hash.get() as usize & (buckets.len() - 1);
    string.next.set(buckets[index]);
    buckets[index] = Some(string);
}
