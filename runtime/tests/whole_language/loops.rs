//! Random loops: all have bounds, so every program ends.

use crate::source::{Kind, Source};

/// Iterators that end after a few turns: the expressions of a generic `for`.
const ITERATORS: [(&str, Kind, Kind); 7] = [
    ("ipairs($a)", Kind::Int, Kind::Num),
    ("string.gmatch($s, $p)", Kind::Any, Kind::Any),
    (
        "(function(n) local i = 0 return function(s, c) i = i + 1 if i <= n then return i, c, s end end end)(4), $v, $v",
        Kind::Int,
        Kind::Any,
    ),
    ("coroutine.wrap(function() for i = 1, 4 do coroutine.yield(i, $v) end end)", Kind::Int, Kind::Any),
    (
        "(function(s, c) if c < 4 then return c + 1, $v end end), nil, 0, setmetatable({}, { __close = function(_, e) note('for closed', e) end })",
        Kind::Int,
        Kind::Any,
    ),
    ("next, { $n, $n, $n }", Kind::Int, Kind::Num),
    ("pairs($v)", Kind::Any, Kind::Any),
];

impl Source {
    fn turns_here(&mut self) -> u32 {
        let wish = self.pick(&[2, 3, 3, 4, 6, 9, 20, 70]);
        let count = wish.min(300 / self.turns.max(1)).max(2);
        self.cost += self.turns * count;
        count
    }

    pub fn counted(&mut self, depth: usize) {
        let (turns, scope) = (self.turns, self.vars.len());
        let count = self.turns_here();
        self.turns *= count;
        self.loops += 1;
        let statements = 1 + self.below(4);
        match self.below(9) {
            0..=1 => {
                let name = self.declare(Kind::Int, true, "i");
                let head = match self.below(4) {
                    0 => format!("{count}, 1, -1"),
                    1 => format!("math.maxinteger - {}, math.maxinteger", count - 1),
                    2 => format!("math.mininteger + {}, math.mininteger, -1", count - 1),
                    _ => format!("1, {count}"),
                };
                self.open(&format!("for {name} = {head} do"));
                self.body(statements, depth);
                self.close("end");
            }
            2 => {
                let name = self.declare(Kind::Num, true, "i");
                let head = self.pick(&["0.5, 3", "3, 0.25, -1.0", "1.0, 3", "0, 1, 0.25", "1, 3.9", "-0.0, 2"]);
                self.open(&format!("for {name} = {head} do"));
                self.body(statements, depth);
                self.close("end");
            }
            3 => self.any_bounds(),
            4..=5 => {
                let name = self.declare(Kind::Int, true, "n");
                self.line(&format!("local {name} = 0"));
                self.open(&format!("while {name} < {count} do"));
                self.line(&format!("{name} = {name} + 1"));
                self.body(statements, depth);
                self.close("end");
            }
            6 => {
                let name = self.declare(Kind::Int, true, "n");
                self.line(&format!("local {name} = 0"));
                self.open("while true do");
                self.line(&format!("{name} = {name} + 1 if {name} > {count} then break end"));
                self.body(statements, depth);
                self.close("end");
            }
            _ => {
                let name = self.declare(Kind::Int, true, "n");
                self.line(&format!("local {name} = 0"));
                self.open("repeat");
                let value = self.any(0);
                let inner = self.bind(Kind::Any, "v");
                self.line(&format!("local {inner} = {value}"));
                self.line(&format!("{name} = {name} + 1"));
                self.block(statements, depth + 1);
                // The condition sees the locals of the body.
                self.close(&format!("until {name} >= {count} or {inner} == {name}"));
            }
        }
        self.loops -= 1;
        self.turns = turns;
        self.vars.truncate(scope);
    }

    /// A numeric loop with any bounds, and whatever they lead to.
    fn any_bounds(&mut self) {
        let counter = self.fresh("n");
        self.line(&format!("local {counter} = 0"));
        self.open("note(pcall(function()");
        self.in_function(false, |source| {
            let head = match source.below(3) {
                0 => source.fill("$i, $i, $i", 1),
                1 => source.fill("$n, $n, $n", 0),
                _ => source.fill("$v, $n, $v", 0),
            };
            let name = source.declare(Kind::Num, true, "i");
            source.open(&format!("for {name} = {head} do"));
            source.line(&format!("{counter} = {counter} + 1 if {counter} > 4 then break end note({name})"));
            source.close("end");
        });
        self.close("end))");
    }

    /// The body of a loop, perhaps with a jump to its end.
    fn body(&mut self, statements: usize, depth: usize) {
        if !self.once_in(4) {
            self.block(statements, depth + 1);
            return;
        }
        let label = self.fresh("next");
        self.open("do");
        let outer = self.vars.len();
        self.statement(depth + 1);
        self.vars.truncate(outer);
        let condition = self.bool(1);
        self.line(&format!("if {condition} then goto {label} end"));
        self.block(statements, depth + 1);
        self.close("end");
        self.line(&format!("::{label}::"));
    }

    pub fn generic(&mut self, depth: usize) {
        let (turns, scope) = (self.turns, self.vars.len());
        self.turns *= 5;
        self.cost += self.turns;
        let (template, first, second) = self.pick(&ITERATORS);
        let count = self.fresh("n");
        self.line(&format!("local {count} = 0"));
        if template.starts_with("pairs") {
            // The order is left open: only a sum is looked at.
            self.open("note(pcall(function()");
            let head = self.protectable(|source| source.fill(template, 0));
            self.open(&format!("for k, v in {head} do"));
            self.line(&format!("{count} = {count} + (type(k) == 'string' and #k or 1)"));
            self.close("end");
            self.line(&format!("return {count}"));
            self.close("end))");
        } else {
            // Some of the expressions are in functions.
            let head = self.protectable(|source| source.fill(template, 0));
            let (k, v) = (self.declare(first, true, "k"), self.bind(second, "v"));
            self.open(&format!("for {k}, {v} in {head} do"));
            self.line(&format!("{count} = {count} + 1 if {count} > 12 then break end"));
            self.loops += 1;
            let statements = 1 + self.below(3);
            self.body(statements, depth);
            self.loops -= 1;
            self.close("end");
        }
        self.turns = turns;
        self.vars.truncate(scope);
    }

    /// A loop made of jumps.
    pub fn backwards(&mut self, depth: usize) {
        let (turns, scope) = (self.turns, self.vars.len());
        let count = self.turns_here();
        self.turns *= count;
        let (again, out) = (self.fresh("again"), self.fresh("out"));
        let name = self.declare(Kind::Int, true, "n");
        self.open("do");
        self.line(&format!("local {name} = 0"));
        self.line(&format!("::{again}::"));
        self.line(&format!("{name} = {name} + 1"));
        self.open("do");
        let value = self.int(1);
        let captured = self.bind(Kind::Int, "v");
        self.line(&format!("local {captured} = {value}"));
        if self.once_in(2) {
            let function = self.bind(Kind::Fun, "f");
            self.line(&format!("local {function} = function(d) {captured} = {captured} + 1 return {captured}, d end"));
        }
        let loops = std::mem::take(&mut self.loops);
        let statements = 1 + self.below(3);
        self.block(statements, depth + 1);
        self.loops = loops;
        let condition = self.bool(1);
        self.line(&format!("if {condition} then goto {out} end"));
        self.close("end");
        self.line(&format!("if {name} < {count} then goto {again} end"));
        self.line(&format!("::{out}::"));
        self.close("end");
        self.turns = turns;
        self.vars.truncate(scope);
    }
}
