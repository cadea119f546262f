//! Running a state: the instructions of its blocks, from one to the next.

use super::engine::Engine;
use super::queue::Origin;
use super::request::GiveUp;
use super::state::{Frame, Slots, State};
use super::value::Val;
use crate::eval::ops;
use crate::flow::{Const, ConvOp, Op, Ty};
use crate::hints::SpecId;
use crate::timeshift::{Code, CodeBlock, CodeTerm, Dst, Instr, Jump, Src};
use crate::transform::fold::fold;
use smallvec::{SmallVec, smallvec};
use std::rc::Rc;

impl Engine<'_> {
    /// Runs a state until it ends or waits.
    pub(super) fn go(&mut self, mut state: State) -> Result<(), GiveUp> {
        'frames: loop {
            let code = self.code(state.top_ref());
            let mut block = &code.blocks[state.top_ref().block as usize];
            'blocks: loop {
                let mut instrs = code.instrs(block);
                while let Some((instr, rest)) = instrs.split_first() {
                    instrs = rest;
                    match *instr {
                        Instr::Compute { .. } | Instr::Move { .. } | Instr::Green { .. } => {
                            instrs = self.run_slots(code, state.top(), instr, instrs);
                        }
                        Instr::Red { op, args, results } => {
                            self.red(code, &mut state, op, code.srcs(args), code.dsts(results));
                        }
                        Instr::Forget { from, to } => {
                            let val = self.src(&state, from);
                            let ty = self.builder.val_ty(val);
                            let arg = self.arg(&mut state, val);
                            let var = self.builder.one(state.out, Op::Variable, smallvec![arg], ty);
                            state.top().set(to, Val::Var(var));
                        }
                        Instr::Likely { from, to } => {
                            let val = self.src(&state, from);
                            if let Val::Var(var) = val {
                                self.likely.insert(var);
                            }
                            state.top().set(to, val);
                        }
                        Instr::Promote { from, known, to } => {
                            let val = self.src(&state, from);
                            if let Val::Const(_) = val {
                                if let Some(known) = known {
                                    state.top().set(known, Val::constant(Ty::Bool, 1));
                                }
                                state.top().set(to, val);
                                continue;
                            }
                            let on = self.promote(state, val, known, to, jump_of(block))?;
                            let Some(on) = on else { return Ok(()) };
                            state = on;
                            continue 'frames;
                        }
                        Instr::Rely { field, base, to } => self.rely(&mut state, field, base, to),
                        Instr::Enter { spec, args, inst } => {
                            // A function that calls itself need not come to a join.
                            self.builder.work += 1;
                            self.check_size()?;
                            let vals = self.srcs(&state, code.srcs(args));
                            self.enter(&mut state, spec, &vals, inst, jump_of(block));
                            continue 'frames;
                        }
                        Instr::EnterUnit { sig, args, results, inst } => {
                            let vals = self.srcs(&state, code.srcs(args));
                            let on = self.enter_unit(state, sig, &vals, code.dsts(results), inst, jump_of(block))?;
                            let Some(on) = on else { return Ok(()) };
                            state = on;
                            continue 'frames;
                        }
                        // All that has to be done was done when it was reached.
                        Instr::MergePoint { .. } => {}
                    }
                }
                let on = match decided(code, state.top_ref(), &block.term) {
                    Some(jump) => {
                        let next = &code.blocks[jump.block as usize];
                        // Nobody else comes there.
                        if !jump.is_join {
                            assign(code, state.top(), jump);
                            block = next;
                            continue 'blocks;
                        }
                        self.jump(state, jump)?
                    }
                    None => self.end(code, state, &block.term)?,
                };
                let Some(on) = on else { return Ok(()) };
                state = on;
                continue 'frames;
            }
        }
    }

    /// The block ends where nothing is known of how to go on.
    fn end(&mut self, code: &Code, state: State, term: &CodeTerm) -> Result<Option<State>, GiveUp> {
        match *term {
            CodeTerm::Branch { cond, then_to, else_to } => {
                let cond = self.src(&state, cond);
                self.branch(state, cond, &then_to, &else_to)
            }
            CodeTerm::Switch { value, cases, default } => {
                let value = self.src(&state, value);
                self.switch(state, value, code.cases(cases), &default)
            }
            CodeTerm::Return(values) => {
                let vals = self.srcs(&state, code.srcs(values));
                self.leave(state, &vals)
            }
            CodeTerm::Jump(_) | CodeTerm::Unreachable => Ok(None),
        }
    }

    pub(super) fn src(&self, state: &State, src: Src) -> Val {
        let frame = state.top_ref();
        frame.src(self.code(frame), src)
    }

    pub(super) fn srcs(&self, state: &State, srcs: &[Src]) -> SmallVec<[Val; 8]> {
        let frame = state.top_ref();
        let code = self.code(frame);
        let mut vals = SmallVec::with_capacity(srcs.len());
        for &src in srcs {
            vals.push(frame.src(code, src));
        }
        vals
    }

    /// Moves the state to a block of its frame.
    pub(super) fn assign(&self, state: &mut State, jump: &Jump) {
        let code = self.code(state.top_ref());
        assign(code, state.top(), jump);
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
        if !jump.is_join {
            self.assign(&mut state, jump);
            return Ok(Some(state));
        }
        let next = &self.code(state.top_ref()).blocks[jump.block as usize];
        let from = self.order_before(&state, 1, next);
        self.assign(&mut state, jump);
        self.arrive(state, from, alone)
    }

    /// Performs an instruction that needs nothing but slots, and those like it that follow; gives the rest.
    fn run_slots<'c>(&mut self, code: &Code, frame: &mut Frame, first: &'c Instr, rest: &'c [Instr]) -> &'c [Instr] {
        let mut slots = frame.slots(code);
        let (mut instr, mut rest) = (first, rest);
        loop {
            match *instr {
                Instr::Compute { op, args, to } => self.compute(&mut slots, op, args, to),
                Instr::Move { from, to } => slots.set(to, slots.src(from)),
                Instr::Green { op, args, results } => self.green(&mut slots, op, code.srcs(args), code.dsts(results)),
                _ => unreachable!("needs nothing but slots"),
            }
            match rest.split_first() {
                Some((next @ (Instr::Compute { .. } | Instr::Move { .. } | Instr::Green { .. }), others)) => {
                    (instr, rest) = (next, others);
                }
                _ => return rest,
            }
        }
    }

    #[inline]
    fn compute(&mut self, slots: &mut Slots<'_>, op: Op, args: [Src; 2], to: Dst) {
        let [a, b] = args.map(|arg| slots.known(arg));
        let bits = match op {
            Op::Bin(op) => ops::bin(op, a.ty, a.bits, b.bits).expect("green operations are defined where they run"),
            Op::Cmp(op) => ops::cmp(op, a.ty, a.bits, b.bits).into(),
            Op::Conv(op, to) => ops::conv(op, a.ty, to, a.bits),
            Op::Load(field) => self.read_now(field, a.bits, 0),
            Op::LoadItem(field) => self.read_now(field, a.bits, b.bits as i64),
            Op::PtrAdd(field) => {
                let stride = self.module().field(field).stride as u64;
                a.bits.wrapping_add(b.bits.wrapping_mul(stride))
            }
            Op::Interior(field) => a.bits.wrapping_add(self.module().field(field).offset as u64),
            _ => unreachable!("other operations are performed from lists"),
        };
        self.set_green(slots, to, bits);
    }

    fn green(&mut self, slots: &mut Slots<'_>, op: Op, args: &[Src], results: &[Dst]) {
        if let Op::Call(func) = op {
            let consts: SmallVec<[u64; 4]> = args.iter().map(|&arg| slots.known(arg).bits).collect();
            let mut bits = SmallVec::<[u64; 2]>::from_elem(0, results.len());
            self.bound.call(func, &consts, &mut bits);
            results.iter().zip(bits).for_each(|(&dst, bits)| self.set_green(slots, dst, bits));
            return;
        }
        let consts: SmallVec<[Const; 3]> = args.iter().map(|&arg| slots.known(arg)).collect();
        let values = fold(op, &consts).expect("green operations are defined where they run");
        results.iter().zip(values).for_each(|(&dst, value)| self.set_green(slots, dst, value.bits));
    }

    #[inline]
    fn set_green(&mut self, slots: &mut Slots<'_>, dst: Dst, bits: u64) {
        let ty = dst.ty();
        self.note_root(ty, bits);
        slots.set_bits(dst, ty, bits);
    }

    fn red(&mut self, code: &Code, state: &mut State, op: Op, args: &[Src], results: &[Dst]) {
        let src = |index: usize| state.top_ref().src(code, args[index]);
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
                if let (&[dst], 1..=3, false) = (results, args.len(), matches!(op, Op::Call(_) | Op::CallIndirect(_))) {
                    let mut vals = [Val::Dead; 3];
                    let frame = state.top_ref();
                    vals.iter_mut().zip(args).for_each(|(val, &arg)| *val = frame.src(code, arg));
                    let val = self.pure_one(state, op, &vals[..args.len()], dst.ty());
                    return state.top().set(dst, val);
                }
                let vals = self.srcs(state, args);
                let types: SmallVec<[Ty; 2]> = results.iter().map(|&dst| dst.ty()).collect();
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
            [.., caller, _] => self.order_before(&state, 2, self.code_block(caller)),
            _ => Origin::default(),
        };
        state.frames.pop();
        if state.frames.is_empty() {
            self.leave_last(state, vals);
            return Ok(None);
        }
        let params = self.code(state.top_ref()).params(state.top_ref().block);
        // A unit that was called gives words: a status, which may be missing, and a value.
        let missing = params.len().saturating_sub(vals.len());
        for (index, &param) in params.iter().enumerate() {
            let val = match index.checked_sub(missing) {
                Some(index) => self.as_type(&mut state, vals[index], param.ty()),
                None => Val::constant(param.ty(), 0),
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
        let code = self.code(state.top_ref());
        let caller = state.top();
        caller.call = (caller.block, inst);
        caller.turn(code, &code.blocks[caller.block as usize], &code.blocks[jump.block as usize]);
        caller.block = jump.block;
        state.frames.push(Rc::new(frame));
        state.fresh = self.builder.graph.vars.len();
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
            turns: smallvec![0; code.loops(&code.blocks[0]).len()],
            position: 0,
            user_greens: SmallVec::new(),
        };
        for (&param, &val) in code.params(0).iter().zip(vals) {
            frame.set(param, val);
        }
        frame
    }
}

