//! Expressions into registers.
//!
//! `eval(e, dst)` computes `e` into `dst`, which is either the first free register (the caller reserves it afterwards)
//! or one in use. Temporaries are taken from the free register up and given back before it returns, so the last
//! instruction may well write a register that held an operand. Locals that are not captured are operands in place.
//!
//! `token` arguments tell the line an instruction belongs to when it is not the operator's: the reference emits the
//! loading of a value only when it knows where the value goes, so the line is that of the last token read by then.

use super::code::{Generator, Result};
use super::jumps::Exits;
use crate::bytecode::op;
use crate::syntax::ast::{BinOp, Env, ExprId, ExprKind, UnOp};

/// An operand of a binary operation.
#[derive(Copy, Clone, Debug)]
pub enum Operand {
    Reg(usize),
    /// Constant number.
    Const(usize),
}

impl Generator<'_, '_, '_> {
    /// Last token of an expression.
    pub fn last(&self, e: ExprId) -> usize {
        self.ast.expr(e).last as usize
    }

    /// First token of an expression.
    pub fn first(&self, e: ExprId) -> usize {
        self.ast.expr(e).first as usize
    }

    /// Whether an expression may have any number of values.
    pub fn is_multi(&self, e: ExprId) -> bool {
        matches!(self.ast.kind(e), ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Vararg)
    }

    /// Computes `e` into `dst`.
    pub fn eval(&mut self, e: ExprId, dst: usize, token: usize) -> Result<()> {
        if dst == self.f.free {
            self.check_room(1, token)?;
        }
        let mark = self.f.free;
        match self.ast.kind(e) {
            ExprKind::Nil => self.load_nil(dst, 1, token),
            ExprKind::True => {
                self.emit_abc(op::LOADTRUE, dst, 0, 0, token);
            }
            ExprKind::False => {
                self.emit_abc(op::LOADFALSE, dst, 0, 0, token);
            }
            ExprKind::Int(i) => self.load_int(i, dst, token),
            ExprKind::Float(x) => self.load_float(x, dst, token),
            ExprKind::Str(s) => {
                let k = self.const_str(s);
                self.emit_abd(op::LOADK, dst, 0, k, token);
            }
            ExprKind::Vararg => {
                let before = self.first(e).saturating_sub(1);
                self.emit_abc(op::VARARG, dst, 0, 2, before);
            }
            ExprKind::Function(func) => {
                let last = self.last(e);
                self.closure(func, dst, last)?;
            }
            ExprKind::Local(var) => {
                let reg = self.register(var);
                if self.captured(var) {
                    self.emit_abc(op::GETCELL, dst, reg, 0, token);
                } else if reg != dst {
                    self.emit_abc(op::MOVE, dst, reg, 0, token);
                }
            }
            ExprKind::Upvalue(u) => {
                self.emit_abc(op::GETUP, dst, u as usize, 0, token);
            }
            ExprKind::Global(env, name) => self.get_global(env, name, dst, token)?,
            ExprKind::Index { .. } => self.suffixed(e, dst, 2, token)?,
            ExprKind::Call { .. } | ExprKind::Method { .. } => {
                self.suffixed(e, mark, 2, token)?;
                if dst != mark {
                    self.emit_abc(op::MOVE, dst, mark, 0, token);
                }
            }
            ExprKind::Paren(inner) => self.eval(inner, dst, token)?,
            ExprKind::Unary(UnOp::Not, inner) if self.is_condition(inner) => self.boolean(e, dst, token)?,
            ExprKind::Unary(operator, inner) => {
                let reg = self.operand(inner, self.last(inner))?;
                self.f.free = mark;
                let opcode = match operator {
                    UnOp::Neg => op::UNM,
                    UnOp::Bnot => op::BNOT,
                    UnOp::Not => op::NOT,
                    UnOp::Len => op::LEN,
                };
                self.emit_abc(opcode, dst, reg, 0, self.first(e));
            }
            ExprKind::Binary { op: BinOp::Concat, .. } => self.concat(e, dst, token)?,
            ExprKind::Binary { op: operator, left, .. } if operator.is_arith() => {
                let (l, r) = self.operands(e)?;
                let op_token = self.last(left) + 1;
                self.arith(operator, dst, l, r, op_token)?;
                self.f.free = mark;
            }
            ExprKind::Binary { .. } => self.boolean(e, dst, token)?,
            ExprKind::Table(items) => self.table(e, items, dst, token)?,
            ExprKind::Name(_) => unreachable!("names are resolved"),
        }
        debug_assert_eq!(self.f.free, mark);
        Ok(())
    }

    /// Computes `e` into the next register and takes it.
    pub fn eval_next(&mut self, e: ExprId, token: usize) -> Result<usize> {
        let reg = self.f.free;
        self.eval(e, reg, token)?;
        self.reserve(1, token)
    }

    /// A register that holds `e`: a local in place, or a new one.
    pub fn operand(&mut self, e: ExprId, token: usize) -> Result<usize> {
        if let ExprKind::Local(var) = self.ast.kind(e)
            && !self.captured(var)
        {
            return Ok(self.register(var));
        }
        self.eval_next(e, token)
    }

    /// `e` as an RK operand.
    pub fn rk(&mut self, e: ExprId, token: usize) -> Result<usize> {
        if let Some(k) = self.constant(e, true)
            && let Some(rk) = self.rk_constant(k)
        {
            return Ok(rk);
        }
        self.operand(e, token)
    }

    /// The constant that `e` is; only numbers unless `any`.
    fn constant(&mut self, e: ExprId, any: bool) -> Option<usize> {
        Some(match self.ast.kind(e) {
            ExprKind::Int(i) => self.const_int(i),
            ExprKind::Float(x) => self.const_float(x),
            ExprKind::Nil if any => self.const_nil(),
            ExprKind::True if any => self.const_bool(true),
            ExprKind::False if any => self.const_bool(false),
            ExprKind::Str(s) if any => self.const_str(s),
            _ => return None,
        })
    }

    /// An operand of `operator`: a constant where the operator has a form for it.
    fn operand_or_constant(&mut self, e: ExprId, operator: BinOp, token: usize) -> Result<Operand> {
        if let Some(k) = self.constant(e, matches!(operator, BinOp::Eq | BinOp::Ne))
            && k <= 0xffff
        {
            return Ok(Operand::Const(k));
        }
        Ok(Operand::Reg(self.operand(e, token)?))
    }

    /// A constant operand into a register.
    pub fn materialize(&mut self, operand: Operand, token: usize) -> Result<usize> {
        match operand {
            Operand::Reg(reg) => Ok(reg),
            Operand::Const(k) => {
                use crate::bytecode::Constant;
                let reg = self.reserve(1, token)?;
                match self.f.constants[k] {
                    Constant::Int(i) => self.load_int(i, reg, token),
                    Constant::Float(x) => self.load_float(x, reg, token),
                    Constant::Nil => self.load_nil(reg, 1, token),
                    Constant::True | Constant::False => {
                        let opcode = if self.f.constants[k] == Constant::True { op::LOADTRUE } else { op::LOADFALSE };
                        self.emit_abc(opcode, reg, 0, 0, token);
                    }
                    Constant::Str(_) => {
                        self.emit_abd(op::LOADK, reg, 0, k, token);
                    }
                }
                Ok(reg)
            }
        }
    }

    /// Evaluates both operands of the arithmetic operation or comparison `e`. Operations that lean left are done in a
    /// loop, each intermediate result in the first temporary. The caller frees the temporaries.
    pub fn operands(&mut self, e: ExprId) -> Result<(Operand, Operand)> {
        let mark = self.f.free;
        let mut spine = Vec::new();
        let mut current = e;
        let mut first_operator = BinOp::Add;
        while let ExprKind::Binary { op: operator, left, .. } = self.ast.kind(current) {
            if operator.is_logical() || operator == BinOp::Concat {
                break;
            }
            first_operator = operator;
            spine.push(current);
            current = left;
        }
        let mut left = self.operand_or_constant(current, first_operator, self.last(current) + 1)?;
        loop {
            let node = spine.pop().expect("`e` itself is on the spine");
            let ExprKind::Binary { op: operator, left: left_expr, right } = self.ast.kind(node) else {
                unreachable!("only operations are on the spine");
            };
            let r = self.operand_or_constant(right, operator, self.last(right))?;
            if spine.is_empty() {
                return Ok((left, r));
            }
            let op_token = self.last(left_expr) + 1;
            if operator.is_arith() {
                self.arith(operator, mark, left, r, op_token)?;
                self.f.free = mark;
            } else {
                let jumps = self.compare_jump(operator, left, r, true, self.last(right))?;
                self.f.free = mark;
                let exits = Exits { want_true: jumps, ..Exits::default() };
                self.finish_value(exits, true, mark, op_token);
            }
            left = Operand::Reg(self.reserve(1, op_token)?);
        }
    }

    /// `dst = l op r`
    fn arith(&mut self, operator: BinOp, dst: usize, l: Operand, r: Operand, token: usize) -> Result<()> {
        use BinOp::*;
        let opcode = op::ADD + operator as u8;
        let with_constant = opcode + (op::ADDK - op::ADD);
        match (l, r) {
            (Operand::Reg(l), Operand::Reg(r)) => {
                self.emit_abc(opcode, dst, l, r, token);
            }
            (Operand::Reg(l), Operand::Const(k)) => {
                self.emit_abc(with_constant, dst, l, k, token);
            }
            (Operand::Const(k), Operand::Reg(r)) if matches!(operator, Add | Mul | Band | Bor | Bxor) => {
                let swapped = crate::bytecode::Instr::abce(with_constant, dst as u8, r as u16, k as u16, 1);
                self.emit(swapped, token);
            }
            (Operand::Const(_), Operand::Reg(r)) => {
                let l = self.materialize(l, token)?;
                self.emit_abc(opcode, dst, l, r, token);
            }
            (Operand::Const(_), Operand::Const(k)) => {
                let l = self.materialize(l, token)?;
                self.emit_abc(with_constant, dst, l, k, token);
            }
        }
        Ok(())
    }

    /// A run of `..` in one instruction.
    fn concat(&mut self, e: ExprId, dst: usize, token: usize) -> Result<()> {
        let base = self.f.free;
        let mut current = e;
        let mut op_token = token;
        while let ExprKind::Binary { op: BinOp::Concat, left, right } = self.ast.kind(current) {
            op_token = self.last(left) + 1;
            self.eval_next(left, op_token)?;
            current = right;
        }
        self.eval_next(current, self.last(current))?;
        let count = self.f.free - base;
        self.f.free = base;
        self.emit_abc(op::CONCAT, base, count, 0, op_token);
        if dst != base {
            self.emit_abc(op::MOVE, dst, base, 0, token);
        }
        Ok(())
    }

    /// `R[dst..dst+n] = nil`, joined with a LOADNIL just before.
    pub fn load_nil(&mut self, dst: usize, n: usize, token: usize) {
        if let Some(last) = self.f.last_mergeable()
            && last.op() == op::LOADNIL
        {
            let (from, to) = (last.a(), last.a() + last.b());
            if from <= dst && dst <= to + 1 {
                let end = to.max(dst + n - 1);
                *self.f.code.last_mut().expect("there is one") =
                    crate::bytecode::Instr::abd(op::LOADNIL, from as u8, (end - from) as u16, 0);
                return;
            }
        }
        self.emit_abc(op::LOADNIL, dst, n - 1, 0, token);
    }

    pub fn load_int(&mut self, value: i64, dst: usize, token: usize) {
        if let Ok(small) = i32::try_from(value) {
            self.emit_abd(op::LOADI, dst, 0, small as u32 as usize, token);
        } else {
            let k = self.const_int(value);
            self.emit_abd(op::LOADK, dst, 0, k, token);
        }
    }

    fn load_float(&mut self, value: f64, dst: usize, token: usize) {
        let small = value as i32;
        if f64::from(small).to_bits() == value.to_bits() {
            self.emit_abd(op::LOADF, dst, 0, small as u32 as usize, token);
        } else {
            let k = self.const_float(value);
            self.emit_abd(op::LOADK, dst, 0, k, token);
        }
    }

    /// The register of `_ENV`, loaded if need be; `None` when it is an upvalue and `name` fits GETENV/SETENV.
    pub fn env_register(&mut self, env: Env, token: usize) -> Result<usize> {
        match env {
            Env::Local(var) if !self.captured(var) => Ok(self.register(var)),
            Env::Local(var) => {
                let reg = self.reserve(1, token)?;
                self.emit_abc(op::GETCELL, reg, self.register(var), 0, token);
                Ok(reg)
            }
            Env::Upvalue(u) => {
                let reg = self.reserve(1, token)?;
                self.emit_abc(op::GETUP, reg, u as usize, 0, token);
                Ok(reg)
            }
        }
    }

    fn get_global(&mut self, env: Env, name: crate::intern::StrId, dst: usize, token: usize) -> Result<()> {
        let mark = self.f.free;
        match (env, self.field_name(name)) {
            (Env::Upvalue(u), Some(k)) => {
                self.emit_cached(op::GETENV, dst, u as usize, k, token);
            }
            (_, Some(k)) => {
                let env = self.env_register(env, token)?;
                self.emit_cached(op::GETFIELD, dst, env, k, token);
            }
            (_, None) => {
                let env = self.env_register(env, token)?;
                let key = self.reserve(1, token)?;
                let k = self.const_str(name);
                self.emit_abd(op::LOADK, key, 0, k, token);
                self.emit_abc(op::GETTABLE, dst, env, key, token);
            }
        }
        self.f.free = mark;
        Ok(())
    }
}
