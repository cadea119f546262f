//! Lowering of expressions.

use super::ssa::Ssa;
use super::{Frame, Lowered, Lowerer, Parts};
use crate::flow::{Arg, BinOp, CmpOp, Const, ConvOp, Op, Term, Ty, UnOp};
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Bin, Cmp, Expr, Hint, Kind, LocalId, Un};
use crate::frontend::items::FnId;
use crate::frontend::types::Type;
use std::collections::HashMap;

/// Calls inlined into a constant may not nest deeper: a recursion is no constant.
const MAX_CONSTANT_DEPTH: usize = 100;

impl Lowerer<'_, '_> {
    /// The scalars of an expression's value; none if it never ends.
    pub(super) fn expr(&mut self, expr: &Expr) -> Lowered<Parts> {
        let pos = expr.pos;
        if self.ssa.is_dead() {
            // Also what ends recursion in constants.
            return self.zeros(&expr.ty, pos);
        }
        if Self::is_place(&expr.kind) {
            let place = self.place(expr)?;
            return self.load_place(place, pos);
        }
        self.ssa.span = pos.into();
        match &expr.kind {
            Kind::Never => self.zeros(&expr.ty, pos),
            Kind::Int(bits) => match self.ty(expr) {
                Type::Int(int) => Ok(vec![Ssa::constant(int.ty(), *bits)]),
                _ => self.error(pos, "type annotations needed"),
            },
            Kind::Bool(value) => Ok(vec![Const::bool(*value).into()]),
            Kind::Float(bits) => Ok(vec![Ssa::constant(Ty::F64, *bits)]),
            Kind::Const(id) => Ok(self.context.constant(*id, pos)?.iter().map(|&part| part.into()).collect()),
            Kind::Un(op, value) => self.unary(*op, value, pos),
            Kind::Bin(op, left, right) => {
                let ty = self.ty(left);
                let (left, right) = (self.scalar(left)?, self.scalar(right)?);
                self.ssa.span = pos.into();
                Ok(vec![self.binary(*op, &ty, left, right, pos)?])
            }
            Kind::Cmp(op, left, right) => self.compare(*op, left, right, pos),
            Kind::And(..) | Kind::Or(..) | Kind::Let(..) => self.condition_value(expr),
            Kind::Cast(value) => self.cast(value, &self.ty(expr), pos),
            Kind::Call(id, args) => self.call(*id, args, pos),
            Kind::Intrinsic(intrinsic, args) => self.intrinsic(*intrinsic, args, expr),
            Kind::Aggregate(fields, base) => self.aggregate(expr, fields, base.as_deref()),
            Kind::Variant(variant, fields) => self.variant(expr, *variant, fields),
            Kind::AddrOf(place) => self.address_of(place, pos),
            Kind::CellSet(cell, value) => self.cell_set(cell, value, pos),
            Kind::CellReplace(cell, value) => self.cell_replace(cell, value, pos),
            Kind::ItemSet(array, index, value) => self.item_set(array, index, value, pos),
            Kind::ItemOffset { array, index, back } => self.item_offset(array, index, *back, pos),
            Kind::If(cond, then, other) => self.if_expr(expr, cond, then, other.as_deref()),
            Kind::Match(value, arms) => self.match_expr(expr, value, arms),
            Kind::Loop(id, body) => self.loop_expr(expr, *id, body),
            Kind::While(id, cond, body) => self.while_expr(*id, cond, body),
            Kind::For { id, local, low, high, inclusive, body } => {
                self.for_expr(pos, *id, *local, low, high, *inclusive, body)
            }
            Kind::Block(label, stmts, tail) => self.block_expr(expr, *label, stmts, tail.as_deref()),
            Kind::Break(id, value) => self.break_expr(*id, value.as_deref()),
            Kind::Continue(id) => self.continue_expr(*id),
            Kind::Return(value) => self.return_expr(value.as_deref()),
            Kind::Assign(place, value) => {
                let parts = self.expr(value)?;
                self.assign(place, &parts)?;
                Ok(vec![])
            }
            Kind::AssignOp(op, place, value) => {
                let ty = self.ty(place);
                let value = self.scalar(value)?;
                let before = self.scalar(place)?;
                self.ssa.span = pos.into();
                let result = self.binary(*op, &ty, before, value, pos)?;
                self.assign(place, &[result])?;
                Ok(vec![])
            }
            Kind::Try(value) => self.try_expr(expr, value),
            Kind::Hint(hint, value) => self.hint(*hint, value, pos),
            Kind::MergePoint(locals) => self.merge_point(locals, pos),
            Kind::Unreachable => {
                self.ssa.terminate(Term::Unreachable);
                Ok(vec![])
            }
            Kind::Local(_) | Kind::Field(..) | Kind::Deref(_) | Kind::CellGet(_) | Kind::ItemGet(..) => {
                unreachable!("places were read above")
            }
        }
    }

