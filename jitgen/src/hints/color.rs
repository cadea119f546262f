//! Forward pass: colours for each specialisation of each function.

use super::demand::{Demands, Foldable, foldable, is_portal};
use crate::flow::{Arg, FuncId, FuncKind, Graph, Module, Op, Term};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Color {
    Green,
    Red,
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpecId(pub u32);

impl SpecId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What becomes of a call. The names are the field's.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum CallKind {
    /// All green, no effects: performed at compile time.
    Green,
    /// The callee is timeshifted into the caller's residual code; some result is green.
    Yellow(SpecId),
    /// As yellow, without results.
    Gray(SpecId),
    /// As yellow, with red results.
    Red(SpecId),
    /// Emitted as a call; performed when it is elidable and its arguments turn out constant.
    Residual,
    /// A residual call of a portal's native entry.
    Portal,
}

/// A function in one combination of argument colours.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Spec {
    pub func: FuncId,
    pub params: Vec<Color>,
    pub results: Vec<Color>,
    /// By variable.
    pub colors: Vec<Color>,
    /// By (block, instruction) of the calls in the function's graph.
    pub calls: Vec<((u32, u32), CallKind)>,
}

impl Spec {
    pub fn color(&self, arg: Arg) -> Color {
        match arg {
            Arg::Var(var) => self.colors[var.index()],
            Arg::Const(_) => Color::Green,
        }
    }

    pub fn call(&self, block: u32, inst: u32) -> Option<CallKind> {
        self.calls.iter().find(|(at, _)| *at == (block, inst)).map(|(_, kind)| *kind)
    }
}

/// The colours of a module.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Coloring {
    pub specs: Vec<Spec>,
    /// For each portal of the module, its specialisation.
    pub portals: Vec<SpecId>,
}

impl Coloring {
    pub fn spec(&self, id: SpecId) -> &Spec {
        &self.specs[id.index()]
    }
}

pub(super) fn color(module: &Module, demands: &Demands) -> Coloring {
    let mut colorer = Colorer { module, demands, done: HashMap::new(), active: vec![], out: Coloring::default() };
    for portal in &module.portals {
        let params = (0..module.func(portal.func).params.len() as u32)
            .map(|index| if portal.greens.contains(&index) { Color::Green } else { Color::Red })
            .collect();
        let spec = colorer.spec(portal.func, params);
        colorer.out.portals.push(spec);
    }
    colorer.out
}

struct Colorer<'m> {
    module: &'m Module,
    demands: &'m Demands,
    done: HashMap<(FuncId, Vec<Color>), SpecId>,
    /// Specialisations being coloured, for recursion: their results count as red there.
    active: Vec<(FuncId, Vec<Color>)>,
    out: Coloring,
}

