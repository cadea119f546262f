//! In which order exits pass their values.
//!
//! Any order will do, but exits that pass the same values first can share the code that stores them. Exits that follow
//! each other have nearly the same values alive, so each exit takes over the beginning of one before it, as far as it has
//! those values too, and goes on with what stays alive longest: that is what exits behind it can take over.

use super::exit::ExitInfo;
use crate::flow::{Arg, Graph, Term, VarId};

/// A beginning of what exits pass, all but the first by the one before it and a value. Beginnings with the same one before
/// them are linked, the latest first.
struct Beginning {
    last: VarId,
    /// The latest that goes on from here.
    longer: u32,
    /// The next earlier one beside it; 0 if there is none.
    beside: u32,
}

/// Orders the values of the exits in the graph.
pub(super) fn arrange(graph: &mut Graph, exits: &mut [ExitInfo]) {
    let mut last = vec![0u32; graph.vars.len()];
    for (number, block) in graph.blocks.iter().enumerate() {
        if let Term::Exit { args, .. } = &block.term {
            vars(args).for_each(|var| last[var.index()] = number as u32);
        }
    }
    let mut beginnings = vec![Beginning { last: VarId(u32::MAX), longer: 0, beside: 0 }];
    // By variable: its number among the values of the exit.
    let mut numbers: Vec<Option<u32>> = vec![None; graph.vars.len()];
    // Of the exit at hand; kept to save allocations.
    let (mut arranged, mut renumbered, mut rest) = (vec![], vec![], vec![]);
    for block in &mut graph.blocks {
        let Term::Exit { id, args } = &mut block.term else { continue };
        for (number, var) in vars(args).enumerate() {
            numbers[var.index()] = Some(number as u32);
        }
        arranged.clear();
        renumbered.clear();
        renumbered.resize(args.len(), 0u32);
        let mut take = |var: VarId, numbers: &mut Vec<Option<u32>>| {
            let number = numbers[var.index()].take().expect("each value is taken once");
            renumbered[number as usize] = arranged.len() as u32;
            arranged.push(var);
        };
        let mut at = 0;
        // The latest first: it is nearest.
        let mut next = beginnings[0].longer;
        while next != 0 {
            let Beginning { last, longer, beside } = beginnings[next as usize];
            if numbers[last.index()].is_some() {
                take(last, &mut numbers);
                at = next as usize;
                next = longer;
            } else {
                next = beside;
            }
        }
        rest.clear();
        rest.extend(vars(args).filter(|var| numbers[var.index()].is_some()));
        rest.sort_unstable_by_key(|var| (std::cmp::Reverse(last[var.index()]), *var));
        for &var in &rest {
            take(var, &mut numbers);
            let next = beginnings.len();
            let beside = std::mem::replace(&mut beginnings[at].longer, next as u32);
            beginnings.push(Beginning { last: var, longer: 0, beside });
            at = next;
        }
        args.iter_mut().zip(&arranged).for_each(|(arg, &var)| *arg = Arg::Var(var));
        exits[*id as usize].places = renumbered.to_vec();
    }
}

fn vars(args: &[Arg]) -> impl Iterator<Item = VarId> {
    args.iter().map(|arg| match arg {
        Arg::Var(var) => *var,
        Arg::Const(_) => unreachable!("constants are not passed"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{Block, FuncId, Ty};
    use crate::genext::{ExitReason, ResumeFrame, Source};
    use smallvec::smallvec;

    /// Exits that pass these values, in the order of the blocks; what they pass once arranged.
    fn arranged(exits: &[&[u32]]) -> Vec<Vec<u32>> {
        let mut graph = Graph::new("exits");
        for _ in 0..10 {
            graph.var(Ty::I64, "");
        }
        let mut infos = vec![];
        for (id, values) in exits.iter().enumerate() {
            let args = values.iter().map(|&var| Arg::Var(VarId(var))).collect();
            graph.blocks.push(Block { term: Term::Exit { id: id as u32, args }, ..Block::new() });
            let env = values.iter().enumerate().map(|(at, &var)| (VarId(var), Source::Live(at as u32))).collect();
            infos.push(ExitInfo {
                reason: ExitReason::Branch,
                making: vec![],
                writes: vec![],
                frames: smallvec![ResumeFrame { func: FuncId(0), block: 0, inst: 0, greens: Default::default(), env }],
                live: values.len() as u32,
                places: vec![],
                entered: vec![],
                entry: None,
            });
        }
        arrange(&mut graph, &mut infos);
        let passed = graph.blocks.iter().filter_map(|block| match &block.term {
            Term::Exit { id, args } => Some((*id as usize, vars(args).map(|var| var.0).collect::<Vec<u32>>())),
            _ => None,
        });
        let passed: Vec<Vec<u32>> = passed
            .map(|(id, values)| {
                let passed: Vec<u64> = values.iter().map(|&var| var.into()).collect();
                let numbered = infos[id].numbered(&passed);
                for &(var, source) in &infos[id].frames[0].env {
                    let Source::Live(number) = source else { unreachable!("all were passed") };
                    assert_eq!(numbered[number as usize], var.0.into());
                }
                values
            })
            .collect();
        passed
    }

    #[test]
    fn beginnings_are_taken_over() {
        assert_eq!(
            arranged(&[&[1, 2, 3], &[4, 2, 3], &[5, 3, 4, 2]]),
            [vec![2, 3, 1], vec![2, 3, 4], vec![2, 3, 4, 5]]
        );
    }

    #[test]
    fn what_lives_longest_comes_first() {
        assert_eq!(arranged(&[&[1, 2, 3], &[2, 3], &[3]]), [vec![3, 2, 1], vec![3, 2], vec![3]]);
    }

    #[test]
    fn exits_without_values() {
        assert_eq!(arranged(&[&[], &[1], &[]]), [vec![], vec![1], vec![]]);
    }
}
