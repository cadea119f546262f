//! Random statements that are no loops: declarations, assignments, stores, conditions, jumps out.

use crate::source::{Kind, Source};

impl Source {
    pub fn block(&mut self, statements: usize, depth: usize) {
        let outer = self.vars.len();
        for _ in 0..statements {
            self.statement(depth);
        }
        self.vars.truncate(outer);
    }

    pub fn statement(&mut self, depth: usize) {
        let heavy = depth < 3 && self.turns < 150 && self.cost < 500;
        match self.below(44) {
            0..=4 => self.local(),
            5..=9 => self.assignment(),
            10..=12 => self.multiple(),
            13..=15 => self.store(),
            16..=18 => {
                let value = self.any(2);
                self.line(&format!("note({value})"));
            }
            19..=20 => {
                let value = self.protectable(|source| source.wild(2));
                self.line(&format!("note(pcall(function() return {value} end))"));
            }
            21..=22 => {
                let call = self.protectable(|source| source.library(1));
                self.line(&format!("note(pcall(function() return {call} end))"));
            }
            23 => {
                let call = self.library(1);
                let name = self.bind(Kind::Any, "v");
                self.line(&format!("local {name} = clip({call})"));
            }
            24..=26 if heavy => self.conditional(depth),
            27..=30 if heavy => self.counted(depth),
            31 if heavy => self.generic(depth),
            32 if heavy => self.backwards(depth),
            33..=34 if heavy => self.closures(depth),
            35 if heavy => self.protected(depth),
            36 if heavy => self.closing(depth),
            37 if heavy => {
                self.open("do");
                let count = 1 + self.below(3);
                self.block(count, depth + 1);
                self.close("end");
            }
            38 => {
                if let Some(call) = self.call(1) {
                    self.line(&format!("note({call})"));
                }
            }
            39 => self.leave(),
            40 if self.vararg => {
                let (a, b) = (self.bind(Kind::Any, "v"), self.bind(Kind::Any, "v"));
                self.line(&format!("local {a}, {b} = ..."));
            }
            41 if self.yields && !self.leaf => {
                let value = self.any(1);
                let name = self.bind(Kind::Any, "v");
                self.line(&format!("local {name} = coroutine.yield({value})"));
            }
            42 => {
                let value = self.int(2);
                let global = self.pick(&["g1", "g2", "g3"]);
                self.line(&format!("{global} = int({global}) ~ {value}"));
            }
            43 if self.once_in(3) => {
                // Not caught here: ends what is around.
                let (value, condition) = (self.wild(1), self.bool(1));
                self.line(&format!("if {condition} then note({value}) end"));
            }
            _ => self.local(),
        }
    }

    /// What stands in a function of its own, which has no `...`.
    pub fn protectable(&mut self, expression: impl FnOnce(&mut Source) -> String) -> String {
        self.in_function(false, expression)
    }

    fn local(&mut self) {
        match self.below(10) {
            0 => {
                let (kind, other) = (self.kind(), self.kind());
                let (a, b) = (self.expr(kind, 1), self.expr(other, 1));
                let (one, two) = (self.bind(kind, "v"), self.bind(other, "v"));
                self.line(&format!("local {one}, {two} = {a}, {b}"));
            }
            1 => {
                let kind = self.kind();
                let value = self.expr(kind, 2);
                let name = self.declare(kind, true, "c");
                self.line(&format!("local {name} <const> = {value}"));
            }
            2 => {
                // A constant of compile time.
                let (kind, value) = match self.below(4) {
                    0 => (Kind::Int, self.int(0)),
                    1 => (Kind::Num, self.num(0)),
                    2 => (Kind::Str, self.str(0)),
                    _ => (Kind::Any, self.pick(&["nil", "true", "false"]).to_string()),
                };
                let name = self.declare(kind, true, "c");
                self.line(&format!("local {name} <const> = {value}"));
            }
            3 => {
                let call = self.protectable(|source| source.library(1));
                let (one, two) = (self.bind(Kind::Any, "v"), self.bind(Kind::Any, "v"));
                self.line(&format!("local {one}, {two} = pcall(function() return {call} end)"));
                self.line(&format!("{two} = clip({two})"));
            }
            _ => {
                let kind = self.kind();
                let value = self.expr(kind, 2);
                let name = self.bind(kind, "v");
                self.line(&format!("local {name} = {value}"));
            }
        }
    }

