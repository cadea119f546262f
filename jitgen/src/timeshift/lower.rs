//! Phase 2: slots for variables, green and red forms for operations.

use super::code::{Code, CodeBlock, CodeTerm, Dst, Instr, Jump, LiveIn, Run, Src};
use crate::flow::{Arg, Block, BlockId, Const, Graph, Inst, Link, Module, Mutability, Op, Term, VarId};
use crate::hints::{CallKind, Color, Coloring, Spec, SpecId};
use rustc_hash::FxHashMap;
use std::hash::Hash;

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
    let mut lowerer = Lowerer {
        module,
        coloring,
        spec,
        graph,
        live_on_entry: &live,
        loops: &loops,
        at: 0,
        slots: vec![None; graph.vars.len()],
        greens: 0,
        reds: 0,
        consts: Pool::default(),
        instrs: vec![],
        srcs: Pool::default(),
        dsts: Pool::default(),
        moves: Pool::default(),
        cases: vec![],
        live: vec![],
        live_greens: vec![],
    };
    lowerer.assign_across_blocks(&live);
    let (shared_greens, shared_reds) = (lowerer.greens, lowerer.reds);
    let (mut max_greens, mut max_reds) = (shared_greens, shared_reds);
    let mut continuations = vec![false; graph.blocks.len()];
    let (mut blocks, mut live_in, mut merge_points) = (vec![], vec![], vec![]);
    for (index, block) in graph.blocks.iter().enumerate() {
        (lowerer.greens, lowerer.reds) = (shared_greens, shared_reds);
        lowerer.at = index;
        let (code_block, live, continues) = lowerer.block(index, block, &live[index], order[index]);
        if continues && let CodeTerm::Jump(jump) = &code_block.term {
            continuations[jump.block as usize] = true;
        }
        max_greens = max_greens.max(lowerer.greens);
        max_reds = max_reds.max(lowerer.reds);
        merge_points.push(code_block.is_merge_point);
        blocks.push(code_block);
        live_in.push(live);
    }
    let is_join = |block: u32| {
        // States may meet there: several links lead there, or it is a merge point or the continuation of a call.
        let index = block as usize;
        incoming[index] > 1 || merge_points[index] || continuations[index]
    };
    for jump in
        lowerer.cases.iter_mut().map(|(_, jump)| jump).chain(blocks.iter_mut().flat_map(|block| block.term.jumps()))
    {
        jump.is_join = is_join(jump.block);
    }
    let mut headers = Pool::default();
    for (index, block) in blocks.iter_mut().enumerate() {
        let around: Vec<u32> = loops[index].iter().map(|header| order[header.index()]).collect();
        block.is_header = block.is_merge_point || around.last() == Some(&block.order);
        block.loops = headers.run(around);
    }
    Code {
        spec: SpecId(id as u32),
        func: spec.func,
        blocks,
        live_in,
        green_slots: max_greens,
        red_slots: max_reds,
        consts: lowerer.consts.list,
        instrs: lowerer.instrs,
        srcs: lowerer.srcs.list,
        dsts: lowerer.dsts.list,
        moves: lowerer.moves.list,
        cases: lowerer.cases,
        loops: headers.list,
        live: lowerer.live,
        live_greens: lowerer.live_greens,
    }
}

/// A list in which equal runs are one.
struct Pool<T> {
    list: Vec<T>,
    runs: FxHashMap<Vec<T>, Run>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool { list: vec![], runs: FxHashMap::default() }
    }
}

impl<T: Copy + Eq + Hash> Pool<T> {
    fn run(&mut self, items: Vec<T>) -> Run {
        let list = &mut self.list;
        *self.runs.entry(items).or_insert_with_key(|items| {
            list.extend_from_slice(items);
            Run::new(list.len() - items.len(), items.len())
        })
    }
}

/// A run of what is appended to a list.
fn append<T>(list: &mut Vec<T>, items: Vec<T>) -> Run {
    let run = Run::new(list.len(), items.len());
    list.extend(items);
    run
}

