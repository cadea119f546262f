//! Promotions, red branches and merge points: where compiled code depends on what was seen at run time.

use super::engine::Engine;
use super::exit::ExitReason;
use super::loc::Loc;
use super::request::GiveUp;
use super::state::State;
use super::value::Val;
use crate::flow::{Arg, BlockId, CmpOp, Const, ConvOp, FieldId, FuncId, Link, Op, Term, Ty, VarId};
use crate::timeshift::{CodeBlock, Dst, Instr, Jump};
use rustc_hash::FxHasher;
use smallvec::{SmallVec, smallvec};
use std::hash::{Hash, Hasher};
use std::iter::repeat_n;

/// Where a promotion or a red branch stands: in the user program (the greens of the portal), and in the interpreter
/// (the calls from the portal down, and the block).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct SiteKey(pub u64);

impl SiteKey {
    /// `path`: function and block of each suspended frame from the innermost portal frame on, then of the running one.
    pub fn new(greens: &[u64], path: impl Iterator<Item = (FuncId, u32)>) -> SiteKey {
        let mut hasher = FxHasher::default();
        greens.hash(&mut hasher);
        for step in path {
            step.hash(&mut hasher);
        }
        SiteKey(hasher.finish())
    }

    /// The site of a merge point: of the user program alone.
    pub fn merge_point(portal: FuncId, greens: &[u64]) -> SiteKey {
        SiteKey::new(greens, std::iter::once((portal, u32::MAX)))
    }
}

/// What came by at a site.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Values and how often, most frequent first. Of a branch or switch: numbers of links (then 0, else 1; the default
    /// after the cases).
    pub values: SmallVec<[(u64, u64); 4]>,
    /// More values than are kept.
    pub many: bool,
}

/// The profile, as compilation needs it.
pub trait ProfileView {
    fn seen(&self, site: SiteKey) -> Seen;

    /// The last position (the order green) from which the user program was seen to come back to a merge point.
    fn back_edge(&self, header: SiteKey) -> Option<u64>;

    /// What was seen written between two visits of a merge point.
    fn written(&self, header: SiteKey) -> Written;
}

/// What a loop was seen to write.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Of the virtualizable elements in the merge point's window: parts, and where in bytes from the window's begin.
    pub elements: SmallVec<[(FieldId, i64); 8]>,
    /// Other fields, in more than one place: which structure or array was written first, and whether others were.
    pub fields: SmallVec<[(FieldId, u64, bool); 8]>,
}

/// States that leave one place.
type Several = SmallVec<[State; 2]>;

