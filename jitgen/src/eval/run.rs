//! The loop of the evaluator.

use super::{Callee, Evaluator, Flow, Frame, Observer, Outcome, Site, memory, ops};
use crate::flow::{Arg, BlockId, FuncId, Graph, Inst, Link, Op, Term, Ty};

/// One evaluation.
pub(super) struct Run<'e, 'a> {
    evaluator: &'e Evaluator<'a>,
    /// The graph of [`Evaluator::ROOT`].
    root: Option<&'e Graph>,
    /// Operands being passed somewhere; kept to save allocations.
    passed: Vec<u64>,
    results: Vec<u64>,
    /// Environments of frames that returned.
    spare: Vec<Vec<u64>>,
}

/// What an operation asks of the loop.
enum Step {
    Next,
    /// Enter the function's graph with the values passed.
    Enter(FuncId),
    /// Stop at this merge point.
    Stop,
}

fn value(env: &[u64], arg: Arg) -> u64 {
    match arg {
        Arg::Var(var) => env[var.index()],
        Arg::Const(value) => value.bits,
    }
}

/// Writes the results of the call that a suspended frame waits for, and steps over it.
pub(super) fn finish_call(graph: &Graph, frame: &mut Frame, results: &[u64]) {
    let inst = &graph.blocks[frame.block.index()].insts[frame.inst];
    debug_assert!(matches!(inst.op, Op::Call(_) | Op::CallIndirect(_)), "the frame is not suspended at a call");
    // A unit that was called gives a status and a value, a portal perhaps less.
    let missing = match inst.op {
        Op::CallIndirect(_) => inst.results.len().saturating_sub(results.len()),
        _ => 0,
    };
    assert_eq!(inst.results.len(), results.len() + missing, "results of the call in `{}`", graph.name);
    for (index, var) in inst.results.iter().enumerate() {
        frame.env[var.index()] = index.checked_sub(missing).map_or(0, |index| results[index]);
    }
    frame.inst += 1;
}

impl<'e, 'a> Run<'e, 'a> {
    pub(super) fn new(evaluator: &'e Evaluator<'a>, root: Option<&'e Graph>) -> Run<'e, 'a> {
        Run { evaluator, root, passed: vec![], results: vec![], spare: vec![] }
    }