    fn unary(&mut self, op: Un, value: &Expr, pos: Pos) -> Lowered<Parts> {
        let ty = self.ty(value);
        let value = self.scalar(value)?;
        self.ssa.span = pos.into();
        let op = match (op, &ty) {
            (Un::Neg, Type::Int(int)) if int.signed() => UnOp::Neg,
            // `wrapping_neg`.
            (Un::Neg, Type::Int(_)) => UnOp::Neg,
            (Un::Neg, Type::F64) => UnOp::FNeg,
            (Un::Not, Type::Int(_) | Type::Bool) => UnOp::Not,
            _ => return self.error(pos, format!("this operator does not take `{}`", self.program.type_name(&ty))),
        };
        let ty = self.ssa.ty(value);
        Ok(vec![self.ssa.emit(Op::Un(op), vec![value], ty)])
    }

    /// An arithmetic operator on scalars of the given type.
    pub(super) fn binary(&mut self, op: Bin, ty: &Type, left: Arg, right: Arg, pos: Pos) -> Lowered<Arg> {
        let scalar = self.ssa.ty(left);
        let (op, right) = match (ty, op) {
            (Type::Int(int), _) => {
                let signed = int.signed();
                match op {
                    Bin::Add => (BinOp::Add, right),
                    Bin::Sub => (BinOp::Sub, right),
                    Bin::Mul => (BinOp::Mul, right),
                    Bin::Div => (if signed { BinOp::SDiv } else { BinOp::UDiv }, right),
                    Bin::Rem => (if signed { BinOp::SRem } else { BinOp::URem }, right),
                    Bin::And => (BinOp::And, right),
                    Bin::Or => (BinOp::Or, right),
                    Bin::Xor => (BinOp::Xor, right),
                    // The count has a type of its own; only its low bits count.
                    Bin::Shl => (BinOp::Shl, self.resize(right, scalar, false)),
                    Bin::Shr => (if signed { BinOp::SShr } else { BinOp::UShr }, self.resize(right, scalar, false)),
                }
            }
            (Type::Bool, Bin::And) => (BinOp::And, right),
            (Type::Bool, Bin::Or) => (BinOp::Or, right),
            (Type::Bool, Bin::Xor) => (BinOp::Xor, right),
            (Type::F64, Bin::Add) => (BinOp::FAdd, right),
            (Type::F64, Bin::Sub) => (BinOp::FSub, right),
            (Type::F64, Bin::Mul) => (BinOp::FMul, right),
            (Type::F64, Bin::Div) => (BinOp::FDiv, right),
            (Type::F64, Bin::Rem) => {
                return self.error(pos, "`%` on `f64` is outside the subset: use an elidable function");
            }
            _ => return self.error(pos, format!("this operator does not take `{}`", self.program.type_name(ty))),
        };
        Ok(self.ssa.emit(Op::Bin(op), vec![left, right], scalar))
    }

