//! Names: what a path finds among the items of the interpreter.
//!
//! Sources are found by the last segments of their paths, so that re-exports need no care; what the segments before
//! say, imports and nearness decide between several items of one name.

use super::items::{Assoc, Item, Program};
use super::types::{EnumId, Type};

impl Program {
    /// A constant or function of a type.
    pub fn assoc(&self, ty: &Type, name: &str) -> Option<Assoc> {
        self.assoc.get(&(ty.clone(), name.to_string())).copied()
    }

    /// A function or constant by its path.
    pub fn lookup_value(&self, module: usize, segments: &[String]) -> Option<Item> {
        self.lookup(module, segments, |item| matches!(item, Item::Fn(_) | Item::Const(_)))
    }

    /// Any item by its path.
    pub fn lookup_any(&self, module: usize, segments: &[String]) -> Option<Item> {
        self.lookup(module, segments, |_| true)
    }

    /// A variant named without its enum (imported).
    pub fn lookup_variant(&self, module: usize, segments: &[String]) -> Option<(EnumId, usize)> {
        // A structure or constant that is nearer has the name.
        match self.lookup_any(module, segments)? {
            Item::Variant(id, index) => Some((id, index)),
            _ => None,
        }
    }

    /// The best match: the longest agreement with the written path, then the module of the use itself.
    pub(super) fn lookup(&self, module: usize, segments: &[String], accept: impl Fn(Item) -> bool) -> Option<Item> {
        let mut segments = segments.to_vec();
        if let Some(full) = self.modules[module].uses.get(segments.first()?) {
            segments.splice(0..1, full.iter().cloned());
        }
        if matches!(segments[0].as_str(), "std" | "core" | "alloc") {
            return None;
        }
        let (name, qualifiers) = segments.split_last()?;
        let relative = |segment: &&String| matches!(segment.as_str(), "crate" | "self" | "super");
        // A path into a crate that is not among the sources names nothing of theirs.
        if let Some(first) = qualifiers.first().filter(|first| !relative(first))
            && !self.modules.iter().any(|module| module.path.contains(first))
            && !self.names.contains_key(first)
        {
            return None;
        }
        let exact = self.named_module(module, qualifiers);
        let qualifiers: Vec<&String> = qualifiers.iter().filter(|segment| !relative(segment)).collect();
        let imported = |at: usize| {
            let path = &self.modules[at].path;
            let ends = |glob: &Vec<String>| {
                glob.iter().filter(|segment| !relative(segment)).rev().zip(path.iter().rev()).all(|(a, b)| a == b)
            };
            qualifiers.is_empty() && self.modules[module].globs.iter().any(ends)
        };
        let score = |&(at, item): &(usize, Item)| {
            if !accept(item) {
                return None;
            }
            let path = &self.modules[at].path;
            let agreeing = path.iter().rev().zip(qualifiers.iter().rev()).take_while(|(a, b)| a == *b).count();
            let nearness = match at == module {
                _ if exact.as_ref() == Some(path) => 1_000_000,
                true => 1000,
                false if imported(at) => 500,
                false => 0,
            };
            Some((agreeing * 2000 + nearness + common_prefix(path, &self.modules[module].path), item))
        };
        let mut candidates: Vec<(usize, Item)> = self.names.get(name)?.iter().filter_map(score).collect();
        candidates.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        match candidates[..] {
            [] => None,
            [(first, _), (second, _), ..] if first == second => None,
            [(_, item), ..] => Some(item),
        }
    }

    /// The path of the module that qualifiers name when read literally.
    fn named_module(&self, module: usize, qualifiers: &[String]) -> Option<Vec<String>> {
        let mut path = self.modules[module].path.clone();
        for (index, segment) in qualifiers.iter().enumerate() {
            match segment.as_str() {
                "crate" if index == 0 => path.truncate(1),
                "self" if index == 0 => {}
                "super" => {
                    path.pop()?;
                }
                segment => path.push(segment.to_string()),
            }
        }
        (!qualifiers.is_empty()).then_some(path)
    }
}

fn common_prefix(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
