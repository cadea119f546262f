//! Which registers hold values that are still needed, before each instruction.
//!
//! A backward dataflow over the instructions. A register that is marked to be closed is live until it is closed, even
//! where no path leads to the closing: an error may come. Variables that nothing reads any more are dead, although a
//! debugger could still name them.

use super::effects::{Access, edge_write, effects, falls_through, jump_target, marks_tbc};
use super::regset::RegSet;
use super::{Proto, op};

/// The live registers of a function, instruction by instruction.
#[derive(Clone, Debug, PartialEq)]
pub struct Liveness {
    entry: Vec<RegSet>,
}

impl Liveness {
    /// Whether `reg` is live before instruction `pc`.
    pub fn is_live(&self, pc: usize, reg: usize) -> bool {
        self.entry[pc].contains(reg)
    }

    /// The registers live before instruction `pc`.
    pub fn live(&self, pc: usize) -> RegSet {
        self.entry[pc]
    }
}

/// Computes liveness. The prototype must be one that [`verify`](super::verify()) accepts.
pub fn liveness(proto: &Proto) -> Liveness {
    let code = &proto.code;
    let closing = to_be_closed(proto);
    let mut entry = vec![RegSet::EMPTY; code.len()];
    let mut summary = Vec::with_capacity(code.len());
    for &i in code {
        let mut reads = RegSet::EMPTY;
        let mut writes = RegSet::EMPTY;
        effects(proto, i, &mut |e| {
            let set = RegSet::range(e.first, e.count);
            match e.access {
                Access::Read | Access::Cell | Access::ReadOpen => reads = reads.union(set),
                // What is marked is added below.
                Access::Close => {}
                Access::Write | Access::WriteCell | Access::Clobber | Access::Open => writes = writes.union(set),
            }
        });
        summary.push((reads, writes));
    }
    // Loops need more than one pass: as many as they nest, and one to see that nothing changes.
    let mut changed = true;
    while changed {
        changed = false;
        for pc in (0..code.len()).rev() {
            let i = code[pc];
            let edge = edge_write(i);
            let mut out = RegSet::EMPTY;
            for (jumps, next) in [(true, jump_target(i)), (false, falls_through(i).then_some(pc + 1))] {
                let Some(next) = next.filter(|n| *n < code.len()) else {
                    continue;
                };
                let mut live = entry[next];
                if let Some((_, reg)) = edge.filter(|(on_jump, _)| *on_jump == jumps) {
                    live.remove(reg);
                }
                out = out.union(live);
            }
            let (reads, writes) = summary[pc];
            let live = out.difference(writes).union(reads).union(closing.get(pc).copied().unwrap_or_default());
            if live != entry[pc] {
                entry[pc] = live;
                changed = true;
            }
        }
    }
    Liveness { entry }
}

/// For each instruction, the registers that may be marked to be closed before it; empty when there are none at all.
fn to_be_closed(proto: &Proto) -> Vec<RegSet> {
    let code = &proto.code;
    if !code.iter().any(|i| marks_tbc(*i).is_some()) {
        return Vec::new();
    }
    let mut entry = vec![RegSet::EMPTY; code.len()];
    let mut changed = true;
    while changed {
        changed = false;
        for pc in 0..code.len() {
            let i = code[pc];
            let mut out = entry[pc];
            if let Some(reg) = marks_tbc(i) {
                out.insert(reg);
            } else if i.op() == op::CLOSE {
                out = out.difference(RegSet::range(i.a(), 256));
            }
            for next in [jump_target(i), falls_through(i).then_some(pc + 1)].into_iter().flatten() {
                if let Some(set) = entry.get_mut(next) {
                    let union = set.union(out);
                    changed |= union != *set;
                    *set = union;
                }
            }
        }
    }
    entry
}
