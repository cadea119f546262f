//! The program of a seed: variables, functions that call earlier ones only, and calls that print what comes of them.

use crate::batch::Program;
use crate::source::{Function, Kind, Source};

pub fn program(seed: u64) -> Program {
    let mut source = Source::new(seed);
    source.program();
    // The reference computes `x - 0` as `x + 0`, which loses the sign of a zero.
    let text = [")", "\n", " ", ","]
        .iter()
        .fold(source.out, |text, end| text.replace(&format!(" - 0{end}"), &format!(" - 0.0{end}")));
    Program { seed, text }
}

impl Source {
    fn program(&mut self) {
        for _ in 0..1 + self.below(4) {
            let kind = self.kind();
            let value = self.expr(kind, 1);
            let name = self.bind(kind, "u");
            self.line(&format!("local {name} = {value}"));
        }
        for _ in 0..1 + self.below(3) {
            match self.below(8) {
                0..=3 => self.scene(),
                4..=5 => self.sweep(),
                _ => self.coroutine(),
            }
        }
        let names: Vec<String> = self.vars.iter().map(|var| var.name.clone()).collect();
        self.line(&format!("note({})", names.join(", ")));
        self.line("note(g1, g2, g3)");
    }

    /// A function and calls of it, with arguments of one kind first and of others then.
    fn scene(&mut self) {
        let name = self.fresh("f");
        let kinds: Vec<Kind> = (0..self.below(4)).map(|_| self.kind()).collect();
        let vararg = self.once_in(4);
        let global = self.once_in(6);
        let recursive = self.once_in(5) && kinds.first() == Some(&Kind::Int);
        let cost = self.cost;
        (self.turns, self.cost) = (if recursive { 6 } else { 1 }, 1);
        self.in_function(vararg, |source| {
            let mut list: Vec<String> = kinds.iter().map(|&kind| source.declare(kind, false, "p")).collect();
            if vararg {
                list.push("...".into());
            }
            let local = if global { "" } else { "local " };
            source.open(&format!("{local}function {name}({})", list.join(", ")));
            if recursive {
                source.recursion(&name, &list, &kinds);
            }
            let count = 3 + source.below(7);
            for _ in 0..count {
                source.statement(0);
            }
            let mut values = vec![source.any(2)];
            values.extend(source.vars.iter().rev().take(3).map(|var| var.name.clone()).collect::<Vec<_>>());
            source.line(&format!("return {}", values.join(", ")));
            source.close("end");
        });
        let own = self.cost;
        (self.turns, self.cost) = (1, cost);
        self.functions.push(Function { name: name.clone(), params: kinds.len(), vararg, cost: own });
        let turns = (120 / own).clamp(1, 70);
        let arguments: Vec<String> = kinds.iter().map(|&kind| self.pure(|source| source.expr(kind, 1))).collect();
        let joined = |arguments: &[String]| arguments.iter().map(|text| format!(", {text}")).collect::<String>();
        self.line(&format!("for i = 1, {turns} do note('{name}', pcall({name}{}, i)) end", joined(&arguments)));
        for _ in 0..1 + self.below(3) {
            let odd: Vec<String> = arguments
                .iter()
                .map(|text| if self.once_in(2) { text.clone() } else { self.pure(|source| source.any(1)) })
                .collect();
            self.line(&format!("note('{name} odd', pcall({name}{}, 2))", joined(&odd)));
        }
    }

    /// The first parameter counts down.
    fn recursion(&mut self, name: &str, params: &[String], kinds: &[Kind]) {
        let first = &params[0];
        let base = self.any(1);
        self.line(&format!("if math.type({first}) ~= 'integer' or {first} < 1 or {first} > 6 then return {base} end"));
        let mut arguments = vec![format!("{first} - 1")];
        arguments.extend(kinds[1..].iter().map(|&kind| self.expr(kind, 1)));
        let call = format!("{name}({})", arguments.join(", "));
        let condition = self.bool(1);
        match self.below(3) {
            0 => self.line(&format!("if {condition} then return {call} end")),
            1 => self.line(&format!("note({call})")),
            _ => {
                let local = self.declare(Kind::Any, false, "v");
                self.line(&format!("local {local} = {call}"));
            }
        }
    }
}
