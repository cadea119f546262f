//! Expressions: literals, operators, places, structures, casts.

use super::Checker;
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Bin, Cmp, Expr, Intrinsic, Kind, Stmt, Un};
use crate::frontend::types::{Int, Type};
use syn::BinOp as SynBin;

/// The name of a field.
pub fn member(member: &syn::Member) -> String {
    match member {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

/// A literal, or one negated.
fn is_literal(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Lit(_) => true,
        syn::Expr::Paren(inner) => is_literal(&inner.expr),
        syn::Expr::Group(inner) => is_literal(&inner.expr),
        syn::Expr::Unary(unary) => !matches!(unary.op, syn::UnOp::Deref(_)) && is_literal(&unary.expr),
        _ => false,
    }
}

/// Whether the expression is a place in memory, which has an address.
fn is_memory(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Deref(_) => true,
        Kind::Field(base, _) => is_memory(base),
        _ => false,
    }
}

/// Whether the expression is a place among the locals.
fn is_local(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Local(_) => true,
        Kind::Field(base, _) => is_local(base),
        _ => false,
    }
}

enum Operator {
    Bin(Bin),
    Assign(Bin),
    Cmp(Cmp),
    And,
    Or,
}

fn operator(op: &SynBin) -> Option<Operator> {
    Some(match op {
        SynBin::Add(_) => Operator::Bin(Bin::Add),
        SynBin::Sub(_) => Operator::Bin(Bin::Sub),
        SynBin::Mul(_) => Operator::Bin(Bin::Mul),
        SynBin::Div(_) => Operator::Bin(Bin::Div),
        SynBin::Rem(_) => Operator::Bin(Bin::Rem),
        SynBin::BitAnd(_) => Operator::Bin(Bin::And),
        SynBin::BitOr(_) => Operator::Bin(Bin::Or),
        SynBin::BitXor(_) => Operator::Bin(Bin::Xor),
        SynBin::Shl(_) => Operator::Bin(Bin::Shl),
        SynBin::Shr(_) => Operator::Bin(Bin::Shr),
        SynBin::AddAssign(_) => Operator::Assign(Bin::Add),
        SynBin::SubAssign(_) => Operator::Assign(Bin::Sub),
        SynBin::MulAssign(_) => Operator::Assign(Bin::Mul),
        SynBin::DivAssign(_) => Operator::Assign(Bin::Div),
        SynBin::RemAssign(_) => Operator::Assign(Bin::Rem),
        SynBin::BitAndAssign(_) => Operator::Assign(Bin::And),
        SynBin::BitOrAssign(_) => Operator::Assign(Bin::Or),
        SynBin::BitXorAssign(_) => Operator::Assign(Bin::Xor),
        SynBin::ShlAssign(_) => Operator::Assign(Bin::Shl),
        SynBin::ShrAssign(_) => Operator::Assign(Bin::Shr),
        SynBin::Eq(_) => Operator::Cmp(Cmp::Eq),
        SynBin::Ne(_) => Operator::Cmp(Cmp::Ne),
        SynBin::Lt(_) => Operator::Cmp(Cmp::Lt),
        SynBin::Le(_) => Operator::Cmp(Cmp::Le),
        SynBin::Gt(_) => Operator::Cmp(Cmp::Gt),
        SynBin::Ge(_) => Operator::Cmp(Cmp::Ge),
        SynBin::And(_) => Operator::And,
        SynBin::Or(_) => Operator::Or,
        _ => return None,
    })
}

