//! Dependency sets: which parameters of its function decide whether a variable can be green.
//!
//! They are local to a function: what a call's result depends on is asked of the arguments of that call alone, so one caller
//! may pass reds where another passes greens.

use super::demand::{Def, Foldable, Function, foldable};
use crate::flow::{Arg, FuncId, Module, Term, VarId};
use crate::hints::Color;
use std::collections::HashMap;

/// Parameters by bit; the last bit: red, whatever the parameters are.
type Set = u128;

const RED: Set = 1 << 127;

pub(super) struct Deps {
    vars: HashMap<FuncId, Vec<Set>>,
}

impl Deps {
    /// The smallest sets, by rounds over all functions.
    pub(super) fn find(module: &Module, functions: &HashMap<FuncId, Function<'_>>) -> Deps {
        let vars = functions.iter().map(|(&func, function)| (func, vec![0; function.graph.vars.len()])).collect();
        let mut deps = Deps { vars };
        let mut order: Vec<FuncId> = functions.keys().copied().collect();
        order.sort_by_key(|func| func.index());
        loop {
            let mut changed = false;
            for func in &order {
                changed |= deps.round(module, *func, &functions[func], functions);
            }
            if !changed {
                return deps;
            }
        }
    }

    fn round(
        &mut self,
        module: &Module,
        func: FuncId,
        function: &Function<'_>,
        functions: &HashMap<FuncId, Function<'_>>,
    ) -> bool {
        let mut changed = false;
        for index in 0..function.graph.vars.len() {
            let Some(def) = function.defs[index] else { continue };
            let set = self.of_def(module, func, function, functions, def);
            let before = &mut self.vars.get_mut(&func).expect("every function has sets")[index];
            changed |= *before | set != *before;
            *before |= set;
        }
        changed
    }

    fn of_def(
        &self,
        module: &Module,
        func: FuncId,
        function: &Function<'_>,
        functions: &HashMap<FuncId, Function<'_>>,
        def: Def,
    ) -> Set {
        match def {
            Def::Param { block: 0, index } => Set::checked_shl(1, index as u32).unwrap_or(RED),
            Def::Param { block, index } => {
                function.incoming[block].iter().fold(0, |set, (_, args)| set | self.of(func, args[index]))
            }
            Def::Inst { block, inst, result } => {
                let inst = &function.graph.blocks[block].insts[inst];
                match foldable(module, inst.op) {
                    Foldable::Yes => inst.args.iter().fold(0, |set, &arg| set | self.of(func, arg)),
                    Foldable::Source => 0,
                    Foldable::No(_) => RED,
                    Foldable::Call(callee) => {
                        let of = self.of_result(callee, &functions[&callee], result);
                        let passed = inst.args.iter().enumerate().filter(|(index, _)| of >> index.min(&127) & 1 != 0);
                        passed.fold(of & RED, |set, (_, &arg)| set | self.of(func, arg))
                    }
                }
            }
        }
    }

    fn of_result(&self, callee: FuncId, function: &Function<'_>, result: usize) -> Set {
        function.graph.blocks.iter().fold(0, |set, block| match &block.term {
            Term::Return(values) => set | self.of(callee, values[result]),
            _ => set,
        })
    }

    fn of(&self, func: FuncId, arg: Arg) -> Set {
        match arg {
            Arg::Var(var) => self.vars[&func][var.index()],
            Arg::Const(_) => 0,
        }
    }

    /// Whether the variable can be green in the specialisation for these colours.
    pub(super) fn green(&self, func: FuncId, var: VarId, params: &[Color]) -> bool {
        let set = self.of(func, Arg::Var(var));
        let green = |(index, color): (usize, &Color)| *color == Color::Green || set >> index.min(127) & 1 == 0;
        set & RED == 0 && params.iter().enumerate().all(green)
    }
}
