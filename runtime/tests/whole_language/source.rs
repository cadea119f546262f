//! Chance, and the text of a program as it grows: variables in scope, indentation, fresh names.

/// What a variable holds, mostly. Operations are usually given what they want, and now and then something else.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    Int,
    /// Integer or float.
    Num,
    Str,
    Bool,
    /// A sequence.
    Arr,
    /// A table with some of the fields a, b, c, d.
    Rec,
    /// A table or userdata with a metatable of the program's.
    Obj,
    /// A function that calls no function of the program.
    Fun,
    /// Anything.
    Any,
}

pub const KINDS: [Kind; 9] =
    [Kind::Int, Kind::Num, Kind::Str, Kind::Bool, Kind::Arr, Kind::Rec, Kind::Obj, Kind::Fun, Kind::Any];

#[derive(Clone)]
pub struct Var {
    pub name: String,
    pub kind: Kind,
    /// Never assigned: counters of loops, constants.
    pub fixed: bool,
}

/// A function of the program; later ones may call it.
#[derive(Clone)]
pub struct Function {
    pub name: String,
    pub params: usize,
    pub vararg: bool,
    /// Turns of loops that a call takes.
    pub cost: u32,
}

/// A program under construction.
pub struct Source {
    state: u64,
    pub out: String,
    indent: usize,
    names: usize,
    pub vars: Vec<Var>,
    pub functions: Vec<Function>,
    /// Turns of the loops around the place, multiplied.
    pub turns: u32,
    /// Turns of the function so far.
    pub cost: u32,
    /// Loops of the running function around the place.
    pub loops: usize,
    /// `...` can be used.
    pub vararg: bool,
    /// The place is in the body of a coroutine: it may yield.
    pub yields: bool,
    /// The place is in a function that must not call functions of the program.
    pub leaf: bool,
}

impl Source {
    pub fn new(seed: u64) -> Source {
        Source {
            state: seed.wrapping_mul(0xd134_2543_de82_ef95) ^ 0x2545_f491_4f6c_dd1d,
            out: String::new(),
            indent: 0,
            names: 0,
            vars: Vec::new(),
            functions: Vec::new(),
            turns: 1,
            cost: 1,
            loops: 0,
            vararg: false,
            yields: false,
            leaf: false,
        }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn kind(&mut self) -> Kind {
        self.pick(&KINDS)
    }

    pub fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    pub fn open(&mut self, text: &str) {
        self.line(text);
        self.indent += 1;
    }

    pub fn close(&mut self, text: &str) {
        self.indent -= 1;
        self.line(text);
    }

    /// Between `open` and `close`, at the outer indentation.
    pub fn between(&mut self, text: &str) {
        self.close(text);
        self.indent += 1;
    }

    pub fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    pub fn declare(&mut self, kind: Kind, fixed: bool, prefix: &str) -> String {
        let name = self.fresh(prefix);
        self.vars.push(Var { name: name.clone(), kind, fixed });
        name
    }

    /// A new variable that may be assigned; to be called when its value is made, which cannot see it.
    pub fn bind(&mut self, kind: Kind, prefix: &str) -> String {
        self.declare(kind, false, prefix)
    }

    pub fn declare_named(&mut self, name: String, kind: Kind) {
        self.vars.push(Var { name, kind, fixed: true });
    }

    /// A variable of the kind, the newer ones more often.
    pub fn var(&mut self, kind: Kind, assignable: bool) -> Option<String> {
        let found: Vec<usize> = (0..self.vars.len())
            .filter(|&index| self.vars[index].kind == kind && !(assignable && self.vars[index].fixed))
            .collect();
        if found.is_empty() {
            return None;
        }
        let at = self.below(found.len()).max(self.below(found.len()));
        Some(self.vars[found[at]].name.clone())
    }

    /// A variable of any kind.
    pub fn any_var(&mut self) -> Option<String> {
        if self.vars.is_empty() {
            return None;
        }
        let at = self.below(self.vars.len()).max(self.below(self.vars.len()));
        Some(self.vars[at].name.clone())
    }

    /// The function of a nested body, as seen from inside: other loops, no `...`.
    pub fn in_function<R>(&mut self, vararg: bool, body: impl FnOnce(&mut Source) -> R) -> R {
        let saved = (self.loops, self.vararg, self.vars.len());
        (self.loops, self.vararg) = (0, vararg);
        let result = body(self);
        self.vars.truncate(saved.2);
        (self.loops, self.vararg) = (saved.0, saved.1);
        result
    }
}
