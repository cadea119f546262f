//! Phase 2: slots for variables, green and red forms for operations.

use super::code::{Code, CodeBlock, CodeTerm, Dst, Instr, Jump, Src};
use crate::flow::{Arg, Block, Graph, Inst, Link, Module, Mutability, Op, Term, VarId};
use crate::hints::{CallKind, Color, Coloring, Spec, SpecId};

/// Lowers one specialisation of a split function.
pub fn lower(module: &Module, coloring: &Coloring, spec: &Spec) -> Code {
    let graph = module.graph(spec.func).expect("specialisations are of functions with graphs");
    let id = coloring.specs.iter().position(|other| std::ptr::eq(other, spec)).expect("a spec of the colouring");
    let live = liveness(graph);
    let mut incoming = vec![0; graph.blocks.len()];
    for block in &graph.blocks {
        for link in block.term.links() {
            incoming[link.block.index()] += 1;
        }
    }
    let mut order = vec![u32::MAX; graph.blocks.len()];
    for (position, block) in graph.reverse_postorder().into_iter().enumerate() {
        order[block.index()] = position as u32;
    }
    let loops = super::loops::loops(graph);
    let mut lowerer =
        Lowerer { module, coloring, spec, graph, slots: vec![None; graph.vars.len()], greens: 0, reds: 0 };
    lowerer.assign_across_blocks(&live);
    let (shared_greens, shared_reds) = (lowerer.greens, lowerer.reds);
    let (mut max_greens, mut max_reds) = (shared_greens, shared_reds);
    let mut continuations = vec![false; graph.blocks.len()];
    let mut blocks = vec![];
    for (index, block) in graph.blocks.iter().enumerate() {
        (lowerer.greens, lowerer.reds) = (shared_greens, shared_reds);
        let (code_block, continues) = lowerer.block(index, block, &live[index], order[index]);
        if continues && let CodeTerm::Jump(jump) = &code_block.term {
            continuations[jump.block as usize] = true;
        }
        max_greens = max_greens.max(lowerer.greens);
        max_reds = max_reds.max(lowerer.reds);
        blocks.push(code_block);
    }
    for (index, block) in blocks.iter_mut().enumerate() {
        block.is_join = incoming[index] > 1 || block.merge_point.is_some() || continuations[index];
        block.loops = loops[index].iter().map(|header| order[header.index()]).collect();
    }
    Code { spec: SpecId(id as u32), func: spec.func, blocks, green_slots: max_greens, red_slots: max_reds }
}

/// Variables live on entry of each block, its parameters that are used included; in the order of their numbers.
fn liveness(graph: &Graph) -> Vec<Vec<VarId>> {
    let words = graph.vars.len().div_ceil(64);
    let mut live_in = vec![vec![0u64; words]; graph.blocks.len()];
    let order: Vec<_> = graph.reverse_postorder().into_iter().rev().collect();
    let mut changed = true;
    while changed {
        changed = false;
        for &id in &order {
            let block = &graph.blocks[id.index()];
            let mut live = vec![0u64; words];
            for link in block.term.links() {
                let target = &graph.blocks[link.block.index()];
                for (word, bits) in live.iter_mut().zip(&live_in[link.block.index()]) {
                    *word |= bits;
                }
                for param in &target.params {
                    live[param.index() / 64] &= !(1 << (param.index() % 64));
                }
            }
            // A parameter of a successor may be live here too, through a loop: it is added back by its use only.
            for link in block.term.links() {
                let target = &graph.blocks[link.block.index()];
                for (param, arg) in target.params.iter().zip(&link.args) {
                    let used = live_in[link.block.index()][param.index() / 64] >> (param.index() % 64) & 1 != 0;
                    if let (true, Arg::Var(var)) = (used, arg) {
                        live[var.index() / 64] |= 1 << (var.index() % 64);
                    }
                }
            }
            let add = |live: &mut Vec<u64>, args: &[Arg]| {
                for arg in args {
                    if let Arg::Var(var) = arg {
                        live[var.index() / 64] |= 1 << (var.index() % 64);
                    }
                }
            };
            add(&mut live, block.term.args());
            for inst in block.insts.iter().rev() {
                for var in &inst.results {
                    live[var.index() / 64] &= !(1 << (var.index() % 64));
                }
                add(&mut live, &inst.args);
            }
            if live != live_in[id.index()] {
                live_in[id.index()] = live;
                changed = true;
            }
        }
    }
    live_in
        .iter()
        .map(|set| {
            (0..graph.vars.len())
                .filter(|index| set[index / 64] >> (index % 64) & 1 != 0)
                .map(|index| VarId(index as u32))
                .collect()
        })
        .collect()
}

