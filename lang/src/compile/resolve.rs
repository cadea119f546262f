//! Names to variables: scopes, captures, attributes, labels.
//!
//! One walk over the tree in source order. It rewrites names into locals, upvalues and globals, numbers the variables
//! and labels, folds constants (compile-time constants included), and finds which variables are captured and which are
//! assigned after their declaration: the code generator must know both when it meets the declaration.
//!
//! Recursion is bounded by the levels the reference allows; chains that lean left (operators, calls, fields) are walked
//! by loops.

use super::fold;
use crate::bytecode::VarKind;
use crate::error::{Reporter, SyntaxError};
use crate::intern::StrId;
use crate::syntax::ast::*;

/// Nested statements and subexpressions the compiler takes: what the reference has left of its C stack allowance in
/// its own stand-alone program.
pub const MAX_LEVELS: usize = 197;

pub const MAX_LOCALS: usize = 200;
const MAX_UPVALUES: usize = 255;

type Result<T> = std::result::Result<T, SyntaxError>;

/// A declared variable.
#[derive(Clone, Debug)]
pub struct Var {
    pub name: StrId,
    pub kind: VarKind,
    /// Known at compile time: no register.
    pub constant: Option<ExprKind>,
    /// An inner function uses it: it lives in a cell.
    pub captured: bool,
    /// Assigned after its declaration.
    pub assigned: bool,
}

/// Where a new closure finds the cell of an upvalue.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Capture {
    Local(VarId),
    Upvalue(u8),
    /// The main function's `_ENV`.
    Outside,
}

/// An upvalue of a function.
#[derive(Copy, Clone, Debug)]
pub struct Upvalue {
    pub name: StrId,
    pub capture: Capture,
    pub var: VarId,
}

/// What the resolver found out about a function.
#[derive(Clone, Debug, Default)]
pub struct FunctionInfo {
    pub upvalues: Vec<Upvalue>,
    /// For each label, the number of blocks open around it.
    pub label_depths: Vec<u32>,
}

/// The names the compiler itself uses.
#[derive(Copy, Clone)]
pub struct KnownNames {
    pub env: StrId,
    pub for_state: StrId,
    pub attrib_const: StrId,
    pub attrib_close: StrId,
}

/// The resolver's result, beside the rewritten tree.
pub struct Resolved {
    pub vars: Vec<Var>,
    /// By function number.
    pub functions: Vec<FunctionInfo>,
}

/// What a name means.
enum Place {
    Local(VarId),
    Upvalue(u8),
    Constant(ExprKind),
}

struct PendingGoto {
    name: StrId,
    statement: StmtId,
    /// Its label's token, for the line.
    token: u32,
    /// Active variables at the jump; less when blocks around it have ended.
    active: usize,
}

struct Label {
    name: StrId,
    number: u32,
    token: u32,
}

struct Scope {
    first_active: usize,
    is_loop: bool,
    labels: Vec<Label>,
    gotos: Vec<PendingGoto>,
}

struct Func {
    id: FuncId,
    is_vararg: bool,
    active: Vec<VarId>,
    scopes: Vec<Scope>,
    info: FunctionInfo,
    /// First `break` outside a loop.
    stray_break: Option<u32>,
}

/// The walk.
pub struct Resolver<'r, 't, 's> {
    pub ast: &'r mut Ast,
    pub reporter: &'r Reporter<'t, 's>,
    names: KnownNames,
    vars: Vec<Var>,
    functions: Vec<FunctionInfo>,
    stack: Vec<Func>,
    levels: usize,
    spine: Vec<ExprId>,
}

/// Resolves the chunk whose main function is `main`.
pub fn resolve(ast: &mut Ast, main: FuncId, reporter: &Reporter<'_, '_>, names: KnownNames) -> Result<Resolved> {
    let functions = vec![FunctionInfo::default(); ast.functions.len()];
    let mut resolver =
        Resolver { ast, reporter, names, vars: Vec::new(), functions, stack: Vec::new(), levels: 0, spine: Vec::new() };
    let env = resolver.new_var(names.env, VarKind::Regular);
    let upvalue = Upvalue { name: names.env, capture: Capture::Outside, var: env };
    resolver.function(main, vec![upvalue])?;
    Ok(Resolved { vars: resolver.vars, functions: resolver.functions })
}