impl Checker<'_> {
    /// Whether a condition is, or begins with, the hint that is false in translated code.
    pub(super) fn is_interpreting(&self, cond: &syn::Expr) -> bool {
        match cond {
            syn::Expr::Paren(inner) => self.is_interpreting(&inner.expr),
            syn::Expr::Binary(binary) if matches!(binary.op, SynBin::And(_)) => self.is_interpreting(&binary.left),
            syn::Expr::Call(call) => match &*call.func {
                syn::Expr::Path(path) => {
                    let segments = super::paths::segments(&path.path);
                    segments.last().is_some_and(|name| name == "interpreting")
                        && self.program.lookup_value(self.module, &segments).is_none()
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// An expression; `expected` is a wish, which the caller enforces if it must.
    pub(super) fn expr(&mut self, expr: &syn::Expr, expected: Option<&Type>) -> Expr {
        let pos = self.pos(expr);
        match expr {
            syn::Expr::Paren(inner) => self.expr(&inner.expr, expected),
            syn::Expr::Group(inner) => self.expr(&inner.expr, expected),
            syn::Expr::Lit(literal) => self.literal(&literal.lit, expected, pos),
            syn::Expr::Path(path) => self.path(path),
            syn::Expr::Unary(unary) => self.unary(unary, expected),
            syn::Expr::Binary(binary) => self.binary(binary, expected),
            syn::Expr::Assign(assign) => self.assign(assign),
            syn::Expr::If(expr) => self.if_expr(expr, expected),
            syn::Expr::Let(expr) => {
                let value = self.expr(&expr.expr, None);
                let pat = self.pattern(&expr.pat, &value.ty);
                Expr { kind: Kind::Let(Box::new(pat), Box::new(value)), ty: Type::Bool, pos }
            }
            syn::Expr::Match(expr) => self.match_expr(expr, expected),
            syn::Expr::Loop(expr) => self.loop_expr(expr),
            syn::Expr::While(expr) => self.while_expr(expr),
            syn::Expr::ForLoop(expr) => self.for_expr(expr),
            syn::Expr::Block(expr) => self.labelled_block(expr, expected),
            syn::Expr::Unsafe(expr) => self.block_value(&expr.block, expected),
            syn::Expr::Const(expr) => self.block_value(&expr.block, expected),
            syn::Expr::Break(expr) => self.break_expr(expr),
            syn::Expr::Continue(expr) => self.continue_expr(expr),
            syn::Expr::Return(expr) => {
                let ret = self.ret.clone();
                let value = expr.expr.as_ref().map(|value| Box::new(self.expr_as(value, &ret)));
                Expr { kind: Kind::Return(value), ty: Type::Never, pos }
            }
            syn::Expr::Try(expr) => self.try_expr(expr),
            syn::Expr::Call(call) => self.call(call, expected),
            syn::Expr::MethodCall(call) => self.method_call(call),
            syn::Expr::Field(field) => self.field(field),
            syn::Expr::Tuple(tuple) => {
                let wishes = match expected.map(|ty| self.inferred.shallow(ty)) {
                    Some(Type::Tuple(of)) if of.len() == tuple.elems.len() => of.into_iter().map(Some).collect(),
                    _ => vec![None; tuple.elems.len()],
                };
                let mut types = vec![];
                let mut fields = vec![];
                for (index, (elem, wish)) in tuple.elems.iter().zip(wishes).enumerate() {
                    let mut elem = self.expr(elem, wish.as_ref());
                    if self.inferred.shallow(&elem.ty) == Type::Never {
                        let filler = self.inferred.fresh();
                        elem = self.coerce(elem, &filler);
                    }
                    types.push(elem.ty.clone());
                    fields.push((index, elem));
                }
                Expr { kind: Kind::Aggregate(fields, None), ty: Type::Tuple(types), pos }
            }
            syn::Expr::Struct(expr) => self.struct_literal(expr),
            syn::Expr::Cast(cast) => {
                let ty = self.written_type(&cast.ty);
                // As in rustc, a literal takes the type it is cast to, and nothing else does.
                let wish = (matches!(ty, Type::Int(_)) && is_literal(&cast.expr)).then_some(&ty);
                let value = self.expr(&cast.expr, wish);
                Expr { kind: Kind::Cast(Box::new(value)), ty, pos }
            }
            syn::Expr::Reference(reference) => self.reference(reference, expected),
            syn::Expr::Macro(call) => self.macro_call(&call.mac, expected),
            syn::Expr::Closure(_) => self.error(pos, "closures are outside the subset"),
            syn::Expr::Index(_) => self.error(pos, "indexing is outside the subset: use `Arr::get` and `Arr::set`"),
            syn::Expr::Range(_) => self.error(pos, "ranges are supported only in `for` and patterns"),
            syn::Expr::Array(_) | syn::Expr::Repeat(_) => self.error(pos, "arrays are outside the subset"),
            syn::Expr::RawAddr(_) => self.error(pos, "raw pointers are outside the subset"),
            syn::Expr::Await(_) | syn::Expr::Async(_) => self.error(pos, "async code is outside the subset"),
            syn::Expr::TryBlock(_) => self.error(pos, "`try` blocks are outside the subset"),
            syn::Expr::Yield(_) => self.error(pos, "`yield` is outside the subset"),
            syn::Expr::Infer(_) => self.error(pos, "`_` is no value"),
            _ => self.error(pos, "this expression is outside the subset"),
        }
    }

    fn literal(&mut self, literal: &syn::Lit, expected: Option<&Type>, pos: Pos) -> Expr {
        let make = |kind: Kind, ty: Type| Expr { kind, ty, pos };
        match literal {
            syn::Lit::Bool(value) => make(Kind::Bool(value.value), Type::Bool),
            syn::Lit::Byte(value) => make(Kind::Int(value.value() as u64), Type::Int(Int::U8)),
            syn::Lit::Float(value) => match (value.suffix(), value.base10_parse::<f64>()) {
                ("" | "f64", Ok(value)) => make(Kind::Float(value.to_bits()), Type::F64),
                _ => self.error(pos, "floats other than `f64` are outside the subset"),
            },
            syn::Lit::Int(value) if value.suffix() == "f64" => match value.base10_parse::<f64>() {
                Ok(value) => make(Kind::Float(value.to_bits()), Type::F64),
                Err(error) => self.error(pos, error.to_string()),
            },
            syn::Lit::Int(value) => {
                let ty = match (value.suffix(), expected.map(|ty| self.inferred.shallow(ty))) {
                    ("", Some(ty @ Type::Int(_))) => ty,
                    ("", _) => self.inferred.fresh_int(),
                    (suffix, _) => match Int::parse(suffix) {
                        Some(int) => Type::Int(int),
                        None => return self.error(pos, format!("type `{suffix}` is outside the subset")),
                    },
                };
                match value.base10_digits().parse::<i128>() {
                    Ok(value) => make(Kind::Int(value as u64), ty),
                    Err(error) => self.error(pos, error.to_string()),
                }
            }
            syn::Lit::Str(_) | syn::Lit::ByteStr(_) | syn::Lit::CStr(_) => {
                self.error(pos, "strings are outside the subset")
            }
            syn::Lit::Char(_) => self.error(pos, "characters are outside the subset: use byte literals"),
            _ => self.error(pos, "this literal is outside the subset"),
        }
    }

    fn unary(&mut self, unary: &syn::ExprUnary, expected: Option<&Type>) -> Expr {
        let pos = self.pos(unary);
        let op = match unary.op {
            syn::UnOp::Neg(_) => Un::Neg,
            syn::UnOp::Not(_) => Un::Not,
            _ => {
                let value = self.expr(&unary.expr, None);
                return match self.inferred.shallow(&value.ty).pointee() {
                    Some(to) => Expr { ty: to.clone(), kind: Kind::Deref(Box::new(value)), pos },
                    None => {
                        let message = format!("`{}` cannot be dereferenced", self.type_name(&value.ty));
                        self.error(pos, message)
                    }
                };
            }
        };
        let value = self.expr(&unary.expr, expected);
        Expr { ty: value.ty.clone(), kind: Kind::Un(op, Box::new(value)), pos }
    }

    fn binary(&mut self, binary: &syn::ExprBinary, expected: Option<&Type>) -> Expr {
        let pos = self.pos(binary);
        let op = operator(&binary.op);
        let Some(op) = op else { return self.error(pos, "this operator is outside the subset") };
        match op {
            Operator::And | Operator::Or => {
                let left = Box::new(self.expr_as(&binary.left, &Type::Bool));
                let right = Box::new(self.expr_as(&binary.right, &Type::Bool));
                let kind = if matches!(op, Operator::And) { Kind::And(left, right) } else { Kind::Or(left, right) };
                Expr { kind, ty: Type::Bool, pos }
            }
            Operator::Cmp(cmp) => {
                let (left, right) = self.operands(binary, None, false);
                Expr { kind: Kind::Cmp(cmp, Box::new(left), Box::new(right)), ty: Type::Bool, pos }
            }
            Operator::Bin(bin) => {
                let shift = matches!(bin, Bin::Shl | Bin::Shr);
                let (left, right) = self.operands(binary, expected, shift);
                let ty = left.ty.clone();
                Expr { kind: Kind::Bin(bin, Box::new(left), Box::new(right)), ty, pos }
            }
            Operator::Assign(bin) => {
                let shift = matches!(bin, Bin::Shl | Bin::Shr);
                let (place, value) = self.operands(binary, None, shift);
                if matches!(place.kind, Kind::Never) {
                    return Expr { ty: Type::unit(), ..place };
                }
                if !is_local(&place) {
                    return self.error(place.pos, "only locals and their fields can be assigned to");
                }
                Expr { kind: Kind::AssignOp(bin, Box::new(place), Box::new(value)), ty: Type::unit(), pos }
            }
        }
    }

    /// Both operands, of one type unless the right one is a shift count.
    fn operands(&mut self, binary: &syn::ExprBinary, expected: Option<&Type>, shift: bool) -> (Expr, Expr) {
        let mut left = self.expr(&binary.left, expected);
        if self.inferred.shallow(&left.ty) == Type::Never {
            let filler = self.inferred.fresh();
            left = self.coerce(left, &filler);
        }
        let wish = if shift { None } else { Some(&left.ty) };
        let right = self.expr(&binary.right, wish);
        let right = if shift { right } else { self.coerce(right, &left.ty.clone()) };
        (left, right)
    }

    fn assign(&mut self, assign: &syn::ExprAssign) -> Expr {
        let pos = self.pos(assign);
        if matches!(*assign.left, syn::Expr::Infer(_)) {
            let value = self.expr(&assign.right, None);
            let kind = Kind::Block(None, vec![Stmt::Expr(value)], None);
            return Expr { kind, ty: Type::unit(), pos };
        }
        let place = self.expr(&assign.left, None);
        let places = match &place.kind {
            Kind::Aggregate(fields, None) => fields.iter().map(|(_, field)| field).collect(),
            _ => vec![&place],
        };
        if let Some(bad) = places.iter().find(|place| !is_local(place)) {
            let (pos, reported) = (bad.pos, matches!(bad.kind, Kind::Never));
            if reported {
                return Expr { kind: Kind::Never, ty: Type::unit(), pos };
            }
            return self.error(pos, "only locals and their fields can be assigned to");
        }
        let value = self.expr_as(&assign.right, &place.ty);
        Expr { kind: Kind::Assign(Box::new(place), Box::new(value)), ty: Type::unit(), pos }
    }

    fn try_expr(&mut self, expr: &syn::ExprTry) -> Expr {
        let pos = self.pos(expr);
        let value = self.expr(&expr.expr, None);
        let ret = self.inferred.shallow(&self.ret);
        let ty = match (self.inferred.shallow(&value.ty), &ret) {
            (Type::Result(ok, err), Type::Result(_, ret)) => {
                if !self.inferred.unify(&err, ret) {
                    return self.error(pos, "`?` does not convert errors in the subset: both must be of one type");
                }
                *ok
            }
            (Type::Option(of), Type::Option(_)) => *of,
            (ty, ret) => {
                let (ty, ret) = (self.type_name(&ty), self.type_name(ret));
                return self.error(pos, format!("`?` on `{ty}` in a function that returns `{ret}`"));
            }
        };
        Expr { kind: Kind::Try(Box::new(value)), ty, pos }
    }

    /// Follows handles until `accept` finds something in the type.
    pub(super) fn autoderef<R>(
        &mut self,
        mut value: Expr,
        accept: impl Fn(&Self, &Type) -> Option<R>,
    ) -> Result<(Expr, R), Expr> {
        loop {
            let ty = self.inferred.shallow(&value.ty);
            if let Some(found) = accept(self, &ty) {
                return Ok((value, found));
            }
            match ty.pointee() {
                Some(to) => {
                    let pos = value.pos;
                    value = Expr { kind: Kind::Deref(Box::new(value)), ty: self.inferred.shallow(to), pos };
                }
                None => return Err(value),
            }
        }
    }

    fn field(&mut self, field: &syn::ExprField) -> Expr {
        let pos = self.pos(field);
        let base = self.expr(&field.base, None);
        let base_ty = base.ty.clone();
        let name = member(&field.member);
        let found = self.autoderef(base, |this, ty| {
            let fields = this.program.fields(ty);
            let index = fields.iter().position(|(field, _)| *field == name)?;
            Some((index, fields[index].1.clone()))
        });
        match found {
            Ok((base, (index, ty))) => Expr { kind: Kind::Field(Box::new(base), index), ty, pos },
            Err(_) => {
                let message = match self.inferred.is_free(&base_ty) {
                    true => "type annotations needed".to_string(),
                    false => format!("no field `{name}` on `{}`", self.type_name(&base_ty)),
                };
                self.error(self.pos(&field.member), message)
            }
        }
    }

    fn struct_literal(&mut self, expr: &syn::ExprStruct) -> Expr {
        let pos = self.pos(&expr.path);
        if expr.qself.is_some() {
            return self.error(pos, super::paths::QUALIFIED);
        }
        let segments = super::paths::segments(&expr.path);
        let variant = self.variant_of(&segments);
        let (declared, ty) = match &variant {
            Some((variant, ty)) => (self.variant_types(ty, *variant), ty.clone()),
            None => match self.struct_of(&segments) {
                Some(ty) => (self.program.fields(&ty), ty),
                None => return self.error(pos, format!("cannot find the structure `{}`", segments.join("::"))),
            },
        };
        let mut fields = vec![];
        for field in &expr.fields {
            if !self.enabled(&field.attrs) {
                continue;
            }
            let name = member(&field.member);
            match declared.iter().position(|(field, _)| *field == name) {
                Some(index) => fields.push((index, self.expr_as(&field.expr, &declared[index].1))),
                None => return self.error(self.pos(field), format!("no field `{name}`")),
            }
        }
        if variant.is_some() && expr.rest.is_some() {
            return self.error(pos, "a variant has no base to update");
        }
        let base = expr.rest.as_ref().map(|rest| Box::new(self.expr_as(rest, &ty)));
        if base.is_none() && fields.len() < declared.len() {
            return self.error(pos, "missing fields");
        }
        let kind = match variant {
            Some((variant, _)) => Kind::Variant(variant, fields),
            None => Kind::Aggregate(fields, base),
        };
        Expr { kind, ty, pos }
    }

    fn reference(&mut self, reference: &syn::ExprReference, expected: Option<&Type>) -> Expr {
        let pos = self.pos(reference);
        if reference.mutability.is_some() {
            return self.error(pos, "mutable references are outside the subset");
        }
        let expected = match expected.map(|ty| self.inferred.shallow(ty)) {
            Some(Type::Borrow(to)) => Some(self.inferred.shallow(&to)),
            _ => None,
        };
        let value = self.expr(&reference.expr, None);
        let ty = self.inferred.shallow(&value.ty);
        if is_memory(&value) {
            return Expr { ty: Type::Borrow(Box::new(ty)), kind: Kind::AddrOf(Box::new(value)), pos };
        }
        // `&r` of a handle where a reference to what it leads to is wanted.
        if let (Some(to), Some(expected)) = (ty.pointee(), &expected)
            && expected.pointee().is_none()
        {
            let ty = Type::Borrow(Box::new(to.clone()));
            return Expr { kind: Kind::Intrinsic(Intrinsic::Borrow, vec![value]), ty, pos };
        }
        self.error(pos, "references to locals and temporaries are outside the subset")
    }

    /// The receiver of a `&self` method.
    pub(super) fn address_of(&mut self, value: Expr) -> Expr {
        let pos = value.pos;
        if is_memory(&value) {
            let ty = Type::Borrow(Box::new(value.ty.clone()));
            return Expr { ty, kind: Kind::AddrOf(Box::new(value)), pos };
        }
        self.error(pos, "a method with `&self` needs a value behind a handle; take `self` by value")
    }
}
