//! Random Lua programs that end, and whose output does not depend on what the language leaves open.
//!
//! A program defines functions over a few locals, each calling only earlier ones and using up fuel, then calls them in
//! protected mode and shows results and error messages. Expressions are numbers, integers and floats mixed; now and then,
//! and as arguments of the calls, values of other kinds take their place. Tables are made with eight elements and four
//! fields that are never nil, so `#` has one answer; strings are cut, so they do not grow without bound; the names of
//! variables in messages are cut off, since the reference words them by its own bytecode, and so are the lines of
//! divisions by zero, which the reference (5.4.4) takes from the instruction before.

/// A generator of random numbers (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

struct Generator {
    random: Random,
    out: String,
    indent: usize,
    /// Locals in scope, and whether they may be assigned.
    locals: Vec<(String, bool)>,
    functions: usize,
    names: usize,
    loops: usize,
}

/// One program; the same number gives the same program.
pub fn program(seed: u64) -> String {
    let mut generator = Generator {
        random: Random(seed),
        out: String::new(),
        indent: 0,
        locals: Vec::new(),
        functions: 0,
        names: 0,
        loops: 0,
    };
    generator.out.push_str(PROLOGUE);
    for _ in 0..6 {
        generator.function();
    }
    generator.calls();
    generator.out
}

const PROLOGUE: &str = "\
local sub, select, type, tostring, math = string.sub, select, type, tostring, math
local fuel = 0
local function make(x)
  return { x or 0, 2, 3.5, 'four', true, 6, x or 7, 8, a = 1, b = x or 'b', c = 2.5, d = -4 }
end
local Class = {}
Class.__index = Class
Class.__add = function(x, y) return 1000 end
Class.__lt = function(x, y) return true end
Class.__call = function(self, x) return x, self.a end
function Class:get(x) return self.a, x end
function Class:put(x) self.b = x or 0 return self end
local function new(x)
  local o = make(x)
  return setmetatable(o, Class)
end
local function int(x)
  if math.type(x) == 'integer' then return x end
  return 3