struct Lowerer<'m> {
    module: &'m Module,
    coloring: &'m Coloring,
    spec: &'m Spec,
    graph: &'m Graph,
    slots: Vec<Option<Dst>>,
    greens: u32,
    reds: u32,
}

/// For each slot, the blocks in which it is taken.
type Taken = Vec<Vec<u64>>;

impl Lowerer<'_> {
    /// Slots for the variables that are live on entry of some block: two share one if no block has both.
    fn assign_across_blocks(&mut self, live: &[Vec<VarId>]) {
        let words = live.len().div_ceil(64);
        let mut blocks: Vec<Option<Vec<u64>>> = vec![None; self.graph.vars.len()];
        for (block, set) in live.iter().enumerate() {
            for var in set {
                blocks[var.index()].get_or_insert_with(|| vec![0; words])[block / 64] |= 1 << (block % 64);
            }
        }
        // The block that defines a variable has it too.
        for (at, block) in self.graph.blocks.iter().enumerate() {
            for var in block.params.iter().chain(block.insts.iter().flat_map(|inst| &inst.results)) {
                if let Some(set) = &mut blocks[var.index()] {
                    set[at / 64] |= 1 << (at % 64);
                }
            }
        }
        let (mut greens, mut reds) = (Taken::new(), Taken::new());
        for (index, set) in blocks.into_iter().enumerate() {
            let Some(set) = set else { continue };
            let color = self.spec.colors[index];
            let taken = if color == Color::Green { &mut greens } else { &mut reds };
            let is_free = |slot: &Vec<u64>| slot.iter().zip(&set).all(|(one, other)| one & other == 0);
            let slot = taken.iter().position(is_free).unwrap_or_else(|| {
                taken.push(vec![0; words]);
                taken.len() - 1
            });
            taken[slot].iter_mut().zip(&set).for_each(|(one, other)| *one |= other);
            self.set_slot(VarId(index as u32), slot as u32);
        }
        (self.greens, self.reds) = (greens.len() as u32, reds.len() as u32);
    }

    fn set_slot(&mut self, var: VarId, index: u32) -> Dst {
        let ty = self.graph.vars[var.index()].ty;
        let slot = match self.spec.colors[var.index()] {
            Color::Green => Dst::Green(index, ty),
            Color::Red => Dst::Red(index, ty),
        };
        self.slots[var.index()] = Some(slot);
        slot
    }

    fn assign(&mut self, var: VarId) -> Dst {
        if let Some(slot) = self.slots[var.index()] {
            return slot;
        }
        let counter = match self.spec.colors[var.index()] {
            Color::Green => &mut self.greens,
            Color::Red => &mut self.reds,
        };
        *counter += 1;
        let index = *counter - 1;
        self.set_slot(var, index)
    }

    fn src(&self, arg: Arg) -> Src {
        match arg {
            Arg::Const(value) => Src::Const(value),
            Arg::Var(var) => match self.slots[var.index()].expect("defined before its use") {
                Dst::Green(slot, ty) => Src::Green(slot, ty),
                Dst::Red(slot, ty) => Src::Red(slot, ty),
                Dst::Nowhere(_) => unreachable!("variables have slots"),
            },
        }
    }

    fn srcs(&self, args: &[Arg]) -> Vec<Src> {
        args.iter().map(|&arg| self.src(arg)).collect()
    }

    /// Also whether the block ends in an inlined call, so that its jump leads to a continuation.
    fn block(&mut self, index: usize, block: &Block, live: &[VarId], order: u32) -> (CodeBlock, bool) {
        let params: Vec<Dst> = block
            .params
            .iter()
            .map(|&var| match live.contains(&var) {
                true => self.assign(var),
                false => Dst::Nowhere(self.graph.vars[var.index()].ty),
            })
            .collect();
        // Parameters without uses still stand in `slots`, in case something dead mentions them.
        let (here, others): (Vec<VarId>, Vec<VarId>) = live.iter().partition(|var| block.params.contains(var));
        let live: Vec<(VarId, Dst)> = others.iter().chain(&here).map(|&var| (var, self.assign(var))).collect();
        let greens = |live: &[(VarId, Dst)]| -> Vec<u32> {
            let slot = |&(_, dst): &(VarId, Dst)| if let Dst::Green(slot, _) = dst { Some(slot) } else { None };
            live.iter().filter_map(slot).collect()
        };
        let live_greens = greens(&live);
        let waiting_greens = greens(&live[..others.len()]).len() as u32;
        let mut code = vec![];
        let mut merge_point = None;
        let mut continues = false;
        if order != u32::MAX {
            for (position, inst) in block.insts.iter().enumerate() {
                let instr = self.inst(index as u32, position as u32, inst);
                match instr {
                    Instr::MergePoint { portal, .. } => merge_point = Some(portal),
                    Instr::Enter { .. } | Instr::EnterUnit { .. } => continues = true,
                    _ => {}
                }
                code.push(instr);
            }
        }
        let term = if order == u32::MAX { CodeTerm::Unreachable } else { self.term(&block.term) };
        let code_block = CodeBlock {
            params,
            code,
            term,
            live,
            waiting: others.len() as u32,
            live_greens,
            waiting_greens,
            order,
            loops: vec![],
            is_join: false,
            merge_point,
        };
        (code_block, continues)
    }

    fn inst(&mut self, block: u32, position: u32, inst: &Inst) -> Instr {
        let args = self.srcs(&inst.args);
        let results: Vec<Dst> = inst.results.iter().map(|&var| self.assign(var)).collect();
        let green = results.iter().all(|dst| matches!(dst, Dst::Green(..)));
        match inst.op {
            Op::Concrete | Op::Deepfreeze | Op::Rooted => Instr::Move { from: args[0], to: results[0] },
            Op::Likely if green => Instr::Move { from: args[0], to: results[0] },
            Op::Likely => Instr::Likely { from: args[0], to: results[0] },
            Op::Variable => Instr::Forget { from: args[0], to: results[0] },
            Op::Promote => Instr::Promote { from: args[0], known: None, to: results[0] },
            Op::PromoteFew => Instr::Promote { from: args[0], known: Some(results[0]), to: results[1] },
            Op::MergePoint => {
                let portal = self.module.portals.iter().position(|portal| portal.func == self.spec.func);
                Instr::MergePoint { portal: portal.expect("merge points stand in portals") as u32, args }
            }
            Op::Call(_) => match self.spec.call(block, position).expect("calls are coloured") {
                CallKind::Green => Instr::Green { op: inst.op, args, results },
                CallKind::Yellow(spec) | CallKind::Gray(spec) | CallKind::Red(spec) => {
                    debug_assert_eq!(self.coloring.spec(spec).params.len(), args.len());
                    Instr::Enter { spec, args, inst: position }
                }
                CallKind::Residual | CallKind::Portal => Instr::Red { op: inst.op, args, results },
            },
            Op::CallIndirect(sig) if self.module.enters(inst.op).is_some() => {
                Instr::EnterUnit { sig, args, results, inst: position }
            }
            Op::Load(field) if green && self.module.field(field).mutability == Mutability::QuasiImmutable => {
                Instr::Rely { field, base: args[0], to: results[0] }
            }
            op if green && !results.is_empty() => Instr::Green { op, args, results },
            op => Instr::Red { op, args, results },
        }
    }

    fn jump(&self, link: &Link) -> Jump {
        Jump { block: link.block.0, args: self.srcs(&link.args) }
    }

    fn term(&self, term: &Term) -> CodeTerm {
        match term {
            Term::Jump(link) => CodeTerm::Jump(self.jump(link)),
            Term::Branch { cond, then_to, else_to } => {
                CodeTerm::Branch { cond: self.src(*cond), then_to: self.jump(then_to), else_to: self.jump(else_to) }
            }
            Term::Switch { value, cases, default } => CodeTerm::Switch {
                value: self.src(*value),
                cases: cases.iter().map(|(bits, link)| (*bits, self.jump(link))).collect(),
                default: self.jump(default),
            },
            Term::Return(values) => CodeTerm::Return(self.srcs(values)),
            Term::Exit { .. } => unreachable!("exits are in residual graphs only"),
            Term::Unreachable => CodeTerm::Unreachable,
        }
    }
}
