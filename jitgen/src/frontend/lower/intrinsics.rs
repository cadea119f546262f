//! Lowering of methods of primitive types.

use super::ssa::Ssa;
use super::{Lowered, Lowerer, Parts};
use crate::flow::{Arg, BinOp, CmpOp, Const, Op, Term, Ty, UnOp};
use crate::frontend::hir::{Bin, Expr, Intrinsic, Ovf};
use crate::frontend::types::{Int, Type};

impl Lowerer<'_, '_> {
    /// `expr` is the whole call: its type is the result's.
    pub(super) fn intrinsic(&mut self, of: Intrinsic, args: &[Expr], expr: &Expr) -> Lowered<Parts> {
        let pos = expr.pos;
        let ty = self.ty(&args[0]);
        let mut values = vec![];
        for arg in args {
            values.push(self.expr(arg)?);
        }
        self.ssa.span = pos.into();
        if let Type::Option(_) | Type::Result(..) = ty {
            return self.variant_intrinsic(of, &ty, &values, expr);
        }
        let &[value] = &values[0][..] else {
            return self.error(pos, format!("`{}` is not a scalar", self.program.type_name(&ty)));
        };
        let other = values.get(1).and_then(|parts| parts.first().copied());
        match &ty {
            Type::Int(int) if !matches!(of, Intrinsic::Bits) => self.int_intrinsic(of, *int, value, other, expr),
            Type::F64 if !matches!(of, Intrinsic::Bits) => Ok(vec![self.float_intrinsic(of, value, other)]),
            _ if of == Intrinsic::Borrow => Ok(vec![self.as_ptr(value)]),
            _ => {
                let to = self.flatten(&expr.ty, pos)?;
                Ok(vec![self.bits(value, to[0].ty)])
            }
        }
    }

    fn float_intrinsic(&mut self, of: Intrinsic, value: Arg, other: Option<Arg>) -> Arg {
        let mut un = |op: UnOp| self.ssa.emit(Op::Un(op), vec![value], Ty::F64);
        let infinity = Const::f64(f64::INFINITY).into();
        match of {
            Intrinsic::FAbs => un(UnOp::FAbs),
            Intrinsic::FSqrt => un(UnOp::FSqrt),
            Intrinsic::FFloor => un(UnOp::FFloor),
            Intrinsic::FCeil => un(UnOp::FCeil),
            Intrinsic::FTrunc => un(UnOp::FTrunc),
            Intrinsic::IsNan => self.cmp(CmpOp::FNe, value, value),
            Intrinsic::IsFinite => {
                let size = un(UnOp::FAbs);
                self.cmp(CmpOp::FLt, size, infinity)
            }
            Intrinsic::IsInfinite => {
                let size = un(UnOp::FAbs);
                self.cmp(CmpOp::FEq, size, infinity)
            }
            _ => {
                let sign = 1u64 << 63;
                let (size, from) = (self.bits(value, Ty::I64), self.bits(other.unwrap_or(value), Ty::I64));
                let size = self.bin(BinOp::And, size, Ssa::constant(Ty::I64, !sign));
                let from = self.bin(BinOp::And, from, Ssa::constant(Ty::I64, sign));
                let both = self.bin(BinOp::Or, size, from);
                self.bits(both, Ty::F64)
            }
        }
    }

