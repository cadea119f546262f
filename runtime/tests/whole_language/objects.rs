//! Metatables with any of the metamethods, whose bodies may do anything short of calling the program's functions.

use crate::source::{Kind, Source};

const BINARY: [&str; 13] = [
    "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__idiv", "__band", "__bor", "__bxor", "__shl", "__shr",
    "__concat",
];
const COMPARISON: [&str; 3] = ["__eq", "__lt", "__le"];
const UNARY: [&str; 3] = ["__unm", "__bnot", "__len"];

impl Source {
    /// A constructor of a metatable.
    pub fn metatable(&mut self, depth: usize) -> String {
        let depth = depth.min(1);
        let count = 2 + self.below(5);
        let fields: Vec<String> = (0..count).map(|_| self.metamethod(depth)).collect();
        format!("{{ {} }}", fields.join(", "))
    }

    fn metamethod(&mut self, depth: usize) -> String {
        let leaf = std::mem::replace(&mut self.leaf, true);
        let text = self.in_function(false, |source| source.metamethod_inside(depth));
        self.leaf = leaf;
        text
    }

    fn metamethod_inside(&mut self, depth: usize) -> String {
        match self.below(16) {
            0..=4 => {
                let event = self.pick(&BINARY);
                format!("{event} = {}", self.handler(depth))
            }
            5..=6 => {
                let event = self.pick(&COMPARISON);
                format!("{event} = {}", self.handler(depth))
            }
            7 => {
                let event = self.pick(&UNARY);
                format!("{event} = {}", self.handler(depth))
            }
            8..=9 => match self.below(3) {
                0 => format!("__index = {}", self.record(0)),
                1 => "__index = function(t, k) return k end".into(),
                _ => format!("__index = {}", self.handler(depth)),
            },
            10..=11 => match self.below(4) {
                0 => format!("__newindex = {}", self.record(0)),
                1 => "__newindex = function(t, k, v) rawset(t, k, v) end".into(),
                2 => "__newindex = function(t, k, v) note('set', k, v) end".into(),
                _ => format!("__newindex = {}", self.handler(depth)),
            },
            12 => format!("__call = function(self, ...) local a, b = ... return {}, ... end", self.any(depth)),
            13 => match self.below(3) {
                0 => format!("__tostring = function(t) return str({}) end", self.str(depth)),
                1 => "__name = 'Thing'".into(),
                _ => format!("__metatable = {}", self.any(0)),
            },
            14 => format!("__close = function(o, e) note('closed', e, {}) end", self.any(0)),
            _ => match self.below(3) {
                0 => "__pairs = function(t) return next, { 10, 20, 30 }, nil end".into(),
                1 => format!("__len = function() return {} end", self.int(depth)),
                _ => "__index = rawlen".into(),
            },
        }
    }

    /// A function of two operands.
    fn handler(&mut self, depth: usize) -> String {
        let (a, b) = (self.declare(Kind::Any, false, "p"), self.declare(Kind::Any, false, "p"));
        let body = match self.below(12) {
            0..=3 => format!("return {}", self.any(depth)),
            4 => format!("return {}", self.int(depth)),
            5 => format!("return type({a}), type({b})"),
            6 => format!("return (rawequal({a}, {b}))"),
            7 => format!("note(type({a}), type({b})) return {}", self.any(depth)),
            8 => format!("return {}", self.wild(depth)),
            9 => {
                format!("return type({a}) == 'table' and rawget({a}, 'a') or type({b}) == 'table' and rawget({b}, 'a')")
            }
            10 => format!("error({}, {})", self.any(0), self.pick(&["0", "1", "2"])),
            _ if self.yields => format!("return coroutine.yield({})", self.any(0)),
            _ => "return nil".into(),
        };
        format!("function({a}, {b}) {body} end")
    }
}
