//! Pure operations on boxes: folded where the operands allow, emitted otherwise.

use super::build::key;
use super::engine::{Engine, Results};
use super::state::State;
use super::value::{ConstBits, Val};
use crate::flow::{Arg, Args, BinOp, CmpOp, Const, ConvOp, FieldId, Op, Ty, UnOp, VarId};
use crate::transform::fold::{fold, fold_one};
use smallvec::{SmallVec, smallvec};

impl Engine<'_> {
    /// A pure operation with several results, or one.
    pub(super) fn pure(&mut self, state: &mut State, op: Op, args: &[Val], results: &[Ty]) -> Results<Val> {
        if let &[ty] = results {
            return smallvec![self.pure_one(state, op, args, ty)];
        }
        if args.iter().all(|arg| matches!(arg, Val::Const(_))) {
            let consts: SmallVec<[Const; 4]> = args.iter().filter_map(|arg| arg.as_const()).collect();
            if let Some(values) = fold(op, &consts) {
                return values.iter().zip(results).map(|(value, &ty)| Val::constant(ty, value.bits)).collect();
            }
        }
        let args = self.operands(state, args);
        self.emit_pure(state, op, args, results)
    }

    /// A pure operation with one result.
    pub(super) fn pure_one(&mut self, state: &mut State, op: Op, args: &[Val], ty: Ty) -> Val {
        let mut consts = [Const::bool(false); 3];
        let known = args.len() <= 3
            && consts.iter_mut().zip(args).all(|(known, arg)| arg.as_const().map(|value| *known = value).is_some());
        if known && let Some(value) = fold_one(op, &consts[..args.len()]) {
            return Val::constant(ty, value.bits);
        }
        if let Op::Cmp(_) = op
            && let Some(val) = self.compare_virtual(state, op, args)
        {
            return val;
        }
        if let Some(val) = self.simplify(state, op, args, ty) {
            return val;
        }
        if let Op::PtrAdd(field) = op
            && let Some(index) = args[1].as_const()
        {
            let stride = self.module().field(field).stride as i64;
            let bytes = (index.bits as i64).wrapping_mul(stride);
            let far = |from: i32| i64::from(from).checked_add(bytes).and_then(|bytes| i32::try_from(bytes).ok());
            match args[0] {
                Val::Var(_) if bytes == 0 => return args[0],
                Val::Var(base) if let Some(bytes) = far(0) => return Val::Addr { base, bytes, stride: field },
                Val::Addr { base, bytes: before, stride }
                    if self.module().field(stride).stride as i64 == stride_of(self, field)
                        && let Some(bytes) = far(before) =>
                {
                    return if bytes == 0 { Val::Var(base) } else { Val::Addr { base, bytes, stride } };
                }
                Val::Const(base) => {
                    let bits = base.bits.wrapping_add(bytes as u64);
                    self.note_address(base.into(), bits);
                    return Val::Const(ConstBits { ty: base.ty, bits });
                }
                _ => {}
            }
        }
        let args = self.operands(state, args);
        self.emit_one(state, op, args, ty)
    }

    fn operands(&mut self, state: &mut State, vals: &[Val]) -> Args {
        let mut args = Args::with_capacity(vals.len());
        for &val in vals {
            args.push(self.arg(state, val));
        }
        args
    }

    /// Emits a pure operation unless an equal one was emitted on the way here.
    pub(super) fn emit_pure(&mut self, state: &mut State, op: Op, args: Args, results: &[Ty]) -> Results<Val> {
        let key = key(op, &args);
        if let Some(vars) = self.builder.available(state.out, op, &args, key) {
            return vars.iter().map(|&var| self.lift(state, var.into())).collect();
        }
        let vars = self.builder.push_pure(state.out, op, args, results, key);
        vars.iter().map(|&var| Val::Var(var)).collect()
    }

    /// Likewise, of one with one result.
    pub(super) fn emit_one(&mut self, state: &mut State, op: Op, args: Args, ty: Ty) -> Val {
        let key = key(op, &args);
        match self.builder.available(state.out, op, &args, key) {
            Some(vars) => self.lift(state, vars[0].into()),
            None => Val::Var(self.builder.push_pure(state.out, op, args, &[ty], key)[0]),
        }
    }

    /// The box as an operand of a residual operation.
    pub(super) fn arg(&mut self, state: &mut State, val: Val) -> Arg {
        match val {
            Val::Const(value) => Arg::Const(value.into()),
            Val::Var(var) => Arg::Var(var),
            Val::Cast(ty, var) => {
                let val = self.emit_one(state, Op::Conv(ConvOp::Bitcast, ty), smallvec![var.into()], ty);
                plain(val)
            }
            Val::Addr { base, bytes, stride } => {
                let index = Const::i64(i64::from(bytes) / stride_of(self, stride));
                let ty = self.builder.ty(base);
                let val = self.emit_one(state, Op::PtrAdd(stride), smallvec![base.into(), index.into()], ty);
                plain(val)
            }
            Val::Virtual(ty, id) => {
                if state.virtual_of(val).is_some() {
                    self.force(state, id);
                }
                let val = state.resolve(Val::Virtual(ty, id));
                let val = self.plain_type(val);
                self.arg(state, val)
            }
            Val::Dead => unreachable!("dead boxes are not read"),
        }
    }

    /// Identities that need no operation.
    fn simplify(&self, state: &State, op: Op, args: &[Val], result: Ty) -> Option<Val> {
        let constant = |index: usize| args[index].as_const().map(|value| value.bits);
        let same = args.len() == 2 && args[0] == args[1];
        match op {
            Op::Conv(ConvOp::Bitcast, to) => match args[0] {
                Val::Var(var) => Some(if self.builder.ty(var) == to { args[0] } else { Val::Cast(to, var) }),
                Val::Cast(_, var) => Some(if self.builder.ty(var) == to { Val::Var(var) } else { Val::Cast(to, var) }),
                Val::Addr { .. } if to == Ty::Ptr => Some(args[0]),
                Val::Virtual(_, id) if to.bits() == 64 && to != Ty::F64 => Some(Val::Virtual(to, id)),
                _ => None,
            },
            Op::Bin(BinOp::Add | BinOp::Or | BinOp::Xor) if constant(1) == Some(0) => Some(args[0]),
            Op::Bin(BinOp::Add | BinOp::Or | BinOp::Xor) if constant(0) == Some(0) => Some(args[1]),
            Op::Bin(BinOp::Sub | BinOp::Shl | BinOp::UShr | BinOp::SShr) if constant(1) == Some(0) => Some(args[0]),
            Op::Bin(BinOp::Mul) if constant(1) == Some(1) => Some(args[0]),
            Op::Bin(BinOp::Mul) if constant(0) == Some(1) => Some(args[1]),
            Op::Bin(BinOp::Mul | BinOp::And) if constant(1) == Some(0) || constant(0) == Some(0) => {
                Some(Val::constant(result, 0))
            }
            Op::Bin(BinOp::And) if constant(1) == Some(result.mask()) => Some(args[0]),
            Op::Bin(BinOp::And) if constant(0) == Some(result.mask()) => Some(args[1]),
            Op::Bin(BinOp::Or) if result == Ty::Bool && (constant(0) == Some(1) || constant(1) == Some(1)) => {
                Some(Val::constant(Ty::Bool, 1))
            }
            Op::Bin(BinOp::And | BinOp::Or) if same => Some(args[0]),
            Op::Bin(BinOp::Sub | BinOp::Xor) if same => Some(Val::constant(result, 0)),
            Op::Cmp(CmpOp::Eq | CmpOp::SLe | CmpOp::SGe | CmpOp::ULe | CmpOp::UGe) if same => {
                Some(Val::constant(Ty::Bool, 1))
            }
            Op::Cmp(CmpOp::Ne | CmpOp::SLt | CmpOp::SGt | CmpOp::ULt | CmpOp::UGt) if same => {
                Some(Val::constant(Ty::Bool, 0))
            }
            Op::Cmp(CmpOp::Ne) if self.is_bool(args[0]) && constant(1) == Some(0) => Some(args[0]),
            Op::Cmp(CmpOp::Eq) if self.is_bool(args[0]) && constant(1) == Some(1) => Some(args[0]),
            Op::Select => match constant(0) {
                Some(0) => Some(args[2]),
                Some(_) => Some(args[1]),
                None if args[1] == args[2] => Some(args[1]),
                None => None,
            },
            Op::Un(UnOp::Not) if result == Ty::Bool => match args[0] {
                Val::Var(var) => match self.builder.def(var)? {
                    def if def.op == op => Some(self.lift(state, def.args[0])),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn is_bool(&self, val: Val) -> bool {
        matches!(val, Val::Var(var) if self.builder.ty(var) == Ty::Bool)
    }

    pub(super) fn lift(&self, state: &State, arg: Arg) -> Val {
        match arg {
            Arg::Const(value) => Val::Const(value.into()),
            Arg::Var(var) => state.known.get(&var).map_or(Val::Var(var), |&known| Val::Const(known)),
        }
    }

    /// On this path `cond` is `truth`: what follows for other boxes.
    pub(super) fn assume(&mut self, state: &mut State, cond: VarId, truth: bool) {
        let value = Const::bool(truth).into();
        let Some(def) = self.builder.def(cond) else { return state.learn(cond, value) };
        match def.op {
            // Most conditions are compared for the branch.
            Op::Cmp(_) if !self.stored_truth => state.learn_outside_memory(cond, value),
            _ => state.learn(cond, value),
        }
        let (op, args) = (def.op, Args::from_slice(&def.args));
        match (op, truth) {
            (Op::Un(UnOp::Not), _) => {
                if let Arg::Var(var) = args[0] {
                    self.assume(state, var, !truth);
                }
            }
            (Op::Cmp(CmpOp::Eq), true) | (Op::Cmp(CmpOp::Ne), false) => match (args[0], args[1]) {
                (Arg::Var(var), Arg::Const(value)) | (Arg::Const(value), Arg::Var(var)) => {
                    state.learn(var, value.into());
                    self.learn_through(state, var, value);
                }
                _ => {}
            },
            (Op::Cmp(CmpOp::Ne), true) | (Op::Cmp(CmpOp::Eq), false) => match (args[0], args[1]) {
                (Arg::Var(var), Arg::Const(value)) | (Arg::Const(value), Arg::Var(var)) if value.ty == Ty::Bool => {
                    self.assume(state, var, value.bits == 0);
                }
                _ => {}
            },
            (Op::Bin(BinOp::And), true) | (Op::Bin(BinOp::Or), false) if self.builder.ty(cond) == Ty::Bool => {
                for arg in args {
                    if let Arg::Var(var) = arg {
                        self.assume(state, var, truth);
                    }
                }
            }
            _ => {}
        }
    }

    /// A variable is known: so is what a bit cast made it from.
    pub(super) fn learn_through(&mut self, state: &mut State, var: VarId, value: Const) {
        if let Some(def) = self.builder.def(var)
            && let (Op::Conv(ConvOp::Bitcast, _), Arg::Var(from)) = (def.op, def.args[0])
        {
            let ty = self.builder.ty(from);
            state.learn(from, ConstBits { ty, bits: value.bits });
        }
    }
}

fn plain(val: Val) -> Arg {
    match val {
        Val::Const(value) => Arg::Const(value.into()),
        Val::Var(var) => Arg::Var(var),
        _ => unreachable!("emitted operations leave variables"),
    }
}

fn stride_of(engine: &Engine<'_>, field: FieldId) -> i64 {
    engine.module().field(field).stride as i64
}