    fn int_intrinsic(
        &mut self,
        of: Intrinsic,
        int: Int,
        value: Arg,
        other: Option<Arg>,
        expr: &Expr,
    ) -> Lowered<Parts> {
        let (ty, signed) = (int.ty(), int.signed());
        let constant = |bits: u64| Ssa::constant(ty, bits);
        let (min, max) = int.range();
        let other = other.unwrap_or(constant(0));
        let less = if signed { CmpOp::SLt } else { CmpOp::ULt };
        Ok(match of {
            Intrinsic::Overflowing(op) => self.overflowing(op, signed, value, other),
            Intrinsic::Checked(op) => {
                let parts = self.overflowing(op, signed, value, other);
                self.unless(parts[1], parts[0])
            }
            Intrinsic::Saturating(op) => {
                let parts = self.overflowing(op, signed, value, other);
                let bound = match (signed, op) {
                    (false, Ovf::Sub) => constant(0),
                    (false, _) => constant(max),
                    (true, _) => {
                        let negative = self.cmp(CmpOp::SLt, value, constant(0));
                        self.select(negative, constant(min), constant(max))
                    }
                };
                vec![self.select(parts[1], bound, parts[0])]
            }
            Intrinsic::OverflowingNeg => self.overflowing(Ovf::Sub, signed, constant(0), value),
            Intrinsic::CheckedNeg => {
                let parts = self.overflowing(Ovf::Sub, signed, constant(0), value);
                self.unless(parts[1], parts[0])
            }
            Intrinsic::Abs => vec![self.abs(signed, value)],
            Intrinsic::CheckedAbs => {
                let size = self.abs(signed, value);
                let overflow = self.cmp(CmpOp::Eq, value, constant(min));
                self.unless(overflow, size)
            }
            Intrinsic::Signum => {
                let positive = self.cmp(CmpOp::SGt, value, constant(0));
                let negative = self.cmp(CmpOp::SLt, value, constant(0));
                let rest = self.select(negative, constant(u64::MAX), constant(0));
                vec![self.select(positive, constant(1), rest)]
            }
            Intrinsic::LeadingZeros | Intrinsic::TrailingZeros | Intrinsic::CountOnes => {
                let op = match of {
                    Intrinsic::LeadingZeros => UnOp::Clz,
                    Intrinsic::TrailingZeros => UnOp::Ctz,
                    _ => UnOp::Popcnt,
                };
                let count = self.ssa.emit(Op::Un(op), vec![value], ty);
                vec![self.resize(count, Ty::I32, false)]
            }
            Intrinsic::Min => {
                let cond = self.cmp(less, other, value);
                vec![self.select(cond, other, value)]
            }
            Intrinsic::Max => {
                let cond = self.cmp(less, value, other);
                vec![self.select(cond, other, value)]
            }
            Intrinsic::AbsDiff => {
                let cond = self.cmp(less, value, other);
                let (up, down) = (self.bin(BinOp::Sub, other, value), self.bin(BinOp::Sub, value, other));
                vec![self.select(cond, up, down)]
            }
            Intrinsic::RotateLeft | Intrinsic::RotateRight => {
                let count = self.resize(other, ty, false);
                let back = self.ssa.emit(Op::Un(UnOp::Neg), vec![count], ty);
                let (left, right) = if of == Intrinsic::RotateLeft { (count, back) } else { (back, count) };
                let (high, low) = (self.bin(BinOp::Shl, value, left), self.bin(BinOp::UShr, value, right));
                vec![self.bin(BinOp::Or, high, low)]
            }
            Intrinsic::WrappingDiv | Intrinsic::WrappingRem => vec![self.divide(of, int, value, other, expr)?],
            Intrinsic::CheckedDiv | Intrinsic::CheckedRem => self.checked_divide(of, int, value, other, expr)?,
            _ => return self.error(expr.pos, "not a method of integers"),
        })
    }

    fn cmp(&mut self, op: CmpOp, a: Arg, b: Arg) -> Arg {
        self.ssa.emit(Op::Cmp(op), vec![a, b], Ty::Bool)
    }

    fn bin(&mut self, op: BinOp, a: Arg, b: Arg) -> Arg {
        let ty = self.ssa.ty(a);
        self.ssa.emit(Op::Bin(op), vec![a, b], ty)
    }

    fn select(&mut self, cond: Arg, yes: Arg, no: Arg) -> Arg {
        let ty = self.ssa.ty(yes);
        self.ssa.emit(Op::Select, vec![cond, yes, no], ty)
    }

    fn overflowing(&mut self, op: Ovf, signed: bool, a: Arg, b: Arg) -> Parts {
        let ty = self.ssa.ty(a);
        self.ssa.emit_many(Op::Ovf(op.op(signed)), vec![a, b], &[ty, Ty::Bool])
    }

    /// `Some(value)` unless a condition holds. The payload of `None` is zero, as everywhere.
    fn unless(&mut self, cond: Arg, value: Arg) -> Parts {
        let some = self.ssa.emit(Op::Un(UnOp::Not), vec![cond], Ty::Bool);
        let zero = Ssa::constant(self.ssa.ty(value), 0);
        vec![some, self.select(some, value, zero)]
    }

    fn abs(&mut self, signed: bool, value: Arg) -> Arg {
        if !signed {
            return value;
        }
        let ty = self.ssa.ty(value);
        let negative = self.cmp(CmpOp::SLt, value, Ssa::constant(ty, 0));
        let negated = self.ssa.emit(Op::Un(UnOp::Neg), vec![value], ty);
        self.select(negative, negated, value)
    }

    /// Division by something other than zero, where `MIN / -1` wraps.
    fn divide(&mut self, of: Intrinsic, int: Int, value: Arg, by: Arg, expr: &Expr) -> Lowered<Arg> {
        let ty = int.ty();
        let op = if matches!(of, Intrinsic::WrappingDiv | Intrinsic::CheckedDiv) { Bin::Div } else { Bin::Rem };
        let minus_one = Ssa::constant(ty, u64::MAX);
        if !int.signed() || matches!(by, Arg::Const(_) if by != minus_one) {
            return self.binary(op, &Type::Int(int), value, by, expr.pos);
        }
        // The machine's division traps on `MIN / -1`.
        let slot = self.ssa.slot(ty, String::new());
        let (special, ordinary, after) = (self.ssa.block(), self.ssa.block(), self.ssa.block());
        let cond = self.cmp(CmpOp::Eq, by, minus_one);
        self.ssa.branch(cond, special, ordinary);
        self.ssa.enter(special);
        let result = match op {
            Bin::Div => self.ssa.emit(Op::Un(UnOp::Neg), vec![value], ty),
            _ => Ssa::constant(ty, 0),
        };
        self.ssa.write(slot, result);
        self.ssa.jump(after);
        self.ssa.enter(ordinary);
        let result = self.binary(op, &Type::Int(int), value, by, expr.pos)?;
        self.ssa.write(slot, result);
        self.ssa.jump(after);
        self.ssa.enter(after);
        Ok(self.ssa.read(slot))
    }

