//! Statements.

use super::code::{Generator, LoopState, Result};
use super::resolve::Capture;
use crate::bytecode::{Instr, VarKind, op};
use crate::syntax::ast::*;

impl Generator<'_, '_, '_> {
    /// A block with a scope of its own. The token behind it tells the line of code at its end.
    pub fn block(&mut self, block: &Block) -> Result<()> {
        self.open_block();
        self.statements(block)?;
        self.close_block((block.end as usize).saturating_sub(1));
        Ok(())
    }

    pub fn statements(&mut self, block: &Block) -> Result<()> {
        let ast = self.ast;
        for id in &block.stmts {
            let free = self.f.free;
            let stmt = &ast.stmts[id.0 as usize];
            self.statement(stmt)?;
            debug_assert!(self.f.free >= free, "only declarations take registers");
        }
        Ok(())
    }

    fn statement(&mut self, stmt: &Stmt) -> Result<()> {
        let (first, last) = (stmt.first as usize, stmt.last as usize);
        match &stmt.kind {
            StmtKind::Empty => {}
            StmtKind::Call(e) => self.values(*e, 1, last)?,
            StmtKind::Assign { targets, values } => self.assignment(targets, values)?,
            StmtKind::Local { names, values } => self.local(names, values, last)?,
            StmtKind::LocalFunction { name, function } => self.local_function(name, *function)?,
            StmtKind::Function { target, function } => self.function_statement(*target, *function, first)?,
            StmtKind::Do(body) => self.block(body)?,
            StmtKind::While { condition, body } => self.while_loop(*condition, body)?,
            StmtKind::Repeat { body, condition } => self.repeat_loop(body, *condition)?,
            StmtKind::If { arms, otherwise } => self.conditional(arms, otherwise.as_ref())?,
            StmtKind::NumericFor { name, start, limit, step, body } => {
                self.numeric_for(name, [*start, *limit], *step, body, first)?;
            }
            StmtKind::GenericFor { names, values, body } => self.generic_for(names, values, body)?,
            StmtKind::Return(values) => self.return_statement(values, last)?,
            StmtKind::Break => {
                let level = self.f.loops.last().expect("the resolver refuses stray breaks").level;
                self.close_from(level, last);
                let jumps = self.jump(last);
                self.f.loops.last_mut().expect("as above").breaks.extend(jumps);
            }
            StmtKind::Goto(_, target) => self.goto(target.0 as usize, last),
            StmtKind::Label(_, number) => {
                let pc = self.f.target();
                let level = self.f.free;
                let label = &mut self.f.labels[*number as usize];
                label.pc = Some(pc);
                label.level = level;
                let pending = std::mem::take(&mut label.pending);
                self.f.patch(pending, pc);
            }
        }
        Ok(())
    }

    /// Register from which on a forward jump out to a label leaves variables behind.
    fn forward_level(&self, label: usize) -> usize {
        let depth = self.functions[self.f.id.0 as usize].label_depths[label] as usize;
        self.f.blocks.get(depth).map_or(self.f.free, |b| b.base)
    }

    fn goto(&mut self, label: usize, token: usize) {
        let state = &self.f.labels[label];
        if let Some(pc) = state.pc {
            let level = state.level;
            self.close_from(level, token);
            let number = self.f.new_loop() as usize;
            self.emit_abd(op::LOOP, 0, number, pc, token);
        } else {
            self.close_from(self.forward_level(label), token);
            let jumps = self.jump(token);
            self.f.labels[label].pending.extend(jumps);
        }
    }

    /// Values into consecutive registers from the free one on, exactly `want` of them, not taken yet.
    pub fn adjusted(&mut self, values: &[ExprId], want: usize, token: usize) -> Result<()> {
        let base = self.f.free;
        for (i, &value) in values.iter().enumerate() {
            let is_last = i + 1 == values.len();
            let after = if is_last { self.last(value) } else { self.last(value) + 1 };
            if is_last && self.is_multi(value) {
                let more = (want + 1).saturating_sub(values.len());
                self.values(value, more + 1, after)?;
                self.reserve(more, after)?;
            } else {
                self.eval_next(value, after)?;
            }
        }
        let have = self.f.free - base;
        if have < want {
            let reg = self.reserve(want - have, token)?;
            self.load_nil(reg, want - have, token);
        }
        self.f.free = base;
        Ok(())
    }

    fn local(&mut self, names: &[Binding], values: &[ExprId], token: usize) -> Result<()> {
        let base = self.f.free;
        let last = names[names.len() - 1].var;
        // A compile-time constant has no register.
        let constant = self.vars[last.0 as usize].constant.is_some();
        let (names, values) =
            if constant { (&names[..names.len() - 1], &values[..values.len() - 1]) } else { (names, values) };
        self.adjusted(values, names.len(), token)?;
        self.reserve(names.len(), token)?;
        for (i, name) in names.iter().enumerate() {
            if self.vars[name.var.0 as usize].kind == VarKind::ToBeClosed {
                // Before the variable may become a cell: the value is checked here.
                self.emit_abc(op::TBC, base + i, 0, 0, token);
                self.f.tbc.push(base + i);
            }
        }
        for (i, name) in names.iter().enumerate() {
            self.declare(name.var, base + i, token);
        }
        Ok(())
    }

    fn local_function(&mut self, name: &Binding, function: ExprId) -> Result<()> {
        let token = name.token as usize;
        let end = self.last(function);
        let reg = self.reserve(1, token)?;
        let ExprKind::Function(func) = self.ast.kind(function) else {
            unreachable!("the grammar puts a function here");
        };
        self.registers[name.var.0 as usize] = reg as u8;
        let recursive = self.functions[func.0 as usize].upvalues.iter().any(|u| u.capture == Capture::Local(name.var));
        if recursive {
            self.load_nil(reg, 1, token);
            self.declare(name.var, reg, token);
            let closure = self.eval_next(function, end)?;
            self.emit_abc(op::SETCELL, reg, 0, closure, end);
            self.f.free = closure;
        } else {
            self.f.free = reg;
            self.eval_next(function, end)?;
            self.declare(name.var, reg, end);
        }
        Ok(())
    }

    fn while_loop(&mut self, condition: ExprId, body: &Block) -> Result<()> {
        let start = self.f.target();
        let mut exits = self.condition(condition, false, self.last(condition))?;
        self.f.loops.push(LoopState { breaks: Vec::new(), level: self.f.free });
        self.block(body)?;
        self.loop_back(start, (body.end as usize).saturating_sub(1));
        exits.extend(self.f.loops.pop().expect("pushed above").breaks);
        self.f.patch_here(exits);
        Ok(())
    }

    fn loop_back(&mut self, start: usize, token: usize) {
        if self.f.reachable() {
            let number = self.f.new_loop() as usize;
            self.emit_abd(op::LOOP, 0, number, start, token);
        }
    }

    fn repeat_loop(&mut self, body: &Block, condition: ExprId) -> Result<()> {
        let start = self.f.target();
        self.f.loops.push(LoopState { breaks: Vec::new(), level: self.f.free });
        // Two blocks, as the resolver counts them.
        self.open_block();
        self.open_block();
        self.statements(body)?;
        let token = self.last(condition);
        let exits = self.condition(condition, true, token)?;
        let closes = self.f.tbc.len() > self.f.blocks.last().expect("open").first_tbc;
        if closes {
            let level = self.f.blocks.last().expect("open").base;
            self.emit_abc(op::CLOSE, level, 0, 0, token);
        }
        self.loop_back(start, token);
        self.f.patch_here(exits);
        self.close_block(token);
        self.close_block(token);
        let breaks = self.f.loops.pop().expect("pushed above").breaks;
        self.f.patch_here(breaks);
        Ok(())
    }

    fn conditional(&mut self, arms: &[(ExprId, Block)], otherwise: Option<&Block>) -> Result<()> {
        let mut escapes = Vec::new();
        for (i, (condition, body)) in arms.iter().enumerate() {
            let then_token = self.last(*condition) + 1;
            let more = i + 1 < arms.len() || otherwise.is_some();
            if !more && self.jump_only(body) {
                let jumps = self.condition(*condition, true, then_token)?;
                let list = match self.ast.stmts[body.stmts[0].0 as usize].kind {
                    StmtKind::Goto(_, target) => &mut self.f.labels[target.0 as usize].pending,
                    _ => &mut self.f.loops.last_mut().expect("the resolver refuses stray breaks").breaks,
                };
                list.extend(jumps);
                continue;
            }
            let skip = self.condition(*condition, false, then_token)?;
            self.block(body)?;
            if more && self.f.reachable() {
                escapes.extend(self.jump((body.end as usize).saturating_sub(1)));
            }
            self.f.patch_here(skip);
        }
        if let Some(body) = otherwise {
            self.block(body)?;
        }
        self.f.patch_here(escapes);
        Ok(())
    }

    /// Whether a block is a single forward jump that closes nothing: then the condition can jump itself.
    fn jump_only(&self, body: &Block) -> bool {
        let [only] = body.stmts[..] else {
            return false;
        };
        let level = match self.ast.stmts[only.0 as usize].kind {
            StmtKind::Break => self.f.loops.last().expect("the resolver refuses stray breaks").level,
            StmtKind::Goto(_, target) if self.f.labels[target.0 as usize].pc.is_none() => {
                self.forward_level(target.0 as usize)
            }
            _ => return false,
        };
        self.f.tbc.last().is_none_or(|reg| *reg < level)
    }

    fn for_states(&mut self, base: usize, count: usize) {
        for i in 0..count {
            let text: std::sync::Arc<[u8]> = (&b"(for state)"[..]).into();
            let start_pc = self.f.pc() as u32;
            self.f.locals_active.push(self.f.locals.len());
            self.f.locals.push(crate::bytecode::LocalVar {
                name: text,
                start_pc,
                end_pc: start_pc,
                reg: (base + i) as u8,
            });
        }
    }

    fn numeric_for(
        &mut self,
        name: &Binding,
        [start, limit]: [ExprId; 2],
        step: Option<ExprId>,
        body: &Block,
        for_token: usize,
    ) -> Result<()> {
        self.open_block();
        let base = self.eval_next(start, self.last(start))?;
        self.eval_next(limit, self.last(limit))?;
        let last = step.map_or(self.last(limit), |s| self.last(s));
        if let Some(step) = step {
            self.eval_next(step, last)?;
        } else {
            let reg = self.reserve(1, last)?;
            self.load_int(1, reg, last);
        }
        self.for_states(base, 3);
        let prepare = self.emit_abd(op::FORPREP, base, 0, 0, last + 1);
        self.f.loops.push(LoopState { breaks: Vec::new(), level: base + 3 });
        let start_pc = self.for_body(std::slice::from_ref(name), body, last + 1)?;
        let number = self.f.new_loop() as usize;
        self.emit_abd(op::FORLOOP, base, number, start_pc, for_token);
        let mut exits = vec![prepare];
        exits.extend(self.f.loops.pop().expect("pushed above").breaks);
        self.f.patch_here(exits);
        self.close_block(for_token);
        Ok(())
    }

    /// The body with its variables; where it starts.
    fn for_body(&mut self, names: &[Binding], body: &Block, token: usize) -> Result<usize> {
        self.open_block();
        let start = self.f.target();
        let base = self.reserve(names.len(), token)?;
        for (i, name) in names.iter().enumerate() {
            self.declare(name.var, base + i, token);
        }
        self.statements(body)?;
        self.close_block((body.end as usize).saturating_sub(1));
        Ok(start)
    }

    fn generic_for(&mut self, names: &[Binding], values: &[ExprId], body: &Block) -> Result<()> {
        self.open_block();
        let base = self.f.free;
        let for_token = self.first(values[0]);
        let last = self.last(values[values.len() - 1]);
        self.adjusted(values, 4, last)?;
        self.reserve(4, last)?;
        // The call in TFORCALL needs the iterator and its arguments above the variables.
        self.check_room(names.len().max(3), last)?;
        self.for_states(base, 4);
        self.f.tbc.push(base + 3);
        let prepare = self.emit_abd(op::TFORPREP, base, 0, 0, last + 1);
        self.f.loops.push(LoopState { breaks: Vec::new(), level: base + 4 });
        let start = self.for_body(names, body, last + 1)?;
        self.f.patch_here(vec![prepare]);
        self.emit_abc(op::TFORCALL, base, 0, names.len(), for_token);
        let number = self.f.new_loop() as usize;
        self.emit_abd(op::TFORLOOP, base, number, start, for_token);
        let breaks = self.f.loops.pop().expect("pushed above").breaks;
        self.f.patch_here(breaks);
        self.f.blocks.last_mut().expect("open").base = base + 3;
        self.close_block(body.end as usize);
        self.f.free = base;
        Ok(())
    }

    fn return_statement(&mut self, values: &[ExprId], token: usize) -> Result<()> {
        let mark = self.f.free;
        let closes = self.f.tbc.first().copied();
        let (b, base) = match values {
            [] => (1, 0),
            [call] if self.is_multi(*call) => {
                self.open(*call, token)?;
                let i = *self.f.code.last().expect("just emitted");
                if closes.is_none() && i.op() == op::CALL {
                    *self.f.code.last_mut().expect("as above") = Instr::abd(op::TAILCALL, i.a() as u8, i.b() as u16, 0);
                    return Ok(());
                }
                (0, mark)
            }
            [value] => (2, self.operand(*value, token)?),
            _ => {
                for (i, &value) in values.iter().enumerate() {
                    if i + 1 < values.len() {
                        self.eval_next(value, self.last(value) + 1)?;
                    } else if self.is_multi(value) {
                        self.open(value, token)?;
                    } else {
                        self.eval_next(value, token)?;
                    }
                }
                let open = self.is_multi(values[values.len() - 1]);
                (if open { 0 } else { self.f.free - mark + 1 }, mark)
            }
        };
        self.f.free = mark;
        if let Some(level) = closes {
            self.emit_abc(op::CLOSE, level, usize::from(b == 0), 0, token);
        }
        match b {
            1 => self.emit_abc(op::RETURN0, 0, 0, 0, token),
            2 => self.emit_abc(op::RETURN1, base, 0, 0, token),
            _ => self.emit_abc(op::RETURN, base, b, 0, token),
        };
        Ok(())
    }
}
