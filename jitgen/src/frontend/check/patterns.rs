//! Patterns.

use super::{Checker, Named};
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Expr, Kind, LocalId, Pat, PatKind};
use crate::frontend::items::Item;
use crate::frontend::types::Type;

/// The names a pattern binds; alternatives of an or-pattern share them.
type Bindings = Vec<(String, LocalId)>;

impl Checker<'_> {
    /// Checks a pattern for values of `ty` and brings its bindings into scope.
    pub(super) fn pattern(&mut self, pat: &syn::Pat, ty: &Type) -> Pat {
        let mut bindings = vec![];
        let checked = self.pat(pat, ty, &mut bindings);
        for (name, local) in bindings {
            self.bind(&name, Named::Local(local));
        }
        checked
    }

    fn pat(&mut self, pat: &syn::Pat, ty: &Type, bindings: &mut Bindings) -> Pat {
        let pos = self.pos(pat);
        let make = |kind: PatKind| Pat { kind, ty: ty.clone(), pos };
        match pat {
            syn::Pat::Wild(_) => make(PatKind::Wild),
            syn::Pat::Rest(_) => self.bad_pat(pos, ty, "`..` stands in tuples and structures only"),
            syn::Pat::Paren(inner) => self.pat(&inner.pat, ty, bindings),
            syn::Pat::Type(typed) => {
                let written = self.written_type(&typed.ty);
                self.expect_type(pos, ty, &written);
                self.pat(&typed.pat, ty, bindings)
            }
            syn::Pat::Ident(ident) if ident.by_ref.is_some() => self.bad_pat(pos, ty, "`ref` is outside the subset"),
            syn::Pat::Ident(ident) => {
                let name = ident.ident.to_string();
                if ident.subpat.is_none()
                    && ident.mutability.is_none()
                    && let Some(kind) = self.constant_pat(std::slice::from_ref(&name), ty, pos)
                {
                    return make(kind);
                }
                let local = match bindings.iter().find(|(bound, _)| *bound == name) {
                    Some(&(_, local)) => {
                        let bound = self.locals[local.0].ty.clone();
                        self.expect_type(pos, &bound, ty);
                        local
                    }
                    None => {
                        let local = self.local(&name, ty.clone());
                        bindings.push((name, local));
                        local
                    }
                };
                let inner = ident.subpat.as_ref().map(|(_, inner)| Box::new(self.pat(inner, ty, bindings)));
                make(PatKind::Bind(local, inner))
            }
            syn::Pat::Or(or) => {
                let cases = or.cases.iter().map(|case| self.pat(case, ty, bindings)).collect();
                make(PatKind::Or(cases))
            }
            syn::Pat::Lit(literal) => {
                let value = self.expr_as(&syn::Expr::Lit(literal.clone()), ty);
                make(PatKind::Value(Box::new(value)))
            }
            syn::Pat::Range(range) => {
                let mut end = |end: &Option<Box<syn::Expr>>| end.as_ref().map(|end| Box::new(self.expr_as(end, ty)));
                let (low, high) = (end(&range.start), end(&range.end));
                let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
                make(PatKind::Range { low, high, inclusive })
            }
            syn::Pat::Path(syn::ExprPath { qself: Some(_), .. })
            | syn::Pat::TupleStruct(syn::PatTupleStruct { qself: Some(_), .. })
            | syn::Pat::Struct(syn::PatStruct { qself: Some(_), .. }) => self.bad_pat(pos, ty, super::paths::QUALIFIED),
            syn::Pat::Path(path) => {
                let segments = super::paths::segments(&path.path);
                match self.constant_pat(&segments, ty, pos) {
                    Some(kind) => make(kind),
                    None => self.bad_pat(pos, ty, &format!("cannot find `{}`", segments.join("::"))),
                }
            }
            syn::Pat::Tuple(tuple) => {
                let arity = match self.inferred.shallow(ty) {
                    Type::Tuple(of) => of.len(),
                    _ if tuple.elems.iter().any(|elem| matches!(elem, syn::Pat::Rest(_))) => {
                        return self.bad_pat(pos, ty, "type annotations needed");
                    }
                    _ => tuple.elems.len(),
                };
                let parts: Vec<Type> = (0..arity).map(|_| self.inferred.fresh()).collect();
                self.expect_type(pos, ty, &Type::Tuple(parts.clone()));
                let fields = self.positional(tuple.elems.iter(), &parts, pos, bindings);
                make(PatKind::Fields(fields))
            }
            syn::Pat::TupleStruct(tuple) => {
                let segments = super::paths::segments(&tuple.path);
                if let Some((variant, enum_ty)) = self.variant_of(&segments) {
                    self.expect_type(pos, ty, &enum_ty);
                    let types = self.variant_types(&enum_ty, variant).into_iter().map(|(_, ty)| ty).collect::<Vec<_>>();
                    let fields = self.positional(tuple.elems.iter(), &types, pos, bindings);
                    return make(PatKind::Variant(variant, fields));
                }
                match self.struct_of(&segments) {
                    Some(struct_ty) => {
                        self.expect_type(pos, ty, &struct_ty);
                        let types: Vec<Type> = self.program.fields(&struct_ty).into_iter().map(|(_, ty)| ty).collect();
                        let fields = self.positional(tuple.elems.iter(), &types, pos, bindings);
                        make(PatKind::Fields(fields))
                    }
                    None => self.bad_pat(pos, ty, &format!("cannot find `{}`", segments.join("::"))),
                }
            }
            syn::Pat::Struct(structure) => {
                let segments = super::paths::segments(&structure.path);
                let variant = self.variant_of(&segments);
                let (fields, found) = match &variant {
                    Some((variant, enum_ty)) => (self.variant_types(enum_ty, *variant), enum_ty.clone()),
                    None => match self.struct_of(&segments) {
                        Some(struct_ty) => (self.program.fields(&struct_ty), struct_ty),
                        None => return self.bad_pat(pos, ty, &format!("cannot find `{}`", segments.join("::"))),
                    },
                };
                self.expect_type(pos, ty, &found);
                let mut pats = vec![];
                for field in structure.fields.iter() {
                    if !self.enabled(&field.attrs) {
                        continue;
                    }
                    let name = super::exprs::member(&field.member);
                    match fields.iter().position(|(field, _)| *field == name) {
                        Some(index) => pats.push((index, self.pat(&field.pat, &fields[index].1, bindings))),
                        None => return self.bad_pat(self.pos(field), ty, &format!("no field `{name}`")),
                    }
                }
                make(match variant {
                    Some((variant, _)) => PatKind::Variant(variant, pats),
                    None => PatKind::Fields(pats),
                })
            }
            syn::Pat::Reference(_) => self.bad_pat(pos, ty, "reference patterns are outside the subset"),
            syn::Pat::Slice(_) => self.bad_pat(pos, ty, "slice patterns are outside the subset"),
            _ => self.bad_pat(pos, ty, "this pattern is outside the subset"),
        }
    }

    fn bad_pat(&mut self, pos: Pos, ty: &Type, message: &str) -> Pat {
        self.errors.add(pos, message);
        Pat { kind: PatKind::Wild, ty: ty.clone(), pos }
    }

    /// Reports a pattern of another type than its value. A handle in the place of the structure has its own hint.
    fn expect_type(&mut self, pos: Pos, expected: &Type, found: &Type) {
        if self.inferred.unify(expected, found) {
            return;
        }
        let handle = self.inferred.shallow(expected).pointee().is_some();
        let hint = if handle { " (dereference it: patterns do not look through handles)" } else { "" };
        let (expected, found) = (self.type_name(expected), self.type_name(found));
        self.errors.add(pos, format!("mismatched types: expected `{expected}`, found `{found}`{hint}"));
    }

    /// Sub-patterns by position, where `..` may leave some out.
    fn positional<'a>(
        &mut self,
        pats: impl ExactSizeIterator<Item = &'a syn::Pat>,
        types: &[Type],
        pos: Pos,
        bindings: &mut Bindings,
    ) -> Vec<(usize, Pat)> {
        let written = pats.len();
        let mut index = 0;
        let mut rest = false;
        let mut fields = vec![];
        for pat in pats {
            if matches!(pat, syn::Pat::Rest(_)) {
                rest = true;
                index += (types.len() + 1).saturating_sub(written);
                continue;
            }
            if let Some(ty) = types.get(index) {
                fields.push((index, self.pat(pat, ty, bindings)));
            }
            index += 1;
        }
        if index != types.len() || (!rest && written != types.len()) {
            self.errors.add(pos, format!("expected {} sub-patterns, found {written}", types.len()));
        }
        fields
    }

    /// A path as a pattern: a constant, a variant or structure without fields.
    fn constant_pat(&mut self, segments: &[String], ty: &Type, pos: Pos) -> Option<PatKind> {
        if let [name] = segments
            && let Some(Named::Const(value)) = self.find(name)
        {
            self.expect_type(pos, ty, &value.ty);
            return Some(PatKind::Value(Box::new(value)));
        }
        if let Some(value) = self.builtin_constant(segments, pos) {
            self.expect_type(pos, ty, &value.ty);
            return Some(PatKind::Value(Box::new(value)));
        }
        let constant = match self.assoc_of(segments) {
            Some((_, crate::frontend::items::Assoc::Const(id))) => Some(id),
            _ => match self.program.lookup_value(self.module, segments) {
                Some(Item::Const(id)) => Some(id),
                _ => None,
            },
        };
        if let Some(id) = constant {
            let const_ty = self.program.consts[id].ty.clone();
            self.expect_type(pos, ty, &const_ty);
            return Some(PatKind::Value(Box::new(Expr { kind: Kind::Const(id), ty: const_ty, pos })));
        }
        if let Some((variant, enum_ty)) = self.variant_of(segments) {
            self.expect_type(pos, ty, &enum_ty);
            return Some(PatKind::Variant(variant, vec![]));
        }
        let struct_ty = self.struct_of(segments)?;
        if !self.program.fields(&struct_ty).is_empty() {
            return None;
        }
        self.expect_type(pos, ty, &struct_ty);
        Some(PatKind::Fields(vec![]))
    }
}
