//! Evaluator: runs flow graphs with concrete values against real memory.
//!
//! It is the oracle that backends are tested against, the profiler (an [`Observer`] sees promotions, branches and
//! merge points), the fallback that finishes an interpreter's step after compiled code was left, and the whole of the
//! `graph` backend.
//!
//! # Invariants
//!
//! The stack of [`Frame`]s is explicit: a graph calling a graph never recurses natively, so a run can stop at a merge
//! point and hand out its suspended callers, and can start from frames that compiled code left behind. In a stack
//! each frame but the last is *suspended*: its `inst` is the call whose results it waits for. The last one performs
//! `inst` next. Values are canonical bits.

mod direct;
pub(crate) mod memory;
pub mod ops;
mod run;

pub use direct::call_direct;

use crate::abi::Native;
use crate::flow::{BlockId, FieldId, FuncId, FuncKind, Graph, Module, Ty};

/// A function's activation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    pub func: FuncId,
    pub block: BlockId,
    /// Operation of the block; its length means the terminator.
    pub inst: usize,
    /// Indexed by variable; those not yet defined hold anything.
    pub env: Vec<u64>,
}

/// A place in the graphs that an [`Observer`] hears of.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Site {
    pub func: FuncId,
    pub block: BlockId,
    /// [`Site::TERMINATOR`], or an operation's position.
    pub inst: u32,
}

impl Site {
    pub const TERMINATOR: u32 = u32::MAX;
}

/// What to do at a merge point.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Flow {
    Continue,
    Stop,
}

/// Hears what an evaluation does. Depths are numbers of frames: 1 is the outermost.
pub trait Observer {
    /// The frame at `depth` waits for a call in a block of its graph. Said when the call begins, and for each waiting
    /// frame when an evaluation goes on from frames.
    fn suspend(&mut self, depth: usize, func: FuncId, block: BlockId) {
        let _ = (depth, func, block);
    }

    /// A promotion (of either kind) of `value`, by the frame at `depth`.
    fn promote(&mut self, site: Site, depth: usize, ty: Ty, value: u64) {
        let _ = (site, depth, ty, value);
    }

    /// A branch or switch took link number `index` (of [`crate::flow::Term::links`]).
    fn branch(&mut self, site: Site, depth: usize, index: usize) {
        let _ = (site, depth, index);
    }

    /// A merge point, with the portal's variables.
    fn merge_point(&mut self, func: FuncId, depth: usize, args: &[u64]) -> Flow {
        let _ = (func, depth, args);
        Flow::Continue
    }

    /// A write to the field of a structure at `base`, or to a part of element `index` of the array there.
    fn store(&mut self, field: FieldId, base: u64, index: u64) {
        let _ = (field, base, index);
    }

    /// The frame at `depth` returned.
    fn leave(&mut self, depth: usize) {
        let _ = depth;
    }
}

/// Hears and does nothing.
#[derive(Copy, Clone, Default, Debug)]
pub struct Unobserved;

impl Observer for Unobserved {}

/// How an evaluation ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    Returned(Vec<u64>),
    /// The observer stopped it at a merge point of `func`, whose variables are `args`; calling `func` with them goes
    /// on. `frames` are the suspended callers, outermost first.
    Stopped {
        func: FuncId,
        args: Vec<u64>,
        frames: Vec<Frame>,
    },
    /// A residual graph left through an exit.
    Exited {
        id: u32,
        args: Vec<u64>,
    },
}

/// How a call of a function is performed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Callee {
    /// Its graph, in a frame.
    Graph,
    /// Its wrapper, by index.
    Native(u32),
    /// Neither graph nor wrapper.
    Missing,
}

/// Evaluates the graphs of one module.
#[derive(Copy, Clone, Debug)]
pub struct Evaluator<'a> {
    module: &'a Module,
    natives: &'a [Native],
    /// Whether a portal called from a graph runs natively, through its wrapper, or as a graph in this evaluator.
    pub native_portals: bool,
}

impl<'a> Evaluator<'a> {
    /// The function id of the frame of a graph that is not the module's ([`Evaluator::call_graph`]).
    pub const ROOT: FuncId = FuncId(u32::MAX);

