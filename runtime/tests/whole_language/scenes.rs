//! Larger pieces: closures and what they share, protected calls, variables to be closed, coroutines, and sweeps of an
//! expression over values of all types.

use crate::source::{Kind, Source};

/// Values whose cross product the sweeps take.
const VALUES: [&str; 30] = [
    "nil",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "7",
    "-7",
    "63",
    "64",
    "math.maxinteger",
    "math.mininteger",
    "0.0",
    "-0.0",
    "1.5",
    "-2.5",
    "2.0^53",
    "2.0^63",
    "-2.0^63",
    "math.huge",
    "-math.huge",
    "'10'",
    "'0x10'",
    "'abc'",
    "''",
    "'1e1'",
    "{}",
    "type",
    "3.0",
    "' 5 '",
];

const OPERATORS: [&str; 16] = ["+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "<", "<=", "=="];

impl Source {
    pub fn closures(&mut self, depth: usize) {
        match self.below(4) {
            0 => self.sharing_closures(),
            1 => self.local_function(depth),
            2 => {
                // Two closures over one variable, that outlive it.
                let value = self.num(1);
                let (get, set) = (self.fresh("f"), self.fresh("f"));
                self.line(&format!("local {get}, {set}"));
                self.open("do");
                self.line(&format!("local shared = {value}"));
                self.line(&format!("{get} = function() return shared end"));
                self.line(&format!("{set} = function(v) shared = v return {get}() end"));
                self.close("end");
                let value = self.any(1);
                self.line(&format!("note({get}(), {set}({value}), {get}())"));
            }
            _ => {
                let (a, b) = (self.any(1), self.any(1));
                let name = self.fresh("f");
                let result = self.pick(&["...", "select(2, ...)", "(...)", "b, ...", "select('#', ...), a", "{ ... }"]);
                self.line(&format!(
                    "local function {name}(a, ...) local b, c = ... if c then return {result} end return a, {result} end"
                ));
                self.line(&format!("note(pcall({name}, {a}, {b}))"));
                self.line(&format!("note(pcall({name}, {b}, {a}, 3, nil))"));
            }
        }
    }

    /// Closures over a variable of each turn, and over one they share.
    fn sharing_closures(&mut self) {
        let value = self.int(1);
        let (list, shared) = (self.fresh("v"), self.bind(Kind::Int, "v"));
        self.line(&format!("local {list}, {shared} = {{}}, {value}"));
        self.cost += self.turns * 8;
        let outer = self.vars.len();
        self.open("for i = 1, 4 do");
        let own = self.bind(Kind::Int, "v");
        self.line(&format!("local {own} = i"));
        let leaf = std::mem::replace(&mut self.leaf, true);
        let value = self.protectable(|source| source.any(1));
        self.leaf = leaf;
        self.line(&format!(
            "{list}[i] = function(d) {own} = {own} + 1 {shared} = {shared} ~ {own} return {value}, {own} end"
        ));
        self.close("end");
        self.vars.truncate(outer);
        self.line(&format!("for i = 1, #{list} do note({list}[i](i), {list}[1](i), {shared}) end"));
    }

    fn local_function(&mut self, depth: usize) {
        let name = self.fresh("f");
        let params = self.below(3);
        let vararg = self.once_in(3);
        let leaf = std::mem::replace(&mut self.leaf, true);
        self.in_function(vararg, |source| {
            let mut list: Vec<String> = (0..params).map(|_| source.bind(Kind::Any, "p")).collect();
            if vararg {
                list.push("...".into());
            }
            source.open(&format!("local function {name}({})", list.join(", ")));
            let statements = 1 + source.below(3);
            for _ in 0..statements {
                source.statement(depth + 2);
            }
            let value = source.any(1);
            source.line(&format!("return {value}"));
            source.close("end");
        });
        self.leaf = leaf;
        let (a, b) = (self.any(1), self.any(1));
        self.line(&format!("note(pcall({name}, {a}, {b}))"));
        self.declare_named(name, Kind::Fun);
    }

    pub fn protected(&mut self, depth: usize) {
        self.open("note(pcall(function()");
        self.in_function(false, |source| {
            let count = 1 + source.below(3);
            for _ in 0..count {
                source.statement(depth + 1);
            }
            let last = match source.below(4) {
                0..=1 => format!("note({})", source.wild(1)),
                2 => {
                    let level = source.pick(&["", ", 0", ", 1", ", 2", ", 3"]);
                    format!("error({}{level})", source.any(1))
                }
                _ => format!("return {}", source.any(1)),
            };
            source.line(&last);
        });
        self.close("end))");
    }

    /// A variable that is closed whatever way the block is left.
    pub fn closing(&mut self, depth: usize) {
        self.open("note(pcall(function()");
        self.in_function(false, |source| {
            for index in 0..1 + source.below(2) {
                let body = match source.below(5) {
                    0 => "error('in close')".to_string(),
                    1 => format!("return {}", source.any(0)),
                    2 if source.yields => format!("coroutine.yield({})", source.any(0)),
                    _ => "return".to_string(),
                };
                let name = source.declare(Kind::Any, true, "c");
                source.line(&format!(
                    "local {name} <close> = setmetatable({{}}, {{ __close = function(_, e) note('close {index}', e) {body} end }})"
                ));
            }
            source.block(2, depth + 1);
            let value = source.any(1);
            let last = match source.below(4) {
                0 => format!("error({value})"),
                1 => format!("note({})", source.wild(1)),
                _ => format!("return {value}, {value}"),
            };
            source.line(&last);
        });
        self.close("end))");
    }

    /// A function of two operands over all pairs of some values, often enough to be compiled, in changing order.
    pub fn sweep(&mut self) {
        let name = self.fresh("f");
        let leaf = std::mem::replace(&mut self.leaf, true);
        let vars = self.vars.clone();
        // Nothing but the operands is in sight half of the time.
        if self.once_in(2) {
            self.vars.clear();
        }
        self.in_function(false, |source| {
            let (a, b) = (source.bind(Kind::Any, "p"), source.bind(Kind::Any, "p"));
            source.open(&format!("local function {name}({a}, {b})"));
            for _ in 0..source.below(3) {
                let value = source.wild(1);
                let local = source.bind(Kind::Any, "v");
                source.line(&format!("local {local} = clip({value})"));
            }
            let operator = source.pick(&OPERATORS);
            let value = match source.below(5) {
                0 => format!("{a} {operator} {b}"),
                1 => format!("{a} {operator} {}", source.num(0)),
                2 => format!("{} {operator} {b}", source.num(0)),
                3 => format!("({} and 1 or 2)", source.wild(1)),
                _ => source.wild(2),
            };
            source.line(&format!("return {value}"));
            source.close("end");
        });
        self.leaf = leaf;
        self.vars = vars;
        let mut values: Vec<String> = (0..3 + self.below(6)).map(|_| self.pick(&VALUES).to_string()).collect();
        if self.once_in(2) {
            let object = self.object(1);
            values.push(object);
        }
        if self.once_in(2) {
            let value = self.any(1);
            values.push(value);
        }
        let count = values.len();
        let list = self.fresh("v");
        self.line(&format!("local {list} = table.pack({})", values.join(", ")));
        self.cost += (count * count) as u32;
        if self.once_in(2) {
            let warm = self.below(4);
            self.line(&format!("for i = 1, {warm} do pcall({name}, {list}[1], {list}[2]) end"));
        }
        self.line(&format!(
            "for i = 1, {count} do for j = 1, {count} do note(i, j, pcall({name}, {list}[i], {list}[j])) end end"
        ));
    }

    /// A coroutine that is resumed until it is dead, or closed before.
    pub fn coroutine(&mut self) {
        let (name, body) = (self.fresh("co"), self.fresh("f"));
        let yields = std::mem::replace(&mut self.yields, true);
        self.in_function(true, |source| {
            let param = source.bind(Kind::Any, "p");
            source.open(&format!("local function {body}({param}, ...)"));
            for _ in 0..3 + source.below(4) {
                source.statement(1);
                if source.once_in(3) {
                    let value = source.any(1);
                    let local = source.bind(Kind::Any, "v");
                    source.line(&format!("local {local} = coroutine.yield({value})"));
                }
            }
            let value = source.any(1);
            source.line(&format!("return {value}"));
            source.close("end");
        });
        self.yields = yields;
        let (a, b) = (self.any(1), self.any(1));
        let turns = self.below(8) + 2;
        match self.below(3) {
            0 => {
                self.line(&format!("local {name} = coroutine.wrap({body})"));
                self.line(&format!("for i = 1, {turns} do note(pcall({name}, {a}, {b})) end"));
            }
            1 => {
                self.line(&format!("local {name} = coroutine.create({body})"));
                self.open(&format!("for i = 1, {turns} do"));
                self.line(&format!("note(i, coroutine.status({name}), coroutine.resume({name}, {a}, i))"));
                self.close("end");
                self.line(&format!("note(coroutine.close({name}), coroutine.status({name}))"));
            }
            _ => {
                // Inside of another one.
                self.open(&format!("local {name} = coroutine.wrap(function(...)"));
                self.line(&format!("local inner = coroutine.wrap({body})"));
                self.line(&format!("for i = 1, {turns} do coroutine.yield(i, pcall(inner, ...)) end"));
                self.close("end)");
                self.line(&format!("for i = 1, {turns} do note(pcall({name}, {b}, i)) end"));
            }
        }
    }
}
