//! The loop over states.

use super::bound::Bound;
use super::build::Builder;
use super::entries::{EntryType, Return, Returned, Wanted};
use super::exit::{ExitInfo, ExitReason, Passed};
use super::experience::{Experience, MAX_HEADERS, Widened};
use super::fields::Fields;
use super::joins::{Join, Key};
use super::liveness::Liveness;
use super::promote::ProfileView;
use super::state::{Frame, State};
use super::units::Units;
use super::value::Val;
use super::versions::Snapshot;
use crate::flow::{Const, ConvOp, FieldId, FuncId, Graph, Module, Op, Touched, Ty, VarId};
use crate::hints::SpecId;
use crate::timeshift::{Code, CodeBlock, CodeTerm, Dst, Instr, Jump, Src};
use crate::transform::fold::{fold, fold_one};
use crate::transform::simplify::keep_blocks;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use smallvec::{SmallVec, smallvec};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Bounds on one compilation.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    /// Residual operations of a unit.
    pub max_ops: usize,
    /// Versions of a loop header, or of a join, kept apart by promoted facts.
    pub max_versions: usize,
    /// Values of a promotion before `promote_few` gives up.
    pub few: usize,
    /// Values of a promotion that are switched on at all.
    pub max_cases: usize,
    /// Delayed writes that exits perform themselves.
    pub max_delayed: usize,
    /// How often a unit is begun again, or a header widened.
    pub max_restarts: usize,
    /// Residual operations of a unit that is inlined where it is called.
    pub inlined_ops: usize,
    /// Units inlined in one another.
    pub inlined_depth: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_ops: 30_000,
            max_versions: 4,
            few: 4,
            max_cases: 8,
            max_delayed: 64,
            max_restarts: 200,
            inlined_ops: 100,
            inlined_depth: 3,
        }
    }
}

/// What to compile: the portal specialised to values of its greens.
pub struct Request<'a> {
    pub portal: u32,
    /// Parallel to the portal's greens.
    pub greens: Vec<u64>,
    pub profile: &'a dyn ProfileView,
    pub units: &'a dyn Units,
    pub limits: Limits,
    /// The unit is one of a typed entry.
    pub entry: Option<&'a EntryType>,
    /// The unit is a loop: where the user program leaves it, the unit is left.
    pub is_loop: bool,
}

/// The residual code of a unit. Its graph takes the portal's reds and returns `(status, value)`.
#[derive(Clone, Debug)]
pub struct Residual {
    pub graph: Graph,
    /// By the `id` of `Term::Exit`.
    pub exits: Vec<ExitInfo>,
    /// Heap references that the code, or what was found out for it, relies on: they must stay alive as long as it.
    pub roots: Vec<u64>,
    /// Heap references among the greens of merge points in the outermost frame other than the unit's own: the code may be
    /// running when what it was compiled for is gone, and one of them in its place.
    pub continued: Vec<u64>,
    /// Quasi-immutable fields, with the addresses of what they are in, that must not change.
    pub relied: Vec<(FieldId, u64)>,
    /// Of a typed entry: what its callers get. `None` if its returns have nothing in common.
    pub returned: Option<Returned>,
    /// Typed entries of other units that would have been of use.
    pub wanted: Vec<Wanted>,
    pub stats: Stats,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// How often generation was begun again because a loop header was found.
    pub restarts: usize,
    /// How often a loop header was widened.
    pub widenings: usize,
    /// Versions of loop headers beyond the first.
    pub versions: usize,
}

/// Why no code was generated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GiveUp {
    TooLarge,
    TooManyRestarts,
    /// The portal's results do not fit the unit convention.
    Results,
}

impl std::fmt::Display for GiveUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            GiveUp::TooLarge => "the unit grew too large",
            GiveUp::TooManyRestarts => "the unit did not settle",
            GiveUp::Results => "the portal returns more than a status and a value",
        })
    }
}

/// Place of a pending state in the queue: of each frame, outermost first, the user position, for each loop around its
/// block the header and the turn, and the block. What lies in a loop comes before what lies behind it, an earlier turn
/// before a later, a state inside a call before one that waits at the call's continuation.
pub(super) type Order = SmallVec<[u64; 10]>;

