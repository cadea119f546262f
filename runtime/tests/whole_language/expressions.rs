//! Random expressions: of a kind, mostly; wild ones of any operator on any operands.
//!
//! Templates say `$i` for an integer, `$n` a number, `$s` a string, `$b` a condition, `$a` a sequence, `$r` a record, `$o`
//! an object, `$f` a function, `$v` anything, `$c` a small integer, `$p` a pattern, `$w` anything that may be
//! a mistake.

use crate::source::{Kind, Source};

const ARITHMETIC: [&str; 7] = ["+", "-", "*", "/", "//", "%", "^"];
const BITWISE: [&str; 5] = ["&", "|", "~", "<<", ">>"];
const COMPARISON: [&str; 6] = ["<", "<=", ">", ">=", "==", "~="];
const BINARY: [&str; 21] = [
    "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>", "..", "<", "<=", ">", ">=", "==", "~=", "and", "or",
];
const UNARY: [&str; 4] = ["-", "~", "#", "not "];

const INTEGERS: [&str; 28] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "-3",
    "5",
    "7",
    "10",
    "16",
    "-16",
    "31",
    "32",
    "63",
    "64",
    "65",
    "-64",
    "100",
    "255",
    "256",
    "0x7fffffff",
    "0xffffffff",
    "-0x80000000",
    "1 << 53",
    "math.maxinteger",
    "math.mininteger",
    "math.maxinteger - 1",
    "0xdeadbeefcafebabe",
];

const FLOATS: [&str; 28] = [
    "0.0",
    "-0.0",
    "0.5",
    "-0.5",
    "1.0",
    "1.5",
    "-2.25",
    "3.0",
    "-3.0",
    "7.0",
    "100.0",
    "1e15",
    "1e16",
    "1e100",
    "-1e308",
    "2^53",
    "2^63",
    "-(2^63)",
    "2^53 + 1",
    "2^31",
    "1e-300",
    "0x1p-1074",
    "math.huge",
    "-math.huge",
    "math.pi",
    "0x.8p1",
    "9007199254740993.0",
    "0.1",
];

const STRINGS: [&str; 40] = [
    "''",
    "'a'",
    "'b'",
    "'abc'",
    "'ABC'",
    "'a b c'",
    "'x=1, y=2'",
    "'10'",
    "'3.5'",
    "' 7 '",
    "'0x10'",
    "'-0x1p4'",
    "'1e2'",
    "'10 '",
    "'1e'",
    "'0x'",
    "'nan'",
    "'inf'",
    "'-5'",
    "'9223372036854775807'",
    "'9223372036854775808'",
    "'hello world'",
    "'\\0x\\0'",
    "'\\255\\128'",
    "'\\u{e9}\\u{20ac}'",
    "[[long]]",
    "'%d'",
    "'a.b.c'",
    "'  trim  '",
    "'aXbXc'",
    "'0.1'",
    "'\\n\\t\"'",
    "'key=value'",
    "'(nested (parens))'",
    "'%'",
    "'2^53'",
    "'1,2,,3'",
    "'THE (quick) fox'",
    "'-0'",
    "'5.'",
];

pub const PATTERNS: [&str; 42] = [
    "'a'",
    "'%a+'",
    "'%d+'",
    "'.'",
    "'.-'",
    "'.*'",
    "'^%s*(.-)%s*$'",
    "'(%w+)=(%w+)'",
    "'[abc]'",
    "'[^abc]'",
    "'[%a_]+'",
    "'%b()'",
    "'%f[%a]%a+'",
    "'()'",
    "'(a)(b)?'",
    "'x*'",
    "'a-b'",
    "'^a'",
    "'c$'",
    "'$'",
    "'^$'",
    "'%%'",
    "'[a-c]+'",
    "'[]]'",
    "'[^]]'",
    "'[%]]'",
    "'[a-]'",
    "'(a*(.)%w(%s*))'",
    "'%1'",
    "'(.)%1'",
    "'['",
    "'%'",
    "'(a'",
    "'a)'",
    "'%f'",
    "'%b'",
    "'[a'",
    "'[%'",
    "'%u%l*'",
    "'[%x]+'",
    "'\\0'",
    "','",
];

