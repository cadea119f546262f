//! Fields, calls, method calls, constructors, closures.

use super::code::{Code, Generator, Result};
use super::resolve::Capture;
use crate::bytecode::{Instr, Proto, UpvalueDesc, op};
use crate::syntax::ast::{ExprId, ExprKind, FuncId, ListRange};
use std::sync::Arc;

/// Array items of a constructor stored by one SETLIST.
const ITEMS_PER_SETLIST: usize = 50;

/// How a table is indexed.
#[derive(Copy, Clone, Debug)]
pub enum Key {
    /// Constant number of a short string.
    Field(usize),
    /// Small integer.
    Int(usize),
    Reg(usize),
}

impl Generator<'_, '_, '_> {
    /// An index, kept constant if there is an instruction for it.
    pub fn key(&mut self, e: ExprId, token: usize) -> Result<Key> {
        match self.ast.kind(e) {
            ExprKind::Str(s) => {
                if let Some(k) = self.field_name(s) {
                    return Ok(Key::Field(k));
                }
            }
            ExprKind::Int(i) if (0..=0xffff).contains(&i) => return Ok(Key::Int(i as usize)),
            _ => {}
        }
        Ok(Key::Reg(self.operand(e, token)?))
    }

    /// The token at whose line a key is loaded: a constant one waits until the access is complete.
    pub fn key_token(&self, key: ExprId, complete: usize) -> usize {
        if super::fold::truth(&self.ast.kind(key)).is_some() { complete } else { self.last(key) }
    }

    /// An index, call or method call. A chain of them is done in a loop, each intermediate result in the first free
    /// register. A field goes to `dst`; the results of a call, `results - 1` of them, to the first free register.
    pub fn suffixed(&mut self, e: ExprId, dst: usize, results: usize, token: usize) -> Result<()> {
        let mark = self.f.free;
        let mut spine = Vec::new();
        let mut current = e;
        loop {
            let inner = match self.ast.kind(current) {
                ExprKind::Index { base, .. } => base,
                ExprKind::Call { callee, .. } => callee,
                ExprKind::Method { object, .. } => object,
                _ => break,
            };
            spine.push(current);
            current = inner;
        }
        // The first value: a callee must be in a register of its own.
        let discharge = self.base_token(current, spine[spine.len() - 1]);
        let mut value = match self.ast.kind(spine[spine.len() - 1]) {
            ExprKind::Call { .. } => self.eval_next(current, discharge)?,
            _ => self.operand(current, discharge)?,
        };
        while let Some(node) = spine.pop() {
            let is_last = spine.is_empty();
            let (target, results, token) = match spine.last() {
                None => (dst, results, token),
                Some(outer) => (mark, 2, self.base_token(node, *outer)),
            };
            match self.ast.kind(node) {
                ExprKind::Index { key, .. } => {
                    let key = self.key(key, self.key_token(key, self.last(node)))?;
                    self.f.free = mark;
                    match key {
                        Key::Field(k) => self.emit_cached(op::GETFIELD, target, value, k, token),
                        Key::Int(i) => self.emit_abc(op::GETINT, target, value, i, token),
                        Key::Reg(r) => self.emit_abc(op::GETTABLE, target, value, r, token),
                    };
                }
                ExprKind::Call { callee, args } => {
                    let opening = self.last(callee) + 1;
                    self.arguments(args, mark, 0, results, self.last(node), opening)?;
                }
                ExprKind::Method { object, name, args } => {
                    let name_token = self.last(object) + 2;
                    self.f.free = mark;
                    self.reserve(2, name_token)?;
                    if let Some(k) = self.field_name(name) {
                        self.emit_cached(op::SELF, mark, value, k, name_token);
                    } else {
                        let key = self.reserve(1, name_token)?;
                        let k = self.const_str(name);
                        self.emit_abd(op::LOADK, key, 0, k, name_token);
                        self.emit_abc(op::MOVE, mark + 1, value, 0, name_token);
                        self.emit_abc(op::GETTABLE, mark, value, key, name_token);
                        self.f.free = mark + 2;
                    }
                    self.arguments(args, mark, 1, results, self.last(node), name_token + 1)?;
                }
                _ => unreachable!("only suffixes are on the spine"),
            }
            if !is_last {
                value = self.reserve(1, token)?;
            }
        }
        Ok(())
    }

    /// The token at whose line `base` is loaded when `suffix` is applied to it.
    fn base_token(&self, base: ExprId, suffix: ExprId) -> usize {
        // The object of a method call is loaded when the name has been read.
        self.last(base) + if matches!(self.ast.kind(suffix), ExprKind::Method { .. }) { 2 } else { 0 }
    }

    /// Arguments and the call, which is at the line of the arguments' first token, `line_token`. The callee is in `base`,
    /// `given` arguments are in place already.
    fn arguments(
        &mut self,
        args: ListRange,
        base: usize,
        given: usize,
        results: usize,
        close_token: usize,
        line_token: usize,
    ) -> Result<()> {
        debug_assert_eq!(self.f.free, base + 1 + given);
        let mut open = false;
        for i in 0..args.len {
            let arg = self.ast.list_item(args, i);
            if i + 1 < args.len {
                self.eval_next(arg, self.last(arg) + 1)?;
            } else if self.is_multi(arg) {
                self.open(arg, close_token)?;
                open = true;
            } else {
                self.eval_next(arg, close_token)?;
            }
        }
        let b = if open { 0 } else { self.f.free - base };
        self.f.free = base;
        self.emit_abc(op::CALL, base, b, results, line_token);
        Ok(())
    }

    /// All values of a call or `...`, from the first free register up to top. Takes no register.
    pub fn open(&mut self, e: ExprId, token: usize) -> Result<()> {
        self.values(e, 0, token)
    }

    /// `results - 1` values (0: all) of a call or `...` from the first free register on. Takes no register.
    pub fn values(&mut self, e: ExprId, results: usize, token: usize) -> Result<()> {
        let mark = self.f.free;
        self.check_room(results.max(2) - 1, token)?;
        match self.ast.kind(e) {
            ExprKind::Vararg => {
                let before = self.first(e).saturating_sub(1);
                self.emit_abc(op::VARARG, mark, 0, results, before);
                Ok(())
            }
            _ => self.suffixed(e, mark, results, token),
        }
    }

    /// A constructor.
    pub fn table(&mut self, e: ExprId, items: ListRange, dst: usize, token: usize) -> Result<()> {
        let mark = self.f.free;
        let first = self.first(e).saturating_sub(1);
        let close = self.last(e);
        let table = self.reserve(1, first)?;
        let new = self.emit_abc(op::NEWTABLE, table, 0, 0, first);
        let mut array_count = 0;
        let mut hash_count = 0;
        let mut pending = 0;
        for i in items.start..items.start + items.len {
            let item = self.ast.items[i as usize];
            let is_last = i + 1 == items.start + items.len;
            let after = if is_last { close } else { self.last(item.value) + 1 };
            if let Some(key) = item.key {
                hash_count += 1;
                let free = self.f.free;
                let key = self.key(key, self.key_token(key, self.last(key) + 2))?;
                let value_token = self.last(item.value);
                let value = self.rk(item.value, value_token)?;
                self.store(table, key, value, value_token);
                self.f.free = free;
            } else if is_last && self.is_multi(item.value) {
                self.open(item.value, after)?;
                self.emit_abd(op::SETLIST, table, 0, array_count, after);
                pending = 0;
                self.f.free = table + 1;
            } else {
                self.eval_next(item.value, after)?;
                pending += 1;
            }
            // The items before an open last one are stored by the same SETLIST.
            if pending == ITEMS_PER_SETLIST {
                self.set_list(table, &mut pending, &mut array_count, after);
            }
        }
        self.set_list(table, &mut pending, &mut array_count, close);
        self.f.code[new] = Instr::abce(
            op::NEWTABLE,
            table as u8,
            array_count.min(0xffff) as u16,
            usize::min(hash_count, 0xffff) as u16,
            0,
        );
        self.f.free = mark;
        if dst != table {
            self.emit_abc(op::MOVE, dst, table, 0, token);
        }
        Ok(())
    }

    fn set_list(&mut self, table: usize, pending: &mut usize, array_count: &mut usize, token: usize) {
        if *pending > 0 {
            self.emit_abd(op::SETLIST, table, *pending, *array_count, token);
            *array_count += *pending;
            *pending = 0;
            self.f.free = table + 1;
        }
    }

    /// `R[table][key] = RK[value]`
    pub fn store(&mut self, table: usize, key: Key, value: usize, token: usize) {
        match key {
            Key::Field(k) => self.emit_cached(op::SETFIELD, table, k, value, token),
            Key::Int(i) => self.emit_abc(op::SETINT, table, i, value, token),
            Key::Reg(r) => self.emit_abc(op::SETTABLE, table, r, value, token),
        };
    }

    /// Generates a function and the instruction that makes its closure.
    pub fn closure(&mut self, func: FuncId, dst: usize, token: usize) -> Result<()> {
        let proto = self.function(func)?;
        self.f.children.push(Arc::new(proto));
        let child = self.f.children.len() - 1;
        self.emit_abd(op::CLOSURE, dst, 0, child, token);
        Ok(())
    }

    /// Generates a function.
    pub fn function(&mut self, func: FuncId) -> Result<Proto> {
        let info = &self.functions[func.0 as usize];
        let code = Box::new(Code::new(func, info.label_depths.len()));
        let outer = std::mem::replace(&mut self.f, code);
        let ast = self.ast;
        let function = &ast.functions[func.0 as usize];
        let is_main = func.0 as usize + 1 == ast.functions.len();
        let token = if is_main { 0 } else { function.first as usize };

        self.open_block();
        let params = function.params.len();
        self.reserve(params, token)?;
        for (reg, param) in function.params.iter().enumerate() {
            self.registers[param.var.0 as usize] = reg as u8;
            self.activate(param.name, reg);
        }
        for (reg, param) in function.params.iter().enumerate() {
            if self.captured(param.var) {
                self.emit_abc(op::NEWCELL, reg, 0, 0, token);
            }
        }
        let prologue = self.f.code.len();
        self.statements(&function.body)?;
        let last = if is_main { self.reporter.tokens.list.len().saturating_sub(1) } else { function.last as usize };
        self.close_block(last);
        if self.f.reachable() {
            self.emit_abc(op::RETURN0, 0, 0, 0, last);
        }
        // Making the parameters' cells is no line of its own.
        if let Some(&line) = self.f.lines.get(prologue) {
            self.f.lines[..prologue].fill(line);
        }
        thread_jumps(&mut self.f.code);

        let f = std::mem::replace(&mut self.f, outer);
        let tokens = self.reporter.tokens;
        let upvalues = info
            .upvalues
            .iter()
            .map(|u| {
                let var = &self.vars[u.var.0 as usize];
                let (in_parent_register, index) = match u.capture {
                    Capture::Local(var) => (true, self.registers[var.0 as usize]),
                    Capture::Upvalue(i) => (false, i),
                    Capture::Outside => (true, 0),
                };
                UpvalueDesc {
                    name: tokens.strings.get(u.name).clone(),
                    in_parent_register,
                    index,
                    kind: var.kind,
                    assigned_after_init: var.assigned,
                }
            })
            .collect();
        let (line_defined, last_line) =
            if is_main { (0, 0) } else { (tokens.line(function.first as usize), tokens.line(function.last as usize)) };
        Ok(Proto {
            code: f.code,
            constants: f.constants,
            children: f.children,
            upvalues,
            num_params: params as u8,
            is_vararg: function.is_vararg,
            max_stack: f.max_stack as u8,
            lines: f.lines,
            source: self.reporter.chunk_name.into(),
            line_defined,
            last_line,
            locals: f.locals,
            num_loops: f.num_loops,
            num_caches: f.num_caches,
        })
    }
}

/// Sends forward jumps to where the unconditional jumps they reach lead.
fn thread_jumps(code: &mut [Instr]) {
    // Backwards, so that the jump found at a target is final already.
    for pc in (0..code.len()).rev() {
        let i = code[pc];
        let jumps = matches!(i.op(), op::JMP | op::JT..=op::JNGEK);
        if jumps && code[i.d()].op() == op::JMP {
            code[pc] = Instr::abd(i.op(), i.a() as u8, i.b() as u16, code[i.d()].d() as u32);
        }
    }
}