#[derive(Clone)]
pub(super) enum Pending {
    Single(State),
    Join(Key),
    /// Comes back to a join that was generated. It waits here because what it leads to may undo the work of states
    /// that are not in the queue.
    Back(Key, State),
}

pub(super) struct Engine<'a> {
    pub bound: Bound<'a>,
    pub request: &'a Request<'a>,
    pub fields: Fields<'a>,
    pub builder: Builder,
    pub queue: BTreeMap<(Order, u64), Pending>,
    pub sequence: u64,
    pub joins: HashMap<Key, Rc<Join>>,
    pub snapshots: Vec<Snapshot>,
    pub exits: Vec<ExitInfo>,
    pub passed: Passed,
    /// Joins that were reached again after they had been generated: loop headers, with the last place in the queue's
    /// order that a back edge comes from. Kept across restarts.
    pub headers: HashMap<Key, Order>,
    /// What headers were widened by. Kept likewise.
    pub widened: HashMap<Key, Widened>,
    /// Headers found by others that are not used now.
    set_aside: HashMap<Key, Order>,
    /// Versions of loop headers so far.
    pub regions: u64,
    /// By version: what calls inside its loop may write.
    pub written: HashMap<u64, Touched>,
    pub restart: bool,
    /// Of the merge point at which the unit begins: order and key.
    pub start: Option<(Order, Key)>,
    /// Fields whose values are promoted: facts on them keep states apart.
    promoted: Vec<bool>,
    /// Conditions assumed true.
    pub likely: HashSet<VarId>,
    pub liveness: Liveness,
    pub roots: HashSet<u64>,
    pub continued: BTreeSet<u64>,
    /// All of 64 bits that was found out.
    found: HashSet<u64>,
    /// Quasi-immutable fields that the code relies on, and of what.
    pub relied: BTreeSet<(FieldId, u64)>,
    /// Virtual containers so far: they are numbered.
    pub virtuals: u32,
    /// How many of the graph's parameters are the portal's.
    pub reds: usize,
    /// Of a typed entry.
    pub returns: Vec<Return>,
    pub wanted: BTreeSet<Wanted>,
    pub stats: Stats,
    /// Of nobody for long.
    scratch: Order,
}

/// Nothing lies below.
const FIRST_PAGES: u64 = 1 << 16;

/// Runs the generating extension.
pub fn generate(bound: Bound<'_>, request: &Request<'_>, experience: &mut Experience) -> Result<Residual, GiveUp> {
    let mut headers = std::mem::take(&mut experience.headers);
    let mut widened = std::mem::take(&mut experience.widened);
    let mut promoted = std::mem::take(&mut experience.promoted);
    promoted.resize(bound.extension().module.fields.len(), false);
    if headers.len() > MAX_HEADERS {
        headers.clear();
        widened.clear();
    }
    let mut liveness = Liveness::default();
    let mut stats = Stats::default();
    loop {
        let mut engine = Engine {
            bound,
            request,
            fields: Fields::new(&bound.extension().module),
            builder: Builder::new(bound.extension().module.func(portal_func(bound, request)).name.clone()),
            queue: BTreeMap::new(),
            sequence: 0,
            joins: HashMap::default(),
            snapshots: vec![],
            exits: vec![],
            passed: Passed::default(),
            headers: std::mem::take(&mut headers),
            widened: std::mem::take(&mut widened),
            set_aside: HashMap::default(),
            regions: 0,
            written: HashMap::default(),
            restart: false,
            start: None,
            promoted: std::mem::take(&mut promoted),
            likely: HashSet::default(),
            liveness: std::mem::take(&mut liveness),
            roots: HashSet::default(),
            continued: BTreeSet::new(),
            found: HashSet::default(),
            relied: BTreeSet::new(),
            virtuals: 0,
            reds: 0,
            returns: vec![],
            wanted: BTreeSet::new(),
            stats,
            scratch: Order::new(),
        };
        engine.start()?;
        engine.run()?;
        stats = engine.stats;
        if !engine.restart {
            let returned = engine.finish_returns();
            experience.headers.extend(engine.headers);
            experience.widened = engine.widened;
            experience.promoted = engine.promoted;
            let mut graph = engine.builder.graph;
            let order = graph.reverse_postorder();
            keep_blocks(&mut graph, &order);
            super::passing::arrange(&mut graph, &mut engine.exits);
            let mut roots = Vec::from_iter(engine.roots);
            roots.sort_unstable();
            let continued = engine.continued.into_iter().collect();
            let relied = engine.relied.into_iter().collect();
            let wanted = engine.wanted.into_iter().collect();
            return Ok(Residual { graph, exits: engine.exits, roots, continued, relied, returned, wanted, stats });
        }
        stats.restarts += 1;
        if stats.restarts > request.limits.max_restarts {
            return Err(GiveUp::TooManyRestarts);
        }
        headers = engine.headers;
        widened = engine.widened;
        experience.headers.extend(engine.set_aside);
        promoted = engine.promoted;
        liveness = engine.liveness;
    }
}