/// Whether an operand is what is in a slot.
fn is_slot(src: Src, dst: Dst) -> bool {
    match (src, dst) {
        (Src::Green(from, _), Dst::Green(to, _)) | (Src::Red(from, _), Dst::Red(to, _)) => from == to,
        _ => false,
    }
}

/// The number of a slot or constant.
fn small(number: usize) -> u16 {
    u16::try_from(number).expect("a function of an interpreter has less than 65,536 variables at a time, and constants")
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
    /// By block.
    live_on_entry: &'m [Vec<VarId>],
    /// Headers of the loops around each block.
    loops: &'m [Vec<BlockId>],
    /// The block at hand.
    at: usize,
    slots: Vec<Option<Dst>>,
    greens: u32,
    reds: u32,
    consts: Pool<Const>,
    instrs: Vec<Instr>,
    srcs: Pool<Src>,
    dsts: Pool<Dst>,
    moves: Pool<(Src, Dst)>,
    cases: Vec<(u64, Jump)>,
    live: Vec<(VarId, Dst)>,
    live_greens: Vec<u16>,
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
            Color::Green => Dst::Green(small(index as usize), ty),
            Color::Red => Dst::Red(small(index as usize), ty),
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

    fn src(&mut self, arg: Arg) -> Src {
        match arg {
            Arg::Const(value) => {
                let number = self.consts.run(vec![value]).first();
                Src::Const(small(number))
            }
            Arg::Var(var) => match self.slots[var.index()].expect("defined before its use") {
                Dst::Green(slot, ty) => Src::Green(slot, ty),
                Dst::Red(slot, ty) => Src::Red(slot, ty),
                Dst::Nowhere(_) => unreachable!("variables have slots"),
            },
        }
    }

    fn srcs(&mut self, args: &[Arg]) -> Run {
        let srcs = args.iter().map(|&arg| self.src(arg)).collect();
        self.srcs.run(srcs)
    }

    /// The slots of a block's parameters. Those that are live are so across blocks, and have theirs already.
    fn params(&self, block: BlockId) -> Vec<Dst> {
        let slot = |&var: &VarId| match self.live_on_entry[block.index()].contains(&var) {
            true => self.slots[var.index()].expect("live across blocks"),
            false => Dst::Nowhere(self.graph.vars[var.index()].ty),
        };
        self.graph.blocks[block.index()].params.iter().map(slot).collect()
    }

    /// Also whether the block ends in an inlined call, so that its jump leads to a continuation.
    fn block(&mut self, index: usize, block: &Block, live: &[VarId], order: u32) -> (CodeBlock, LiveIn, bool) {
        let params = self.params(BlockId(index as u32));
        // Parameters without uses still stand in `slots`, in case something dead mentions them.
        let (here, others): (Vec<VarId>, Vec<VarId>) = live.iter().partition(|var| block.params.contains(var));
        let live: Vec<(VarId, Dst)> = others.iter().chain(&here).map(|&var| (var, self.assign(var))).collect();
        let greens = |live: &[(VarId, Dst)]| -> Vec<u16> {
            let slot = |&(_, dst): &(VarId, Dst)| if let Dst::Green(slot, _) = dst { Some(slot) } else { None };
            live.iter().filter_map(slot).collect()
        };
        let live_greens = greens(&live);
        let waiting_greens = greens(&live[..others.len()]).len() as u32;
        let mut code = vec![];
        if order != u32::MAX {
            for (position, inst) in block.insts.iter().enumerate() {
                code.push(self.inst(index as u32, position as u32, inst));
            }
        }
        let is_merge_point = code.iter().any(|instr| matches!(instr, Instr::MergePoint { .. }));
        let continues = code.iter().any(|instr| matches!(instr, Instr::Enter { .. } | Instr::EnterUnit { .. }));
        let term = if order == u32::MAX { CodeTerm::Unreachable } else { self.term(&block.term) };
        let code_block = CodeBlock {
            instrs: append(&mut self.instrs, code),
            term,
            order,
            loops: Run::default(),
            is_header: false,
            is_merge_point,
        };
        let live_in = LiveIn {
            params: self.dsts.run(params),
            live: append(&mut self.live, live),
            waiting: others.len() as u32,
            live_greens: append(&mut self.live_greens, live_greens),
            waiting_greens,
        };
        (code_block, live_in, continues)
    }

    fn inst(&mut self, block: u32, position: u32, inst: &Inst) -> Instr {
        let first = inst.args.first().map(|&arg| self.src(arg));
        let from = || first.expect("it has an operand");
        let results: Vec<Dst> = inst.results.iter().map(|&var| self.assign(var)).collect();
        let green = results.iter().all(|dst| matches!(dst, Dst::Green(..)));
        match inst.op {
            Op::Concrete | Op::Deepfreeze | Op::Rooted => return Instr::Move { from: from(), to: results[0] },
            Op::Likely if green => return Instr::Move { from: from(), to: results[0] },
            Op::Likely => return Instr::Likely { from: from(), to: results[0] },
            Op::Variable => return Instr::Forget { from: from(), to: results[0] },
            Op::Promote => return Instr::Promote { from: from(), known: None, to: results[0] },
            Op::PromoteFew => return Instr::Promote { from: from(), known: Some(results[0]), to: results[1] },
            Op::Load(field) if green && self.module.field(field).mutability == Mutability::QuasiImmutable => {
                return Instr::Rely { field, base: from(), to: results[0] };
            }
            Op::Bin(_)
            | Op::Cmp(_)
            | Op::Conv(..)
            | Op::Load(_)
            | Op::LoadItem(_)
            | Op::PtrAdd(_)
            | Op::Interior(_)
                if green =>
            {
                let last = inst.args.last().map(|&arg| self.src(arg));
                return Instr::Compute { op: inst.op, args: [from(), last.unwrap_or(from())], to: results[0] };
            }
            _ => {}
        }
        let args = self.srcs(&inst.args);
        let (count, results) = (results.len(), self.dsts.run(results));
        match inst.op {
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
            op if green && count > 0 => Instr::Green { op, args, results },
            op => Instr::Red { op, args, results },
        }
    }

    fn jump(&mut self, link: &Link) -> Jump {
        let params = self.params(link.block);
        let mut moves: Vec<(Src, Dst)> = vec![];
        for (&arg, dst) in link.args.iter().zip(params) {
            let src = self.src(arg);
            if !is_slot(src, dst) && !matches!(dst, Dst::Nowhere(_)) {
                moves.push((src, dst));
            }
        }
        let writes_what_is_read = |at: usize| moves[at + 1..].iter().any(|&(src, _)| is_slot(src, moves[at].1));
        let turns = !self.loops[self.at].is_empty() || !self.loops[link.block.index()].is_empty();
        let at_once = (0..moves.len()).any(writes_what_is_read);
        Jump { block: link.block.0, moves: self.moves.run(moves), at_once, is_join: false, turns }
    }

    fn term(&mut self, term: &Term) -> CodeTerm {
        match term {
            Term::Jump(link) => CodeTerm::Jump(self.jump(link)),
            Term::Branch { cond, then_to, else_to } => {
                CodeTerm::Branch { cond: self.src(*cond), then_to: self.jump(then_to), else_to: self.jump(else_to) }
            }
            Term::Switch { value, cases, default } => {
                let cases = cases.iter().map(|(bits, link)| (*bits, self.jump(link))).collect();
                CodeTerm::Switch {
                    value: self.src(*value),
                    cases: append(&mut self.cases, cases),
                    default: self.jump(default),
                }
            }
            Term::Return(values) => CodeTerm::Return(self.srcs(values)),
            Term::Exit { .. } => unreachable!("exits are in residual graphs only"),
            Term::Unreachable => CodeTerm::Unreachable,
        }
    }
}