    /// An integer in another width.
    pub(super) fn resize(&mut self, value: Arg, to: Ty, signed: bool) -> Arg {
        let from = self.ssa.ty(value);
        let op = match from.bits().cmp(&to.bits()) {
            std::cmp::Ordering::Equal => return value,
            std::cmp::Ordering::Greater => ConvOp::Trunc,
            std::cmp::Ordering::Less if signed => ConvOp::Sext,
            std::cmp::Ordering::Less => ConvOp::Zext,
        };
        self.ssa.emit(Op::Conv(op, to), vec![value], to)
    }

    fn compare(&mut self, op: Cmp, left: &Expr, right: &Expr, pos: Pos) -> Lowered<Parts> {
        let ty = self.ty(left);
        let (lefts, rights) = (self.expr(left)?, self.expr(right)?);
        self.ssa.span = pos.into();
        if let Type::Int(_) | Type::F64 = ty {
            let op = self.cmp_op(op, &ty);
            return Ok(vec![self.ssa.emit(Op::Cmp(op), vec![lefts[0], rights[0]], Ty::Bool)]);
        }
        if !self.comparable(&ty) || !matches!(op, Cmp::Eq | Cmp::Ne) {
            let hint = if matches!(ty, Type::Borrow(_)) { " (compare addresses with `std::ptr::eq`)" } else { "" };
            return self.error(pos, format!("`{}` cannot be compared so{hint}", self.program.type_name(&ty)));
        }
        // Equal when all scalars are: those of variants not built are zero.
        let mut equal: Option<Arg> = None;
        for (left, right) in lefts.into_iter().zip(rights) {
            let cmp = if self.ssa.ty(left) == Ty::F64 { CmpOp::FEq } else { CmpOp::Eq };
            let one = self.ssa.emit(Op::Cmp(cmp), vec![left, right], Ty::Bool);
            equal = Some(match equal {
                Some(all) => self.ssa.emit(Op::Bin(BinOp::And), vec![all, one], Ty::Bool),
                None => one,
            });
        }
        let equal = equal.unwrap_or(Const::bool(true).into());
        Ok(vec![if op == Cmp::Eq { equal } else { self.ssa.emit(Op::Un(UnOp::Not), vec![equal], Ty::Bool) }])
    }

    pub(super) fn cmp_op(&self, op: Cmp, ty: &Type) -> CmpOp {
        let signed = matches!(ty, Type::Int(int) if int.signed());
        match (op, ty) {
            (Cmp::Eq, Type::F64) => CmpOp::FEq,
            (Cmp::Ne, Type::F64) => CmpOp::FNe,
            (Cmp::Lt, Type::F64) => CmpOp::FLt,
            (Cmp::Le, Type::F64) => CmpOp::FLe,
            (Cmp::Gt, Type::F64) => CmpOp::FGt,
            (Cmp::Ge, Type::F64) => CmpOp::FGe,
            (Cmp::Eq, _) => CmpOp::Eq,
            (Cmp::Ne, _) => CmpOp::Ne,
            (Cmp::Lt, _) => {
                if signed {
                    CmpOp::SLt
                } else {
                    CmpOp::ULt
                }
            }
            (Cmp::Le, _) => {
                if signed {
                    CmpOp::SLe
                } else {
                    CmpOp::ULe
                }
            }
            (Cmp::Gt, _) => {
                if signed {
                    CmpOp::SGt
                } else {
                    CmpOp::UGt
                }
            }
            (Cmp::Ge, _) => {
                if signed {
                    CmpOp::SGe
                } else {
                    CmpOp::UGe
                }
            }
        }
    }

    /// Whether `==` compares scalar by scalar.
    fn comparable(&self, ty: &Type) -> bool {
        match ty {
            Type::Bool | Type::Int(_) | Type::F64 | Type::Ref(_) | Type::Arr(_) => true,
            Type::Tuple(of) => of.iter().all(|ty| self.comparable(ty)),
            Type::Option(of) => self.comparable(of),
            Type::Result(ok, err) => self.comparable(ok) && self.comparable(err),
            Type::Struct(id) => {
                let def = &self.program.structs[id.0];
                def.derives_eq && def.fields.iter().all(|(_, ty)| self.comparable(ty))
            }
            Type::Enum(id) => {
                let def = &self.program.enums[id.0];
                let mut fields = def.variants.iter().flat_map(|variant| &variant.fields);
                def.derives_eq && fields.all(|(_, ty)| self.comparable(ty))
            }
            _ => false,
        }
    }

