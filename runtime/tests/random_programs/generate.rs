//! Random Lua programs: from a seed, always the same program.
//!
//! A program defines functions one after the other, each of which calls earlier ones only, and then calls them many
//! times under `pcall` with arguments of changing types, printing what comes of it. Loops have constant bounds, so every
//! program ends. What the language leaves open (the order of `pairs`, borders of tables with holes) is not looked at,
//! so that the reference has to say the same.

use std::fmt::Write;

/// What every program begins with: printing that does not depend on addresses or on the order of keys.
const PRELUDE: &str = r#"
local function show(v, depth)
  depth = depth or 0
  local t = math.type(v) or type(v)
  if t == "float" then
    if v ~= v then return "nan" end
    return string.format("%.14g", v)
  elseif t == "table" then
    if depth > 2 then return "{...}" end
    local keys = {}
    for k in next, v do keys[#keys + 1] = k end
    table.sort(keys, function(a, b)
      local x, y = type(a), type(b)
      if x ~= y then return x < y end
      if x == "number" or x == "string" then return a < b end
      return tostring(a) < tostring(b)
    end)
    local out = {}
    for i, k in ipairs(keys) do
      if i > 12 then out[#out + 1] = "..." break end
      out[#out + 1] = show(k, depth + 1) .. "=" .. show(rawget(v, k), depth + 1)
    end
    return "{" .. table.concat(out, ",") .. "}"
  elseif t == "function" then return "function"
  elseif t == "string" then return string.format("%q", #v > 60 and v:sub(1, 60) or v)
  end
  return tostring(v)
end
local function try(name, f, ...)
  local results = table.pack(pcall(f, ...))
  for i = 1, results.n do results[i] = show(results[i]) end
  print(name, table.unpack(results, 1, results.n))
end
local V = setmetatable({}, {})
V.__index = V
V.__add = function(a, b)
  if type(a) == "number" then return V.new(a + b.x, b.y) end
  if type(b) == "number" then return V.new(a.x + b, a.y) end
  return V.new(a.x + b.x, a.y + b.y)
end
V.__sub = function(a, b) return V.new(a.x - b.x, a.y - b.y) end
V.__mul = function(a, b) return type(a) == "table" and a.x or b.x end
V.__unm = function(a) return V.new(-a.x, -a.y) end
V.__eq = function(a, b) return a.x == b.x and a.y == b.y end
V.__lt = function(a, b) return a.x < b.x end
V.__le = function(a, b) return a.x <= b.x end
V.__call = function(self, d, e) self.x = self.x + (d or 1) return self.x, e end
V.__concat = function(a, b)
  return (type(a) == "table" and "V" .. a.x or tostring(a)) .. (type(b) == "table" and "V" .. b.x or tostring(b))
end
V.__len = function(a) return 7 end
function V.new(x, y) return setmetatable({ x = x, y = y }, V) end
function V:get() return self.x end
function V:move(d) self.x = self.x + d return self end
function V:both() return self.x, self.y end
local W = setmetatable({}, { __index = V })
W.__index = W
W.__add = V.__add
function W.new(x, y) local o = V.new(x, y) o.extra = 1 return setmetatable(o, W) end
function W:get() return V.get(self) + self.extra end
local function proxy(t)
  return setmetatable({}, {
    __index = function(_, k) return t[k] end,
    __newindex = function(_, k, v) if v == 13 then rawset(_, k, v) else t[k] = v end end,
  })
end
local G = 0
"#;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    Int,
    Float,
    /// Integer or float.
    Num,
    Str,
    Bool,
    /// Array of numbers without holes.
    Arr,
    /// Table with fields a, b, c, d; some may be missing.
    Rec,
    /// An object of the classes of the prelude, or a number.
    Obj,
    /// Anything: only guarded uses, mostly.
    Any,
}

const KINDS: [Kind; 9] =
    [Kind::Int, Kind::Float, Kind::Num, Kind::Str, Kind::Bool, Kind::Arr, Kind::Rec, Kind::Obj, Kind::Any];

#[derive(Clone)]
struct Var {
    name: String,
    kind: Kind,
    /// Loop variables and functions are not assigned.
    fixed: bool,
}

#[derive(Clone)]
struct Function {
    name: String,
    params: Vec<Kind>,
    result: Kind,
    vararg: bool,
    /// How long a call takes, in turns of loops.
    cost: u32,
}

struct Generator {
    state: u64,
    out: String,
    indent: usize,
    names: usize,
    vars: Vec<Var>,
    functions: Vec<Function>,
    /// Turns of loops around the place, and how many of the function's are left.
    turns: u32,
    cost: u32,
    loops: usize,
    /// Kinds of the running function's result.
    result: Kind,
    vararg: bool,
    /// Label of the innermost loop's end, if there is one.
    labels: Vec<Option<String>>,
    /// Variables below are upvalues: of an enclosing function.
    calls: bool,
}

/// The program of a seed.
pub fn program(seed: u64) -> String {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def0,
        out: PRELUDE.trim_start().to_string(),
        indent: 0,
        names: 0,
        vars: vec![],
        functions: vec![],
        turns: 1,
        cost: 0,
        loops: 0,
        result: Kind::Any,
        vararg: false,
        labels: vec![],
        calls: true,
    };
    generator.program();
    generator.out
}

impl Generator {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// True once in `n`.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn open(&mut self, text: &str) {
        self.line(text);
        self.indent += 1;
    }

    fn close(&mut self, text: &str) {
        self.indent -= 1;
        self.line(text);
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn var(&mut self, kind: Kind, assignable: bool) -> Option<String> {
        let found: Vec<usize> = (0..self.vars.len())
            .filter(|&index| self.vars[index].kind == kind && !(assignable && self.vars[index].fixed))
            .collect();
        if found.is_empty() {
            return None;
        }
        // The newer ones more often: those are locals rather than upvalues.
        let at = self.below(found.len()).max(self.below(found.len()));
        Some(self.vars[found[at]].name.clone())
    }

    fn declare(&mut self, kind: Kind, fixed: bool, prefix: &str) -> String {
        let name = self.fresh(prefix);
        self.vars.push(Var { name: name.clone(), kind, fixed });
        name
    }

    fn program(&mut self) {
        for _ in 0..1 + self.below(3) {
            let kind = KINDS[self.below(KINDS.len())];
            let value = self.expr(kind, 1);
            let name = self.fresh("u");
            self.line(&format!("local {name} = {value}"));
            self.vars.push(Var { name, kind, fixed: false });
        }
        for _ in 0..2 + self.below(3) {
            self.function();
        }
        self.main();
    }

    fn function(&mut self) {
        let name = self.fresh("f");
        let global = self.once_in(5);
        let params: Vec<Kind> = (0..self.below(4)).map(|_| KINDS[self.below(KINDS.len())]).collect();
        let vararg = self.once_in(5);
        let result = KINDS[self.below(KINDS.len())];
        let outer = self.vars.len();
        let mut list: Vec<String> = params.iter().map(|&kind| self.declare(kind, false, "p")).collect();
        if vararg {
            list.push("...".into());
        }
        let local = if global { "" } else { "local " };
        self.open(&format!("{local}function {name}({})", list.join(", ")));
        (self.result, self.vararg) = (result, vararg);
        (self.turns, self.cost, self.loops) = (1, 1, 0);
        let recursive = self.once_in(4) && !params.is_empty() && params[0] == Kind::Int;
        if recursive {
            let first = list[0].clone();
            let base = self.expr(result, 1);
            self.line(&format!(
                "if math.type({first}) ~= 'integer' or {first} < 1 or {first} > 9 then return {base} end"
            ));
            let tail = self.once_in(2);
            let mut args: Vec<String> = params[1..].iter().map(|&kind| self.expr(kind, 1)).collect();
            args.insert(0, format!("{first} - 1"));
            if tail {
                let kind = self.fresh("t");
                let value = self.num(1);
                self.line(&format!("local {kind} = {value}"));
                self.line(&format!("if {kind} ~= 3 then return {name}({}) end", args.join(", ")));
            } else {
                let again = self.fresh("t");
                self.vars.push(Var { name: again.clone(), kind: Kind::Any, fixed: false });
                self.line(&format!("local {again} = {name}({})", args.join(", ")));
            }
            self.turns = 10;
        }
        for _ in 0..3 + self.below(4) {
            self.local();
        }
        for _ in 0..3 + self.below(6) {
            self.statement(0);
        }
        let mut values = vec![self.expr(result, 2)];
        let locals: Vec<String> = self.vars[outer..].iter().map(|var| var.name.clone()).collect();
        values.extend(locals.into_iter().filter(|_| self.once_in(2)));
        self.line(&format!("return {}", values.join(", ")));
        self.close("end");
        self.vars.truncate(outer);
        let cost = self.cost * if recursive { 10 } else { 1 };
        self.functions.push(Function { name, params, result, vararg, cost });
        (self.vararg, self.turns) = (false, 1);
    }

    fn main(&mut self) {
        for index in 0..self.functions.len() {
            let function = self.functions[index].clone();
            self.calls = false;
            let name = &function.name;
            let args: Vec<String> = function.params.iter().map(|&kind| self.expr(kind, 1)).collect();
            self.line(&format!("try('{name} once', {name}, {})", extended(&args, "1")));
            // The same kind of arguments many times, then others.
            let turns = (1500 / function.cost.max(1)).clamp(2, 130);
            self.open(&format!("for i = 1, {turns} do"));
            self.vars.push(Var { name: "i".into(), kind: Kind::Int, fixed: true });
            let args: Vec<String> = function.params.iter().map(|&kind| self.expr(kind, 1)).collect();
            let at = 1 + self.below(turns as usize);
            let odd: Vec<String> = function
                .params
                .iter()
                .zip(&args)
                .map(|(_, arg)| if self.once_in(2) { arg.clone() } else { self.any(1) })
                .collect();
            self.line(&format!("if i == {at} then try('{name} odd', {name}, {})", extended(&odd, "2")));
            self.line(&format!(
                "elseif i == {turns} or i % 50 == 0 then try('{name} ' .. i, {name}, {})",
                extended(&args, "i")
            ));
            if self.once_in(2) {
                self.line(&format!("else pcall({name}, {}) end", extended(&args, "i")));
            } else {
                self.line(&format!(
                    "else pcall({name}{}{}) end",
                    if args.is_empty() { "" } else { ", " },
                    args.join(", ")
                ));
            }
            self.vars.pop();
            self.close("end");
            self.calls = true;
        }
        let names: Vec<String> = self.vars.iter().map(|var| var.name.clone()).collect();
        for name in names {
            self.line(&format!("print('{name}', show({name}))"));
        }
        self.line("print('G', show(G))");
    }

    fn block(&mut self, statements: usize, depth: usize) {
        let outer = self.vars.len();
        for _ in 0..statements {
            self.statement(depth);
        }
        self.vars.truncate(outer);
    }

    fn statement(&mut self, depth: usize) {
        let heavy = depth < 3;
        match self.below(30) {
            0..=2 => self.local(),
            3..=4 => self.store(),
            5..=9 => {
                let kind = KINDS[self.below(KINDS.len())];
                if let Some(name) = self.var(kind, true) {
                    let value = self.expr(kind, 2);
                    self.line(&format!("{name} = {value}"));
                }
            }
            10..=11 => self.store(),
            12..=13 if heavy => self.conditional(depth),
            14..=17 if heavy => self.repetition(depth),
            18 => self.unstable(),
            19 if heavy => self.closures(depth),
            20 if heavy => self.protected(depth),
            21 => self.call_statement(),
            22 => self.leave(),
            23 if heavy => self.generic_for(depth),
            24 => {
                let value = self.int(2);
                self.line(&format!("G = (G + {value}) & 0xffff"));
            }
            25 => {
                if let (Some(a), Some(b)) = (self.var(Kind::Any, true), self.var(Kind::Num, true)) {
                    let value = self.num(1);
                    self.line(&format!("{a}, {b} = {b}, {value}"));
                }
            }
            26 => self.risk(),
            27 if self.vararg => {
                let (a, b) = (self.fresh("l"), self.fresh("l"));
                self.line(&format!("local {a}, {b} = ..."));
                self.vars.push(Var { name: a, kind: Kind::Any, fixed: false });
                self.vars.push(Var { name: b, kind: Kind::Any, fixed: false });
            }
            28 if heavy => {
                self.open("do");
                let count = 1 + self.below(3);
                self.block(count, depth + 1);
                self.close("end");
            }
            _ => {
                let kind = [Kind::Int, Kind::Num, Kind::Any][self.below(3)];
                if let Some(name) = self.var(kind, true) {
                    let value = self.expr(kind, 3);
                    self.line(&format!("{name} = {value}"));
                }
            }
        }
    }

    fn local(&mut self) {
        let kind = KINDS[self.below(KINDS.len())];
        let value = self.expr(kind, 2);
        let name = self.fresh("l");
        self.line(&format!("local {name} = {value}"));
        self.vars.push(Var { name, kind, fixed: false });
    }

    fn conditional(&mut self, depth: usize) {
        let condition = self.bool(2);
        self.open(&format!("if {condition} then"));
        let count = 1 + self.below(3);
        self.block(count, depth + 1);
        if self.once_in(3) {
            self.indent -= 1;
            let condition = self.bool(2);
            self.line(&format!("elseif {condition} then"));
            self.indent += 1;
            self.block(1, depth + 1);
        }
        if self.once_in(2) {
            self.indent -= 1;
            self.line("else");
            self.indent += 1;
            let count = 1 + self.below(2);
            self.block(count, depth + 1);
        }
        self.close("end");
    }

    /// Turns for a loop here, so that the function's stay bounded.
    fn count(&mut self) -> u32 {
        let limit = 1200 / self.turns.max(1);
        let wish = [3, 5, 8, 20, 80, 130, 320][self.below(7)];
        let count = wish.min(limit).max(2);
        self.cost += self.turns * count;
        count
    }

    fn repetition(&mut self, depth: usize) {
        if self.cost > 2500 || self.turns > 600 {
            return;
        }
        let outer_turns = self.turns;
        let count = self.count();
        self.turns *= count;
        let outer = self.vars.len();
        let label = self.once_in(4).then(|| self.fresh("continue"));
        self.labels.push(label.clone());
        self.loops += 1;
        let form = self.below(8);
        let mut counter = None;
        let mut until = String::new();
        match form {
            0..=3 => {
                let name = self.declare(Kind::Int, true, "i");
                let head = match self.below(6) {
                    0 => format!("{count}, 1, -1"),
                    1 => format!("{}, {}, 3", self.below(5), count * 3),
                    2 => format!("-{}, {}", count / 2, count / 2),
                    3 => format!("math.maxinteger - {count}, math.maxinteger"),
                    _ => format!("1, {count}"),
                };
                self.open(&format!("for {name} = {head} do"));
            }
            4 => {
                let name = self.declare(Kind::Float, true, "x");
                let head = match self.below(3) {
                    0 => format!("0.5, {count}"),
                    1 => format!("{count}, 0.25, -1.0"),
                    _ => format!("0, {}, 0.25", count / 4 + 1),
                };
                self.open(&format!("for {name} = {head} do"));
            }
            5..=6 => {
                let name = self.fresh("w");
                self.line(&format!("local {name} = 0"));
                self.vars.push(Var { name: name.clone(), kind: Kind::Int, fixed: true });
                self.open(&format!("while {name} < {count} do"));
                self.line(&format!("{name} = {name} + 1"));
                counter = Some(name);
            }
            _ => {
                let name = self.fresh("w");
                self.line(&format!("local {name} = 0"));
                self.vars.push(Var { name: name.clone(), kind: Kind::Int, fixed: true });
                self.open("repeat");
                self.line(&format!("{name} = {name} + 1"));
                until = format!("until {name} >= {count}");
                counter = Some(name);
            }
        }
        let _ = counter;
        let statements = 2 + self.below(5);
        if let Some(label) = label {
            // A label at the end of a block may not be jumped to from before a local that the condition sees.
            self.open("do");
            self.block(statements, depth + 1);
            self.close("end");
            self.line(&format!("::{label}::"));
        } else {
            self.block(statements, depth + 1);
        }
        self.close(if until.is_empty() { "end" } else { &until });
        self.labels.pop();
        self.loops -= 1;
        self.turns = outer_turns;
        self.vars.truncate(outer);
    }

    fn generic_for(&mut self, depth: usize) {
        if self.turns > 100 {
            return;
        }
        let outer = self.vars.len();
        let outer_turns = self.turns;
        self.turns *= 8;
        self.cost += self.turns;
        self.labels.push(None);
        self.loops += 1;
        match self.below(4) {
            0 => {
                let array = self.expr(Kind::Arr, 1);
                let (k, v) = (self.declare(Kind::Int, true, "k"), self.declare(Kind::Num, false, "v"));
                self.open(&format!("for {k}, {v} in ipairs({array}) do"));
                self.line(&format!("if {k} > 20 then break end"));
                let count = 1 + self.below(3);
                self.block(count, depth + 1);
                self.close("end");
            }
            1 => {
                // Only what does not depend on the order.
                let record = self.expr(Kind::Rec, 1);
                let sum = self.fresh("l");
                self.line(&format!("local {sum} = 0"));
                self.open(&format!("for k, v in pairs({record}) do"));
                self.line(&format!("if math.type(v) == 'integer' then {sum} = {sum} + v end"));
                self.line(&format!("if type(k) == 'string' then {sum} = {sum} + #k end"));
                self.close("end");
                self.vars.push(Var { name: sum, kind: Kind::Int, fixed: false });
                self.labels.pop();
                self.loops -= 1;
                self.turns = outer_turns;
                return;
            }
            2 => {
                let limit = 3 + self.below(6);
                let v = self.declare(Kind::Int, true, "v");
                self.open(&format!(
                    "for {v} in (function(n) local i = 0 return function() i = i + 1 if i <= n then return i end end end)({limit}) do"
                ));
                let count = 1 + self.below(3);
                self.block(count, depth + 1);
                self.close("end");
            }
            _ => {
                let array = self.expr(Kind::Arr, 1);
                let (k, v) = (self.declare(Kind::Any, true, "k"), self.declare(Kind::Any, false, "v"));
                self.open(&format!("for {k}, {v} in next, {array} do"));
                self.line(&format!("if {k} > 20 then break end"));
                let count = 1 + self.below(2);
                self.block(count, depth + 1);
                self.close("end");
            }
        }
        self.labels.pop();
        self.loops -= 1;
        self.turns = outer_turns;
        self.vars.truncate(outer);
    }

    /// A variable whose type changes in the middle of a loop.
    fn unstable(&mut self) {
        let counter = self.vars.iter().rev().find(|var| var.fixed && var.kind == Kind::Int).map(|var| var.name.clone());
        let Some(counter) = counter else { return };
        let name = match self.var(Kind::Any, true) {
            Some(name) => name,
            None => return,
        };
        let at = [2, 5, 40, 70, 100, 300][self.below(6)];
        let value = self.any(1);
        self.line(&format!("if {counter} == {at} then {name} = {value} end"));
        if self.once_in(2) {
            let value = self.any(1);
            self.line(&format!("if {counter} == {} then {name} = {value} end", at + 3));
        }
        match self.below(4) {
            0 => self.line(&format!("if type({name}) == 'number' then {name} = {name} + 1 end")),
            1 => self.line(&format!("{name} = {name} or {counter}")),
            2 => self.line(&format!("if {name} then G = G + 1 else G = G ~ 3 end")),
            _ => self.line(&format!("if {name} == {counter} then G = G + 2 end")),
        }
    }

    fn closures(&mut self, depth: usize) {
        if self.turns > 300 {
            return;
        }
        let vararg = std::mem::take(&mut self.vararg);
        self.closure(depth);
        self.vararg = vararg;
    }

    fn closure(&mut self, depth: usize) {
        let outer = self.vars.len();
        match self.below(4) {
            0 => {
                // Closures over loop variables, and over one they share.
                let (list, shared) = (self.fresh("l"), self.fresh("l"));
                let value = self.int(1);
                self.line(&format!("local {list}, {shared} = {{}}, {value}"));
                self.cost += self.turns * 6;
                self.open("for i = 1, 6 do");
                self.line("local j = i * 2");
                self.vars.push(Var { name: "i".into(), kind: Kind::Int, fixed: true });
                self.vars.push(Var { name: "j".into(), kind: Kind::Int, fixed: false });
                self.vars.push(Var { name: shared.clone(), kind: Kind::Int, fixed: false });
                let value = self.int(2);
                self.line(&format!("{list}[i] = function(d) j = j + d {shared} = {shared} + 1 return {value}, j end"));
                self.close("end");
                self.vars.truncate(outer);
                let arg = self.int(1);
                let sum = self.fresh("l");
                self.line(&format!("local {sum} = 0"));
                self.line(&format!("for _, c in ipairs({list}) do {sum} = {sum} + c({arg}) + select(2, c(1)) end"));
                self.vars.push(Var { name: sum, kind: Kind::Int, fixed: false });
                self.vars.push(Var { name: shared, kind: Kind::Int, fixed: false });
            }
            1 => {
                let name = self.fresh("h");
                let kind = [Kind::Int, Kind::Num, Kind::Any][self.below(3)];
                let param = self.declare(kind, false, "p");
                let (result, vararg) = (self.result, self.vararg);
                (self.result, self.vararg) = (kind, false);
                let (labels, loops) = (std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
                self.open(&format!("local function {name}({param})"));
                let count = 1 + self.below(3);
                self.block(count, depth + 2);
                let value = self.expr(kind, 2);
                self.line(&format!("return {value}"));
                self.close("end");
                (self.result, self.vararg, self.labels, self.loops) = (result, vararg, labels, loops);
                self.vars.truncate(outer);
                let arg = self.expr(kind, 1);
                let local = self.fresh("l");
                self.line(&format!("local {local} = {name}({arg})"));
                if self.once_in(2) {
                    let other = self.expr(kind, 1);
                    self.line(&format!("{local} = {name}({other})"));
                }
                self.vars.push(Var { name: local, kind, fixed: false });
            }
            2 => {
                let value = self.expr(Kind::Int, 1);
                let local = self.fresh("l");
                let step = self.int(1);
                self.line(&format!(
                    "local {local} = (function() local s = {value} local function up() s = (s + {step}) & 0xfff end up() up() return s end)()"
                ));
                self.vars.push(Var { name: local, kind: Kind::Int, fixed: false });
            }
            _ => {
                let (a, b) = (self.any(1), self.any(1));
                let local = self.fresh("l");
                self.line(&format!(
                    "local {local} = (function(...) local n = select('#', ...) local x, y, z = ... return n + (z and 1 or 0), ... end)({a}, {b})"
                ));
                self.vars.push(Var { name: local, kind: Kind::Int, fixed: false });
            }
        }
    }

    fn protected(&mut self, depth: usize) {
        let (ok, what) = (self.fresh("ok"), self.fresh("l"));
        let (result, vararg) = (self.result, self.vararg);
        (self.result, self.vararg) = (Kind::Any, false);
        let (labels, loops) = (std::mem::take(&mut self.labels), std::mem::take(&mut self.loops));
        self.open(&format!("local {ok}, {what} = pcall(function()"));
        let count = 1 + self.below(3);
        self.block(count, depth + 1);
        if self.once_in(2) {
            self.risk();
        }
        let value = self.any(1);
        self.line(&format!("return {value}"));
        self.close("end)");
        (self.result, self.vararg, self.labels, self.loops) = (result, vararg, labels, loops);
        self.vars.push(Var { name: ok.clone(), kind: Kind::Bool, fixed: false });
        self.vars.push(Var { name: what.clone(), kind: Kind::Any, fixed: false });
        if self.turns < 6 {
            self.line(&format!("print('{ok}', {ok}, show({what}))"));
        } else {
            self.line(&format!("if not {ok} then G = G + 1 end"));
        }
    }

    fn call_statement(&mut self) {
        if let Some(call) = self.call(None, 1) {
            self.line(&format!("local _ = {call}"));
        }
    }

    /// A call of an earlier function that fits into the budget.
    fn call(&mut self, kind: Option<Kind>, depth: usize) -> Option<String> {
        if !self.calls {
            return None;
        }
        let budget = 3000 / self.turns.max(1);
        let fits: Vec<usize> = (0..self.functions.len())
            .filter(|&index| {
                let function = &self.functions[index];
                function.cost <= budget && kind.is_none_or(|kind| kind == function.result)
            })
            .collect();
        if fits.is_empty() {
            return None;
        }
        let at = fits[self.below(fits.len())];
        let function = self.functions[at].clone();
        self.cost += self.turns * function.cost;
        let mut args: Vec<String> =
            function.params.iter().map(|&kind| self.expr(kind, depth.saturating_sub(1))).collect();
        if self.once_in(12) {
            args.pop();
        }
        if function.vararg || self.once_in(12) {
            args.push(self.any(0));
        }
        if self.vararg && function.vararg && self.once_in(2) {
            args.push("...".into());
        }
        Some(format!("{}({})", function.name, args.join(", ")))
    }

    fn leave(&mut self) {
        let condition = match self.vars.iter().rev().find(|var| var.fixed && var.kind == Kind::Int) {
            Some(var) => format!("{} == {}", var.name, [3, 61, 75, 200, 310][(self.state >> 7) as usize % 5]),
            None => self.bool(1),
        };
        match self.below(4) {
            0 if self.loops > 0 => self.line(&format!("if {condition} then break end")),
            1 => {
                let value = self.expr(self.result, 1);
                self.line(&format!("if {condition} then return {value} end"));
            }
            2 if self.functions.len() > 1 => {
                // Seldom of another kind than what is expected.
                let kind = if self.once_in(8) { None } else { Some(self.result) };
                if let Some(call) = self.call(kind, 1) {
                    self.line(&format!("if {condition} then return {call} end"));
                }
            }
            _ => {
                if let Some(Some(label)) = self.labels.last().cloned() {
                    let condition = self.bool(1);
                    self.line(&format!("if {condition} then goto {label} end"));
                }
            }
        }
    }

    /// What may raise.
    fn risk(&mut self) {
        let counter = self.vars.iter().rev().find(|var| var.fixed && var.kind == Kind::Int).map(|var| var.name.clone());
        let at = [4, 66, 90, 305][self.below(4)];
        let rarely = match counter {
            Some(counter) if !self.once_in(6) => format!("if {counter} == {at} then "),
            _ => {
                let condition = self.bool(1);
                format!("if {condition} then ")
            }
        };
        let any = match self.var(Kind::Any, false) {
            Some(name) => name,
            None => "G.missing".into(),
        };
        let record = self.var(Kind::Rec, false);
        let what = match self.below(11) {
            0 => format!("local _ = {any} + 1"),
            1 => format!("local _ = {any}.x.y"),
            2 => format!("local _ = {any} .. 'x'"),
            3 => format!("local _ = {any} < {}", self.num(0)),
            4 => format!("{any}()"),
            5 => format!("error('raised ' .. tostring({}))", self.int(1)),
            6 => format!("error({{ a = {} }})", self.int(1)),
            7 => format!("local _ = {} // 0", self.int(1)),
            8 => format!("local _ = #{any}"),
            9 => format!("local _ = {any} & 1"),
            _ => match record {
                Some(record) => format!("{record}.nope.field = 1"),
                None => format!("{any}.field = 1"),
            },
        };
        self.line(&format!("{rarely}{what} end"));
    }

    fn store(&mut self) {
        match self.below(9) {
            0..=2 => {
                if let Some(array) = self.var(Kind::Arr, false) {
                    let value = self.num(1);
                    match self.below(4) {
                        0 | 1 => self.line(&format!("if #{array} < 200 then {array}[#{array} + 1] = {value} end")),
                        2 => {
                            let index = self.int(1);
                            self.line(&format!("if #{array} > 0 then {array}[({index}) % #{array} + 1] = {value} end"));
                        }
                        _ => self.line(&format!("if #{array} > 3 then {array}[#{array}] = nil end")),
                    }
                }
            }
            3..=5 => {
                if let Some(record) = self.var(Kind::Rec, false) {
                    let value = if self.once_in(6) { "nil".into() } else { self.any(1) };
                    match self.below(5) {
                        0 => {
                            let key = self.int(1);
                            self.line(&format!("{record}[({key}) & 31] = {value}"));
                        }
                        1 => {
                            let key = self.str(1);
                            self.line(&format!("{record}[({key}):sub(1, 2)] = {value}"));
                        }
                        _ => {
                            let field = self.field();
                            self.line(&format!("{record}.{field} = {value}"));
                        }
                    }
                }
            }
            _ => {
                if let Some(object) = self.var(Kind::Obj, false) {
                    let value = self.num(1);
                    match self.below(4) {
                        0 => self.line(&format!("if type({object}) == 'table' then {object}.x = {value} end")),
                        1 => self.line(&format!("if type({object}) == 'table' then {object}:move({value}) end")),
                        2 => self.line(&format!("if type({object}) == 'table' then {object}({value}) end")),
                        _ => {
                            let field = self.field();
                            self.line(&format!("if type({object}) == 'table' then {object}.{field} = {value} end"));
                        }
                    }
                }
            }
        }
    }

    fn field(&mut self) -> &'static str {
        self.pick(&["a", "b", "c", "d"])
    }

    fn expr(&mut self, kind: Kind, depth: usize) -> String {
        if depth > 0
            && self.once_in(7)
            && let Some(call) = self.call(Some(kind), depth)
        {
            return match kind {
                Kind::Any => format!("({call})"),
                // Errors end functions early: what else it may be is caught here, mostly.
                _ => call,
            };
        }
        match kind {
            Kind::Int => self.int(depth),
            Kind::Float => self.float(depth),
            Kind::Num => self.num(depth),
            Kind::Str => self.str(depth),
            Kind::Bool => self.bool(depth),
            Kind::Arr => self.array(depth),
            Kind::Rec => self.record(depth),
            Kind::Obj => self.object(depth),
            Kind::Any => self.any(depth),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(5) {
            if let (Some(name), false) = (self.var(Kind::Int, false), self.once_in(3)) {
                return name;
            }
            return match self.below(12) {
                0 => "math.maxinteger".into(),
                1 => "math.mininteger".into(),
                2 => "0".into(),
                3 => "-1".into(),
                4 => "63".into(),
                5 => "0x7fffffff".into(),
                _ => (self.below(40) as i64 - 8).to_string(),
            };
        }
        let depth = depth - 1;
        match self.below(22) {
            0..=3 => format!("({} + {})", self.int(depth), self.int(depth)),
            4..=6 => format!("({} - {})", self.int(depth), self.int(depth)),
            7..=8 => format!("({} * {})", self.int(depth), self.int(depth)),
            9 => {
                let divisor = self.divisor(depth);
                format!("({} // {divisor})", self.int(depth))
            }
            10 => {
                let divisor = self.divisor(depth);
                format!("({} % {divisor})", self.int(depth))
            }
            11 => format!("({} & {})", self.int(depth), self.int(depth)),
            12 => format!("({} | {})", self.int(depth), self.int(depth)),
            13 => format!("({} ~ {})", self.int(depth), self.int(depth)),
            14 => format!("({} << {})", self.int(depth), self.shift(depth)),
            15 => format!("({} >> {})", self.int(depth), self.shift(depth)),
            16 => format!("-{}", self.int(depth)).replace("--", "- -"),
            17 => format!("~{}", self.int(depth)),
            18 => format!("#{}", self.str_atom()),
            19 => match self.var(Kind::Arr, false) {
                Some(array) => format!("#{array}"),
                None => format!("({} and {} or {})", self.bool(depth), self.int(depth), self.int(depth)),
            },
            20 => format!("math.max({}, {})", self.int(depth), self.int(depth)),
            _ => format!("({} and {} or {})", self.bool(depth), self.int(depth), self.int(depth)),
        }
    }

    fn divisor(&mut self, depth: usize) -> String {
        if self.once_in(8) {
            let value = self.int(depth);
            return value;
        }
        if self.once_in(3) {
            return format!("({} | 1)", self.int(depth));
        }
        self.pick(&["3", "-3", "7", "-1", "2", "16", "-16", "1"]).to_string()
    }

    fn shift(&mut self, depth: usize) -> String {
        if self.once_in(3) {
            return format!("({} % 70 - 3)", self.int(depth));
        }
        self.pick(&["1", "3", "31", "32", "63", "64", "-1", "0", "-64", "70"]).to_string()
    }

    fn float(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(5) {
            if let (Some(name), false) = (self.var(Kind::Float, false), self.once_in(3)) {
                return name;
            }
            return self
                .pick(&[
                    "0.5", "1.0", "-2.25", "0.0", "-0.0", "1e300", "3.75", "100.0", "1e15", "(1/0)", "(0/0)", "2^53",
                ])
                .to_string();
        }
        let depth = depth - 1;
        match self.below(12) {
            0..=2 => format!("({} + {})", self.float(depth), self.num(depth)),
            3..=4 => format!("({} - {})", self.num(depth), self.float(depth)),
            5..=6 => format!("({} * {})", self.float(depth), self.num(depth)),
            7 => format!("({} / {})", self.num(depth), self.num(depth)),
            8 => format!("({} // {})", self.float(depth), self.num(depth)),
            9 => format!("({} % {})", self.float(depth), self.num(depth)),
            10 => format!("-{}", self.float(depth)).replace("--", "- -"),
            _ => format!("({} and {} or {})", self.bool(depth), self.float(depth), self.float(depth)),
        }
    }

    fn num(&mut self, depth: usize) -> String {
        match self.below(9) {
            0..=2 => self.int(depth),
            3..=4 => self.float(depth),
            5 if depth > 0 => match self.var(Kind::Arr, false) {
                Some(array) => format!("({array}[{}] or {})", self.int(depth - 1), self.int(0)),
                None => self.int(depth),
            },
            6 if depth > 0 => {
                let op = self.pick(&["+", "-", "*"]);
                format!("({} {op} {})", self.num(depth - 1), self.num(depth - 1))
            }
            7 if depth > 0 => match self.var(Kind::Any, false) {
                Some(any) => format!("(type({any}) == 'number' and {any} or {})", self.num(depth - 1)),
                None => self.float(depth),
            },
            _ => match self.var(Kind::Num, false) {
                Some(name) => name,
                None => self.int(depth),
            },
        }
    }

    fn str_atom(&mut self) -> String {
        if let (Some(name), false) = (self.var(Kind::Str, false), self.once_in(3)) {
            return name;
        }
        self.pick(&["'abc'", "'x'", "'hello'", "'b'", "'10'", "'a longer string than the others are'"]).to_string()
    }

    fn str(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(4) {
            return self.str_atom();
        }
        let depth = depth - 1;
        match self.below(7) {
            0 => format!("({} .. {}):sub(1, 40)", self.str(depth), self.str(depth)),
            1 => format!("({} .. {}):sub(-30)", self.str(depth), self.int(depth)),
            2 => format!("({}):sub({}, 9)", self.str(depth), self.below(4)),
            3 => format!("tostring({})", self.int(depth)),
            4 => format!("string.format('%d|%s', {}, {}):sub(1, 50)", self.int(depth), self.str(depth)),
            5 => format!("({} and {} or {})", self.bool(depth), self.str(depth), self.str(depth)),
            _ => format!("({}):upper()", self.str(depth)),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let (Some(name), true) = (self.var(Kind::Bool, false), self.once_in(2)) {
                return name;
            }
            let op = self.pick(&["<", "<=", ">", ">=", "==", "~="]);
            return format!("({} {op} {})", self.int(0), self.int(0));
        }
        let depth = depth - 1;
        match self.below(12) {
            0..=3 => {
                let op = self.pick(&["<", "<=", ">", ">=", "==", "~="]);
                format!("({} {op} {})", self.num(depth), self.num(depth))
            }
            4..=5 => {
                let op = self.pick(&["<", "<=", ">", ">=", "==", "~="]);
                format!("({} % {} {op} {})", self.int(depth), 2 + self.below(9), self.below(5))
            }
            6 => {
                let op = self.pick(&["<", "<=", "==", "~="]);
                format!("({} {op} {})", self.str(depth), self.str(depth))
            }
            7 => format!("not {}", self.bool(depth)),
            8 => format!("({} and {})", self.bool(depth), self.bool(depth)),
            9 => format!("({} or {})", self.bool(depth), self.bool(depth)),
            10 => {
                let value = self.any(depth);
                format!("(not not {value})")
            }
            _ => {
                let (a, b) = (self.any(depth), self.any(depth));
                format!("({a} == {b})")
            }
        }
    }

    fn array(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Arr, false), self.once_in(4)) {
            return name;
        }
        let items: Vec<String> = (0..self.below(6)).map(|_| self.num(depth.saturating_sub(1))).collect();
        format!("{{{}}}", items.join(", "))
    }

    fn record(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Rec, false), self.once_in(4)) {
            return name;
        }
        let mut fields = String::new();
        for field in ["a", "b", "c", "d"] {
            if self.once_in(2) {
                let value = self.any(depth.saturating_sub(1));
                let _ = write!(fields, "{field} = {value}, ");
            }
        }
        match self.below(6) {
            0 => format!("proxy({{{fields}}})"),
            1 => {
                let other = self.any(0);
                format!("setmetatable({{{fields}}}, {{__index = {{a = {other}}}}})")
            }
            _ => format!("{{{fields}}}"),
        }
    }

    fn object(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Obj, false), self.once_in(3)) {
            if depth > 0 && self.once_in(3) {
                return match self.below(3) {
                    0 => format!("({name} + {})", self.num(0)),
                    1 => format!("(type({name}) == 'table' and -{name} or {name})"),
                    _ => format!("({name} + V.new({}, 1))", self.num(0)),
                };
            }
            return name;
        }
        let depth = depth.saturating_sub(1);
        let class = self.pick(&["V", "V", "W"]);
        format!("{class}.new({}, {})", self.num(depth), self.num(depth))
    }

    fn any(&mut self, depth: usize) -> String {
        match self.below(18) {
            0..=2 => self.int(depth),
            3 => self.float(depth),
            4 => self.str(depth),
            5 => "nil".into(),
            6 => self.pick(&["true", "false"]).into(),
            7..=9 => match self.var(Kind::Any, false) {
                Some(name) => name,
                None => self.num(depth),
            },
            10..=12 => match self.var(Kind::Rec, false) {
                Some(name) => format!("{name}.{}", self.field()),
                None => self.int(depth),
            },
            13 => match self.var(Kind::Obj, false) {
                Some(name) => {
                    let what = self.pick(&[":get()", ".x", ":both()", ".extra", "()", ".nothing"]);
                    format!("(type({name}) == 'table' and {name}{what})")
                }
                None => self.num(depth),
            },
            14 => match self.var(Kind::Arr, false) {
                Some(name) => format!("{name}[{}]", self.int(depth.min(1))),
                None => self.str(depth),
            },
            15 => match self.var(Kind::Rec, false) {
                Some(name) => format!("{name}[{} & 31]", self.int(0)),
                None => self.int(depth),
            },
            16 if depth > 0 => format!("({} or {})", self.any(depth - 1), self.any(depth - 1)),
            17 if depth > 0 => format!("({} and {})", self.any(depth - 1), self.any(depth - 1)),
            _ => {
                let kind = [Kind::Rec, Kind::Obj, Kind::Arr][self.below(3)];
                match self.var(kind, false) {
                    Some(name) => name,
                    None => self.int(depth),
                }
            }
        }
    }
}

fn extended(args: &[String], last: &str) -> String {
    let mut args = args.to_vec();
    args.push(last.into());
    args.join(", ")
}
