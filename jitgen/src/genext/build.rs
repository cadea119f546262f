//! The residual graph under construction.

use super::value::Val;
use crate::flow::{Arg, Args, BlockId, Graph, Inst, Link, Op, Results, Span, Term, Ty, VarId};
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};

/// An operation of the graph: its block, and its number there.
type Place = (BlockId, u32);

pub(super) struct Builder {
    pub graph: Graph,
    /// By variable; parameters have none.
    defs: Vec<Option<Place>>,
    pub emitted: usize,
    /// As `emitted`, with what was generated in vain, and what is remembered meanwhile.
    pub work: usize,
    /// By block.
    tree: Vec<Node>,
    /// Pure operations by a hash of operation and operands.
    pure: FxHashMap<u64, SmallVec<[Place; 1]>>,
    /// The keys of `pure` in the order of their first results.
    log: Vec<(VarId, u64)>,
}

/// A block's place in the dominator tree, as far as it is generated.
#[derive(Clone, Copy)]
struct Node {
    parent: Option<BlockId>,
    depth: u32,
    /// The block may be entered from where its parent does not dominate, later: what was computed above is not there.
    floor: bool,
}

/// Room for as many variables and blocks as small units have: growing is felt.
const USUAL: usize = 256;

/// Most blocks have fewer operations.
const USUAL_LENGTH: usize = 8;

impl Builder {
    pub fn new(name: String) -> Builder {
        let mut graph = Graph::new(name);
        graph.results = vec![Ty::I64, Ty::I64];
        graph.vars.reserve(USUAL);
        graph.blocks.reserve(USUAL);
        let mut builder =
            Builder { graph, defs: vec![], emitted: 0, work: 0, tree: vec![], pure: FxHashMap::default(), log: vec![] };
        builder.defs.reserve(USUAL);
        builder.tree.reserve(USUAL);
        builder.pure.reserve(USUAL);
        builder.log.reserve(USUAL);
        builder
    }

    pub fn ty(&self, var: VarId) -> Ty {
        self.graph.vars[var.index()].ty
    }

    /// Which of the graph's parameters a variable is: they are its first variables.
    pub fn param_number(&self, var: VarId) -> Option<usize> {
        let params = self.graph.params();
        debug_assert!(params.iter().position(|&param| param == var).is_none_or(|number| number == var.index()));
        (var.index() < params.len()).then(|| var.index())
    }

    /// The operation that computes a variable: what a branch on it tells about others. Parameters have none.
    pub fn def(&self, var: VarId) -> Option<&Inst> {
        self.defs[var.index()].map(|place| self.inst(place))
    }

    fn inst(&self, (block, number): Place) -> &Inst {
        &self.graph.blocks[block.index()].insts[number as usize]
    }

    pub fn block(&mut self, cold: bool) -> BlockId {
        let block = self.graph.block();
        self.graph.blocks[block.index()].cold = cold;
        block
    }

    fn node(&mut self, block: BlockId) -> &mut Node {
        if self.tree.len() <= block.index() {
            self.tree.resize(block.index() + 1, Node { parent: None, depth: 0, floor: false });
        }
        &mut self.tree[block.index()]
    }

    /// There is an edge, which is no back edge.
    fn edge(&mut self, from: BlockId, to: BlockId) {
        let node = *self.node(to);
        if node.floor {
            return;
        }
        let (parent, floor) = match node.parent {
            None => (from, false),
            Some(other) => self.common(other, from),
        };
        let depth = self.node(parent).depth + 1;
        *self.node(to) = Node { parent: Some(parent), depth, floor };
    }

    /// The nearest dominator of both as far as is known; and whether it lies above a block that may be entered from
    /// elsewhere, so that it may be none.
    fn common(&mut self, mut one: BlockId, mut other: BlockId) -> (BlockId, bool) {
        let mut above_floor = false;
        while one != other {
            let deeper = if self.node(one).depth >= self.node(other).depth { &mut one } else { &mut other };
            let node = *self.node(*deeper);
            above_floor |= node.floor;
            match node.parent {
                Some(parent) => *deeper = parent,
                None => return (Graph::ENTRY, above_floor),
            }
        }
        (one, above_floor)
    }

    /// The block is a loop header: states may come to it from anywhere.
    pub fn floor(&mut self, block: BlockId) {
        self.node(block).floor = true;
    }