    fn cast(&mut self, value: &Expr, to: &Type, pos: Pos) -> Lowered<Parts> {
        let from = self.ty(value);
        let value = self.scalar(value)?;
        self.ssa.span = pos.into();
        let result = match (&from, to) {
            (Type::Int(from), Type::Int(to)) => self.resize(value, to.ty(), from.signed()),
            (Type::Bool, Type::Int(to)) => self.ssa.emit(Op::Conv(ConvOp::Zext, to.ty()), vec![value], to.ty()),
            (Type::Enum(id), Type::Int(to)) if self.program.enums[id.0].is_c_like() => {
                self.resize(value, to.ty(), self.program.enums[id.0].is_signed())
            }
            (Type::Int(from), Type::F64) => {
                let op = if from.signed() { ConvOp::SToF } else { ConvOp::UToF };
                self.ssa.emit(Op::Conv(op, Ty::F64), vec![value], Ty::F64)
            }
            (Type::F64, Type::Int(to)) => {
                let op = if to.signed() { ConvOp::FToS } else { ConvOp::FToU };
                self.ssa.emit(Op::Conv(op, to.ty()), vec![value], to.ty())
            }
            (from, to) if from == to => value,
            _ => {
                let (from, to) = (self.program.type_name(&from), self.program.type_name(to));
                return self.error(pos, format!("the cast from `{from}` to `{to}` is outside the subset"));
            }
        };
        Ok(vec![result])
    }

    fn call(&mut self, id: FnId, args: &[Expr], pos: Pos) -> Lowered<Parts> {
        let program = self.program;
        let def = &program.fns[id];
        let mut parts = vec![];
        for arg in args {
            parts.push(self.expr(arg)?);
        }
        self.ssa.span = pos.into();
        if self.constant && !def.marks.is_opaque() {
            return self.inline(id, parts, pos);
        }
        let results = self.flatten(&def.ret, pos)?;
        let types: Vec<Ty> = results.iter().map(|part| part.ty).collect();
        let op = if def.marks.indirect { Op::CallIndirect(self.context.signature(id)) } else { Op::Call(call_id(id)) };
        let args: Vec<Arg> = parts.concat();
        let expected: usize = def.params.iter().map(|param| self.size(&param.ty, pos)).sum::<Lowered<usize>>()?;
        if args.len() != expected {
            return self.error(pos, "the arguments could not be flattened");
        }
        let results = self.ssa.graph.push(self.ssa.current, op, args, &types, pos.into());
        if def.ret == Type::Never {
            self.ssa.terminate(Term::Unreachable);
        }
        Ok(results.into_iter().map(Arg::Var).collect())
    }

    /// Lowers a called function in place, inside a constant.
    fn inline(&mut self, id: FnId, args: Vec<Parts>, pos: Pos) -> Lowered<Parts> {
        if self.depth >= MAX_CONSTANT_DEPTH {
            return self.error(pos, "the constant could not be evaluated: too many nested calls");
        }
        let body = self.context.body(id)?;
        let after = self.ssa.block();
        let result = self.slots(&body.ret, "", pos)?;
        let inner = Frame {
            body: body.clone(),
            locals: HashMap::new(),
            loops: HashMap::new(),
            ret: Some((after, result.clone())),
        };
        let outer = std::mem::replace(&mut self.frame, inner);
        self.depth += 1;
        for (&param, arg) in body.params.iter().zip(args) {
            let slots = self.local(param, pos)?;
            self.write(&slots, &arg);
        }
        let parts = self.expr(&body.value)?;
        self.return_parts(if self.ty(&body.value) == Type::Never { vec![] } else { parts });
        self.depth -= 1;
        self.frame = outer;
        self.ssa.enter(after);
        Ok(self.read(&result))
    }

