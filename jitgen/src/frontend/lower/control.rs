//! Lowering of branches, loops, statements.

use super::ssa::Slot;
use super::{LoopTarget, Lowered, Lowerer, Parts};
use crate::flow::{Arg, BinOp, BlockId, CmpOp, Op, Term, Ty};
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Expr, Hint, Kind, LocalId, LoopId, Stmt, Un};
use crate::frontend::types::Type;

impl Lowerer<'_, '_> {
    /// Lowers an expression and keeps its value for a join.
    pub(super) fn keep(&mut self, expr: &Expr, slots: &[Slot]) -> Lowered<()> {
        let parts = self.expr(expr)?;
        if self.ty(expr) != Type::Never {
            self.write(slots, &parts);
        }
        Ok(())
    }

    /// Goes to one of two blocks; bindings of the condition are written on the way to the first.
    pub(super) fn condition(&mut self, cond: &Expr, yes: BlockId, no: BlockId) -> Lowered<()> {
        match &cond.kind {
            Kind::And(left, right) => {
                let middle = self.ssa.block();
                self.condition(left, middle, no)?;
                self.ssa.enter(middle);
                self.condition(right, yes, no)
            }
            Kind::Or(left, right) => {
                let middle = self.ssa.block();
                self.condition(left, yes, middle)?;
                self.ssa.enter(middle);
                self.condition(right, yes, no)
            }
            Kind::Un(Un::Not, inner) => self.condition(inner, no, yes),
            Kind::Let(pat, value) => {
                let parts = self.expr(value)?;
                self.test(pat, &parts, yes, no)
            }
            // The hint is about each part of a conjunction.
            Kind::Hint(Hint::Likely, inner) if matches!(inner.kind, Kind::And(..)) => {
                let Kind::And(left, right) = &inner.kind else { unreachable!("matched in the guard") };
                let likely = |part: &Expr| {
                    Box::new(Expr { kind: Kind::Hint(Hint::Likely, Box::new(part.clone())), ..part.clone() })
                };
                let both = Expr { kind: Kind::And(likely(left), likely(right)), ..cond.clone() };
                self.condition(&both, yes, no)
            }
            _ => {
                let value = self.scalar(cond)?;
                self.ssa.span = cond.pos.into();
                self.ssa.branch(value, yes, no);
                Ok(())
            }
        }
    }

    pub(super) fn if_expr(&mut self, expr: &Expr, cond: &Expr, then: &Expr, other: Option<&Expr>) -> Lowered<Parts> {
        let slots = self.slots(&expr.ty, "", expr.pos)?;
        let (yes, no, after) = (self.ssa.block(), self.ssa.block(), self.ssa.block());
        self.condition(cond, yes, no)?;
        self.ssa.enter(yes);
        self.keep(then, &slots)?;
        self.ssa.jump(after);
        self.ssa.enter(no);
        if let Some(other) = other {
            self.keep(other, &slots)?;
        }
        self.ssa.jump(after);
        self.ssa.enter(after);
        Ok(self.read(&slots))
    }

    /// A condition as a value.
    pub(super) fn condition_value(&mut self, cond: &Expr) -> Lowered<Parts> {
        if let Kind::And(left, right) | Kind::Or(left, right) = &cond.kind
            && self.is_cheap(left)
            && self.is_cheap(right)
        {
            // No branch where computing both sides costs less than one.
            let (left, right) = (self.scalar(left)?, self.scalar(right)?);
            let op = if matches!(cond.kind, Kind::And(..)) { BinOp::And } else { BinOp::Or };
            return Ok(vec![self.ssa.emit(Op::Bin(op), vec![left, right], Ty::Bool)]);
        }
        let slot = self.ssa.slot(Ty::Bool, String::new());
        let (yes, no, after) = (self.ssa.block(), self.ssa.block(), self.ssa.block());
        self.condition(cond, yes, no)?;
        for (block, value) in [(yes, true), (no, false)] {
            self.ssa.enter(block);
            self.ssa.write(slot, crate::flow::Const::bool(value).into());
            self.ssa.jump(after);
        }
        self.ssa.enter(after);
        Ok(vec![self.ssa.read(slot)])
    }