impl Resolver<'_, '_, '_> {
    fn top(&mut self) -> &mut Func {
        self.stack.last_mut().expect("inside a function")
    }

    fn new_var(&mut self, name: StrId, kind: VarKind) -> VarId {
        self.vars.push(Var { name, kind, constant: None, captured: false, assigned: false });
        VarId(self.vars.len() as u32 - 1)
    }

    fn enter(&mut self, token: u32) -> Result<()> {
        self.levels += 1;
        if self.levels > MAX_LEVELS { Err(self.reporter.overflow(token as usize)) } else { Ok(()) }
    }

    fn text(&self, name: StrId) -> &[u8] {
        self.reporter.tokens.strings.get(name)
    }

    /// `before 'name' after`
    fn quoting(&self, before: &str, name: StrId, after: &str) -> Vec<u8> {
        [before.as_bytes(), b"'", self.text(name), b"'", after.as_bytes()].concat()
    }

    fn limit_error(&self, what: &str, limit: usize, func: FuncId, token: u32) -> SyntaxError {
        let function = &self.ast.functions[func.0 as usize];
        let place = if self.stack.first().is_some_and(|main| main.id == func) {
            "main function".to_string()
        } else {
            format!("function at line {}", self.reporter.tokens.line(function.first as usize))
        };
        self.reporter.near(format!("too many {what} (limit is {limit}) in {place}"), token as usize)
    }

    /// Numbers a new variable; `waiting` variables of the same statement are declared but not active yet.
    fn declare(&mut self, binding: &mut Binding, kind: VarKind, waiting: usize) -> Result<()> {
        let count = self.top().active.len() + waiting + 1;
        if count > MAX_LOCALS {
            let func = self.top().id;
            return Err(self.limit_error("local variables", MAX_LOCALS, func, binding.token + 1));
        }
        binding.var = self.new_var(binding.name, kind);
        Ok(())
    }

    /// Finds a name from function `level` of the stack; marks captured variables.
    fn lookup(&mut self, level: usize, name: StrId, token: u32) -> Result<Option<Place>> {
        let vars = &self.vars;
        if let Some(&var) = self.stack[level].active.iter().rev().find(|v| vars[v.0 as usize].name == name) {
            return Ok(Some(match self.vars[var.0 as usize].constant {
                Some(kind) => Place::Constant(kind),
                None => Place::Local(var),
            }));
        }
        if let Some(i) = self.stack[level].info.upvalues.iter().position(|u| u.name == name) {
            return Ok(Some(Place::Upvalue(i as u8)));
        }
        if level == 0 {
            return Ok(None);
        }
        let (capture, var) = match self.lookup(level - 1, name, token)? {
            Some(Place::Local(var)) => {
                self.vars[var.0 as usize].captured = true;
                (Capture::Local(var), var)
            }
            Some(Place::Upvalue(i)) => (Capture::Upvalue(i), self.stack[level - 1].info.upvalues[i as usize].var),
            other => return Ok(other),
        };
        let func = self.stack[level].id;
        let upvalues = &mut self.stack[level].info.upvalues;
        if upvalues.len() >= MAX_UPVALUES {
            return Err(self.limit_error("upvalues", MAX_UPVALUES, func, token + 1));
        }
        upvalues.push(Upvalue { name, capture, var });
        Ok(Some(Place::Upvalue(upvalues.len() as u8 - 1)))
    }

    fn find(&mut self, name: StrId, token: u32) -> Result<Option<Place>> {
        self.lookup(self.stack.len() - 1, name, token)
    }

    /// What a name that is no variable becomes: a field of `_ENV`.
    fn global(&mut self, name: StrId, token: u32) -> Result<ExprKind> {
        Ok(match self.find(self.names.env, token)?.expect("_ENV is always visible") {
            Place::Local(var) => ExprKind::Global(Env::Local(var), name),
            Place::Upvalue(i) => ExprKind::Global(Env::Upvalue(i), name),
            Place::Constant(kind) => {
                let base = self.ast.leaf(kind, token as usize);
                let key = self.ast.leaf(ExprKind::Str(name), token as usize);
                ExprKind::Index { base, key }
            }
        })
    }

    fn function(&mut self, id: FuncId, upvalues: Vec<Upvalue>) -> Result<()> {
        let function = &mut self.ast.functions[id.0 as usize];
        let is_vararg = function.is_vararg;
        let mut params = std::mem::take(&mut function.params);
        let body = std::mem::take(&mut function.body);
        let last = function.last;
        let info = FunctionInfo { upvalues, label_depths: Vec::new() };
        self.stack.push(Func { id, is_vararg, active: Vec::new(), scopes: Vec::new(), info, stray_break: None });
        for (i, param) in params.iter_mut().enumerate() {
            self.declare(param, VarKind::Regular, i)?;
        }
        self.top().active.extend(params.iter().map(|p| p.var));
        self.open_scope(false);
        self.top().scopes[0].first_active = 0;
        self.statements(&body)?;
        let scope = self.close_scope();
        let func = self.stack.pop().expect("pushed above");
        self.undefined_jump(&func, &scope, last + 1)?;
        self.functions[id.0 as usize] = func.info;
        let function = &mut self.ast.functions[id.0 as usize];
        function.params = params;
        function.body = body;
        Ok(())
    }

    /// The first jump of a function that found no target.
    fn undefined_jump(&self, func: &Func, scope: &Scope, token: u32) -> Result<()> {
        let goto = scope.gotos.iter().min_by_key(|g| g.token);
        let line = |token: u32| self.reporter.tokens.line(token as usize);
        let message = match (goto, func.stray_break) {
            (Some(g), b) if b.is_none_or(|b| g.token < b) => {
                self.quoting("no visible label ", g.name, &format!(" for <goto> at line {}", line(g.token)))
            }
            (_, Some(b)) => format!("break outside loop at line {}", line(b)).into_bytes(),
            _ => return Ok(()),
        };
        Err(self.reporter.plain(message, token as usize))
    }

    fn open_scope(&mut self, is_loop: bool) {
        let first_active = self.top().active.len();
        self.top().scopes.push(Scope { first_active, is_loop, labels: Vec::new(), gotos: Vec::new() });
    }

    /// Ends a scope: its variables are gone, its open jumps wait in the scope around it.
    fn close_scope(&mut self) -> Scope {
        let func = self.top();
        let mut scope = func.scopes.pop().expect("scopes nest");
        func.active.truncate(scope.first_active);
        if let Some(outer) = func.scopes.last_mut() {
            for mut goto in scope.gotos.drain(..) {
                goto.active = goto.active.min(scope.first_active);
                outer.gotos.push(goto);
            }
        }
        scope
    }

    fn block(&mut self, block: &Block, is_loop: bool) -> Result<()> {
        self.open_scope(is_loop);
        self.statements(block)?;
        self.close_scope();
        Ok(())
    }

    fn statements(&mut self, block: &Block) -> Result<()> {
        for (i, &id) in block.stmts.iter().enumerate() {
            if let StmtKind::Label(name, _) = self.ast.stmts[id.0 as usize].kind {
                let rest = &block.stmts[i + 1..];
                let only_labels = rest.iter().all(|s| matches!(self.ast.stmts[s.0 as usize].kind, StmtKind::Label(..)));
                self.label(id, name, only_labels && !self.is_until(block.end))?;
            } else {
                let kind = std::mem::replace(&mut self.ast.stmts[id.0 as usize].kind, StmtKind::Empty);
                let first = self.ast.stmts[id.0 as usize].first;
                self.enter(first)?;
                let kind = self.statement(id, kind)?;
                self.levels -= 1;
                self.ast.stmts[id.0 as usize].kind = kind;
            }
        }
        Ok(())
    }

    fn is_until(&self, token: u32) -> bool {
        !self.reporter.tokens.is_end(token as usize)
            && self.reporter.tokens.at(token as usize).tok == crate::syntax::token::Tok::Until
    }

    fn statement(&mut self, id: StmtId, mut kind: StmtKind) -> Result<StmtKind> {
        match &mut kind {
            StmtKind::Empty | StmtKind::Label(..) => {}
            StmtKind::Call(e) => self.expr(*e)?,
            StmtKind::Assign { targets, values } => {
                let levels = self.levels;
                for (index, &target) in targets.iter().enumerate() {
                    let end = self.ast.expr(target).last + 1;
                    self.target(target, end)?;
                    if index > 0 {
                        self.enter(end)?;
                    }
                }
                self.exprs(values)?;
                self.levels = levels;
            }
            StmtKind::Local { names, values } => self.local(names, values)?,
            StmtKind::LocalFunction { name, function } => {
                self.declare(name, VarKind::Regular, 0)?;
                let var = name.var;
                self.top().active.push(var);
                self.leaf(*function)?;
            }
            StmtKind::Function { target, function } => {
                let last = self.ast.expr(*function).last;
                self.target(*target, last + 1)?;
                // A level less than a function expression, as in the reference.
                self.leaf(*function)?;
            }
            StmtKind::Do(body) => self.block(body, false)?,
            StmtKind::While { condition, body } => {
                self.expr(*condition)?;
                self.block(body, true)?;
            }
            StmtKind::Repeat { body, condition } => {
                self.open_scope(true);
                self.open_scope(false);
                self.statements(body)?;
                self.expr(*condition)?;
                self.close_scope();
                self.close_scope();
            }
            StmtKind::If { arms, otherwise } => {
                for (condition, body) in arms.iter() {
                    self.expr(*condition)?;
                    self.block(body, false)?;
                }
                if let Some(body) = otherwise {
                    self.block(body, false)?;
                }
            }
            StmtKind::NumericFor { name, start, limit, step, body } => {
                self.expr(*start)?;
                self.expr(*limit)?;
                if let Some(step) = step {
                    self.expr(*step)?;
                }
                self.for_body(3, std::slice::from_mut(name), body)?;
            }
            StmtKind::GenericFor { names, values, body } => {
                self.exprs(values)?;
                self.for_body(4, names, body)?;
            }
            StmtKind::Return(values) => self.exprs(values)?,
            StmtKind::Break => {
                let token = self.ast.stmts[id.0 as usize].first;
                if !self.top().scopes.iter().any(|s| s.is_loop) {
                    self.top().stray_break.get_or_insert(token);
                }
            }
            StmtKind::Goto(name, target) => *target = self.goto(*name, id),
        }
        Ok(kind)
    }

    fn for_body(&mut self, hidden: usize, names: &mut [Binding], body: &Block) -> Result<()> {
        self.open_scope(true);
        let for_state = self.names.for_state;
        for _ in 0..hidden {
            let mut state = Binding { name: for_state, ..names[0] };
            self.declare(&mut state, VarKind::Regular, 0)?;
            self.top().active.push(state.var);
        }
        self.open_scope(false);
        for (i, name) in names.iter_mut().enumerate() {
            self.declare(name, VarKind::Regular, i)?;
        }
        self.top().active.extend(names.iter().map(|n| n.var));
        self.statements(body)?;
        self.close_scope();
        self.close_scope();
        Ok(())
    }

    fn local(&mut self, names: &mut [Binding], values: &[ExprId]) -> Result<()> {
        let mut closes = 0;
        for (i, name) in names.iter_mut().enumerate() {
            let kind = match name.attrib {
                None => VarKind::Regular,
                Some((attrib, _)) if attrib == self.names.attrib_const => VarKind::Const,
                Some((attrib, _)) if attrib == self.names.attrib_close => VarKind::ToBeClosed,
                Some((attrib, token)) => {
                    let message = self.quoting("unknown attribute ", attrib, "");
                    return Err(self.reporter.plain(message, token as usize + 2));
                }
            };
            self.declare(name, kind, i)?;
            if kind == VarKind::ToBeClosed {
                closes += 1;
                if closes > 1 {
                    let token = name.attrib.map_or(name.token, |(_, token)| token + 2);
                    return Err(self.reporter.plain("multiple to-be-closed variables in local list", token as usize));
                }
            }
        }
        self.exprs(values)?;
        let last = names[names.len() - 1].var;
        if names.len() == values.len() && self.vars[last.0 as usize].kind == VarKind::Const {
            let kind = self.ast.kind(values[values.len() - 1]);
            if fold::truth(&kind).is_some() {
                self.vars[last.0 as usize].constant = Some(kind);
            }
        }
        self.top().active.extend(names.iter().map(|n| n.var));
        Ok(())
    }

    /// An assignment's target; `token` is where a constant one is reported.
    fn target(&mut self, id: ExprId, token: u32) -> Result<()> {
        let ExprKind::Name(name) = self.ast.kind(id) else {
            return self.expr(id);
        };
        let place = self.find(name, self.ast.expr(id).last)?;
        let var = match place {
            Some(Place::Local(var)) => var,
            Some(Place::Upvalue(i)) => self.top().info.upvalues[i as usize].var,
            Some(Place::Constant(_)) => return self.readonly(name, token),
            None => return self.name(id, name),
        };
        if self.vars[var.0 as usize].kind != VarKind::Regular {
            return self.readonly(name, token);
        }
        self.vars[var.0 as usize].assigned = true;
        self.name(id, name)
    }

    fn readonly(&self, name: StrId, token: u32) -> Result<()> {
        Err(self.reporter.plain(self.quoting("attempt to assign to const variable ", name, ""), token as usize))
    }

    fn label(&mut self, id: StmtId, name: StrId, is_last: bool) -> Result<()> {
        let Stmt { first, last, .. } = self.ast.stmts[id.0 as usize];
        let repeated = self.top().scopes.iter().flat_map(|s| &s.labels).find(|l| l.name == name).map(|l| l.token);
        if let Some(token) = repeated {
            let line = self.reporter.tokens.line(token as usize);
            let message = self.quoting("label ", name, &format!(" already defined on line {line}"));
            return Err(self.reporter.plain(message, last as usize + 1));
        }
        let func = self.top();
        let number = func.info.label_depths.len() as u32;
        func.info.label_depths.push(func.scopes.len() as u32);
        let scope = func.scopes.last_mut().expect("inside a scope");
        let active = if is_last { scope.first_active } else { func.active.len() };
        scope.labels.push(Label { name, number, token: first });
        let (matching, rest) = std::mem::take(&mut scope.gotos).into_iter().partition(|g| g.name == name);
        scope.gotos = rest;
        let matching: Vec<PendingGoto> = matching;
        for goto in matching {
            if goto.active < active {
                let var = self.top().active[goto.active];
                let line = self.reporter.tokens.line(goto.token as usize);
                let message = [
                    b"<goto ",
                    self.text(name),
                    format!("> at line {line} jumps into the scope of local '").as_bytes(),
                    self.text(self.vars[var.0 as usize].name),
                    b"'",
                ]
                .concat();
                return Err(self.reporter.plain(message, last as usize + 1));
            }
            if let StmtKind::Goto(_, target) = &mut self.ast.stmts[goto.statement.0 as usize].kind {
                *target = GotoTarget(number);
            }
        }
        if let StmtKind::Label(_, n) = &mut self.ast.stmts[id.0 as usize].kind {
            *n = number;
        }
        Ok(())
    }

    /// A label already seen in the blocks around, or a jump that waits for one.
    fn goto(&mut self, name: StrId, statement: StmtId) -> GotoTarget {
        let token = self.ast.stmts[statement.0 as usize].last;
        let func = self.top();
        if let Some(label) = func.scopes.iter().flat_map(|s| &s.labels).find(|l| l.name == name) {
            return GotoTarget(label.number);
        }
        let active = func.active.len();
        let scope = func.scopes.last_mut().expect("inside a scope");
        scope.gotos.push(PendingGoto { name, statement, token, active });
        NO_TARGET
    }

    fn exprs(&mut self, list: &[ExprId]) -> Result<()> {
        list.iter().try_for_each(|e| self.expr(*e))
    }

    fn name(&mut self, id: ExprId, name: StrId) -> Result<()> {
        let token = self.ast.expr(id).last;
        let kind = match self.find(name, token)? {
            Some(Place::Local(var)) => ExprKind::Local(var),
            Some(Place::Upvalue(i)) => ExprKind::Upvalue(i),
            Some(Place::Constant(kind)) => kind,
            None => self.global(name, token)?,
        };
        self.ast.exprs[id.0 as usize].kind = kind;
        Ok(())
    }

    fn expr(&mut self, id: ExprId) -> Result<()> {
        self.enter(self.ast.expr(id).first)?;
        let base = self.spine.len();
        let mut current = id;
        loop {
            let next = match self.ast.kind(current) {
                ExprKind::Binary { left, .. } => left,
                ExprKind::Index { base, .. } => base,
                ExprKind::Call { callee, .. } => callee,
                ExprKind::Method { object, .. } => object,
                _ => break,
            };
            self.spine.push(current);
            current = next;
        }
        self.leaf(current)?;
        while self.spine.len() > base {
            let node = self.spine.pop().expect("not empty");
            match self.ast.kind(node) {
                ExprKind::Binary { op, left, right } => {
                    self.expr(right)?;
                    if let Some(kind) = self.fold(op, left, right) {
                        self.ast.exprs[node.0 as usize].kind = kind;
                    }
                }
                ExprKind::Index { key, .. } => self.expr(key)?,
                ExprKind::Call { args, .. } | ExprKind::Method { args, .. } => {
                    for i in 0..args.len {
                        self.expr(self.ast.list_item(args, i))?;
                    }
                }
                _ => {}
            }
        }
        self.levels -= 1;
        Ok(())
    }

    /// What a binary operation with a constant left operand reduces to.
    fn fold(&mut self, op: BinOp, left: ExprId, right: ExprId) -> Option<ExprKind> {
        let l = self.ast.kind(left);
        if op.is_arith() {
            return fold::binary(op, l, self.ast.kind(right));
        }
        if !op.is_logical() {
            return None;
        }
        // As in the reference, a left operand that decides is no constant: a variable of it is one with a name.
        let truth = fold::truth(&l)?;
        if truth == (op == BinOp::Or) {
            return None;
        }
        Some(match self.ast.kind(right) {
            // One value, even of a call.
            ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Vararg => ExprKind::Paren(right),
            kind => kind,
        })
    }

    fn leaf(&mut self, id: ExprId) -> Result<()> {
        match self.ast.kind(id) {
            ExprKind::Name(name) => self.name(id, name)?,
            ExprKind::Paren(inner) => self.expr(inner)?,
            ExprKind::Unary(op, operand) => {
                self.expr(operand)?;
                if let Some(kind) = fold::unary(op, self.ast.kind(operand)) {
                    self.ast.exprs[id.0 as usize].kind = kind;
                }
            }
            ExprKind::Function(func) => self.function(func, Vec::new())?,
            ExprKind::Table(items) => {
                for i in items.start..items.start + items.len {
                    let item = self.ast.items[i as usize];
                    if let Some(key) = item.key {
                        self.expr(key)?;
                    }
                    self.expr(item.value)?;
                }
            }
            ExprKind::Vararg if !self.top().is_vararg => {
                let token = self.ast.expr(id).first;
                return Err(self.reporter.near("cannot use '...' outside a vararg function", token as usize));
            }
            _ => {}
        }
        Ok(())
    }
}