impl Colorer<'_> {
    fn spec(&mut self, func: FuncId, params: Vec<Color>) -> SpecId {
        let key = (func, params);
        if let Some(&id) = self.done.get(&key) {
            return id;
        }
        let graph = self.module.graph(func).expect("only functions with graphs are specialised");
        let id = SpecId(self.out.specs.len() as u32);
        self.done.insert(key.clone(), id);
        // Entered before its body is coloured, so that recursion finds it; results red until known.
        self.out.specs.push(Spec {
            func,
            params: key.1.clone(),
            results: vec![Color::Red; graph.results.len()],
            colors: vec![],
            calls: vec![],
        });
        self.active.push(key.clone());
        let spec = self.body(func, graph, &key.1, id);
        self.active.pop();
        self.out.specs[id.index()] = spec;
        id
    }

    fn body(&mut self, func: FuncId, graph: &Graph, params: &[Color], this: SpecId) -> Spec {
        let mut colors = vec![Color::Red; graph.vars.len()];
        let mut calls = vec![];
        let mut incoming = vec![0; graph.blocks.len()];
        let order = graph.reverse_postorder();
        for &block in &order {
            for link in graph.blocks[block.index()].term.links() {
                incoming[link.block.index()] += 1;
            }
        }
        for (&var, &color) in graph.params().iter().zip(params) {
            colors[var.index()] = color;
        }
        // Demanded joins are green, where all that arrives there is.
        for &id in &order {
            if incoming[id.index()] > 1 {
                for &param in &graph.blocks[id.index()].params {
                    if self.demands.green(func, param, params) {
                        colors[param.index()] = Color::Green;
                    }
                }
            }
        }
        let of = |colors: &[Color], arg: Arg| match arg {
            Arg::Var(var) => colors[var.index()],
            Arg::Const(_) => Color::Green,
        };
        for &id in &order {
            let block = &graph.blocks[id.index()];
            for (inst_index, inst) in block.insts.iter().enumerate() {
                let all_green = inst.args.iter().all(|&arg| of(&colors, arg) == Color::Green);
                let position = (id.0, inst_index as u32);
                let result_colors = match (foldable(self.module, inst.op), inst.op) {
                    (Foldable::Source, _) => vec![Color::Green; inst.results.len()],
                    (Foldable::Yes, op) => {
                        let color = if all_green { Color::Green } else { Color::Red };
                        if matches!(op, Op::Call(_)) {
                            calls.push((position, if all_green { CallKind::Green } else { CallKind::Residual }));
                        }
                        vec![color; inst.results.len()]
                    }
                    (Foldable::Call(callee), _) => {
                        let arg_colors = inst.args.iter().map(|&arg| of(&colors, arg)).collect();
                        let recursive = self.active.contains(&(callee, Clone::clone(&arg_colors)));
                        let spec = self.spec(callee, arg_colors);
                        let results = if recursive {
                            vec![Color::Red; inst.results.len()]
                        } else {
                            self.out.spec(spec).results.clone()
                        };
                        let kind = if results.is_empty() {
                            CallKind::Gray(spec)
                        } else if results.contains(&Color::Green) {
                            CallKind::Yellow(spec)
                        } else {
                            CallKind::Red(spec)
                        };
                        calls.push((position, kind));
                        results
                    }
                    (Foldable::No(_), op) => {
                        if let Op::Call(callee) = op {
                            let portal = is_portal(self.module, callee);
                            calls.push((position, if portal { CallKind::Portal } else { CallKind::Residual }));
                        }
                        vec![Color::Red; inst.results.len()]
                    }
                };
                for (&var, color) in inst.results.iter().zip(result_colors) {
                    colors[var.index()] = color;
                }
            }
            for link in block.term.links() {
                if incoming[link.block.index()] == 1 {
                    for (&param, &arg) in graph.blocks[link.block.index()].params.iter().zip(&link.args) {
                        colors[param.index()] = of(&colors, arg);
                    }
                }
            }
        }
        let mut results = vec![Color::Green; graph.results.len()];
        let mut returns = false;
        for &id in &order {
            if let Term::Return(values) = &graph.blocks[id.index()].term {
                returns = true;
                for (result, &value) in results.iter_mut().zip(values) {
                    if of(&colors, value) == Color::Red {
                        *result = Color::Red;
                    }
                }
            }
        }
        // A recursive caller has assumed red results already.
        let recursive = calls.iter().any(|(_, kind)| {
            matches!(kind, CallKind::Yellow(spec) | CallKind::Gray(spec) | CallKind::Red(spec) if *spec == this)
        });
        if !returns || recursive {
            results.fill(Color::Red);
        }
        Spec { func, params: params.to_vec(), results, colors, calls }
    }
}

impl Coloring {
    /// The function kinds that have graphs in a module: for reports.
    pub fn specs_of(&self, func: FuncId) -> impl Iterator<Item = (SpecId, &Spec)> {
        self.specs
            .iter()
            .enumerate()
            .filter(move |(_, spec)| spec.func == func)
            .map(|(i, spec)| (SpecId(i as u32), spec))
    }
}

/// Whether a function is inlined when it is called.
pub(crate) fn is_inlined(module: &Module, func: FuncId) -> bool {
    let info = module.func(func);
    matches!(info.kind, FuncKind::Graph(_)) && !info.never_inline && !info.elidable && !is_portal(module, func)
}