end
local function show(x, deep)
  if x ~= x then return 'nan' end
  if type(x) == 'function' then return 'function' end
  if type(x) ~= 'table' then return type(x) .. ':' .. tostring(x) end
  if deep then return 'table' end
  local parts = {}
  for i = 1, #x do parts[i] = show(x[i], true) end
  for _, k in ipairs { 'a', 'b', 'c', 'd' } do parts[#parts + 1] = k .. '=' .. show(x[k], true) end
  return '{' .. table.concat(parts, ' ') .. '}'
end
local function report(name, ok, ...)
  local parts = { name, tostring(ok) }
  for i = 1, select('#', ...) do parts[#parts + 1] = show((select(i, ...))) end
  local text = table.concat(parts, ' '):gsub(' %([%a ]+ \\'[^\\']*\\'%)', '')
  text = text:gsub('string:[^ ]*:%d+: (attempt to divide)', '%1'):gsub('string:[^ ]*:%d+: (attempt to perform \\'n)', '%1')
  print(text)
end
";

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-3",
    "7",
    "255",
    "2.5",
    "-0.5",
    "1e15",
    "3.0",
    "-0.0",
    "math.maxinteger",
    "math.mininteger",
    "1 / 0",
    "1 << 40",
];

const OTHERS: [&str; 11] =
    ["'10'", "'abc'", "''", "true", "false", "nil", "make(5)", "new(3)", "'0x1p4'", "print", "'7' + 0"];

impl Generator {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn fresh(&mut self, kind: &str) -> String {
        self.names += 1;
        format!("{kind}{}", self.names)
    }

    fn function(&mut self) {
        self.locals.clear();
        let vararg = self.random.below(4) == 0;
        let mut parameters: Vec<String> = ["p", "q", "r"].map(str::to_owned).to_vec();
        for parameter in &parameters {
            self.locals.push((parameter.clone(), true));
        }
        if vararg {
            parameters.push("...".to_owned());
        }
        let head = format!("local function f{}({})", self.functions, parameters.join(", "));
        self.line(&head);
        self.indent += 1;
        self.line("fuel = fuel - 1");
        self.line("if fuel < 0 then return p end");
        if vararg {
            self.line("local extra, count = ..., select('#', ...)");
            self.locals.push(("extra".to_owned(), true));
            self.locals.push(("count".to_owned(), true));
        }
        self.line("local t = make(p)");
        self.locals.push(("t".to_owned(), false));
        for _ in 0..2 {
            let name = self.fresh("v");
            let value = self.expression(2);
            self.line(&format!("local {name} = {value}"));
            self.locals.push((name, true));
        }
        self.block(4);
        let results: Vec<String> = (0..1 + self.random.below(3)).map(|_| self.expression(1)).collect();
        self.line(&format!("return {}, t", results.join(", ")));
        self.indent -= 1;
        self.line("end");
        self.functions += 1;
    }

    fn block(&mut self, size: usize) {
        let scope = self.locals.len();
        for _ in 0..1 + self.random.below(size) {
            self.statement();
        }
        self.locals.truncate(scope);
    }

    fn nested(&mut self, size: usize) {
        self.indent += 1;
        self.block(size);
        self.indent -= 1;
    }

    fn statement(&mut self) {
        let deep = self.indent >= 4;
        match self.random.below(if deep { 6 } else { 13 }) {
            0 | 1 => {
                let target = self.assignable();
                let value = self.expression(3);
                self.line(&format!("{target} = {value}"));
            }
            2 => {
                let name = self.fresh("v");
                let value = self.expression(3);
                self.line(&format!("local {name} = {value}"));
                self.locals.push((name, true));
            }
            3 => {
                let place = self.place();
                let value = self.expression(2);
                self.line(&format!("{place} = {value} or 0"));
            }
            4 => {
                let (a, b) = (self.assignable(), self.assignable());
                let (x, y) = (self.expression(1), self.expression(1));
                self.line(&format!("{a}, {b} = {x}, {y}"));
            }
            5 => {
                let condition = self.expression(1);
                let target = self.assignable();
                let value = self.expression(2);
                self.line(&format!("if {condition} then {target} = {value} end"));
            }
            6 | 7 => {
                let condition = self.condition();
                self.line(&format!("if {condition} then"));
                self.nested(2);
                self.line("else");
                self.nested(2);
                self.line("end");
            }
            8 | 9 if self.loops < 2 => {
                let range = self.random.pick(&[
                    "1, 12",
                    "10, 1, -2",
                    "1.0, 6",
                    "0, 1, 0.25",
                    "3, 1",
                    "math.maxinteger - 2, math.maxinteger",
                    "1, #t",
                    "-5, 5",
                ]);
                let name = self.fresh("i");
                self.line(&format!("for {name} = {range} do"));
                self.looped(name);
            }
            10 if self.loops < 2 => {
                let name = self.fresh("e");
                let iterator = self.random.pick(&["ipairs(t)", "next, { 7 }", "ipairs({ 1, 'x', 2.5, p })"]);
                self.line(&format!("for _, {name} in {iterator} do"));
                self.looped(name);
            }
            11 if self.loops < 2 => {
                let name = self.fresh("n");
                let condition = self.expression(1);
                self.line(&format!("local {name} = 0"));
                self.line(&format!("while {name} < 15 and ({condition} or {name} < 9) do"));
                self.indent += 1;
                self.line(&format!("{name} = {name} + 1"));
                self.indent -= 1;
                self.looped(name);
            }
            _ => self.closure(),
        }
    }

    /// The rest of a loop whose head is written; `name` is its variable, not to be assigned.
    fn looped(&mut self, name: String) {
        self.loops += 1;
        self.locals.push((name, false));
        if self.random.below(4) == 0 {
            let condition = self.condition();
            self.indent += 1;
            self.line(&format!("if {condition} then break end"));
            self.indent -= 1;
        }
        self.nested(3);
        self.locals.pop();
        self.line("end");
        self.loops -= 1;
    }

    /// A local function that captures, and is called.
    fn closure(&mut self) {
        let name = self.fresh("g");
        let target = self.assignable();
        let (value, result) = (self.expression(2), self.expression(1));
        self.line(&format!("local {name} = function(z) {target} = {value} return z, {result} end"));
        let (argument, place) = (self.expression(1), self.assignable());
        self.line(&format!("{place} = {name}({argument})"));
    }

    fn calls(&mut self) {
        for function in 0..self.functions {
            for _ in 0..10 {
                let arguments: Vec<&str> = (0..3 + self.random.below(3)).map(|_| self.value()).collect();
                self.line("fuel = 60");
                self.line(&format!("report('f{function}', pcall(f{function}, {}))", arguments.join(", ")));
            }
            // The same call again and again, so that it becomes hot, then one of another kind.
            let (usual, other) = (self.random.pick(&NUMBERS), self.value());
            self.line(&format!("for i = 1, 40 do fuel = 20 pcall(f{function}, {usual}, i, i + 0.5) end"));
            self.line("fuel = 60");
            self.line(&format!("report('hot f{function}', pcall(f{function}, {other}, {usual}, 3))"));
        }
    }

    fn assignable(&mut self) -> String {
        let names: Vec<&String> =
            self.locals.iter().filter(|(_, assignable)| *assignable).map(|(name, _)| name).collect();
        let index = self.random.below(names.len());
        names[index].clone()
    }

    fn readable(&mut self) -> String {
        let names: Vec<&String> = self.locals.iter().map(|(name, _)| name).filter(|name| *name != "t").collect();
        names[self.random.below(names.len())].clone()
    }

    /// An argument: a number, or not.
    fn value(&mut self) -> &'static str {
        if self.random.below(12) == 0 { self.random.pick(&OTHERS) } else { self.random.pick(&NUMBERS) }
    }

    /// A place in the table `t` that is never nil and holds a number at first.
    fn place(&mut self) -> String {
        match self.random.below(3) {
            0 => format!("t.{}", self.random.pick(&["a", "c", "d"])),
            1 => format!("t[{}]", self.random.pick(&["1", "2", "3", "6", "7", "8"])),
            _ => format!("t[({}) == 1 and 3 or 5]", self.readable()),
        }
    }

    fn condition(&mut self) -> String {
        let (left, right) = (self.expression(1), self.expression(1));
        match self.random.below(6) {
            0 => format!("({left}) == ({right})"),
            1 => format!("({left}) ~= ({right})"),
            2 => format!("not ({left})"),
            3 => format!("type({left}) == 'number' and ({left}) < 4"),
            4 => format!("({left}) and ({right})"),
            _ => format!("math.type({}) == 'integer'", self.readable()),
        }
    }

    /// A number, unless it is one of the few that are not.
    fn expression(&mut self, depth: usize) -> String {
        if self.random.below(800) == 0 {
            return self.random.pick(&OTHERS).to_owned();
        }
        if depth == 0 {
            return match self.random.below(5) {
                0..=2 => self.readable(),
                3 => self.place(),
                _ => self.random.pick(&NUMBERS).to_owned(),
            };
        }
        let (left, right) = (self.expression(depth - 1), self.expression(depth - 1));
        match self.random.below(24) {
            0..=6 => {
                let operator = self.random.pick(&["+", "-", "*", "/"]);
                // The reference computes `x - 0` as `x + 0`, which loses the sign of -0.0.
                let right = if operator == "-" && right == "0" { "1".to_owned() } else { right };
                format!("(({left}) {operator} ({right}))")
            }
            7 | 8 => {
                let operator = self.random.pick(&["//", "%"]);
                let divisor = self.random.pick(&["7", "2.5", "-3", "1 / 0", "(q)"]);
                format!("(({left}) {operator} ({divisor}))")
            }
            9..=11 => {
                let operator = self.random.pick(&["&", "|", "~", "<<", ">>"]);
                format!("(int({left}) {operator} int({right}))")
            }
            12 => {
                let operator = self.random.pick(&["<", "<=", ">", ">=", "==", "~="]);
                format!("(({left}) {operator} ({right}) and ({right}) or {})", self.readable())
            }
            13 => format!("(({left}) and ({right}))"),
            14 => format!("(({left}) or ({right}))"),
            15 => format!("#sub(({left}) .. ({right}), 1, 16)"),
            16 => format!("(-({left}))"),
            17 => format!("(~int({left}))"),
            18 => format!("math.floor({left})"),
            19 => format!("(new({left}):get({right}))"),
            20 => format!("(new({left}) + ({right}))"),
            21 => format!("select('#', {left}, {right})"),
            22 if self.functions > 0 => {
                format!("(f{}({left}, {right}, {}))", self.random.below(self.functions), self.readable())
            }
            22 => format!("new({left}):put({right}).a"),
            _ => self.readable(),
        }
    }
}
