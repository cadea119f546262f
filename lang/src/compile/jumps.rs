//! Conditions: comparisons, `and`, `or`, `not`, as jumps and as values.

use super::code::{Generator, JumpList, Result};
use super::expr::Operand;
use super::fold;
use crate::bytecode::op;
use crate::syntax::ast::{BinOp, ExprId, ExprKind, UnOp};

/// Jumps out of a condition whose value is wanted.
#[derive(Default)]
pub struct Exits {
    /// The value is in the destination.
    pub valued: JumpList,
    /// The destination must still become `true` / `false`.
    pub want_true: JumpList,
    pub want_false: JumpList,
}

impl Generator<'_, '_, '_> {
    /// Whether `e` is computed by jumping.
    pub fn is_condition(&self, e: ExprId) -> bool {
        match self.ast.kind(e) {
            ExprKind::Binary { op, .. } => op.is_compare() || op.is_logical(),
            ExprKind::Unary(UnOp::Not, inner) => self.is_condition(inner),
            _ => false,
        }
    }

    /// The operands of a run of the same logical operator.
    fn logical_operands(&self, e: ExprId, operator: BinOp) -> Vec<ExprId> {
        let mut operands = Vec::new();
        let mut current = e;
        while let ExprKind::Binary { op, left, right } = self.ast.kind(current)
            && op == operator
        {
            operands.push(right);
            current = left;
        }
        operands.push(current);
        operands.reverse();
        operands
    }

    /// Jumps if the truth of `e` is `when`, falls through otherwise.
    pub fn condition(&mut self, e: ExprId, when: bool, token: usize) -> Result<JumpList> {
        let kind = self.ast.kind(e);
        if let Some(truth) = fold::truth(&kind) {
            return Ok(if truth == when { self.jump(token) } else { Vec::new() });
        }
        let mark = self.f.free;
        match kind {
            ExprKind::Unary(UnOp::Not, inner) => self.condition(inner, !when, token),
            ExprKind::Binary { op: operator, .. } if operator.is_logical() => {
                let operands = self.logical_operands(e, operator);
                let (last, first) = operands.split_last().expect("two at least");
                // The truth of one operand that decides the whole.
                let decisive = operator == BinOp::Or;
                let mut decided = Vec::new();
                for &x in first {
                    decided.append(&mut self.condition(x, decisive, self.last(x) + 1)?);
                }
                let mut jumps = self.condition(*last, when, token)?;
                if decisive == when {
                    decided.append(&mut jumps);
                    Ok(decided)
                } else {
                    self.f.patch_here(decided);
                    Ok(jumps)
                }
            }
            ExprKind::Binary { op: operator, .. } if operator.is_compare() => {
                let (l, r) = self.operands(e)?;
                let jumps = self.compare_jump(operator, l, r, when, self.last(e))?;
                self.f.free = mark;
                Ok(jumps)
            }
            _ => {
                let reg = self.operand(e, token)?;
                self.f.free = mark;
                Ok(vec![self.emit_abd(if when { op::JT } else { op::JF }, reg, 0, 0, token)])
            }
        }
    }

    /// Jumps if `l op r` is `when`.
    pub fn compare_jump(
        &mut self,
        operator: BinOp,
        l: Operand,
        r: Operand,
        when: bool,
        token: usize,
    ) -> Result<JumpList> {
        use BinOp::*;
        use Operand::*;
        let pick = |yes, no| if when { yes } else { no };
        let pick_eq = |yes, no| if when == (operator == Eq) { yes } else { no };
        // Two constants: the left one goes to a register.
        let l = if let (Const(_), Const(_)) = (l, r) { Reg(self.materialize(l, token)?) } else { l };
        let (opcode, a, b) = match (operator, l, r) {
            (Eq | Ne, Reg(a), Reg(b)) => (pick_eq(op::JEQ, op::JNE), a, b),
            (Eq | Ne, Reg(a), Const(k)) | (Eq | Ne, Const(k), Reg(a)) => (pick_eq(op::JEQK, op::JNEK), a, k),
            (Lt, Reg(a), Reg(b)) | (Gt, Reg(b), Reg(a)) => (pick(op::JLT, op::JNLT), a, b),
            (Le, Reg(a), Reg(b)) | (Ge, Reg(b), Reg(a)) => (pick(op::JLE, op::JNLE), a, b),
            (Lt, Reg(a), Const(k)) | (Gt, Const(k), Reg(a)) => (pick(op::JLTK, op::JNLTK), a, k),
            (Le, Reg(a), Const(k)) | (Ge, Const(k), Reg(a)) => (pick(op::JLEK, op::JNLEK), a, k),
            (Gt, Reg(a), Const(k)) | (Lt, Const(k), Reg(a)) => (pick(op::JGTK, op::JNGTK), a, k),
            (Ge, Reg(a), Const(k)) | (Le, Const(k), Reg(a)) => (pick(op::JGEK, op::JNGEK), a, k),
            _ => unreachable!("a comparison of at most one constant"),
        };
        Ok(vec![self.emit_abd(opcode, a, b, 0, token)])
    }

    /// A comparison, `and`, `or`, or `not` of one of them, into `dst`.
    pub fn boolean(&mut self, e: ExprId, dst: usize, token: usize) -> Result<()> {
        let mark = self.f.free;
        let target = if dst < mark && self.clobbers(e, dst) { mark } else { dst };
        let mut exits = Exits::default();
        let falls_false = self.last_operand(e, target, token, &mut exits)?;
        self.finish_value(exits, falls_false, target, token);
        if target != dst {
            self.check_room(1, token)?;
            self.emit_abc(op::MOVE, dst, target, 0, token);
        }
        Ok(())
    }

    /// Ends a condition whose value is wanted: makes `true` and `false` where jumps want them. `falls_false`: so does
    /// falling through, wanting `false`; otherwise the value is in `dst`.
    pub fn finish_value(&mut self, exits: Exits, falls_false: bool, dst: usize, token: usize) {
        let Exits { mut valued, want_true, want_false } = exits;
        let need_false = falls_false || !want_false.is_empty();
        if !falls_false && (need_false || !want_true.is_empty()) {
            valued.append(&mut self.jump(token));
        }
        if need_false {
            self.f.patch_here(want_false);
            self.emit_abc(op::LOADFALSE, dst, 0, 0, token);
            if !want_true.is_empty() {
                valued.append(&mut self.jump(token));
            }
        }
        if !want_true.is_empty() {
            self.f.patch_here(want_true);
            self.emit_abc(op::LOADTRUE, dst, 0, 0, token);
        }
        self.f.patch_here(valued);
    }

    /// The operand that decides by its own value. True: falling through means `false`, and nothing is in `dst`.
    fn last_operand(&mut self, e: ExprId, dst: usize, token: usize, exits: &mut Exits) -> Result<bool> {
        match self.ast.kind(e) {
            ExprKind::Binary { op: operator, .. } if operator.is_logical() => {
                let operands = self.logical_operands(e, operator);
                let (last, first) = operands.split_last().expect("two at least");
                for &x in first {
                    self.value_jump(x, operator == BinOp::Or, dst, self.last(x) + 1, exits)?;
                }
                self.last_operand(*last, dst, token, exits)
            }
            _ if self.is_condition(e) => {
                let mut jumps = self.condition(e, true, token)?;
                exits.want_true.append(&mut jumps);
                Ok(true)
            }
            _ => {
                self.eval(e, dst, token)?;
                Ok(false)
            }
        }
    }

    /// If the truth of `e` is `when`, leaves with its value; else falls through, with anything in `dst`.
    fn value_jump(&mut self, e: ExprId, when: bool, dst: usize, token: usize, exits: &mut Exits) -> Result<()> {
        let kind = self.ast.kind(e);
        if let Some(truth) = fold::truth(&kind) {
            if truth == when {
                self.eval(e, dst, token)?;
                exits.valued.append(&mut self.jump(token));
            }
            return Ok(());
        }
        match kind {
            ExprKind::Binary { op: operator, .. } if operator.is_logical() => {
                let operands = self.logical_operands(e, operator);
                let (last, first) = operands.split_last().expect("two at least");
                let decisive = operator == BinOp::Or;
                let mut skip = Vec::new();
                for &x in first {
                    let token = self.last(x) + 1;
                    if decisive == when {
                        self.value_jump(x, when, dst, token, exits)?;
                    } else {
                        skip.append(&mut self.condition(x, decisive, token)?);
                    }
                }
                self.value_jump(*last, when, dst, token, exits)?;
                self.f.patch_here(skip);
            }
            ExprKind::Unary(UnOp::Not, _) => self.wanting_jump(e, when, token, exits)?,
            ExprKind::Binary { op: operator, .. } if operator.is_compare() => {
                self.wanting_jump(e, when, token, exits)?;
            }
            _ => {
                let reg = match kind {
                    ExprKind::Local(var) if !self.captured(var) => self.register(var),
                    _ => dst,
                };
                self.eval(e, dst, token)?;
                exits.valued.push(self.emit_abd(if when { op::JT } else { op::JF }, reg, 0, 0, token));
            }
        }
        Ok(())
    }

    fn wanting_jump(&mut self, e: ExprId, when: bool, token: usize, exits: &mut Exits) -> Result<()> {
        let mut jumps = self.condition(e, when, token)?;
        if when {
            exits.want_true.append(&mut jumps)
        } else {
            exits.want_false.append(&mut jumps)
        }
        Ok(())
    }

    /// Whether computing the condition `e` into the register `dst` of a local could overwrite it before it is read:
    /// operands are tried in `dst` one after the other.
    fn clobbers(&self, e: ExprId, dst: usize) -> bool {
        let is_dst = |e: ExprId| match self.ast.kind(e) {
            ExprKind::Local(var) => !self.captured(var) && self.register(var) == dst,
            _ => false,
        };
        let ExprKind::Binary { op: operator, left, right } = self.ast.kind(e) else {
            return false;
        };
        if !operator.is_logical() {
            return false;
        }
        // `x = x or y`: the first try leaves x as it is.
        let simple = |e| !matches!(self.ast.kind(e), ExprKind::Binary { op, .. } if op.is_logical());
        if is_dst(left) && simple(right) {
            return false;
        }
        let mut stack = vec![e];
        while let Some(e) = stack.pop() {
            if is_dst(e) {
                return true;
            }
            match self.ast.kind(e) {
                ExprKind::Binary { left, right, .. } => stack.extend([left, right]),
                ExprKind::Unary(_, x) | ExprKind::Paren(x) => stack.push(x),
                ExprKind::Index { base, key } => stack.extend([base, key]),
                ExprKind::Call { callee: first, args } | ExprKind::Method { object: first, args, .. } => {
                    stack.push(first);
                    stack.extend((0..args.len).map(|i| self.ast.list_item(args, i)));
                }
                ExprKind::Global(crate::syntax::ast::Env::Local(var), _) if self.register(var) == dst => return true,
                ExprKind::Table(items) => {
                    for item in &self.ast.items[items.start as usize..(items.start + items.len) as usize] {
                        stack.extend(item.key);
                        stack.push(item.value);
                    }
                }
                _ => {}
            }
        }
        false
    }
}