    fn assignment(&mut self) {
        let kind = self.kind();
        if let Some(name) = self.var(kind, true) {
            let value = self.expr(kind, 2);
            match kind {
                Kind::Str | Kind::Any => self.line(&format!("{name} = clip({value})")),
                _ => self.line(&format!("{name} = {value}")),
            }
        }
    }

    /// An expression without calls of functions of the program, which may change what is used beside it: what is read
    /// first is left open then.
    pub fn pure(&mut self, expression: impl FnOnce(&mut Source) -> String) -> String {
        let leaf = std::mem::replace(&mut self.leaf, true);
        let text = expression(self);
        self.leaf = leaf;
        text
    }

    /// Several targets: all expressions come before all assignments.
    fn multiple(&mut self) {
        let targets: Vec<String> = (0..2 + self.below(2)).filter_map(|_| self.target()).collect();
        if targets.is_empty() {
            return;
        }
        let mut values: Vec<String> = (0..1 + self.below(3)).map(|_| self.pure(|source| source.any(1))).collect();
        if self.once_in(3) {
            let last = match self.below(3) {
                0 => self.fill("pcall($f, $v)", 0),
                1 => self.fill("table.unpack($a)", 0),
                _ => self.fill("coroutine.running(), $v", 0),
            };
            values.push(last);
        }
        self.line(&format!("{} = {}", targets.join(", "), values.join(", ")));
    }

    fn target(&mut self) -> Option<String> {
        match self.below(5) {
            0..=1 => self.var(Kind::Any, true),
            2 => self.var(Kind::Rec, false).map(|name| format!("{name}.{}", self.field())),
            3 => self.var(Kind::Rec, false).map(|name| format!("{name}[{}]", self.str(0))),
            _ => Some(self.pick(&["g1", "g2", "g3"]).into()),
        }
    }

    fn store(&mut self) {
        let text = match self.below(9) {
            0..=1 => self.var(Kind::Arr, false).map(|array| {
                let value = self.pure(|source| source.num(1));
                format!("if #{array} < 50 then {array}[#{array} + 1] = {value} end")
            }),
            2 => self.var(Kind::Arr, false).map(|array| {
                let index = self.pure(|source| source.int(1));
                let value = self.pure(|source| source.num(1));
                format!("if #{array} > 0 then {array}[{index} % #{array} + 1] = {value} end")
            }),
            3 => self.var(Kind::Arr, false).map(|array| format!("if #{array} > 2 then {array}[#{array}] = nil end")),
            4..=5 => self.var(Kind::Rec, false).map(|record| {
                let value = self.pure(|source| source.any(1));
                format!("{record}.{} = {value}", self.field())
            }),
            6 => self.var(Kind::Rec, false).map(|record| {
                let (key, value) = self.in_function(false, |source| (source.any(0), source.any(0)));
                format!("note(pcall(function() {record}[{key}] = {value} end))")
            }),
            _ => self.var(Kind::Obj, false).map(|object| {
                let field = self.field();
                let value = self.pure(|source| source.protectable(|source| source.any(1)));
                match self.below(3) {
                    0 => format!("note(pcall(function() {object}.{field} = {value} end))"),
                    1 => format!("note(pcall(function() {object}[{value}] = {value} end))"),
                    _ => format!("note(pcall(function() return {object}.{field}, #{object}, {object}({value}) end))"),
                }
            }),
        };
        if let Some(text) = text {
            self.line(&text);
        }
    }

    fn conditional(&mut self, depth: usize) {
        let condition = if self.once_in(4) { self.any(1) } else { self.bool(2) };
        self.open(&format!("if {condition} then"));
        let count = 1 + self.below(2);
        self.block(count, depth + 1);
        if self.once_in(3) {
            let condition = self.bool(1);
            self.between(&format!("elseif {condition} then"));
            self.block(1, depth + 1);
        }
        if self.once_in(2) {
            self.between("else");
            let count = 1 + self.below(2);
            self.block(count, depth + 1);
        }
        self.close("end");
    }

    fn leave(&mut self) {
        let condition = self.bool(1);
        match self.below(3) {
            0 if self.loops > 0 => self.line(&format!("if {condition} then break end")),
            1 => {
                let (a, b) = (self.any(1), self.any(0));
                self.line(&format!("if {condition} then return {a}, {b} end"));
            }
            _ => {
                if let Some(call) = self.call(0) {
                    self.line(&format!("if {condition} then return {call} end"));
                }
            }
        }
    }
}