    /// Pure, and computed in an operation or two from locals.
    fn is_cheap(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Int(_) | Kind::Bool(_) | Kind::Float(_) | Kind::Local(_) | Kind::Const(_) => true,
            Kind::Field(base, _) => self.is_cheap(base),
            Kind::Un(_, inner) => self.is_cheap(inner),
            Kind::Cmp(_, left, right) => {
                let scalar = self.program.flatten(&self.ty(left)).is_ok_and(|parts| parts.len() == 1);
                scalar && self.is_cheap(left) && self.is_cheap(right)
            }
            Kind::And(left, right) | Kind::Or(left, right) => self.is_cheap(left) && self.is_cheap(right),
            _ => false,
        }
    }

    pub(super) fn stmt(&mut self, stmt: &Stmt) -> Lowered<()> {
        match stmt {
            Stmt::Expr(expr) => self.expr(expr).map(|_| ()),
            Stmt::Let { value: None, .. } => Ok(()),
            Stmt::Let { pat, value: Some(value), otherwise } => {
                let parts = self.expr(value)?;
                if otherwise.is_none() && self.bind_if_irrefutable(pat, &parts)? {
                    return Ok(());
                }
                let (yes, no) = (self.ssa.block(), self.ssa.block());
                self.test(pat, &parts, yes, no)?;
                self.ssa.enter(no);
                match otherwise {
                    Some(otherwise) => {
                        self.expr(otherwise)?;
                    }
                    // The pattern always matches: nothing leads here.
                    None => self.ssa.terminate(Term::Unreachable),
                }
                self.ssa.enter(yes);
                Ok(())
            }
        }
    }

    /// A loop or labelled block: `f` lowers it with its targets known, and leaves in dead code or falls through to the end.
    fn with_target(
        &mut self,
        id: LoopId,
        target: LoopTarget,
        f: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<Parts> {
        let after = target.after;
        let result = target.result.clone();
        self.frame.loops.insert(id, target);
        f(self)?;
        self.ssa.jump(after);
        self.ssa.enter(after);
        Ok(self.read(&result))
    }

    pub(super) fn loop_expr(&mut self, expr: &Expr, id: LoopId, body: &Expr) -> Lowered<Parts> {
        let result = self.slots(&expr.ty, "", expr.pos)?;
        let (head, after) = (self.ssa.block(), self.ssa.block());
        self.with_target(id, LoopTarget { after, again: Some(head), result }, |this| {
            this.ssa.jump(head);
            this.ssa.current = head;
            this.expr(body)?;
            this.ssa.jump(head);
            this.ssa.seal(head);
            Ok(())
        })
    }

    pub(super) fn while_expr(&mut self, id: LoopId, cond: &Expr, body: &Expr) -> Lowered<Parts> {
        let (head, inside, done, after) = (self.ssa.block(), self.ssa.block(), self.ssa.block(), self.ssa.block());
        self.with_target(id, LoopTarget { after, again: Some(head), result: vec![] }, |this| {
            this.ssa.jump(head);
            this.ssa.current = head;
            this.condition(cond, inside, done)?;
            this.ssa.enter(inside);
            this.expr(body)?;
            this.ssa.jump(head);
            this.ssa.seal(head);
            this.ssa.enter(done);
            Ok(())
        })
    }

    #[expect(clippy::too_many_arguments)]
    pub(super) fn for_expr(
        &mut self,
        pos: Pos,
        id: LoopId,
        local: Option<LocalId>,
        low: &Expr,
        high: &Expr,
        inclusive: bool,
        body: &Expr,
    ) -> Lowered<Parts> {
        let Type::Int(int) = self.ty(low) else {
            return self.error(pos, "`for` takes a range of integers");
        };
        let ty = int.ty();
        let name = local.map_or(String::new(), |local| self.frame.body.locals[local.0].name.clone());
        let (counter, limit) = (self.ssa.slot(ty, name), self.ssa.slot(ty, String::new()));
        let low = self.scalar(low)?;
        let high = self.scalar(high)?;
        self.ssa.write(counter, low);
        self.ssa.write(limit, high);
        let compare = match (int.signed(), inclusive) {
            (true, false) => CmpOp::SLt,
            (true, true) => CmpOp::SLe,
            (false, false) => CmpOp::ULt,
            (false, true) => CmpOp::ULe,
        };
        let blocks: [BlockId; 5] = std::array::from_fn(|_| self.ssa.block());
        let [head, inside, step, done, after] = blocks;
        let span = pos.into();
        self.with_target(id, LoopTarget { after, again: Some(step), result: vec![] }, |this| {
            if inclusive {
                // The counter must not pass the limit, which may be the greatest of its type: tested before the loop,
                // and for equality before each step.
                let runs = this.ssa.emit(Op::Cmp(compare), vec![low, high], Ty::Bool);
                this.ssa.branch(runs, head, done);
                this.ssa.current = head;
            } else {
                this.ssa.jump(head);
                this.ssa.current = head;
                let (at, end) = (this.ssa.read(counter), this.ssa.read(limit));
                this.ssa.span = span;
                let runs = this.ssa.emit(Op::Cmp(compare), vec![at, end], Ty::Bool);
                this.ssa.branch(runs, inside, done);
                this.ssa.enter(inside);
            }
            if let Some(local) = local {
                let at = this.ssa.read(counter);
                let slots = this.local(local, pos)?;
                this.write(&slots, &[at]);
            }
            this.expr(body)?;
            this.ssa.jump(step);
            this.ssa.enter(step);
            this.ssa.span = span;
            let at = this.ssa.read(counter);
            if inclusive {
                let end = this.ssa.read(limit);
                let last = this.ssa.emit(Op::Cmp(CmpOp::Eq), vec![at, end], Ty::Bool);
                this.ssa.branch(last, done, inside);
                this.ssa.enter(inside);
            }
            let next = this.ssa.emit(Op::Bin(BinOp::Add), vec![at, super::Ssa::constant(ty, 1)], ty);
            this.ssa.write(counter, next);
            this.ssa.jump(head);
            this.ssa.seal(head);
            this.ssa.enter(done);
            Ok(())
        })
    }

    pub(super) fn block_expr(
        &mut self,
        expr: &Expr,
        label: Option<LoopId>,
        stmts: &[Stmt],
        tail: Option<&Expr>,
    ) -> Lowered<Parts> {
        let Some(id) = label else {
            for stmt in stmts {
                self.stmt(stmt)?;
            }
            let parts = tail.map_or(Ok(vec![]), |tail| self.expr(tail))?;
            // A block whose tail never ends has no value.
            return if self.ty(expr) == Type::Never { Ok(vec![]) } else { Ok(parts) };
        };
        let result = self.slots(&expr.ty, "", expr.pos)?;
        let after = self.ssa.block();
        let slots = result.clone();
        self.with_target(id, LoopTarget { after, again: None, result }, |this| match tail {
            Some(tail) => this.keep(tail, &slots),
            None => Ok(()),
        })
    }

    pub(super) fn break_expr(&mut self, id: LoopId, value: Option<&Expr>) -> Lowered<Parts> {
        let result = self.frame.loops[&id].result.clone();
        if let Some(value) = value {
            self.keep(value, &result)?;
        }
        let after = self.frame.loops[&id].after;
        self.ssa.jump(after);
        Ok(vec![])
    }

    pub(super) fn continue_expr(&mut self, id: LoopId) -> Lowered<Parts> {
        let again = self.frame.loops[&id].again.expect("the checker found a loop");
        self.ssa.jump(again);
        Ok(vec![])
    }

    /// Leaves the function with a value of its result type.
    pub(super) fn return_expr(&mut self, value: Option<&Expr>) -> Lowered<Parts> {
        let parts = value.map_or(Ok(vec![]), |value| self.expr(value))?;
        self.return_parts(parts);
        Ok(vec![])
    }

    pub(super) fn try_expr(&mut self, expr: &Expr, value: &Expr) -> Lowered<Parts> {
        let ty = self.ty(value);
        let ret = self.resolve(&self.frame.body.ret.clone());
        let parts = self.expr(value)?;
        self.ssa.span = expr.pos.into();
        let (failed, go_on) = (self.ssa.block(), self.ssa.block());
        match &ty {
            Type::Option(_) => self.ssa.branch(parts[0], go_on, failed),
            _ => self.ssa.branch(parts[0], failed, go_on),
        }
        self.ssa.enter(failed);
        let mut result = self.zeros(&ret, expr.pos)?;
        let payload = match &ty {
            Type::Result(ok, err) => {
                result[0] = crate::flow::Const::bool(true).into();
                let error = 1 + self.size(ok, expr.pos)?;
                let size = self.size(err, expr.pos)?;
                let start = result.len() - size;
                result[start..].copy_from_slice(&parts[error..error + size]);
                parts[1..error].to_vec()
            }
            _ => parts[1..].to_vec(),
        };
        self.return_parts(result);
        self.ssa.enter(go_on);
        Ok(payload)
    }

    /// One scalar.
    pub(super) fn scalar(&mut self, expr: &Expr) -> Lowered<Arg> {
        let parts = self.expr(expr)?;
        match parts[..] {
            [part] => Ok(part),
            _ => {
                let ty = self.program.type_name(&self.ty(expr));
                self.error(expr.pos, format!("`{ty}` is not a scalar"))
            }
        }
    }
}
