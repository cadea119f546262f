//! Assignments.

use super::code::{Generator, Result};
use super::suffix::Key;
use crate::bytecode::op;
use crate::syntax::ast::{Env, ExprId, ExprKind, VarId};

/// A target whose table and key have been evaluated.
#[derive(Copy, Clone)]
enum Target {
    Local(usize),
    Cell(usize),
    Upvalue(usize),
    /// Upvalue number of `_ENV` and constant number of the name.
    Global(usize, usize),
    Field(usize, Key),
}

/// A value to store.
#[derive(Copy, Clone)]
enum Value {
    Expr(ExprId),
    Reg(usize),
}

impl Generator<'_, '_, '_> {
    /// `targets = values`
    pub fn assignment(&mut self, targets: &[ExprId], values: &[ExprId]) -> Result<()> {
        let mark = self.f.free;
        let mut places = Vec::with_capacity(targets.len());
        for (i, &target) in targets.iter().enumerate() {
            places.push(self.target(target, &targets[i + 1..])?);
        }
        let token = self.last(values[values.len() - 1]);
        if targets.len() == values.len() {
            let (last, others) = values.split_last().expect("one at least");
            let base = self.f.free;
            for &value in others {
                self.eval_next(value, self.last(value) + 1)?;
            }
            let count = others.len();
            // The last value goes to its place straight away, the others follow from right to left.
            self.assign(places[count], Value::Expr(*last), token)?;
            for i in (0..count).rev() {
                self.assign(places[i], Value::Reg(base + i), token)?;
            }
        } else {
            let base = self.f.free;
            self.adjusted(values, targets.len(), token)?;
            self.reserve(targets.len(), token)?;
            for i in (0..targets.len()).rev() {
                self.assign(places[i], Value::Reg(base + i), token)?;
            }
        }
        self.f.free = mark;
        Ok(())
    }

    /// `function target() ... end`: "happens" in its first line.
    pub fn function_statement(&mut self, target: ExprId, function: ExprId, first: usize) -> Result<()> {
        let mark = self.f.free;
        let place = self.target(target, &[])?;
        if let Target::Local(reg) = place {
            self.eval(function, reg, self.last(function))?;
        } else {
            let closure = self.eval_next(function, self.last(function))?;
            self.assign(place, Value::Reg(closure), first)?;
        }
        self.f.free = mark;
        Ok(())
    }

    /// Evaluates the table and key of a target. `later` targets are assigned before this one: a local among them that
    /// serves as table or key here is copied first.
    fn target(&mut self, e: ExprId, later: &[ExprId]) -> Result<Target> {
        Ok(match self.ast.kind(e) {
            ExprKind::Local(var) if self.captured(var) => Target::Cell(self.register(var)),
            ExprKind::Local(var) => Target::Local(self.register(var)),
            ExprKind::Upvalue(u) => Target::Upvalue(u as usize),
            ExprKind::Global(env, name) => {
                let token = self.last(e);
                match (env, self.field_name(name)) {
                    (Env::Upvalue(u), Some(k)) => Target::Global(u as usize, k),
                    (_, name_constant) => {
                        let env = match env {
                            Env::Local(var) if self.is_assigned(var, later) => {
                                let copy = self.reserve(1, token)?;
                                self.emit_abc(op::MOVE, copy, self.register(var), 0, token);
                                copy
                            }
                            _ => self.env_register(env, token)?,
                        };
                        let key = match name_constant {
                            Some(k) => Key::Field(k),
                            None => {
                                let reg = self.reserve(1, token)?;
                                let k = self.const_str(name);
                                self.emit_abd(op::LOADK, reg, 0, k, token);
                                Key::Reg(reg)
                            }
                        };
                        Target::Field(env, key)
                    }
                }
            }
            ExprKind::Index { base, key } => {
                let table = self.target_operand(base, later)?;
                let key = match self.ast.kind(key) {
                    ExprKind::Local(_) => Key::Reg(self.target_operand(key, later)?),
                    _ => self.key(key, self.key_token(key, self.last(e)))?,
                };
                Target::Field(table, key)
            }
            _ => unreachable!("the grammar allows only variables here"),
        })
    }

    fn is_assigned(&self, var: VarId, later: &[ExprId]) -> bool {
        !self.captured(var) && later.iter().any(|t| matches!(self.ast.kind(*t), ExprKind::Local(v) if v == var))
    }

    fn target_operand(&mut self, e: ExprId, later: &[ExprId]) -> Result<usize> {
        let token = self.last(e);
        match self.ast.kind(e) {
            ExprKind::Local(var) if self.is_assigned(var, later) => self.eval_next(e, token),
            _ => self.operand(e, token),
        }
    }

    fn assign(&mut self, target: Target, value: Value, token: usize) -> Result<()> {
        let mark = self.f.free;
        match target {
            Target::Local(reg) => match value {
                Value::Expr(e) => self.eval(e, reg, token)?,
                Value::Reg(from) => {
                    self.emit_abc(op::MOVE, reg, from, 0, token);
                }
            },
            Target::Global(u, k) => {
                let reg = match value {
                    Value::Expr(e) => self.operand(e, token)?,
                    Value::Reg(reg) => reg,
                };
                self.emit_cached(op::SETENV, reg, u, k, token);
            }
            _ => {
                let rk = match value {
                    Value::Expr(e) => self.rk(e, token)?,
                    Value::Reg(reg) => reg,
                };
                match target {
                    Target::Cell(cell) => {
                        self.emit_abc(op::SETCELL, cell, 0, rk, token);
                    }
                    Target::Upvalue(u) => {
                        self.emit_abc(op::SETUP, 0, u, rk, token);
                    }
                    Target::Field(table, key) => self.store(table, key, rk, token),
                    Target::Local(_) | Target::Global(..) => unreachable!("handled above"),
                }
            }
        }
        self.f.free = mark;
        Ok(())
    }
}