    /// # Safety
    /// The module is bound to this process and `natives` are its wrappers (unless nothing evaluated touches memory or
    /// calls them). Every evaluation starts from values that are valid for the parameters and variables: addresses
    /// of live objects of the types the source gives, as a plain run of the interpreter could have them.
    pub unsafe fn new(module: &'a Module, natives: &'a [Native]) -> Evaluator<'a> {
        Evaluator { module, natives, native_portals: false }
    }

    pub fn module(&self) -> &'a Module {
        self.module
    }

    /// Runs a function's graph.
    ///
    /// # Panics
    /// If the function has no graph.
    pub fn call(&self, func: FuncId, args: &[u64], observer: &mut dyn Observer) -> Outcome {
        let graph = self.module.graph(func).expect("a function with a graph");
        run::Run::new(self, None).run(vec![enter(func, graph, args)], observer)
    }

    /// Runs a graph that is not the module's but refers to it, such as residual code.
    pub fn call_graph(&self, graph: &Graph, args: &[u64], observer: &mut dyn Observer) -> Outcome {
        run::Run::new(self, Some(graph)).run(vec![enter(Self::ROOT, graph, args)], observer)
    }

    /// Goes on from a stack of frames, the innermost last.
    ///
    /// # Panics
    /// If there is no frame.
    pub fn resume(&self, frames: Vec<Frame>, observer: &mut dyn Observer) -> Outcome {
        assert!(!frames.is_empty(), "nothing to resume");
        run::Run::new(self, None).run(frames, observer)
    }

    /// Hands the results of an innermost call, which somebody else performed, to the last of the suspended frames and
    /// goes on. Without frames the results are the outcome.
    pub fn deliver(&self, mut frames: Vec<Frame>, results: &[u64], observer: &mut dyn Observer) -> Outcome {
        let Some(frame) = frames.last_mut() else { return Outcome::Returned(results.to_vec()) };
        let graph = self.module.graph(frame.func).expect("a frame of a graph");
        run::finish_call(graph, frame, results);
        run::Run::new(self, None).run(frames, observer)
    }

    /// Calls a function through its buffered wrapper.
    ///
    /// # Panics
    /// If the function has none.
    pub fn call_native(&self, func: FuncId, args: &[u64]) -> Vec<u64> {
        let info = self.module.func(func);
        let native = info.native.unwrap_or_else(|| panic!("`{}` has no native wrapper", info.name));
        let mut results = vec![0; info.results.len()];
        self.call_wrapper(native, args, &mut results);
        results
    }

    fn callee(&self, func: FuncId) -> Callee {
        let info = self.module.func(func);
        match (&info.kind, info.native) {
            (FuncKind::Residual, Some(native)) => Callee::Native(native),
            (FuncKind::Residual, None) => Callee::Missing,
            (FuncKind::Graph(_), None) => Callee::Graph,
            (FuncKind::Graph(_), Some(native)) => {
                let is_portal = self.module.portals.iter().any(|portal| portal.func == func);
                let native_wanted = if is_portal { self.native_portals } else { info.never_inline || info.elidable };
                if native_wanted { Callee::Native(native) } else { Callee::Graph }
            }
        }
    }

    fn call_wrapper(&self, native: u32, args: &[u64], results: &mut [u64]) {
        let native = &self.natives[native as usize];
        // SAFETY: by the promise of `new` the wrapper is that of the function called, whose arguments and results the
        // verifier counted, and the values are as a plain run would pass them.
        unsafe { (native.buffered)(args.as_ptr(), results.as_mut_ptr()) }
    }
}

/// A frame at the start of a graph.
fn enter(func: FuncId, graph: &Graph, args: &[u64]) -> Frame {
    let mut env = vec![0; graph.vars.len()];
    assert_eq!(args.len(), graph.params().len(), "arguments of `{}`", graph.name);
    for (param, &value) in graph.params().iter().zip(args) {
        env[param.index()] = value;
    }
    Frame { func, block: Graph::ENTRY, inst: 0, env }
}
