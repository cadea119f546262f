//! The type checker: from syntax to [`hir`](super::hir).
//!
//! The source also goes through rustc, so this checks what it needs: names, types, and that everything belongs to the
//! subset. It finds all errors of a body where it can: code in error gets a fresh type, which fits everywhere.

mod calls;
mod control;
mod exprs;
mod methods;
mod paths;
mod patterns;

use super::cfg;
use super::diag::{Errors, Pos};
use super::hir::{Body, Expr, Kind, Local, LocalId, LoopId, Stmt};
use super::infer::Inferred;
use super::items::{ConstId, FnId, Program};
use super::types::Type;
use std::collections::HashMap;
use syn::spanned::Spanned;

/// What a name in scope means.
#[derive(Clone)]
enum Named {
    Local(LocalId),
    /// A constant declared inside the function: its checked value.
    Const(Expr),
}

struct LoopFrame {
    id: LoopId,
    label: Option<String>,
    /// A loop rather than a labelled block.
    is_loop: bool,
    /// `break` may carry a value.
    has_value: bool,
    /// Type of the values of `break`, once one was seen.
    result: Option<Type>,
}

struct Checker<'p> {
    program: &'p Program,
    errors: &'p Errors,
    module: usize,
    file: u32,
    self_ty: Option<Type>,
    inferred: Inferred,
    locals: Vec<Local>,
    scopes: Vec<HashMap<String, Named>>,
    loops: Vec<LoopFrame>,
    next_loop: usize,
    ret: Type,
    /// Names of the parameters, if the function is a portal.
    portal: Option<Vec<String>>,
    /// The functions called.
    called: Vec<FnId>,
}

/// Checks a function; `None` after errors. Adds the functions it calls to `called`, after errors too.
pub fn check_fn(program: &Program, errors: &Errors, id: FnId, called: &mut Vec<FnId>) -> Option<Body> {
    let def = &program.fns[id];
    let before = errors.count();
    if let Some(why) = def.refused {
        errors.add(def.pos, format!("`{}` cannot be translated: {why}", def.name));
        return None;
    }
    let types = def.params.iter().map(|param| (&param.ty, param.pos)).chain([(&def.ret, def.ret_pos)]);
    for (ty, pos) in types {
        if let Err(message) = program.flatten(ty) {
            errors.add(pos, message);
        }
    }
    if errors.count() > before {
        return None;
    }
    let mut checker = Checker::new(program, errors, def.module, def.self_ty.clone(), def.ret.clone());
    if def.marks.portal.is_some() {
        checker.portal = Some(def.params.iter().map(|param| param.name.clone()).collect());
    }
    let mut params = vec![];
    let mut destructured = vec![];
    for param in &def.params {
        let local = match &param.pattern {
            None => checker.declare("self", param.ty.clone()),
            Some(syn::Pat::Ident(ident)) if ident.subpat.is_none() && ident.by_ref.is_none() => {
                checker.declare(&ident.ident.to_string(), param.ty.clone())
            }
            Some(pattern) => {
                let local = checker.local(&param.name, param.ty.clone());
                let pos = checker.pos(pattern);
                let pat = checker.pattern(pattern, &param.ty);
                let value = Expr { kind: Kind::Local(local), ty: param.ty.clone(), pos };
                destructured.push(Stmt::Let { pat, value: Some(value), otherwise: None });
                local
            }
        };
        params.push(local);
    }
    let ret = def.ret.clone();
    let value = checker.block_value(&def.block, Some(&ret));
    let value = checker.coerce(value, &ret);
    let pos = value.pos;
    let value = Expr { ty: value.ty.clone(), kind: Kind::Block(None, destructured, Some(Box::new(value))), pos };
    called.append(&mut checker.called);
    checker.finish(params, value, before)
}

/// Checks the value of a constant; `None` after errors.
pub fn check_const(program: &Program, errors: &Errors, id: ConstId) -> Option<Body> {
    let def = &program.consts[id];
    let before = errors.count();
    let mut checker = Checker::new(program, errors, def.module, def.self_ty.clone(), def.ty.clone());
    let ty = def.ty.clone();
    let value = checker.expr_as(&def.expr, &ty);
    checker.finish(vec![], value, before)
}

impl<'p> Checker<'p> {
    fn new(program: &'p Program, errors: &'p Errors, module: usize, self_ty: Option<Type>, ret: Type) -> Self {
        let file = program.modules[module].file;
        Checker {
            program,
            errors,
            module,
            file,
            self_ty,
            inferred: Inferred::default(),
            locals: vec![],
            scopes: vec![HashMap::new()],
            loops: vec![],
            next_loop: 0,
            ret,
            portal: None,
            called: vec![],
        }
    }