fn portal_func(bound: Bound<'_>, request: &Request<'_>) -> FuncId {
    bound.extension().module.portals[request.portal as usize].func
}

impl<'a> Engine<'a> {
    pub(super) fn module(&self) -> &'a Module {
        &self.bound.extension().module
    }

    pub(super) fn code(&self, frame: &Frame) -> &'a Code {
        &self.bound.extension().codes[frame.spec.index()]
    }

    pub(super) fn code_block(&self, frame: &Frame) -> &'a CodeBlock {
        &self.code(frame).blocks[frame.block as usize]
    }

    /// Whether values of the field are promoted.
    pub(super) fn is_promoted(&self, field: FieldId) -> bool {
        self.promoted[field.index()]
    }

    pub(super) fn note_promoted_field(&mut self, field: FieldId) {
        self.promoted[field.index()] = true;
    }

    /// Something was found out: a green, a value that was seen, what immutable memory holds. A heap reference is kept
    /// alive.
    pub(super) fn note_root(&mut self, ty: Ty, bits: u64) {
        if ty == Ty::Ref && bits != 0 {
            self.roots.insert(bits);
        }
        if ty.bits() == 64 && bits >= FIRST_PAGES {
            self.found.insert(bits);
        }
    }

    /// An address inside of what is at another.
    pub(super) fn note_address(&mut self, base: Const, inside: u64) {
        if self.is_memory(base) {
            self.found.insert(inside);
        }
    }

    /// Whether there is memory behind a constant address. What is generated for a type that was seen elsewhere need not
    /// ever be run, and takes for an address what is none: it must not be followed.
    pub(super) fn is_memory(&self, value: Const) -> bool {
        !value.ty.is_address() || value.bits >= FIRST_PAGES && self.found.contains(&value.bits)
    }

    fn start(&mut self) -> Result<(), GiveUp> {
        let module = self.module();
        let portal = &module.portals[self.request.portal as usize];
        let info = module.func(portal.func);
        match info.results.as_slice() {
            [] | [_] | [Ty::Bool, _] => {}
            _ => return Err(GiveUp::Results),
        }
        let spec = self.bound.extension().coloring.portals[self.request.portal as usize];
        let mut vals = vec![];
        for (index, (name, ty)) in info.params.iter().enumerate() {
            vals.push(match portal.greens.iter().position(|&green| green == index as u32) {
                Some(green) => {
                    self.note_root(*ty, self.request.greens[green]);
                    Val::constant(*ty, self.request.greens[green])
                }
                None => {
                    let var = self.builder.param(Graph::ENTRY, *ty);
                    self.builder.graph.vars[var.index()].name = name.clone();
                    Val::Var(var)
                }
            });
        }
        let frame = self.new_frame(spec, &vals);
        let mut state = State {
            frames: vec![Rc::new(frame)],
            memory: Default::default(),
            virtuals: Rc::default(),
            changed: Rc::default(),
            regions: vec![],
            known: Default::default(),
            out: Graph::ENTRY,
        };
        self.reds = self.builder.graph.params().len();
        self.assume_args(&mut state, &vals);
        self.enqueue_single(state);
        Ok(())
    }

    fn run(&mut self) -> Result<(), GiveUp> {
        while let Some((_, pending)) = self.queue.pop_first() {
            match pending {
                Pending::Single(state) => self.go(state)?,
                Pending::Join(key) => self.generate_join(key)?,
                Pending::Back(key, state) => self.back_edge(key, state)?,
            }
        }
        Ok(())
    }

    /// Gives up when too much was generated, or remembered.
    fn check_size(&self) -> Result<(), GiveUp> {
        let limit = self.request.limits.max_ops;
        if self.builder.emitted > limit || self.builder.work > 4 * limit { Err(GiveUp::TooLarge) } else { Ok(()) }
    }

    /// Runs a state until it ends or waits.
    pub(super) fn go(&mut self, mut state: State) -> Result<(), GiveUp> {
        'blocks: loop {
            let block = self.code_block(state.top_ref());
            for instr in &block.code {
                match instr {
                    Instr::Green { op, args, results } => self.green(&mut state, *op, args, results),
                    Instr::Red { op, args, results } => self.red(&mut state, *op, args, results),
                    Instr::Move { from, to } => {
                        let val = self.src(&state, *from);
                        state.top().set(*to, val);
                    }
                    Instr::Forget { from, to } => {
                        let val = self.src(&state, *from);
                        let ty = self.builder.val_ty(val);
                        let arg = self.arg(&mut state, val);
                        let var = self.builder.one(state.out, Op::Variable, vec![arg], ty);
                        state.top().set(*to, Val::Var(var));
                    }
                    Instr::Likely { from, to } => {
                        let val = self.src(&state, *from);
                        if let Val::Var(var) = val {
                            self.likely.insert(var);
                        }
                        state.top().set(*to, val);
                    }
                    Instr::Promote { from, known, to } => {
                        let val = self.src(&state, *from);
                        if let Val::Const(_) = val {
                            if let Some(known) = known {
                                state.top().set(*known, Val::constant(Ty::Bool, 1));
                            }
                            state.top().set(*to, val);
                            continue;
                        }
                        let Some(on) = self.promote(state, val, *known, *to, jump_of(block))? else { return Ok(()) };
                        state = on;
                        continue 'blocks;
                    }
                    Instr::Rely { field, base, to } => self.rely(&mut state, *field, *base, *to),
                    Instr::Enter { spec, args, inst } => {
                        let vals = self.srcs(&state, args);
                        self.enter(&mut state, *spec, &vals, *inst, jump_of(block));
                        continue 'blocks;
                    }
                    Instr::EnterUnit { sig, args, results, inst } => {
                        let vals = self.srcs(&state, args);
                        let on = self.enter_unit(state, *sig, &vals, results, *inst, jump_of(block))?;
                        let Some(on) = on else { return Ok(()) };
                        state = on;
                        continue 'blocks;
                    }
                    // All that has to be done was done when it was reached.
                    Instr::MergePoint { .. } => {}
                }
            }
            let on = if let Some(jump) = self.decided(&state, &block.term) {
                if self.meets_nobody(&state, jump) {
                    self.assign(&mut state, jump);
                    continue;
                }
                self.jump(state, jump)?
            } else {
                match &block.term {
                    CodeTerm::Branch { cond, then_to, else_to } => {
                        let cond = self.src(&state, *cond);
                        self.branch(state, cond, then_to, else_to)?
                    }
                    CodeTerm::Switch { value, cases, default } => {
                        let value = self.src(&state, *value);
                        self.switch(state, value, cases, default)?
                    }
                    CodeTerm::Return(values) => {
                        let vals = self.srcs(&state, values);
                        self.leave(state, &vals)?
                    }
                    CodeTerm::Jump(_) | CodeTerm::Unreachable => None,
                }
            };
            let Some(on) = on else { return Ok(()) };
            state = on;
        }
    }

    /// The jump with which the block ends, if that is known.
    fn decided<'t>(&self, state: &State, term: &'t CodeTerm) -> Option<&'t Jump> {
        match term {
            CodeTerm::Jump(jump) => Some(jump),
            CodeTerm::Branch { cond, then_to, else_to } => {
                let value = self.src(state, *cond).as_const()?;
                Some(if value.bits != 0 { then_to } else { else_to })
            }
            CodeTerm::Switch { value, cases, default } => {
                let value = self.src(state, *value).as_const()?;
                let case = cases.iter().find(|(bits, _)| *bits == value.bits);
                Some(case.map_or(default, |(_, jump)| jump))
            }
            CodeTerm::Return(_) | CodeTerm::Unreachable => None,
        }
    }

    /// Whether nobody else comes to where the jump leads.
    fn meets_nobody(&self, state: &State, jump: &Jump) -> bool {
        !self.code(state.top_ref()).blocks[jump.block as usize].is_join
    }

    pub(super) fn src(&self, state: &State, src: Src) -> Val {
        state.top_ref().src(src)
    }

    pub(super) fn srcs(&self, state: &State, srcs: &[Src]) -> SmallVec<[Val; 8]> {
        let frame = state.top_ref();
        let mut vals = SmallVec::with_capacity(srcs.len());
        for &src in srcs {
            vals.push(frame.src(src));
        }
        vals
    }

    /// Gives the parameters of the jump's block their values.
    pub(super) fn assign(&self, state: &mut State, jump: &Jump) {
        let frame = state.top();
        let blocks = &self.bound.extension().codes[frame.spec.index()].blocks[..];
        let block = &blocks[jump.block as usize];
        frame.turn(&blocks[frame.block as usize], block);
        frame.block = jump.block;
        match (&block.params[..], &jump.args[..]) {
            ([], []) => {}
            (&[param], &[arg]) => frame.set(param, frame.src(arg)),
            (params, args) => {
                let mut vals = SmallVec::<[Val; 8]>::with_capacity(args.len());
                for &arg in args {
                    vals.push(frame.src(arg));
                }
                for (&param, &val) in params.iter().zip(&vals) {
                    frame.set(param, val);
                }
            }
        }
    }

    /// Moves the state, alone, to a block of its frame; gives it back if it goes on there at once.
    pub(super) fn jump(&mut self, state: State, jump: &Jump) -> Result<Option<State>, GiveUp> {
        self.move_to(state, jump, true)
    }

    /// Likewise, for one of several states that go on from one place.
    pub(super) fn jump_among(&mut self, state: State, jump: &Jump) -> Result<Option<State>, GiveUp> {
        self.move_to(state, jump, false)
    }

    fn move_to(&mut self, mut state: State, jump: &Jump, alone: bool) -> Result<Option<State>, GiveUp> {
        if self.meets_nobody(&state, jump) {
            self.assign(&mut state, jump);
            return Ok(Some(state));
        }
        let from = self.order_before(&state, &self.code(state.top_ref()).blocks[jump.block as usize]);
        self.assign(&mut state, jump);
        self.arrive(state, from, alone)
    }

    /// The state's place in the queue's order, if it is on its way to a loop header: nobody else asks.
    fn order_before(&self, state: &State, to: &CodeBlock) -> Order {
        if to.is_header() { self.order(state) } else { Order::new() }
    }

    /// The state stands at the start of its frame's block, and comes from the place `from` in the queue's order, which
    /// counts if the block is a loop header. It is `alone` if no other comes from there.
    fn arrive(&mut self, mut state: State, from: Order, alone: bool) -> Result<Option<State>, GiveUp> {
        self.check_size()?;
        let block = self.code_block(state.top_ref());
        debug_assert!(block.is_join);
        if block.merge_point.is_some() {
            self.reach_merge_point(&mut state, block);
            self.foresee_header(&state);
        }
        if self.leaves_loop(&state, block) {
            self.leave_unit(state, ExitReason::LoopLeft);
            return Ok(None);
        }
        if alone && self.is_next(&state) && (!block.is_header() || self.pass_merge_point(&state, block)) {
            return Ok(Some(state));
        }
        self.arrive_at_join(state, from)?;
        Ok(None)
    }

    /// Whether the join that the state stands at would be the next in the queue, and the state all that arrives: what
    /// waits comes later. Unless it is a loop header itself it need not be remembered: all that comes around to it does so
    /// by one.
    fn is_next(&mut self, state: &State) -> bool {
        let mut order = std::mem::take(&mut self.scratch);
        order.clear();
        self.write_order(state, &mut order);
        let is_first = self.queue.first_key_value().is_none_or(|((first, _), _)| order < *first);
        let is_inside = state.regions.last().is_none_or(|region| *region.order <= order && order <= *region.extent);
        self.scratch = order;
        is_first && is_inside
    }

    /// Whether the state may go on from a merge point at which nothing else arrives: nothing is known to come back to it.
    /// Should something do so, it was generated.
    fn pass_merge_point(&mut self, state: &State, block: &CodeBlock) -> bool {
        if block.merge_point.is_none() {
            return false;
        }
        let mut key = self.key(state);
        if self.headers.contains_key(&key) {
            return false;
        }
        key.push(state.region());
        match self.joins.entry(key) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(Rc::new(Join { generated: true, ..Join::default() }));
                self.builder.work += 1;
                true
            }
        }
    }

    /// Whether a state has reached a merge point of the outermost frame that lies outside the loop the unit is.
    fn leaves_loop(&mut self, state: &State, block: &CodeBlock) -> bool {
        if !self.request.is_loop || block.merge_point.is_none() || state.frames.len() > 1 {
            return false;
        }
        let order = self.order(state);
        let Some((start, key)) = &self.start else {
            let key = self.key(state);
            if !self.headers.contains_key(&key) {
                // The unit will be begun again anyhow: until then all headers are found fastest without versions.
                self.set_aside = std::mem::take(&mut self.headers);
            }
            self.start = Some((order, key));
            return false;
        };
        // The unit may begin in the middle of an outer loop, which would come around to it.
        order < *start || self.headers.get(key).is_some_and(|extent| order > *extent)
    }

    /// Puts a state into the queue that meets no other where it stands.
    pub(super) fn enqueue_single(&mut self, state: State) {
        let order = self.order(&state);
        self.enqueue(order, Pending::Single(state));
    }

    pub(super) fn enqueue(&mut self, order: Order, pending: Pending) {
        self.sequence += 1;
        self.queue.insert((order, self.sequence), pending);
    }

    pub(super) fn order(&self, state: &State) -> Order {
        let len: usize = state.frames.iter().map(|frame| 2 + 2 * frame.turns.len()).sum();
        let mut order = Order::with_capacity(len + 1);
        self.write_order(state, &mut order);
        order
    }

    /// How much of an order is one frame's.
    pub(super) fn own_order(&self, frame: &Frame) -> usize {
        2 + 2 * self.code_block(frame).loops.len().min(frame.turns.len())
    }

    fn write_order(&self, state: &State, order: &mut Order) {
        for frame in &state.frames {
            let block = self.code_block(frame);
            order.push(frame.position);
            for (&header, &turn) in block.loops.iter().zip(&frame.turns) {
                order.push(header as u64);
                order.push(turn);
            }
            order.push(block.order as u64);
        }
        order.push(u64::MAX);
    }

    fn green(&mut self, state: &mut State, op: Op, args: &[Src], results: &[Dst]) {
        if let Op::Call(func) = op {
            let mut consts = SmallVec::<[u64; 4]>::with_capacity(args.len());
            for &arg in args {
                consts.push(state.top_ref().known(arg).bits);
            }
            let mut bits = SmallVec::<[u64; 2]>::new();
            bits.resize(results.len(), 0);
            self.bound.call(func, &consts, &mut bits);
            return self.set_greens(state, results, &bits);
        }
        let mut consts = [Const::bool(false); 3];
        for (value, &arg) in consts.iter_mut().zip(args) {
            *value = state.top_ref().known(arg);
        }
        let consts = &consts[..args.len()];
        let mut bits = [0; 2];
        match op {
            Op::Load(field) => bits[0] = self.read_now(field, consts[0].bits, 0),
            Op::LoadItem(field) => bits[0] = self.read_now(field, consts[0].bits, consts[1].bits as i64),
            Op::PtrAdd(field) => {
                let stride = self.module().field(field).stride as u64;
                bits[0] = consts[0].bits.wrapping_add(consts[1].bits.wrapping_mul(stride));
            }
            Op::Interior(field) => bits[0] = consts[0].bits.wrapping_add(self.module().field(field).offset as u64),
            op if results.len() == 1 => {
                bits[0] = fold_one(op, consts).expect("green operations are defined where they run").bits;
            }
            op => {
                let folded = fold(op, consts).expect("green operations are defined where they run");
                bits.iter_mut().zip(folded).for_each(|(bits, value)| *bits = value.bits);
            }
        }
        self.set_greens(state, results, &bits);
    }

    fn set_greens(&mut self, state: &mut State, results: &[Dst], bits: &[u64]) {
        let frame = state.top();
        for (&dst, &bits) in results.iter().zip(bits) {
            let ty = dst_ty(dst);
            self.note_root(ty, bits);
            match dst {
                Dst::Green(slot, _) => frame.greens[slot as usize] = bits,
                dst => frame.set(dst, Val::constant(ty, bits)),
            }
        }
    }

    fn red(&mut self, state: &mut State, op: Op, args: &[Src], results: &[Dst]) {
        let src = |index: usize| state.top_ref().src(args[index]);
        match op {
            Op::Load(field) => {
                let val = self.load(state, field, src(0), None);
                state.top().set(results[0], val);
            }
            Op::LoadItem(field) => {
                let val = self.load(state, field, src(0), Some(src(1)));
                state.top().set(results[0], val);
            }
            Op::Store(field) => self.store(state, field, src(0), None, src(1)),
            Op::StoreItem(field) => self.store(state, field, src(0), Some(src(1)), src(2)),
            Op::DeadFrom => self.dead_from(state, src(0)),
            op => {
                let vals = self.srcs(state, args);
                let types: SmallVec<[Ty; 2]> = results.iter().map(|&dst| dst_ty(dst)).collect();
                let vals = match op {
                    Op::Call(_) | Op::CallIndirect(_) => self.residual_call(state, op, &vals, &types),
                    op => self.pure(state, op, &vals, &types),
                };
                for (&dst, val) in results.iter().zip(vals) {
                    state.top().set(dst, val);
                }
            }
        }
    }

    /// The frame returns: to its caller's continuation, or from the unit.
    fn leave(&mut self, mut state: State, vals: &[Val]) -> Result<Option<State>, GiveUp> {
        let from = match &state.frames[..] {
            [.., caller, _] => self.order_before(&state, self.code_block(caller)),
            _ => Order::new(),
        };
        state.frames.pop();
        if state.frames.is_empty() {
            self.leave_last(state, vals);
            return Ok(None);
        }
        let block = self.code_block(state.top_ref());
        // A unit that was called gives words: a status, which may be missing, and a value.
        let missing = block.params.len().saturating_sub(vals.len());
        for (index, &param) in block.params.iter().enumerate() {
            let val = match index.checked_sub(missing) {
                Some(index) => self.as_type(&mut state, vals[index], dst_ty(param)),
                None => Val::constant(dst_ty(param), 0),
            };
            state.top().set(param, val);
        }
        self.arrive(state, from, true)
    }

    /// A portal's result as what its caller takes: the same, or a word of its bits.
    pub(super) fn as_type(&mut self, state: &mut State, val: Val, ty: Ty) -> Val {
        if val == Val::Dead || self.builder.val_ty(val) == ty {
            return val;
        }
        let conv = if self.builder.val_ty(val).bits() == 64 { ConvOp::Bitcast } else { ConvOp::Zext };
        self.pure(state, Op::Conv(conv, ty), &[val], &[ty])[0]
    }

    /// An inlined call, which ends the running frame's block.
    pub(super) fn enter(&self, state: &mut State, spec: SpecId, vals: &[Val], inst: u32, jump: &Jump) {
        let frame = self.new_frame(spec, vals);
        let block = self.code_block(state.top_ref());
        let continuation = &self.code(state.top_ref()).blocks[jump.block as usize];
        let caller = state.top();
        caller.call = (caller.block, inst);
        caller.block = jump.block;
        caller.turn(block, continuation);
        state.frames.push(Rc::new(frame));
    }

    /// A frame at the entry of a function, its parameters given.
    pub(super) fn new_frame(&self, spec: SpecId, vals: &[Val]) -> Frame {
        let code = &self.bound.extension().codes[spec.index()];
        let mut frame = Frame {
            spec,
            block: 0,
            call: (0, 0),
            greens: smallvec![0; code.green_slots as usize],
            reds: smallvec![Val::Dead; code.red_slots as usize],
            turns: smallvec![0; code.blocks[0].loops.len()],
            position: 0,
            user_greens: SmallVec::new(),
        };
        for (&param, &val) in code.blocks[0].params.iter().zip(vals) {
            frame.set(param, val);
        }
        frame
    }
}

/// What an operation leaves: nearly always one value, or two.
pub(super) type Results<T> = SmallVec<[T; 2]>;

/// Where a block leads that ends in an operation which decides how to go on.
fn jump_of(block: &CodeBlock) -> &Jump {
    let CodeTerm::Jump(jump) = &block.term else { unreachable!("what decides ends its block") };
    jump
}

pub(super) fn dst_ty(dst: Dst) -> Ty {
    match dst {
        Dst::Green(_, ty) | Dst::Red(_, ty) | Dst::Nowhere(ty) => ty,
    }
}