    /// The results of an equal pure operation, with this [`key`], that was computed on every way to `at`.
    pub fn available(&self, at: BlockId, op: Op, args: &[Arg], key: u64) -> Option<&[VarId]> {
        let places = self.pure.get(&key)?;
        let depth = |block: BlockId| self.tree.get(block.index()).map_or(0, |node| node.depth);
        let top = places.iter().map(|&(block, _)| depth(block)).min()?;
        let mut block = at;
        loop {
            for &place in places.iter().filter(|place| place.0 == block) {
                let inst = self.inst(place);
                if inst.op == op && inst.args[..] == *args {
                    return Some(&inst.results);
                }
            }
            let node = &self.tree.get(block.index())?;
            if node.floor || node.depth <= top {
                return None;
            }
            block = node.parent?;
        }
    }

    /// Emits an operation that need not be emitted again where this one dominates.
    pub fn push_pure(&mut self, block: BlockId, op: Op, args: Args, results: &[Ty], key: u64) -> &[VarId] {
        let number = self.graph.blocks[block.index()].insts.len();
        if let Some(&first) = self.push(block, op, args, results).first() {
            self.node(block);
            self.pure.entry(key).or_default().push((block, number as u32));
            self.log.push((first, key));
        }
        &self.graph.blocks[block.index()].insts[number].results
    }

    /// Takes back what was generated since there were so many blocks and variables; `open` blocks with their length.
    pub fn restore(&mut self, blocks: usize, vars: usize, open: &[(BlockId, usize)]) {
        self.graph.blocks.truncate(blocks);
        for &(block, insts) in open {
            let block = &mut self.graph.blocks[block.index()];
            block.insts.truncate(insts);
            block.term = Term::Unreachable;
        }
        self.graph.vars.truncate(vars);
        self.defs.truncate(vars);
        self.tree.truncate(blocks);
        while let Some((_, key)) = self.log.pop_if(|(var, _)| var.index() >= vars) {
            let found = self.pure.get_mut(&key).expect("logged operations are in the map");
            found.pop();
            if found.is_empty() {
                self.pure.remove(&key);
            }
        }
    }

    pub fn param(&mut self, block: BlockId, ty: Ty) -> VarId {
        let var = self.graph.param(block, ty, "");
        self.defs.resize(self.graph.vars.len(), None);
        var
    }

    pub fn push(&mut self, block: BlockId, op: Op, args: Args, results: &[Ty]) -> &[VarId] {
        self.emitted += 1;
        self.work += 1;
        let place = (block, self.graph.blocks[block.index()].insts.len() as u32);
        let mut made = Results::with_capacity(results.len());
        for &ty in results {
            made.push(self.graph.var(ty, ""));
        }
        self.defs.resize(self.graph.vars.len(), Some(place));
        let block = &mut self.graph.blocks[block.index()];
        if block.insts.capacity() == 0 {
            block.insts.reserve_exact(USUAL_LENGTH);
        }
        block.insts.push(Inst { op, args, results: made, span: Span::default() });
        &block.insts[place.1 as usize].results
    }

    pub fn one(&mut self, block: BlockId, op: Op, args: Args, result: Ty) -> VarId {
        self.push(block, op, args, &[result])[0]
    }

    pub fn end(&mut self, block: BlockId, term: Term) {
        debug_assert!(matches!(self.graph.blocks[block.index()].term, Term::Unreachable), "a block ends once");
        for link in term.links() {
            self.edge(block, link.block);
        }
        self.graph.blocks[block.index()].term = term;
    }

    pub fn jump(&mut self, from: BlockId, to: BlockId, args: Vec<Arg>) {
        self.end(from, Term::Jump(Link { block: to, args }));
    }

    /// The type of a box.
    pub fn val_ty(&self, val: Val) -> Ty {
        match val {
            Val::Const(value) => value.ty,
            Val::Var(var) => self.ty(var),
            Val::Cast(ty, _) | Val::Virtual(ty, _) => ty,
            Val::Addr { .. } => Ty::Ptr,
            Val::Dead => unreachable!("dead boxes are not read"),
        }
    }
}

/// Of equal operations on equal operands.
pub(super) fn key(op: Op, args: &[Arg]) -> u64 {
    let mut hasher = FxHasher::default();
    (op, args).hash(&mut hasher);
    hasher.finish()
}