    fn finish(self, params: Vec<LocalId>, value: Expr, errors_before: usize) -> Option<Body> {
        if self.errors.count() > errors_before {
            return None;
        }
        Some(Body { locals: self.locals, params, ret: self.ret, value, inferred: self.inferred })
    }

    /// Whether `cfg` attributes keep what they stand at.
    fn enabled(&self, attrs: &[syn::Attribute]) -> bool {
        cfg::check(attrs, self.file, self.errors);
        self.program.enabled(attrs)
    }

    fn pos(&self, syntax: &impl Spanned) -> Pos {
        Pos::of(self.file, syntax.span())
    }

    /// Reports an error; the result fits everywhere.
    fn error(&mut self, pos: Pos, message: impl Into<String>) -> Expr {
        self.errors.add(pos, message);
        Expr { kind: Kind::Never, ty: self.inferred.fresh(), pos }
    }

    fn type_name(&self, ty: &Type) -> String {
        match self.inferred.is_free_int(ty) {
            true => "{integer}".into(),
            false => self.program.type_name(&self.inferred.resolve(ty)),
        }
    }

    /// A type as written in a body.
    fn written_type(&mut self, ty: &syn::Type) -> Type {
        let resolved = self.program.resolve_type(self.module, self.self_ty.as_ref(), ty);
        if let Type::Opaque(text) = &resolved {
            let pos = self.pos(ty);
            self.errors.add(pos, format!("type `{text}` is outside the subset"));
            return self.inferred.fresh();
        }
        self.inferred.instantiate(&resolved)
    }

    fn local(&mut self, name: &str, ty: Type) -> LocalId {
        self.locals.push(Local { name: name.to_string(), ty });
        LocalId(self.locals.len() - 1)
    }

    /// A new local, in scope from here.
    fn declare(&mut self, name: &str, ty: Type) -> LocalId {
        let local = self.local(name, ty);
        self.bind(name, Named::Local(local));
        local
    }

    fn bind(&mut self, name: &str, named: Named) {
        self.scopes.last_mut().expect("a body has a scope").insert(name.to_string(), named);
    }

    fn find(&self, name: &str) -> Option<Named> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).cloned()
    }

    fn scoped<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(HashMap::new());
        let result = f(self);
        self.scopes.pop();
        result
    }

    /// An expression where a value of `ty` is needed.
    fn expr_as(&mut self, expr: &syn::Expr, ty: &Type) -> Expr {
        let checked = self.expr(expr, Some(ty));
        self.coerce(checked, ty)
    }

    /// Makes the expression one of type `ty`: by unification, or because it never ends.
    fn coerce(&mut self, expr: Expr, ty: &Type) -> Expr {
        let found = self.inferred.shallow(&expr.ty);
        if found == Type::Never {
            if self.inferred.shallow(ty) == Type::Never {
                return expr;
            }
            let pos = expr.pos;
            let filler = Expr { kind: Kind::Never, ty: ty.clone(), pos };
            let kind = Kind::Block(None, vec![Stmt::Expr(expr)], Some(Box::new(filler)));
            return Expr { kind, ty: ty.clone(), pos };
        }
        if let (Type::Ref(to), Type::Borrow(expected)) = (&found, self.inferred.shallow(ty)) {
            // Only written as `&r`, which was checked where it stood.
            if matches!(expr.kind, Kind::Intrinsic(super::hir::Intrinsic::Borrow, _))
                && self.inferred.unify(to, &expected)
            {
                return expr;
            }
        }
        if !self.inferred.unify(&found, ty) {
            let message =
                format!("mismatched types: expected `{}`, found `{}`", self.type_name(ty), self.type_name(&found));
            return self.error(blame(&expr), message);
        }
        expr
    }

    /// Joins the value of one branch with those before: `result` is the common type, once known.
    fn join(&mut self, expr: Expr, result: &mut Option<Type>) -> Expr {
        if self.inferred.shallow(&expr.ty) == Type::Never {
            return expr;
        }
        match result {
            None => {
                *result = Some(expr.ty.clone());
                expr
            }
            Some(ty) => self.coerce(expr, &ty.clone()),
        }
    }
}

/// Where a value comes from: the end of a block rather than the block.
fn blame(expr: &Expr) -> Pos {
    match &expr.kind {
        Kind::Block(None, _, Some(tail)) => blame(tail),
        _ => expr.pos,
    }
}
