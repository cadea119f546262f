//! Graphs, blocks with parameters, links.

use super::{Const, FuncId, Op, Ty};
use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VarId(pub u32);

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BlockId(pub u32);

impl VarId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl BlockId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An operand.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Arg {
    Var(VarId),
    Const(Const),
}

impl From<VarId> for Arg {
    fn from(var: VarId) -> Arg {
        Arg::Var(var)
    }
}

impl From<Const> for Arg {
    fn from(value: Const) -> Arg {
        Arg::Const(value)
    }
}

/// A place in the interpreter's source; `file` indexes [`super::Module::files`]. Line 0: unknown.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    pub file: u32,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct VarInfo {
    pub ty: Ty,
    /// The variable's name in the source, for printing; empty for temporaries.
    pub name: String,
}

/// The operands of an operation: nearly always at most three.
pub type Args = SmallVec<[Arg; 3]>;

/// What an operation gives: nearly always one value, or none.
pub type Results = SmallVec<[VarId; 2]>;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Inst {
    pub op: Op,
    pub args: Args,
    pub results: Results,
    pub span: Span,
}

/// A jump to a block with values for its parameters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Link {
    pub block: BlockId,
    pub args: Vec<Arg>,
}

/// How a block ends.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Term {
    Jump(Link),
    /// On a `bool`.
    Branch {
        cond: Arg,
        then_to: Link,
        else_to: Link,
    },
    /// On an integer, `bool` or address; cases are canonical bits, all different.
    Switch {
        value: Arg,
        cases: Vec<(u64, Link)>,
        default: Link,
    },
    Return(Vec<Arg>),
    /// Residual graphs only: leave the unit. `id` is the exit's number in its unit, `args` its live values.
    Exit {
        id: u32,
        args: Vec<Arg>,
    },
    /// Never reached.
    Unreachable,
}

impl Term {
    pub fn links(&self) -> SmallVec<[&Link; 2]> {
        match self {
            Term::Jump(link) => smallvec![link],
            Term::Branch { then_to, else_to, .. } => smallvec![then_to, else_to],
            Term::Switch { cases, default, .. } => cases.iter().map(|(_, link)| link).chain([default]).collect(),
            Term::Return(_) | Term::Exit { .. } | Term::Unreachable => smallvec![],
        }
    }

    pub fn links_mut(&mut self) -> SmallVec<[&mut Link; 2]> {
        let mut links = SmallVec::new();
        match self {
            Term::Jump(link) => links.push(link),
            Term::Branch { then_to, else_to, .. } => links.extend([then_to, else_to]),
            Term::Switch { cases, default, .. } => {
                links.extend(cases.iter_mut().map(|(_, link)| link).chain([default]));
            }
            Term::Return(_) | Term::Exit { .. } | Term::Unreachable => {}
        }
        links
    }

    /// Operands that are not link arguments.
    pub fn args(&self) -> &[Arg] {
        match self {
            Term::Jump(_) | Term::Unreachable => &[],
            Term::Branch { cond, .. } => std::slice::from_ref(cond),
            Term::Switch { value, .. } => std::slice::from_ref(value),
            Term::Return(args) | Term::Exit { args, .. } => args,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Block {
    pub params: Vec<VarId>,
    pub insts: Vec<Inst>,
    pub term: Term,
    /// Of the terminator.
    pub span: Span,
    /// Unlikely to run: backends place it out of line.
    pub cold: bool,
}

impl Block {
    pub fn new() -> Block {
        Block { params: vec![], insts: vec![], term: Term::Unreachable, span: Span::default(), cold: false }
    }
}

impl Default for Block {
    fn default() -> Block {
        Block::new()
    }
}

/// A function body. Block 0 is the entry; its parameters are the function's; nothing links to it.
///
/// Invariants (checked by [`super::verify`]): every variable is defined once, its definition dominates its uses,
/// types agree, links pass as many arguments as the block has parameters.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Graph {
    pub name: String,
    pub vars: Vec<VarInfo>,
    pub blocks: Vec<Block>,
    pub results: Vec<Ty>,
}

impl Graph {
    pub fn new(name: impl Into<String>) -> Graph {
        Graph { name: name.into(), vars: vec![], blocks: vec![Block::new()], results: vec![] }
    }

    pub const ENTRY: BlockId = BlockId(0);

    pub fn var(&mut self, ty: Ty, name: impl Into<String>) -> VarId {
        let id = VarId(self.vars.len() as u32);
        self.vars.push(VarInfo { ty, name: name.into() });
        id
    }

    pub fn block(&mut self) -> BlockId {
        let id = BlockId(self.blocks.len() as u32);
        self.blocks.push(Block::new());
        id
    }

    /// Adds a parameter to a block.
    pub fn param(&mut self, block: BlockId, ty: Ty, name: impl Into<String>) -> VarId {
        let var = self.var(ty, name);
        self.blocks[block.index()].params.push(var);
        var
    }

    pub fn params(&self) -> &[VarId] {
        &self.blocks[0].params
    }

    pub fn ty(&self, arg: Arg) -> Ty {
        match arg {
            Arg::Var(var) => self.vars[var.index()].ty,
            Arg::Const(value) => value.ty,
        }
    }

    /// Appends an operation with results of the given types.
    pub fn push(&mut self, block: BlockId, op: Op, args: impl Into<Args>, results: &[Ty], span: Span) -> Results {
        let results: Results = results.iter().map(|&ty| self.var(ty, "")).collect();
        self.blocks[block.index()].insts.push(Inst { op, args: args.into(), results: results.clone(), span });
        results
    }

    /// The functions it calls, as often as it does.
    pub fn called(&self) -> impl Iterator<Item = FuncId> {
        self.blocks.iter().flat_map(|block| &block.insts).filter_map(|inst| match inst.op {
            Op::Call(func) => Some(func),
            _ => None,
        })
    }

    /// Blocks reachable from the entry, in reverse postorder.
    pub fn reverse_postorder(&self) -> Vec<BlockId> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::with_capacity(self.blocks.len());
        let mut stack = vec![(Graph::ENTRY, 0)];
        seen[0] = true;
        while let Some((block, next)) = stack.pop() {
            let links = self.blocks[block.index()].term.links();
            if let Some(link) = links.get(next) {
                let target = link.block;
                stack.push((block, next + 1));
                if !std::mem::replace(&mut seen[target.index()], true) {
                    stack.push((target, 0));
                }
            } else {
                order.push(block);
            }
        }
        order.reverse();
        order
    }

    /// How many operations there are, branches and switches counted; exits are not, which are off the way.
    pub fn operations(&self) -> usize {
        let decides = |block: &Block| matches!(block.term, Term::Branch { .. } | Term::Switch { .. });
        self.blocks.iter().map(|block| block.insts.len() + usize::from(decides(block))).sum()
    }

    /// How often each operation occurs in reachable blocks, by name: what tests of residual code assert. Branches and
    /// switches count as `branch` and `switch`, exits as `exit`.
    pub fn count_ops(&self) -> std::collections::BTreeMap<&'static str, usize> {
        let mut counts = std::collections::BTreeMap::new();
        for block in self.reverse_postorder() {
            let block = &self.blocks[block.index()];
            for inst in &block.insts {
                *counts.entry(inst.op.name()).or_default() += 1;
            }
            let term = match block.term {
                Term::Branch { .. } => "branch",
                Term::Switch { .. } => "switch",
                Term::Exit { .. } => "exit",
                _ => continue,
            };
            *counts.entry(term).or_default() += 1;
        }
        counts
    }
}