    fn aggregate(&mut self, expr: &Expr, fields: &[(usize, Expr)], base: Option<&Expr>) -> Lowered<Parts> {
        let ty = self.ty(expr);
        // The base comes last, as in rustc, and gives what is not written.
        let mut values = vec![];
        for (index, field) in fields {
            values.push((*index, self.expr(field)?));
        }
        let mut parts = match base {
            Some(base) => self.expr(base)?,
            None => self.zeros(&ty, expr.pos)?,
        };
        for (index, value) in values {
            let range = self.program.field_parts(&ty, index).or_else(|error| self.error(expr.pos, error))?;
            parts[range].copy_from_slice(&value);
        }
        Ok(parts)
    }

    fn variant(&mut self, expr: &Expr, variant: usize, fields: &[(usize, Expr)]) -> Lowered<Parts> {
        let ty = self.ty(expr);
        let mut parts = self.zeros(&ty, expr.pos)?;
        let shapes = self.program.variants(&ty).or_else(|error| self.error(expr.pos, error))?;
        let shape = &shapes[variant];
        parts[0] = Ssa::constant(self.ssa.ty(parts[0]), shape.tag);
        for (index, field) in fields {
            let value = self.expr(field)?;
            let mut at = shape.start;
            for before in &shape.fields[..*index] {
                at += self.size(before, expr.pos)?;
            }
            parts[at..at + value.len()].copy_from_slice(&value);
        }
        Ok(parts)
    }

    fn hint(&mut self, hint: Hint, value: &Expr, pos: Pos) -> Lowered<Parts> {
        let parts = self.expr(value)?;
        self.ssa.span = pos.into();
        let promise = match hint {
            Hint::Deepfreeze => Some("`deepfreeze` says that what an address leads to never changes"),
            Hint::Rooted => Some("`rooted` says that what an address leads to is kept"),
            Hint::DeadFrom => Some("`dead_from` says that what an address leads to is not read"),
            _ => None,
        };
        if let Some(promise) = promise
            && !parts.iter().any(|&part| self.ssa.ty(part).is_address())
        {
            return self.error(pos, format!("{promise}: there is no address in this value"));
        }
        let mut each =
            |op: Op| -> Parts { parts.iter().map(|&part| self.ssa.emit(op, vec![part], self.ssa.ty(part))).collect() };
        Ok(match hint {
            Hint::Concrete => each(Op::Concrete),
            Hint::Deepfreeze => each(Op::Deepfreeze),
            Hint::Rooted => each(Op::Rooted),
            Hint::Variable => each(Op::Variable),
            Hint::Likely => each(Op::Likely),
            Hint::DeadFrom => {
                self.ssa.effect(Op::DeadFrom, parts);
                vec![]
            }
            Hint::Promote | Hint::PromoteFew => match parts[..] {
                [part] => {
                    let ty = self.ssa.ty(part);
                    match hint {
                        Hint::Promote => vec![self.ssa.emit(Op::Promote, vec![part], ty)],
                        _ => self.ssa.emit_many(Op::PromoteFew, vec![part], &[Ty::Bool, ty]),
                    }
                }
                _ => return self.error(pos, "only scalars, and structures of one scalar, can be promoted"),
            },
        })
    }

    fn merge_point(&mut self, locals: &[LocalId], pos: Pos) -> Lowered<Parts> {
        // First operation of its block.
        let block = self.ssa.block();
        self.ssa.jump(block);
        self.ssa.enter(block);
        let mut args = vec![];
        for &local in locals {
            let slots = self.local(local, pos)?;
            args.extend(self.read(&slots));
        }
        self.ssa.span = pos.into();
        self.ssa.effect(Op::MergePoint, args);
        Ok(vec![])
    }
}

/// The number of a function in the program, in the place of its number in the module.
pub fn call_id(id: FnId) -> crate::flow::FuncId {
    crate::flow::FuncId(id as u32)
}