    fn checked_divide(&mut self, of: Intrinsic, int: Int, value: Arg, by: Arg, expr: &Expr) -> Lowered<Parts> {
        let ty = int.ty();
        let mut bad = self.cmp(CmpOp::Eq, by, Ssa::constant(ty, 0));
        if int.signed() {
            let minus_one = self.cmp(CmpOp::Eq, by, Ssa::constant(ty, u64::MAX));
            let min = self.cmp(CmpOp::Eq, value, Ssa::constant(ty, int.range().0));
            let overflow = self.bin(BinOp::And, minus_one, min);
            bad = self.bin(BinOp::Or, bad, overflow);
        }
        let slots = [self.ssa.slot(Ty::Bool, String::new()), self.ssa.slot(ty, String::new())];
        let (none, some, after) = (self.ssa.block(), self.ssa.block(), self.ssa.block());
        self.ssa.branch(bad, none, some);
        self.ssa.enter(none);
        self.write(&slots, &[Const::bool(false).into(), Ssa::constant(ty, 0)]);
        self.ssa.jump(after);
        self.ssa.enter(some);
        let op = if of == Intrinsic::CheckedDiv { Bin::Div } else { Bin::Rem };
        let result = self.binary(op, &Type::Int(int), value, by, expr.pos)?;
        self.write(&slots, &[Const::bool(true).into(), result]);
        self.ssa.jump(after);
        self.ssa.enter(after);
        Ok(self.read(&slots))
    }

    /// Methods of `Option` and `Result`.
    fn variant_intrinsic(&mut self, of: Intrinsic, ty: &Type, values: &[Parts], expr: &Expr) -> Lowered<Parts> {
        let pos = expr.pos;
        let tag = values[0][0];
        let shapes = self.program.variants(ty).or_else(|error| self.error(pos, error))?;
        let mut payloads = vec![];
        for shape in &shapes {
            let mut size = 0;
            for field in &shape.fields {
                size += self.size(field, pos)?;
            }
            payloads.push(values[0][shape.start..shape.start + size].to_vec());
        }
        match of {
            Intrinsic::IsVariant(1) => Ok(vec![tag]),
            Intrinsic::IsVariant(_) => Ok(vec![self.ssa.emit(Op::Un(UnOp::Not), vec![tag], Ty::Bool)]),
            Intrinsic::Unwrap(variant) => {
                let payload = payloads.swap_remove(variant);
                let (bad, good) = (self.ssa.block(), self.ssa.block());
                if variant == 1 {
                    self.ssa.branch(tag, good, bad)
                } else {
                    self.ssa.branch(tag, bad, good)
                }
                self.ssa.enter(bad);
                self.ssa.terminate(Term::Unreachable);
                self.ssa.enter(good);
                Ok(payload)
            }
            Intrinsic::UnwrapOr => {
                let is_option = matches!(ty, Type::Option(_));
                let payload = payloads.swap_remove(is_option as usize);
                let pairs = payload.into_iter().zip(values[1].clone());
                let pick = |(own, fallback): (Arg, Arg)| match is_option {
                    true => self.select(tag, own, fallback),
                    false => self.select(tag, fallback, own),
                };
                Ok(pairs.map(pick).collect())
            }
            Intrinsic::OptionOr => {
                let pairs = values[0].iter().zip(&values[1]);
                Ok(pairs.map(|(&own, &other)| self.select(tag, own, other)).collect())
            }
            Intrinsic::OkOr => {
                let failed = self.ssa.emit(Op::Un(UnOp::Not), vec![tag], Ty::Bool);
                let mut parts = vec![failed];
                parts.extend(payloads.swap_remove(1));
                for &error in &values[1] {
                    let zero = Ssa::constant(self.ssa.ty(error), 0);
                    parts.push(self.select(failed, error, zero));
                }
                Ok(parts)
            }
            Intrinsic::Payload(variant) => {
                let payload = payloads.swap_remove(variant);
                let some = if variant == 1 { tag } else { self.ssa.emit(Op::Un(UnOp::Not), vec![tag], Ty::Bool) };
                let mut parts = vec![some];
                parts.extend(payload);
                Ok(parts)
            }
            _ => self.error(pos, "not a method of this type"),
        }
    }
}