    fn graph(&self, func: FuncId) -> &'e Graph {
        match self.root {
            Some(root) if func == Evaluator::ROOT => root,
            _ => self.evaluator.module.graph(func).expect("a frame of a graph"),
        }
    }

    pub(super) fn run(&mut self, mut frames: Vec<Frame>, observer: &mut dyn Observer) -> Outcome {
        for (index, frame) in frames.iter().enumerate().take(frames.len().saturating_sub(1)) {
            observer.suspend(index + 1, frame.func, frame.block);
        }
        loop {
            let depth = frames.len();
            let frame = frames.last_mut().expect("a running frame");
            let graph = self.graph(frame.func);
            match self.block(graph, frame, depth, observer) {
                Some(Step::Next) => {}
                Some(Step::Enter(func)) => {
                    observer.suspend(depth, frame.func, frame.block);
                    let frame = self.enter(func);
                    frames.push(frame);
                }
                Some(Step::Stop) => {
                    let frame = frames.pop().expect("the running frame");
                    let args = std::mem::take(&mut self.passed);
                    return Outcome::Stopped { func: frame.func, args, frames };
                }
                None => match &graph.blocks[frame.block.index()].term {
                    Term::Exit { id, .. } => {
                        return Outcome::Exited { id: *id, args: std::mem::take(&mut self.passed) };
                    }
                    _ => {
                        observer.leave(depth);
                        let frame = frames.pop().expect("the running frame");
                        self.spare.push(frame.env);
                        let Some(caller) = frames.last_mut() else {
                            return Outcome::Returned(std::mem::take(&mut self.passed));
                        };
                        finish_call(self.graph(caller.func), caller, &self.passed);
                    }
                },
            }
        }
    }

    fn enter(&mut self, func: FuncId) -> Frame {
        let graph = self.graph(func);
        let mut env = self.spare.pop().unwrap_or_default();
        env.resize(graph.vars.len(), 0);
        for (param, &bits) in graph.params().iter().zip(&self.passed) {
            env[param.index()] = bits;
        }
        Frame { func, block: Graph::ENTRY, inst: 0, env }
    }

    /// Performs the rest of the frame's block: `None` when it ends the graph, its values then passed.
    fn block(&mut self, graph: &Graph, frame: &mut Frame, depth: usize, observer: &mut dyn Observer) -> Option<Step> {
        let block = &graph.blocks[frame.block.index()];
        while let Some(inst) = block.insts.get(frame.inst) {
            match self.inst(graph, frame, inst, depth, observer) {
                Step::Next => frame.inst += 1,
                step => return Some(step),
            }
        }
        let site = Site { func: frame.func, block: frame.block, inst: Site::TERMINATOR };
        let link = match &block.term {
            Term::Jump(link) => link,
            Term::Branch { cond, then_to, else_to } => {
                let cond = value(&frame.env, *cond);
                debug_assert!(cond < 2, "a bool of {cond}");
                observer.branch(site, depth, (cond == 0) as usize);
                if cond != 0 { then_to } else { else_to }
            }
            Term::Switch { value: on, cases, default } => {
                let on = value(&frame.env, *on);
                let index = cases.iter().position(|(bits, _)| *bits == on).unwrap_or(cases.len());
                observer.branch(site, depth, index);
                cases.get(index).map_or(default, |(_, link)| link)
            }
            Term::Return(args) | Term::Exit { args, .. } => {
                self.pass(&frame.env, args);
                return None;
            }
            Term::Unreachable => panic!("`{}` reached the unreachable end of block{}", graph.name, frame.block.0),
        };
        self.follow(graph, frame, link);
        Some(Step::Next)
    }

    fn pass(&mut self, env: &[u64], args: &[Arg]) {
        self.passed.clear();
        self.passed.extend(args.iter().map(|&arg| value(env, arg)));
    }

    fn follow(&mut self, graph: &Graph, frame: &mut Frame, link: &Link) {
        // All arguments are read before any parameter is written: a link may permute its block's own parameters.
        self.pass(&frame.env, &link.args);
        let target: BlockId = link.block;
        for (param, &bits) in graph.blocks[target.index()].params.iter().zip(&self.passed) {
            frame.env[param.index()] = bits;
        }
        frame.block = target;
        frame.inst = 0;
    }

    fn inst(
        &mut self,
        graph: &Graph,
        frame: &mut Frame,
        inst: &Inst,
        depth: usize,
        observer: &mut dyn Observer,
    ) -> Step {
        let Frame { func, block, inst: position, env } = frame;
        let arg = |index: usize| value(env, inst.args[index]);
        let ty = |index: usize| graph.ty(inst.args[index]);
        let site = || Site { func: *func, block: *block, inst: *position as u32 };
        let field = |id: crate::flow::FieldId| self.evaluator.module.field(id);
        let result = match inst.op {
            Op::Bin(op) => ops::bin(op, ty(0), arg(0), arg(1)).unwrap_or_else(|| {
                let text = crate::flow::print_inst(graph, Some(self.evaluator.module), inst);
                panic!("`{text}` of {} and {} in `{}`", arg(0), arg(1), graph.name)
            }),
            Op::Ovf(op) => {
                let (bits, overflow) = ops::ovf(op, ty(0), arg(0), arg(1));
                env[inst.results[0].index()] = bits;
                env[inst.results[1].index()] = overflow.into();
                return Step::Next;
            }
            Op::Cmp(op) => ops::cmp(op, ty(0), arg(0), arg(1)).into(),
            Op::Un(op) => ops::un(op, ty(0), arg(0)),
            Op::Conv(op, to) => ops::conv(op, ty(0), to, arg(0)),
            Op::Select => arg(if arg(0) != 0 { 1 } else { 2 }),
            Op::Load(id) => {
                let field = field(id);
                // SAFETY: by the promise of `Evaluator::new` the operands are those of a plain run, which reads here.
                unsafe { memory::load(field, memory::address(field, arg(0), 0)) }
            }
            Op::LoadItem(id) => {
                let field = field(id);
                // SAFETY: as above.
                unsafe { memory::load(field, memory::address(field, arg(0), arg(1))) }
            }
            Op::Store(id) => {
                let field = field(id);
                observer.store(id, arg(0), 0);
                // SAFETY: as above, for the write that a plain run does here.
                unsafe { memory::store(field, memory::address(field, arg(0), 0), arg(1)) };
                return Step::Next;
            }
            Op::StoreItem(id) => {
                let field = field(id);
                observer.store(id, arg(0), arg(1));
                // SAFETY: as above.
                unsafe { memory::store(field, memory::address(field, arg(0), arg(1)), arg(2)) };
                return Step::Next;
            }
            Op::PtrAdd(id) => arg(0).wrapping_add(arg(1).wrapping_mul(field(id).stride as u64)),
            Op::Interior(id) => arg(0).wrapping_add(field(id).offset as u64),
            Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Variable | Op::Likely => arg(0),
            Op::Promote => {
                observer.promote(site(), depth, ty(0), arg(0));
                arg(0)
            }
            Op::PromoteFew => {
                observer.promote(site(), depth, ty(0), arg(0));
                let bits = arg(0);
                env[inst.results[0].index()] = 1;
                env[inst.results[1].index()] = bits;
                return Step::Next;
            }
            Op::DeadFrom => return Step::Next,
            Op::MergePoint => {
                self.pass(env, &inst.args);
                return match observer.merge_point(*func, depth, &self.passed) {
                    Flow::Continue => Step::Next,
                    Flow::Stop => Step::Stop,
                };
            }
            Op::Call(callee) => {
                self.pass(env, &inst.args);
                let native = match self.evaluator.callee(callee) {
                    Callee::Graph => return Step::Enter(callee),
                    Callee::Native(native) => native,
                    Callee::Missing => {
                        panic!("`{}` has neither graph nor wrapper", self.evaluator.module.func(callee).name)
                    }
                };
                self.results.clear();
                self.results.resize(inst.results.len(), 0);
                self.evaluator.call_wrapper(native, &self.passed, &mut self.results);
                return self.write_results(graph, env, inst);
            }
            Op::CallUnit(sig) | Op::CallEntry(sig) => {
                self.pass(env, &inst.args);
                if let Op::CallEntry(_) = inst.op {
                    // SAFETY: it is the address of a cell, which lives as long as code that knows it.
                    self.passed[0] = unsafe { *(self.passed[0] as usize as *const u64) };
                }
                let params: Vec<_> = inst.args[1..].iter().map(|&arg| graph.ty(arg)).collect();
                let results = &self.evaluator.module.sigs[sig.index()].results;
                self.results.clear();
                self.results.resize(inst.results.len(), 0);
                // SAFETY: by the promise of `Evaluator::new` the address is that of the code of a unit, which takes this.
                unsafe {
                    super::call_direct(self.passed[0], &params, results, &self.passed[1..], &mut self.results);
                }
                return self.write_results(graph, env, inst);
            }
            Op::CallIndirect(sig) => {
                self.pass(env, &inst.args);
                let sig = &self.evaluator.module.sigs[sig.index()];
                self.results.clear();
                self.results.resize(inst.results.len(), 0);
                let declared = self.evaluator.module.funcs.get(sig.declared_by.index());
                match declared.and_then(|declared| declared.native) {
                    // The wrapper of the function that declares the call takes the code address first.
                    Some(native) => self.evaluator.call_wrapper(native, &self.passed, &mut self.results),
                    // SAFETY: by the promise of `Evaluator::new` the address is that of code of this signature.
                    None => unsafe {
                        super::call_direct(
                            self.passed[0],
                            &sig.params,
                            &sig.results,
                            &self.passed[1..],
                            &mut self.results,
                        )
                    },
                }
                return self.write_results(graph, env, inst);
            }
        };
        debug_assert_eq!(result & !graph.vars[inst.results[0].index()].ty.mask(), 0, "canonical result");
        env[inst.results[0].index()] = result;
        Step::Next
    }

    fn write_results(&self, graph: &Graph, env: &mut [u64], inst: &Inst) -> Step {
        for (var, &bits) in inst.results.iter().zip(&self.results) {
            let ty: Ty = graph.vars[var.index()].ty;
            debug_assert_eq!(bits & !ty.mask(), 0, "a wrapper returned {bits:#x} as a {}", ty.name());
            env[var.index()] = bits;
        }
        Step::Next
    }
}
