//! Blocks, statements, branches, loops.

use super::{Checker, LoopFrame, Named};
use crate::frontend::cfg;
use crate::frontend::hir::{Arm, Expr, Kind, LoopId, Stmt};
use crate::frontend::types::Type;
use std::rc::Rc;

impl Checker<'_> {
    /// A block as an expression, in a scope of its own.
    pub(super) fn block_value(&mut self, block: &syn::Block, expected: Option<&Type>) -> Expr {
        self.scoped(|this| {
            let mut stmts = vec![];
            let mut tail = None;
            let mut diverges = false;
            let kept: Vec<&syn::Stmt> =
                block.stmts.iter().filter(|stmt| this.enabled(cfg::statement_attributes(stmt))).collect();
            let count = kept.len();
            for (index, stmt) in kept.into_iter().enumerate() {
                let last = index + 1 == count;
                match stmt {
                    syn::Stmt::Expr(expr, None) if last => tail = Some(this.expr(expr, expected)),
                    syn::Stmt::Macro(stmt) if last && stmt.semi_token.is_none() => {
                        tail = Some(this.macro_call(&stmt.mac, expected));
                    }
                    stmt => {
                        if let Some(stmt) = this.stmt(stmt) {
                            if let Stmt::Expr(expr) = &stmt {
                                diverges |= this.inferred.shallow(&expr.ty) == Type::Never;
                            }
                            stmts.push(stmt);
                        }
                    }
                }
            }
            let ty = match &tail {
                Some(_) if diverges => Type::Never,
                Some(tail) => tail.ty.clone(),
                None if diverges => Type::Never,
                None => Type::unit(),
            };
            let tail = match tail {
                // The tail is never reached: its value plays no part.
                Some(tail) if diverges => {
                    stmts.push(Stmt::Expr(tail));
                    None
                }
                tail => tail.map(Box::new),
            };
            Expr { kind: Kind::Block(None, stmts, tail), ty, pos: this.pos(block) }
        })
    }

    fn stmt(&mut self, stmt: &syn::Stmt) -> Option<Stmt> {
        match stmt {
            syn::Stmt::Local(local) => Some(self.let_stmt(local)),
            syn::Stmt::Expr(expr, _) => Some(Stmt::Expr(self.expr(expr, None))),
            syn::Stmt::Macro(stmt) => Some(Stmt::Expr(self.macro_call(&stmt.mac, None))),
            syn::Stmt::Item(syn::Item::Const(item)) => {
                let ty = self.written_type(&item.ty);
                let value = self.expr_as(&item.expr, &ty);
                self.bind(&item.ident.to_string(), Named::Const(value));
                None
            }
            syn::Stmt::Item(syn::Item::Use(item)) => {
                self.local_use(&mut vec![], &item.tree);
                None
            }
            syn::Stmt::Item(item) => {
                self.errors.add(self.pos(item), "items inside functions are outside the subset");
                None
            }
        }
    }

    /// Imports inside functions are not entered: names are found by their last segments. So they must not say more.
    fn local_use(&mut self, prefix: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.local_use(prefix, &path.tree);
                prefix.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.local_use(prefix, tree)),
            syn::UseTree::Name(name) => {
                let short = vec![name.ident.to_string()];
                let full: Vec<String> = prefix.iter().chain(&short).cloned().collect();
                if self.program.lookup_any(self.module, &full) != self.program.lookup_any(self.module, &short) {
                    let message = format!("`{}` is another item outside: import it at the top of the file", short[0]);
                    self.errors.add(self.pos(&name.ident), message);
                }
            }
            syn::UseTree::Rename(rename) => {
                self.errors.add(self.pos(rename), "renaming imports belong at the top of the file");
            }
            syn::UseTree::Glob(_) => {}
        }
    }

    fn let_stmt(&mut self, local: &syn::Local) -> Stmt {
        let (pat, ty) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, self.written_type(&typed.ty)),
            pat => (pat, self.inferred.fresh()),
        };
        let mut value = None;
        let mut otherwise = None;
        if let Some(init) = &local.init {
            value = Some(self.expr_as(&init.expr, &ty));
            if let Some((_, diverge)) = &init.diverge {
                let checked = self.expr(diverge, None);
                if self.inferred.shallow(&checked.ty) != Type::Never {
                    self.errors.add(checked.pos, "the `else` of a `let` must not end");
                }
                otherwise = Some(checked);
            }
        }
        let pat = self.pattern(pat, &ty);
        Stmt::Let { pat, value, otherwise }
    }

    pub(super) fn if_expr(&mut self, expr: &syn::ExprIf, expected: Option<&Type>) -> Expr {
        let pos = self.pos(&expr.cond);
        let mut result = None;
        if self.is_interpreting(&expr.cond) {
            // Folded here, so that what it guards may lie outside the subset.
            return match &expr.else_branch {
                Some((_, other)) => self.expr(other, expected),
                None => Expr { kind: Kind::Block(None, vec![], None), ty: Type::unit(), pos },
            };
        }
        let (cond, then) = self.scoped(|this| {
            let cond = this.expr_as(&expr.cond, &Type::Bool);
            let then = this.block_value(&expr.then_branch, expected);
            (cond, this.join(then, &mut result))
        });
        let other = match &expr.else_branch {
            Some((_, other)) => {
                let other = self.expr(other, expected);
                Some(Box::new(self.join(other, &mut result)))
            }
            None => {
                result = Some(Type::unit());
                None
            }
        };
        let then = match &other {
            Some(_) => then,
            None => self.coerce(then, &Type::unit()),
        };
        Expr { kind: Kind::If(Box::new(cond), Box::new(then), other), ty: result.unwrap_or(Type::Never), pos }
    }

    pub(super) fn match_expr(&mut self, expr: &syn::ExprMatch, expected: Option<&Type>) -> Expr {
        let pos = self.pos(&expr.expr);
        let value = self.expr(&expr.expr, None);
        let mut result = None;
        let mut arms = vec![];
        for arm in &expr.arms {
            if !self.enabled(&arm.attrs) {
                continue;
            }
            let arm = self.scoped(|this| {
                let pat = this.pattern(&arm.pat, &value.ty);
                let guard = arm.guard.as_ref().map(|(_, guard)| this.expr_as(guard, &Type::Bool));
                let body = this.expr(&arm.body, expected);
                Arm { pat, guard, body: this.join(body, &mut result) }
            });
            arms.push(arm);
        }
        let ty = result.unwrap_or(Type::Never);
        Expr { kind: Kind::Match(Box::new(value), Rc::new(arms)), ty, pos }
    }

    /// Checks a body inside a loop or labelled block; gives its number and the type of its breaks.
    fn in_loop<R>(
        &mut self,
        label: &Option<syn::Label>,
        (is_loop, has_value): (bool, bool),
        f: impl FnOnce(&mut Self) -> R,
    ) -> (LoopId, R, Option<Type>) {
        let id = LoopId(self.next_loop);
        self.next_loop += 1;
        let label = label.as_ref().map(|label| label.name.ident.to_string());
        self.loops.push(LoopFrame { id, label, is_loop, has_value, result: None });
        let value = f(self);
        let frame = self.loops.pop().expect("pushed above");
        (id, value, frame.result)
    }

    pub(super) fn loop_expr(&mut self, expr: &syn::ExprLoop) -> Expr {
        let pos = self.pos(&expr.loop_token);
        let (id, body, result) = self.in_loop(&expr.label, (true, true), |this| {
            let body = this.block_value(&expr.body, None);
            this.coerce(body, &Type::unit())
        });
        Expr { kind: Kind::Loop(id, Box::new(body)), ty: result.unwrap_or(Type::Never), pos }
    }

    pub(super) fn while_expr(&mut self, expr: &syn::ExprWhile) -> Expr {
        let pos = self.pos(&expr.cond);
        let (id, (cond, body), _) = self.in_loop(&expr.label, (true, false), |this| {
            this.scoped(|this| {
                let cond = this.expr_as(&expr.cond, &Type::Bool);
                let body = this.block_value(&expr.body, None);
                (cond, this.coerce(body, &Type::unit()))
            })
        });
        Expr { kind: Kind::While(id, Box::new(cond), Box::new(body)), ty: Type::unit(), pos }
    }

    pub(super) fn for_expr(&mut self, expr: &syn::ExprForLoop) -> Expr {
        let pos = self.pos(&expr.expr);
        let mut range = &*expr.expr;
        while let syn::Expr::Paren(inner) = range {
            range = &inner.expr;
        }
        let syn::Expr::Range(syn::ExprRange { start: Some(low), end: Some(high), limits, .. }) = range else {
            return self.error(pos, "iterators are outside the subset: `for` takes `a..b` or `a..=b`");
        };
        let low = self.expr(low, None);
        let high = self.expr(high, Some(&low.ty));
        let high = self.coerce(high, &low.ty);
        let ty = low.ty.clone();
        let (id, (local, body), _) = self.in_loop(&expr.label, (true, false), |this| {
            this.scoped(|this| {
                let local = match &*expr.pat {
                    syn::Pat::Wild(_) => None,
                    syn::Pat::Ident(ident) if ident.by_ref.is_none() && ident.subpat.is_none() => {
                        Some(this.declare(&ident.ident.to_string(), ty))
                    }
                    pat => {
                        this.errors.add(this.pos(pat), "the pattern of `for` must be a name");
                        None
                    }
                };
                let body = this.block_value(&expr.body, None);
                (local, this.coerce(body, &Type::unit()))
            })
        });
        let inclusive = matches!(limits, syn::RangeLimits::Closed(_));
        let (low, high, body) = (Box::new(low), Box::new(high), Box::new(body));
        Expr { kind: Kind::For { id, local, low, high, inclusive, body }, ty: Type::unit(), pos }
    }

    pub(super) fn labelled_block(&mut self, expr: &syn::ExprBlock, expected: Option<&Type>) -> Expr {
        if expr.label.is_none() {
            return self.block_value(&expr.block, expected);
        }
        let pos = self.pos(expr);
        let (id, body, mut result) =
            self.in_loop(&expr.label, (false, true), |this| this.block_value(&expr.block, expected));
        let body = self.join(body, &mut result);
        Expr { kind: Kind::Block(Some(id), vec![], Some(Box::new(body))), ty: result.unwrap_or(Type::Never), pos }
    }

    pub(super) fn break_expr(&mut self, expr: &syn::ExprBreak) -> Expr {
        let pos = self.pos(expr);
        let Some(at) = self.target(&expr.label) else {
            return self.error(pos, no_target("break", &expr.label));
        };
        if expr.expr.is_some() && !self.loops[at].has_value {
            return self.error(pos, "only `loop` and labelled blocks have values");
        }
        let value = expr.expr.as_ref().map(|value| self.expr(value, self.loops[at].result.clone().as_ref()));
        let mut result = self.loops[at].result.take();
        let value = match value {
            Some(value) => Some(Box::new(self.join(value, &mut result))),
            None => {
                result = result.or(Some(Type::unit()));
                None
            }
        };
        // A value that never comes still makes the loop end as far as types are concerned.
        self.loops[at].result = result;
        Expr { kind: Kind::Break(self.loops[at].id, value), ty: Type::Never, pos }
    }

    pub(super) fn continue_expr(&mut self, expr: &syn::ExprContinue) -> Expr {
        let pos = self.pos(expr);
        match self.target(&expr.label) {
            Some(at) if self.loops[at].is_loop => {
                Expr { kind: Kind::Continue(self.loops[at].id), ty: Type::Never, pos }
            }
            Some(_) => self.error(pos, "`continue` of a block that is no loop"),
            None => self.error(pos, no_target("continue", &expr.label)),
        }
    }

    fn target(&self, label: &Option<syn::Lifetime>) -> Option<usize> {
        self.loops.iter().rposition(|frame| match label {
            Some(label) => frame.label.as_ref().is_some_and(|name| label.ident == name),
            None => frame.is_loop,
        })
    }
}

fn no_target(what: &str, label: &Option<syn::Lifetime>) -> String {
    match label {
        Some(label) => format!("`{what}` names the label `{label}`, which nothing around has"),
        None => format!("`{what}` outside of a loop"),
    }
}