/// The jump with which a block ends, if that is known.
fn decided<'t>(code: &'t Code, frame: &Frame, term: &'t CodeTerm) -> Option<&'t Jump> {
    match term {
        CodeTerm::Jump(jump) => Some(jump),
        CodeTerm::Branch { cond, then_to, else_to } => {
            Some(if frame.bits(code, *cond)? != 0 { then_to } else { else_to })
        }
        CodeTerm::Switch { value, cases, default } => {
            let bits = frame.bits(code, *value)?;
            Some(code.case(*cases, bits).unwrap_or(default))
        }
        CodeTerm::Return(_) | CodeTerm::Unreachable => None,
    }
}

/// Moves the frame from its block to the next, and gives that one's parameters their values.
#[inline]
fn assign(code: &Code, frame: &mut Frame, jump: &Jump) {
    if jump.turns {
        frame.turn(code, &code.blocks[frame.block as usize], &code.blocks[jump.block as usize]);
    }
    frame.block = jump.block;
    if jump.moves.is_empty() {
        return;
    }
    let mut slots = frame.slots(code);
    let moves = code.moves(jump.moves);
    if !jump.at_once {
        return moves.iter().for_each(|&(src, dst)| slots.set(dst, slots.src(src)));
    }
    let vals: SmallVec<[Val; 8]> = moves.iter().map(|&(src, _)| slots.src(src)).collect();
    moves.iter().zip(vals).for_each(|(&(_, dst), val)| slots.set(dst, val));
}

/// Where a block leads that ends in an operation which decides how to go on.
fn jump_of(block: &CodeBlock) -> &Jump {
    let CodeTerm::Jump(jump) = &block.term else { unreachable!("what decides ends its block") };
    jump
}
