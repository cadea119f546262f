//! The loop over states.

use super::bound::Bound;
use super::build::Builder;
use super::entries::{Return, Returned};
use super::exit::{ExitInfo, Passed};
use super::experience::{Experience, MAX_HEADERS, Watched};
use super::fields::{FieldClasses, Fields};
use super::joins::{Joins, Key};
use super::queue::{Order, Pending, Queue};
use super::request::{GiveUp, Request, Residual, Stats};
use super::state::{Frame, State};
use super::value::Val;
use super::versions::Snapshot;
use crate::flow::{Const, FieldId, FuncId, Graph, Module, Ty, VarId};
use crate::timeshift::{Code, CodeBlock, Dst};
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use smallvec::SmallVec;
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) struct Engine<'a> {
    pub bound: Bound<'a>,
    pub request: &'a Request<'a>,
    pub fields: Fields<'a>,
    pub builder: Builder,
    pub queue: Queue,
    pub joins: Joins,
    pub snapshots: Vec<Snapshot>,
    pub exits: Vec<ExitInfo>,
    pub passed: Passed,
    /// Kept across restarts.
    pub experience: Experience,
    /// Headers found by others that are not used now.
    pub set_aside: HashMap<Key, Order>,
    /// Versions of loop headers so far.
    pub regions: u64,
    /// By version, counted from 1.
    pub watched: Vec<Watched>,
    /// The unit must be generated again; how much was generated when that was found out.
    pub restart: Option<usize>,
    /// Of the merge point at which the unit begins: order and key.
    pub start: Option<(Order, Key)>,
    /// Conditions assumed true.
    pub likely: HashSet<VarId>,
    /// Truth values were stored.
    pub stored_truth: bool,
    pub roots: HashSet<u64>,
    pub continued: BTreeSet<u64>,
    /// All of 64 bits that was found out.
    found: HashSet<u64>,
    /// Some of that.
    recently_found: [u64; RECENT],
    /// Quasi-immutable fields that the code relies on, and of what.
    pub relied: BTreeSet<(FieldId, u64)>,
    /// Virtual containers so far: they are numbered.
    pub virtuals: u32,
    /// How many of the graph's parameters are the portal's.
    pub reds: usize,
    /// Of a typed entry.
    pub returns: Vec<Return>,
    /// What the unit is taken to return where it calls itself, before all of its returns are known.
    pub guess: Option<Returned>,
    pub stats: Stats,
}

/// Room for as many joins as small units have, and exits: growing is felt.
const USUAL_JOINS: usize = 48;

const RECENT: usize = 32;

/// Nothing lies below.
const FIRST_PAGES: u64 = 1 << 16;

/// Runs the generating extension. The experience is the richer for it, however it ends.
pub fn generate(bound: Bound<'_>, request: &Request<'_>) -> Result<Residual, GiveUp> {
    let mut experience = request.experience.take();
    experience.promoted.resize(bound.extension().module.fields.len(), false);
    experience.liveness.limit();
    let module = &bound.extension().module;
    let classes = experience.classes.get_or_insert_with(|| Rc::new(FieldClasses::new(module)));
    let classes = Rc::clone(classes);
    if experience.headers.len() > MAX_HEADERS {
        experience.headers.clear();
        experience.widened.clear();
    }
    let mut set_aside = HashMap::default();
    let mut stats = Stats::default();
    loop {
        let mut engine = Engine {
            bound,
            request,
            fields: Fields::new(module, Rc::clone(&classes)),
            builder: Builder::new(bound.extension().module.func(portal_func(bound, request)).name.clone()),
            queue: Queue::default(),
            joins: Joins::with_capacity_and_hasher(USUAL_JOINS, Default::default()),
            snapshots: vec![],
            exits: Vec::with_capacity(USUAL_JOINS),
            passed: Passed::default(),
            experience: std::mem::take(&mut experience),
            set_aside: std::mem::take(&mut set_aside),
            regions: 0,
            watched: vec![],
            restart: None,
            start: None,
            likely: HashSet::default(),
            stored_truth: false,
            roots: HashSet::default(),
            continued: BTreeSet::new(),
            found: HashSet::default(),
            recently_found: [0; RECENT],
            relied: BTreeSet::new(),
            virtuals: 0,
            reds: 0,
            returns: vec![],
            guess: None,
            stats,
        };
        let result = engine.start().and_then(|()| engine.run());
        stats = engine.stats;
        engine.learn_watched();
        let again = result.is_ok() && engine.restart.is_some();
        if again && stats.restarts < request.limits.max_restarts {
            stats.restarts += 1;
            experience = engine.experience;
            set_aside = engine.set_aside;
            continue;
        }
        engine.experience.headers.extend(std::mem::take(&mut engine.set_aside));
        request.experience.replace(std::mem::take(&mut engine.experience));
        result?;
        return if again { Err(GiveUp::TooManyRestarts) } else { Ok(engine.residual()) };
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

    /// The variables live in a frame, which runs or waits for a call.
    pub(super) fn live(&self, frame: &Frame, runs: bool) -> &'a [(VarId, Dst)] {
        self.code(frame).live(frame.block, runs)
    }

    /// Whether values of the field are promoted.
    pub(super) fn is_promoted(&self, field: FieldId) -> bool {
        self.experience.promoted[field.index()]
    }

    pub(super) fn note_promoted_field(&mut self, field: FieldId) {
        self.experience.promoted[field.index()] = true;
    }

    /// Something was found out: a green, a value that was seen, what immutable memory holds. A heap reference is kept
    /// alive.
    pub(super) fn note_root(&mut self, ty: Ty, bits: u64) {
        if ty == Ty::Ref && bits != 0 {
            self.roots.insert(bits);
        }
        if ty.bits() == 64 && bits >= FIRST_PAGES {
            // Much is found out again and again.
            let recent = &mut self.recently_found[(bits >> 3) as usize % RECENT];
            if *recent != bits {
                *recent = bits;
                self.found.insert(bits);
            }
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
            fresh: 0,
        };
        self.reds = self.builder.graph.params().len();
        self.assume_args(&mut state, &vals);
        self.enqueue_single(state);
        Ok(())
    }

    fn run(&mut self) -> Result<(), GiveUp> {
        while let Some(pending) = self.queue.pop() {
            // As much again is generated to find others.
            if self.restart.is_some_and(|found| self.builder.work > 2 * found) {
                break;
            }
            match pending {
                Pending::Single(state) => self.go(state)?,
                Pending::Join(join) => self.generate_join(join)?,
                Pending::Back(join, state) => self.back_edge(join, state)?,
            }
        }
        Ok(())
    }

    fn residual(mut self) -> Residual {
        let returned = self.finish_returns();
        let misjudged = self.guess.is_some() && self.guess != returned;
        let mut graph = self.builder.graph;
        super::passing::arrange(&mut graph, &mut self.exits);
        let mut roots = Vec::from_iter(self.roots);
        roots.sort_unstable();
        let continued = self.continued.into_iter().collect();
        let relied = self.relied.into_iter().collect();
        Residual { graph, exits: self.exits, roots, continued, relied, returned, misjudged, stats: self.stats }
    }

    /// Gives up when too much was generated, or remembered.
    pub(super) fn check_size(&self) -> Result<(), GiveUp> {
        let limit = self.request.limits.max_ops;
        if self.builder.emitted > limit || self.builder.work > 4 * limit { Err(GiveUp::TooLarge) } else { Ok(()) }
    }
}

/// What an operation leaves: nearly always one value, or two.
pub(super) type Results<T> = SmallVec<[T; 2]>;