impl Engine<'_> {
    /// The site of the running frame's block.
    pub(super) fn site(&self, state: &State) -> SiteKey {
        let portal = state.frames.iter().rposition(|frame| !frame.user_greens.is_empty()).unwrap_or(0);
        let greens = &state.frames[portal].user_greens;
        let last = state.frames.len() - 1;
        SiteKey::new(
            greens,
            state.frames[portal..].iter().enumerate().map(|(index, frame)| {
                let block = if portal + index == last { frame.block } else { frame.call.0 };
                (self.code(frame).func, block)
            }),
        )
    }

    /// A state reaches a block that begins with a merge point: position and liveness, before it meets others there.
    pub(super) fn reach_merge_point(&mut self, state: &mut State, block: &CodeBlock) {
        let code = self.code(state.top_ref());
        let Some(&Instr::MergePoint { portal: number, args }) = code.instrs(block).first() else { return };
        let args = code.srcs(args);
        let module = self.module();
        let portal = &module.portals[number as usize];
        let green = |index: u32| self.src(state, args[index as usize]).as_const().expect("greens are constants").bits;
        let mut greens = SmallVec::<[u64; 4]>::with_capacity(portal.greens.len());
        for &index in &portal.greens {
            greens.push(green(index));
        }
        let position = green(portal.order);
        if state.frames.len() == 1 {
            let own = |bits: &u64| number == self.request.portal && self.request.greens.contains(bits);
            let references = module.references(number, &greens);
            let others = references.filter(|bits| !own(bits) && self.is_memory(Const::new(Ty::Ref, *bits)));
            let others: SmallVec<[u64; 1]> = others.collect();
            self.continued.extend(others);
        }
        if let Some(live) = &portal.live
            && let Some((root, from)) = self.src(state, args[live.window as usize]).place()
        {
            let point = self.experience.liveness.point(number, &greens);
            let mut dead = SmallVec::<[Loc; 16]>::new();
            for elements in state.memory.elements_from(&self.fields, root, from) {
                for (index, loc, _) in elements.iter() {
                    if !point.is_live(self.bound, portal, &greens, index) {
                        dead.push(*loc);
                    }
                }
            }
            // Nobody reads them before they are written. Whoever knows that too may have changed them: a collector does.
            state.memory.forget(&dead);
        }
        let frame = state.top();
        frame.position = position;
        frame.user_greens = greens;
    }

    /// A field whose value is promoted: facts on it keep states apart.
    fn note_promoted(&mut self, var: VarId) {
        if let Some(def) = self.builder.def(var)
            && let Op::Load(field) | Op::LoadItem(field) = def.op
        {
            self.note_promoted_field(field);
        }
    }

    /// A promotion of what is not known.
    pub(super) fn promote(
        &mut self,
        mut state: State,
        val: Val,
        known: Option<Dst>,
        to: Dst,
        jump: &Jump,
    ) -> Result<Option<State>, GiveUp> {
        let var = match val {
            // The bits decide, whatever the type: switching on the variable behind a cast lets all its casts be known.
            Val::Var(var) | Val::Cast(_, var) if self.builder.ty(var) != Ty::F64 => var,
            other => match self.arg(&mut state, other) {
                // Floats too: their bits are what was seen.
                Arg::Var(var) if self.builder.ty(var) == Ty::F64 => {
                    let conv = Op::Conv(ConvOp::Bitcast, Ty::I64);
                    let bits = self.emit_one(&mut state, conv, smallvec![var.into()], Ty::I64);
                    let Arg::Var(var) = self.arg(&mut state, bits) else { unreachable!("of a variable") };
                    var
                }
                Arg::Var(var) => var,
                Arg::Const(_) => unreachable!("what is known is not promoted"),
            },
        };
        self.note_promoted(var);
        let seen = self.request.profile.seen(self.site(&state));
        let limits = self.request.limits;
        if let Some(known) = known
            && (seen.many || seen.values.len() > limits.few)
        {
            state.top().set(known, Val::constant(Ty::Bool, 0));
            state.top().set(to, Val::constant(to.ty(), 0));
            return self.jump(state, jump);
        }
        let mut cases = SmallVec::<[u64; 4]>::new();
        for &(bits, _) in seen.values.iter().take(limits.max_cases) {
            cases.push(bits);
        }
        let ty = self.builder.ty(var);
        if cases.is_empty() {
            self.leave_unit(state, ExitReason::PromotionUnseen);
            return Ok(None);
        }
        self.flush_before_exit(&mut state);
        let mut blocks = SmallVec::<[BlockId; 4]>::new();
        for _ in &cases {
            blocks.push(self.builder.block(false));
        }
        let default = self.builder.block(true);
        let link = |block| Link { block, args: vec![] };
        let term = if let [bits] = cases[..] {
            let operands = smallvec![var.into(), Const::new(ty, bits).into()];
            let cond = self.emit_one(&mut state, Op::Cmp(CmpOp::Eq), operands, Ty::Bool);
            let cond = self.arg(&mut state, cond);
            Term::Branch { cond, then_to: link(blocks[0]), else_to: link(default) }
        } else {
            let cases = cases.iter().zip(&blocks).map(|(&bits, &block)| (bits, link(block))).collect();
            Term::Switch { value: var.into(), cases, default: link(default) }
        };
        self.builder.end(state.out, term);
        self.leave_by(&mut state, default, ExitReason::Promotion, None);
        if let ([bits], [out]) = (&cases[..], &blocks[..]) {
            state.out = *out;
            self.take_case(&mut state, (var, *bits), known, to);
            return self.jump(state, jump);
        }
        let mut on = Several::new();
        let states = repeat_n(state, cases.len());
        for ((mut case, &bits), &out) in states.zip(&cases).zip(&blocks) {
            case.out = out;
            self.take_case(&mut case, (var, bits), known, to);
            on.extend(self.jump_among(case, jump)?);
        }
        self.go_on(on)
    }

    /// The promoted variable has this value.
    fn take_case(&mut self, state: &mut State, (var, bits): (VarId, u64), known: Option<Dst>, to: Dst) {
        let value = Const::new(self.builder.ty(var), bits);
        state.learn(var, value.into());
        self.learn_through(state, var, value);
        if let Some(known) = known {
            state.top().set(known, Val::constant(Ty::Bool, 1));
        }
        state.top().set(to, Val::constant(to.ty(), bits));
        self.note_root(to.ty(), bits);
    }

    /// Of several states that could go on at once, one may; the others wait in the queue.
    fn go_on(&mut self, mut states: Several) -> Result<Option<State>, GiveUp> {
        if states.len() == 1 {
            return Ok(states.pop());
        }
        for state in states {
            self.enqueue_single(state);
        }
        Ok(None)
    }

    /// A branch on what is not known.
    pub(super) fn branch(
        &mut self,
        mut state: State,
        cond: Val,
        then_to: &Jump,
        else_to: &Jump,
    ) -> Result<Option<State>, GiveUp> {
        let Val::Var(cond) = cond else { unreachable!("conditions are boolean variables") };
        let seen = self.request.profile.seen(self.site(&state));
        let saw = |index: u64| seen.values.iter().any(|&(value, _)| value == index);
        let (mut saw_then, saw_else) = (saw(0), saw(1));
        if !saw_then && !saw_else {
            if !self.likely.contains(&cond) {
                self.leave_unit(state, ExitReason::BranchUnseen);
                return Ok(None);
            }
            saw_then = true;
        }
        if saw_then && saw_else && then_to == else_to {
            return self.jump(state, then_to);
        }
        if !saw_then || !saw_else {
            self.flush_before_exit(&mut state);
        }
        let (then_block, else_block) = (self.builder.block(!saw_then), self.builder.block(!saw_else));
        let link = |block| Link { block, args: vec![] };
        let term = Term::Branch { cond: cond.into(), then_to: link(then_block), else_to: link(else_block) };
        self.builder.end(state.out, term);
        if saw_then && saw_else {
            let mut other = state.clone();
            (other.out, state.out) = (then_block, else_block);
            self.assume(&mut other, cond, true);
            self.assume(&mut state, cond, false);
            let mut on = Several::new();
            on.extend(self.jump_among(other, then_to)?);
            on.extend(self.jump_among(state, else_to)?);
            return self.go_on(on);
        }
        let (away, jump);
        (away, state.out, jump) =
            if saw_then { (else_block, then_block, then_to) } else { (then_block, else_block, else_to) };
        self.leave_by(&mut state, away, ExitReason::Branch, Some((cond, (!saw_then).into())));
        self.assume(&mut state, cond, saw_then);
        self.jump(state, jump)
    }

    /// A switch on what is not known.
    pub(super) fn switch(
        &mut self,
        mut state: State,
        value: Val,
        cases: &[(u64, Jump)],
        default: &Jump,
    ) -> Result<Option<State>, GiveUp> {
        let seen = self.request.profile.seen(self.site(&state));
        if seen.values.is_empty() {
            self.leave_unit(state, ExitReason::BranchUnseen);
            return Ok(None);
        }
        let Arg::Var(var) = self.arg(&mut state, value) else { unreachable!("constants are known") };
        let ty = self.builder.ty(var);
        self.flush_before_exit(&mut state);
        let saw = |index: usize| seen.values.iter().any(|&(value, _)| value == index as u64);
        let saw_default = saw(cases.len());
        // One way out for all that was not seen: the evaluator finds out which it is.
        let saw_all = saw_default && (0..cases.len()).all(saw);
        let unseen = (!saw_all).then(|| State { out: self.builder.block(true), ..state.clone() });
        let unseen_link = unseen.as_ref().map(|state| Link { block: state.out, args: vec![] });
        let mut links = vec![];
        let mut on = vec![];
        for (index, (bits, jump)) in cases.iter().enumerate() {
            if saw(index) {
                let mut case = state.clone();
                case.out = self.builder.block(false);
                case.learn(var, Const::new(ty, *bits).into());
                links.push((*bits, Link { block: case.out, args: vec![] }));
                on.push((case, jump));
            } else if saw_default {
                links.extend(unseen_link.clone().map(|link| (*bits, link)));
            }
        }
        let default_link = if saw_default {
            let other = State { out: self.builder.block(false), ..state.clone() };
            let link = Link { block: other.out, args: vec![] };
            on.push((other, default));
            link
        } else {
            unseen_link.expect("the default was not seen")
        };
        self.builder.end(state.out, Term::Switch { value: var.into(), cases: links, default: default_link });
        if let Some(unseen) = unseen {
            self.leave_unit(unseen, ExitReason::Branch);
        }
        let mut ready = Several::new();
        for (state, jump) in on {
            ready.extend(self.jump_among(state, jump)?);
        }
        self.go_on(ready)
    }
}
