//! The residual graph under construction.

use super::value::Val;
use crate::flow::{Arg, BlockId, Graph, Inst, Link, Op, Span, Term, Ty, VarId};

/// Where a residual variable comes from: what a branch on it tells about others.
#[derive(Clone, Debug)]
pub(super) struct Def {
    pub op: Op,
    pub args: Vec<Arg>,
}

pub(super) struct Builder {
    pub graph: Graph,
    /// By variable; parameters have none.
    pub defs: Vec<Option<Def>>,
    pub emitted: usize,
    /// As `emitted`, with what was generated in vain.
    pub work: usize,
}

impl Builder {
    pub fn new(name: String) -> Builder {
        let mut graph = Graph::new(name);
        graph.results = vec![Ty::I64, Ty::I64];
        Builder { graph, defs: vec![], emitted: 0, work: 0 }
    }

    pub fn ty(&self, var: VarId) -> Ty {
        self.graph.vars[var.index()].ty
    }

    pub fn block(&mut self, cold: bool) -> BlockId {
        let block = self.graph.block();
        self.graph.blocks[block.index()].cold = cold;
        block
    }

    pub fn param(&mut self, block: BlockId, ty: Ty) -> VarId {
        let var = self.graph.param(block, ty, "");
        self.defs.resize(self.graph.vars.len(), None);
        var
    }

    pub fn push(&mut self, block: BlockId, op: Op, args: Vec<Arg>, results: &[Ty]) -> Vec<VarId> {
        self.emitted += 1;
        self.work += 1;
        let def = Def { op, args: args.clone() };
        let vars: Vec<VarId> = results.iter().map(|&ty| self.graph.var(ty, "")).collect();
        self.defs.resize(self.graph.vars.len(), None);
        for var in &vars {
            self.defs[var.index()] = Some(def.clone());
        }
        self.graph.blocks[block.index()].insts.push(Inst { op, args, results: vars.clone(), span: Span::default() });
        vars
    }

    pub fn one(&mut self, block: BlockId, op: Op, args: Vec<Arg>, result: Ty) -> VarId {
        self.push(block, op, args, &[result])[0]
    }

    pub fn end(&mut self, block: BlockId, term: Term) {
        debug_assert!(matches!(self.graph.blocks[block.index()].term, Term::Unreachable), "a block ends once");
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
            Val::Cast(ty, _) => ty,
            Val::Addr { .. } => Ty::Ptr,
            Val::Dead => unreachable!("dead boxes are not read"),
        }
    }
}

/// Removes blocks that nothing leads to and renumbers the rest.
pub(super) fn drop_unreachable(graph: &mut Graph) {
    let order = graph.reverse_postorder();
    let mut number = vec![None; graph.blocks.len()];
    for (new, old) in order.iter().enumerate() {
        number[old.index()] = Some(BlockId(new as u32));
    }
    let mut blocks: Vec<Option<crate::flow::Block>> = std::mem::take(&mut graph.blocks).into_iter().map(Some).collect();
    for old in order {
        let mut block = blocks[old.index()].take().expect("each block once in the order");
        for link in block.term.links_mut() {
            link.block = number[link.block.index()].expect("a link of a reachable block");
        }
        graph.blocks.push(block);
    }
}
