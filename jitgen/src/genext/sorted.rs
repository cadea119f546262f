//! A map that is copied often and small: sorted, and shared until it is written.

use std::rc::Rc;

/// Room that a copy is given for what will be inserted.
const ROOM: usize = 8;

#[derive(Clone, Debug)]
pub struct Sorted<K, V>(Rc<Vec<(K, V)>>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Rc::default())
    }
}

impl<K: Ord + Copy, V: Copy> Sorted<K, V> {
    pub fn from_unsorted(mut entries: Vec<(K, V)>) -> Self {
        // Of a few runs that are sorted.
        entries.sort_by_key(|&(key, _)| key);
        Sorted(Rc::new(entries))
    }

    /// Where the key is, or where it would be.
    pub fn find(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(key))
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        Some(&mut self.entries_mut()[at].1)
    }

    pub fn insert(&mut self, key: K, value: V) {
        self.insert_at(self.find(&key), key, value);
    }

    /// Likewise, of a key that was found to be there.
    pub fn insert_at(&mut self, found: Result<usize, usize>, key: K, value: V) {
        debug_assert_eq!(found, self.find(&key));
        let entries = self.entries_mut();
        match found {
            Ok(at) => entries[at].1 = value,
            Err(at) => entries.insert(at, (key, value)),
        }
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.find(key).ok()?;
        Some(self.entries_mut().remove(at).1)
    }

    /// Removes the keys, which are there, in their order.
    pub fn remove_all(&mut self, keys: &[K]) {
        let [first, others @ ..] = keys else { return };
        let mut to = self.find(first).expect("keys that are there");
        let entries = self.entries_mut();
        let mut from = to + 1;
        for key in others {
            let next = from + entries[from..].partition_point(|(other, _)| other < key);
            debug_assert!(entries[next].0 == *key, "keys that are there, in order");
            entries.copy_within(from..next, to);
            to += next - from;
            from = next + 1;
        }
        let len = entries.len();
        entries.copy_within(from..len, to);
        entries.truncate(to + len - from);
    }

    /// What is in both, with equal values.
    pub fn common(self, other: &Self) -> Self
    where
        V: PartialEq,
    {
        if Rc::ptr_eq(&self.0, &other.0) {
            return self;
        }
        let mut rest = &other.0[..];
        let mut common = Vec::with_capacity(self.0.len().min(rest.len()) + ROOM);
        for entry in &*self.0 {
            let before = rest.iter().position(|(key, _)| *key >= entry.0).unwrap_or(rest.len());
            rest = &rest[before..];
            if rest.first() == Some(entry) {
                common.push(*entry);
            }
        }
        Sorted(Rc::new(common))
    }

    /// In order.
    pub fn entries(&self) -> &[(K, V)] {
        &self.0
    }

    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries_mut().iter_mut().map(|(_, value)| value)
    }

    /// From a place on.
    pub fn rest_mut(&mut self, first: usize) -> impl Iterator<Item = (&K, &mut V)> {
        self.entries_mut()[first..].iter_mut().map(|(key, value)| (&*key, value))
    }

    fn entries_mut(&mut self) -> &mut Vec<(K, V)> {
        if Rc::get_mut(&mut self.0).is_none() {
            let mut copy = Vec::with_capacity(self.0.len() + ROOM);
            copy.extend_from_slice(&self.0);
            self.0 = Rc::new(copy);
        }
        Rc::get_mut(&mut self.0).expect("shared with nobody now")
    }
}

#[cfg(test)]
mod tests {
    use super::Sorted;

    fn numbers(count: u32) -> Sorted<u32, u32> {
        let mut map = Sorted::default();
        (0..count).rev().for_each(|key| map.insert(key, key * 10));
        map
    }

    #[test]
    fn copies_are_apart() {
        let mut one = numbers(20);
        let other = one.clone();
        one.insert(3, 0);
        assert_eq!(one.remove(&4), Some(40));
        assert_eq!((one.get(&3), one.get(&4), one.entries().len()), (Some(&0), None, 19));
        assert_eq!((other.get(&3), other.get(&4), other.entries().len()), (Some(&30), Some(&40), 20));
    }

    #[test]
    fn what_is_common_is_in_both() {
        let (mut one, mut other) = (numbers(9), numbers(6));
        one.insert(2, 0);
        other.insert(20, 200);
        one.insert(20, 200);
        one.remove(&3);
        let expected = [(0, 0), (1, 10), (4, 40), (5, 50), (20, 200)];
        assert_eq!(one.clone().common(&other).entries(), expected);
        assert_eq!(other.common(&one).entries(), expected);
    }

    #[test]
    fn any_keys_can_be_removed() {
        for bits in 0u32..256 {
            let mut map = numbers(8);
            let (gone, left): (Vec<u32>, Vec<u32>) = (0..8).partition(|key| bits >> key & 1 != 0);
            map.remove_all(&gone);
            assert_eq!(map.iter().map(|(key, _)| *key).collect::<Vec<_>>(), left);
            assert!(map.iter().all(|(key, value)| *value == key * 10));
        }
    }
}
