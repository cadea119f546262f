//! Interned byte strings of one compilation: names and string literals are compared by number.

use std::collections::HashMap;
use std::sync::Arc;

/// Number of an interned string.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StrId(pub u32);

/// The strings of one compilation.
#[derive(Default, Clone)]
pub struct Interner {
    ids: HashMap<Arc<[u8]>, StrId>,
    strings: Vec<Arc<[u8]>>,
}

impl Interner {
    /// The number of a string, new or not.
    pub fn intern(&mut self, bytes: &[u8]) -> StrId {
        if let Some(&id) = self.ids.get(bytes) {
            return id;
        }
        let id = StrId(self.strings.len() as u32);
        let string: Arc<[u8]> = bytes.into();
        self.strings.push(string.clone());
        self.ids.insert(string, id);
        id
    }

    /// The string of a number.
    pub fn get(&self, id: StrId) -> &Arc<[u8]> {
        &self.strings[id.0 as usize]
    }
}