impl Source {
    pub fn fill(&mut self, template: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let code = rest[at + 1..].chars().next().unwrap_or(' ');
            rest = &rest[at + 2..];
            // A mistake now and then: the messages are looked at too.
            let wrong = self.once_in(40);
            let value = match code {
                _ if wrong && code != 'c' => format!("({})", self.any(0)),
                'i' => self.int(depth),
                'n' => self.num(depth),
                's' => self.str(depth),
                'b' => self.bool(depth),
                'a' => self.array(depth),
                'r' => self.record(depth),
                'o' => self.object(depth),
                'f' => self.function(depth),
                'c' => self.pick(&["0", "1", "2", "3", "4", "5", "-1", "-2", "2.0"]).to_string(),
                'p' => self.pick(&PATTERNS).to_string(),
                'w' => self.wild(depth),
                _ => self.any(depth),
            };
            out.push_str(&value);
        }
        out + rest
    }

    pub fn expr(&mut self, kind: Kind, depth: usize) -> String {
        if depth > 0
            && self.once_in(10)
            && let Some(call) = self.call(depth - 1)
        {
            return match kind {
                Kind::Int => format!("int({call})"),
                Kind::Num => format!("num({call})"),
                Kind::Str => format!("str({call})"),
                Kind::Arr => format!("arr({call})"),
                Kind::Bool => format!("not {call}"),
                Kind::Any => format!("({call})"),
                _ => call,
            };
        }
        match kind {
            Kind::Int => self.int(depth),
            Kind::Num => self.num(depth),
            Kind::Str => self.str(depth),
            Kind::Bool => self.bool(depth),
            Kind::Arr => self.array(depth),
            Kind::Rec => self.record(depth),
            Kind::Obj => self.object(depth),
            Kind::Fun => self.function(depth),
            Kind::Any => self.any(depth),
        }
    }

    pub fn int(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(5) {
            if let (Some(name), false) = (self.var(Kind::Int, false), self.once_in(3)) {
                return name;
            }
            let literal = self.pick(&INTEGERS);
            return if literal.contains(['<', '-']) { format!("({literal})") } else { literal.into() };
        }
        let depth = depth - 1;
        match self.below(20) {
            0..=2 => self.fill("($i + $i)", depth),
            3..=4 => self.fill("($i - $i)", depth),
            5..=6 => self.fill("($i * $i)", depth),
            7 => self.fill("($i // ($i | 1))", depth),
            8 => self.fill("($i % ($i | 1))", depth),
            9 => self.fill("($i // $i)", depth),
            10 => self.fill("($i % $i)", depth),
            11..=12 => {
                let operator = self.pick(&BITWISE);
                format!("({} {operator} {})", self.int(depth), self.int(depth))
            }
            13 => format!("(-{})", self.int(depth)),
            14 => format!("(~{})", self.int(depth)),
            15 => format!("#{}", self.str(0)),
            16 => format!("#{}", self.array(0)),
            17 => self.fill("int($v)", depth),
            18 => self.fill("math.max($i, $i)", depth),
            _ => self.fill("($b and $i or $i)", depth),
        }
    }

    pub fn num(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(5) {
            if let (Some(name), false) = (self.var(Kind::Num, false), self.once_in(3)) {
                return name;
            }
            if self.once_in(3) {
                return self.int(0);
            }
            let literal = self.pick(&FLOATS);
            return if literal.contains(['^', '-']) { format!("({literal})") } else { literal.into() };
        }
        let depth = depth - 1;
        match self.below(10) {
            0..=5 => {
                let operator = self.pick(&ARITHMETIC);
                format!("({} {operator} {})", self.num(depth), self.num(depth))
            }
            6 => format!("(-{})", self.num(depth)),
            7 => self.fill("num($v)", depth),
            8 => self.fill("($b and $n or $n)", depth),
            _ => self.int(depth),
        }
    }

    pub fn str(&mut self, depth: usize) -> String {
        if depth == 0 || self.once_in(4) {
            if let (Some(name), false) = (self.var(Kind::Str, false), self.once_in(3)) {
                return name;
            }
            return format!("({})", self.pick(&STRINGS));
        }
        let depth = depth - 1;
        match self.below(10) {
            0..=1 => self.fill("clip($s .. $s)", depth),
            2 => self.fill("clip($s .. $i .. $s)", depth),
            3 => self.fill("$s:sub($c, $c)", depth),
            4 => self.fill("clip($s:rep($c))", depth),
            5 => self.fill("$s:upper()", depth),
            6 => self.fill("str($v)", depth),
            7 => self.fill("type($v)", depth),
            8 => self.fill("($b and $s or $s)", depth),
            _ => self.fill("tostring(int($i))", depth),
        }
    }

    pub fn bool(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let (Some(name), false) = (self.var(Kind::Bool, false), self.once_in(3)) {
                return name;
            }
            return match self.below(4) {
                0 => self.pick(&["true", "false"]).into(),
                1 => self.fill("($i > $i)", 0),
                2 => self.fill("($n <= $n)", 0),
                _ => self.fill("($v == $v)", 0),
            };
        }
        let depth = depth - 1;
        match self.below(12) {
            0..=2 => {
                let operator = self.pick(&COMPARISON);
                format!("({} {operator} {})", self.int(depth), self.int(depth))
            }
            3..=5 => {
                let operator = self.pick(&COMPARISON);
                format!("({} {operator} {})", self.num(depth), self.num(depth))
            }
            6 => {
                let operator = self.pick(&COMPARISON);
                format!("({} {operator} {})", self.str(depth), self.str(depth))
            }
            7 => self.fill("($b and $b)", depth),
            8 => self.fill("($b or $b)", depth),
            9 => self.fill("(not $b)", depth),
            10 => self.fill("($v == $v)", depth),
            _ => self.fill("(math.type($v) == 'integer')", depth),
        }
    }

    /// What is a number for certain.
    fn number(&mut self) -> String {
        let text = self.num(0);
        if text.starts_with(|first: char| first.is_ascii_alphabetic()) { format!("num({text})") } else { text }
    }

    pub fn array(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Arr, false), self.once_in(4)) {
            return name;
        }
        match self.below(6) {
            0 => "{}".into(),
            // Without holes, whatever the variables hold: the length of tables with holes is left open.
            1 => self.fill("{ num($n), num($n) }", depth.min(1)),
            2 => self.fill("{ str($s), str($s), $s .. '', str($s) }", 0),
            3 if self.vararg => "arr{ ... }".into(),
            4 => self.fill("arr{ table.unpack($a) }", 0),
            _ => {
                let items: Vec<String> = (0..self.below(9)).map(|_| self.number()).collect();
                format!("{{ {} }}", items.join(", "))
            }
        }
    }

    pub fn field(&mut self) -> &'static str {
        self.pick(&["a", "b", "c", "d"])
    }

    pub fn record(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Rec, false), self.once_in(4)) {
            return name;
        }
        let depth = depth.min(1);
        match self.below(5) {
            0 => self.fill("{ a = $v }", depth),
            1 => self.fill("{ a = $n, b = $n }", depth),
            2 => self.fill("{ a = $v, b = $s, [$s] = $v, c = $r }", depth),
            3 => self.fill("{ $n, $n, d = $v; a = $i }", depth),
            _ => "{}".into(),
        }
    }

    pub fn object(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Obj, false), self.once_in(8)) {
            return name;
        }
        let metatable = self.metatable(depth);
        format!("setmetatable({}, {metatable})", self.record(0))
    }

    /// A function that calls none of the program's.
    pub fn function(&mut self, depth: usize) -> String {
        if let (Some(name), false) = (self.var(Kind::Fun, false), self.once_in(3)) {
            return name;
        }
        if self.once_in(4) {
            return self.pick(&["type", "utf8.len", "math.type", "rawlen", "tonumber", "select", "math.floor"]).into();
        }
        let leaf = std::mem::replace(&mut self.leaf, true);
        let text = self.in_function(false, |source| {
            let (a, b) = (source.declare(Kind::Any, false, "p"), source.declare(Kind::Any, false, "p"));
            let value = if source.once_in(2) { source.any(depth.min(1)) } else { source.wild(depth.min(1)) };
            // In parentheses: by tail calls, a function that is stored where it finds itself would go on for ever.
            format!("function({a}, {b}) return ({value}) end")
        });
        self.leaf = leaf;
        format!("({text})")
    }

    /// Anything that is no mistake.
    pub fn any(&mut self, depth: usize) -> String {
        let depth = depth.min(2);
        match self.below(24) {
            0..=1 => self.int(depth),
            2..=3 => self.num(depth),
            4..=5 => self.str(depth),
            6 => "nil".into(),
            7 => self.bool(depth),
            8..=12 => match self.any_var() {
                Some(name) => name,
                None => self.int(depth),
            },
            13..=14 => match self.var(Kind::Rec, false) {
                Some(name) => format!("{name}.{}", self.field()),
                None => self.str(depth),
            },
            15 => match self.var(Kind::Arr, false) {
                Some(name) => format!(
                    "{name}[{}]",
                    self.pick(&["1", "2", "3", "#v", "0", "-1"]).replace("#v", &format!("#{name}"))
                ),
                None => self.num(depth),
            },
            16 if depth > 0 => self.fill("($v and $v)", depth - 1),
            17 if depth > 0 => self.fill("($v or $v)", depth - 1),
            18 if depth > 0 => self.record(depth),
            19 if depth > 0 => self.array(depth),
            20 if self.vararg => self.pick(&["(...)", "select('#', ...)", "(select(-1, 0, ...))"]).into(),
            21 if depth > 0 => format!("(select(2, pcall({})))", self.call_of(depth)),
            22 if self.yields && !self.leaf => self.fill("coroutine.yield($v)", 0),
            23 if depth > 0 => self.object(0),
            _ => match self.var(Kind::Any, false) {
                Some(name) => name,
                None => self.int(0),
            },
        }
    }

    fn call_of(&mut self, depth: usize) -> String {
        let function = self.function(depth - 1);
        format!("{function}, {}", self.any(depth - 1))
    }

    /// Any operator on anything, chained without parentheses too: often an error.
    pub fn wild(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.any(0);
        }
        let depth = depth - 1;
        match self.below(16) {
            0..=5 => {
                let operator = self.pick(&BINARY);
                format!("({} {operator} {})", self.wild(depth), self.wild(depth))
            }
            6..=7 => {
                let operator = self.pick(&UNARY);
                format!("({operator}{})", self.wild(depth))
            }
            8 => {
                // Precedence and associativity.
                let mut text = self.any(0);
                for _ in 0..2 + self.below(4) {
                    let operator = self.pick(&BINARY);
                    let unary = if self.once_in(5) { self.pick(&["- ", "not ", "~ ", "# "]) } else { "" };
                    text.push_str(&format!(" {operator} {unary}{}", self.num(0)));
                }
                format!("({text})")
            }
            9 => format!("{}.{}", self.prefix(), self.field()),
            10 => {
                let key = self.wild(depth);
                format!("{}[{key}]", self.prefix())
            }
            11 => {
                let argument = self.wild(depth);
                format!("{}({argument})", self.prefix())
            }
            12 => {
                let (field, argument) = (self.field(), self.any(0));
                format!("{}:{field}({argument})", self.prefix())
            }
            13 => self.fill("($w .. $w .. $w)", 0),
            14 => self.library(depth),
            _ => self.any(depth),
        }
    }

    /// What can be indexed or called as the grammar has it.
    fn prefix(&mut self) -> String {
        match self.any_var() {
            Some(name) if !self.once_in(6) => name,
            _ => format!("({})", self.any(0)),
        }
    }

    /// A call of an earlier function of the program that fits into the budget.
    pub fn call(&mut self, depth: usize) -> Option<String> {
        if self.leaf {
            return None;
        }
        let budget = 400 / self.turns.max(1);
        let fits: Vec<usize> =
            (0..self.functions.len()).filter(|&index| self.functions[index].cost <= budget).collect();
        if fits.is_empty() {
            return None;
        }
        let at = fits[self.below(fits.len())];
        let function = self.functions[at].clone();
        self.cost += self.turns * function.cost;
        let mut arguments: Vec<String> = (0..function.params).map(|_| self.any(depth)).collect();
        if self.once_in(8) {
            arguments.pop();
        }
        if function.vararg || self.once_in(10) {
            arguments.push(self.any(0));
        }
        if self.vararg && self.once_in(3) {
            arguments.push("...".into());
        }
        Some(format!("{}({})", function.name, arguments.join(", ")))
    }
}
