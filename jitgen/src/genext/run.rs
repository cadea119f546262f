//! Running a state: the instructions of its blocks, from one to the next.

use super::engine::Engine;
use super::queue::Order;
use super::request::GiveUp;
use super::state::{Frame, State};
use super::value::Val;
use crate::eval::ops;
use crate::flow::{Const, ConvOp, Op, Ty};
use crate::hints::SpecId;
use crate::timeshift::{CodeBlock, CodeTerm, Dst, Instr, Jump, Src};
use crate::transform::fold::fold;
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

impl Engine<'_> {
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
                        let var = self.builder.one(state.out, Op::Variable, smallvec![arg], ty);
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
                        // A function that calls itself need not come to a join.
                        self.builder.work += 1;
                        self.check_size()?;
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

    fn green(&mut self, state: &mut State, op: Op, args: &[Src], results: &[Dst]) {
        let known = |src: Src| state.top_ref().known(src);
        let folded = |value: Option<u64>| value.expect("green operations are defined where they run");
        let bits = match (op, args) {
            (Op::Bin(op), &[a, b]) => {
                let (a, b) = (known(a), known(b));
                folded(ops::bin(op, a.ty, a.bits, b.bits))
            }
            (Op::Cmp(op), &[a, b]) => {
                let (a, b) = (known(a), known(b));
                ops::cmp(op, a.ty, a.bits, b.bits).into()
            }
            (Op::Conv(op, to), &[a]) => {
                let a = known(a);
                ops::conv(op, a.ty, to, a.bits)
            }
            (Op::Load(field), &[base]) => self.read_now(field, known(base).bits, 0),
            (Op::LoadItem(field), &[base, index]) => self.read_now(field, known(base).bits, known(index).bits as i64),
            (Op::PtrAdd(field), &[base, index]) => {
                let stride = self.module().field(field).stride as u64;
                known(base).bits.wrapping_add(known(index).bits.wrapping_mul(stride))
            }
            (Op::Interior(field), &[base]) => known(base).bits.wrapping_add(self.module().field(field).offset as u64),
            (Op::Call(func), args) => {
                let consts: SmallVec<[u64; 4]> = args.iter().map(|&arg| known(arg).bits).collect();
                let mut bits = SmallVec::<[u64; 2]>::from_elem(0, results.len());
                self.bound.call(func, &consts, &mut bits);
                for (&dst, &bits) in results.iter().zip(&bits) {
                    self.set_green(state, dst, bits);
                }
                return;
            }
            (op, args) => {
                let consts: SmallVec<[Const; 3]> = args.iter().map(|&arg| known(arg)).collect();
                let values = fold(op, &consts).expect("green operations are defined where they run");
                for (&dst, value) in results.iter().zip(values) {
                    self.set_green(state, dst, value.bits);
                }
                return;
            }
        };
        self.set_green(state, results[0], bits);
    }

    fn set_green(&mut self, state: &mut State, dst: Dst, bits: u64) {
        let ty = dst_ty(dst);
        self.note_root(ty, bits);
        match dst {
            Dst::Green(slot, _) => state.top().greens[slot as usize] = bits,
            dst => state.top().set(dst, Val::constant(ty, bits)),
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
                if let (&[dst], false) = (results, matches!(op, Op::Call(_) | Op::CallIndirect(_))) {
                    let val = self.pure_one(state, op, &vals, dst_ty(dst));
                    return state.top().set(dst, val);
                }
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
        self.pure_one(state, Op::Conv(conv, ty), &[val], ty)
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
