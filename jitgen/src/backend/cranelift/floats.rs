//! Integers that are floats: 64 bits that are only stored, passed by exits, or seen as floats are kept in a float
//! register from their load on. That saves the moves between the two kinds of registers, and the registers.

use crate::flow::{Arg, BlockId, ConvOp, Graph, Inst, Module, Mutability, Op, Term, Ty, VarId};

/// For each variable whether it is such an integer.
pub(super) fn find(graph: &Graph, module: &Module, order: &[BlockId]) -> Vec<bool> {
    // Used as an integer; seen as a float.
    let mut uses = vec![(false, false); graph.vars.len()];
    let as_integer = |uses: &mut Vec<(bool, bool)>, arg: &Arg| {
        if let Arg::Var(var) = arg {
            uses[var.index()].0 = true;
        }
    };
    let blocks = || order.iter().map(|id| &graph.blocks[id.index()]);
    for block in blocks() {
        for inst in &block.insts {
            match (inst.op, &inst.args[..]) {
                (Op::Conv(ConvOp::Bitcast, Ty::F64), [Arg::Var(var)]) => uses[var.index()].1 = true,
                (Op::Store(_) | Op::StoreItem(_), [address @ .., _]) => {
                    address.iter().for_each(|arg| as_integer(&mut uses, arg));
                }
                (_, args) => args.iter().for_each(|arg| as_integer(&mut uses, arg)),
            }
        }
        if !matches!(block.term, Term::Exit { .. }) {
            block.term.args().iter().for_each(|arg| as_integer(&mut uses, arg));
        }
        for link in block.term.links() {
            link.args.iter().for_each(|arg| as_integer(&mut uses, arg));
        }
    }
    let mut floats = vec![false; graph.vars.len()];
    for inst in blocks().flat_map(|block| &block.insts) {
        if let Some(var) = made(graph, module, inst)
            && let (false, seen) = uses[var.index()]
        {
            floats[var.index()] = seen || matches!(inst.op, Op::Conv(..));
        }
    }
    floats
}

/// What an operation makes that could as well make it in a float register.
fn made(graph: &Graph, module: &Module, inst: &Inst) -> Option<VarId> {
    let result = *inst.results.first()?;
    let is_integer = graph.vars[result.index()].ty.bits() == 64 && graph.vars[result.index()].ty != Ty::F64;
    let could = match inst.op {
        Op::Load(field) | Op::LoadItem(field) => module.field(field).mutability != Mutability::Volatile,
        Op::Conv(ConvOp::Bitcast, _) => graph.ty(inst.args[0]) == Ty::F64,
        _ => false,
    };
    (is_integer && could).then_some(result)
}
