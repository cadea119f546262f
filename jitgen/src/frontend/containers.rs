//! What the marks `allocates` and `oopspec` say of a function, in terms of the module.

use super::diag::{Errors, Pos};
use super::items::{FnDef, FnId, Program};
use super::layout::{Layout, Location};
use super::types::Type;
use crate::flow::{Arg, Const, Container, Effects, FieldId, Init, Oopspec, Ty};
use std::ops::Range;

/// A function's meaning before its fields are numbered for the module: fields as the layout numbers them.
pub struct Containers<'p> {
    pub program: &'p Program,
    pub errors: &'p Errors,
}

/// The type behind the handle that a function of lists and dicts returns or takes.
fn pointee(ty: &Type) -> Option<&Type> {
    ty.pointee()
}

impl<'p> Containers<'p> {
    /// The functions that belong to the container a function works on, the function itself among them.
    pub fn family(&self, id: FnId) -> Vec<FnId> {
        match self.kind(id) {
            Some((kind, _)) => (0..self.program.fns.len())
                .filter(|&other| self.kind(other).is_some_and(|(other, _)| other == kind))
                .collect(),
            None => vec![],
        }
    }

    /// The makers of lists and dicts, in the order of the source.
    fn makers(&self) -> impl Iterator<Item = &'p FnDef> {
        self.program.fns.iter().filter(|def| matches!(def.marks.oopspec, Some((spec, _)) if spec.is_new()))
    }

    /// Which container a function works on, and which of its parameters that is.
    fn kind(&self, id: FnId) -> Option<(usize, usize)> {
        let def = &self.program.fns[id];
        let (spec, _) = def.marks.oopspec?;
        let find = |ty: &Type| {
            let to = pointee(ty)?;
            self.makers().position(|maker| pointee(&maker.ret) == Some(to))
        };
        if spec.is_new() {
            return Some((find(&def.ret)?, 0));
        }
        def.params.iter().enumerate().find_map(|(index, param)| Some((find(&param.ty)?, index)))
    }

    /// What a function means, its fields as the layout numbers them.
    pub fn meaning(&self, layout: &mut Layout, id: FnId, effects: &Effects) -> Option<Container> {
        let def = &self.program.fns[id];
        let meaning = match (&def.marks.allocates, &def.marks.oopspec) {
            (Some((contents, pos)), None) => match self.contents(layout, def, contents) {
                Ok(container) => Some(container),
                Err((at, message)) => {
                    self.errors.add(at.unwrap_or(*pos), message);
                    None
                }
            },
            (None, Some((spec, pos))) => self.operation(id, *spec, *pos),
            (Some((_, pos)), Some(_)) => {
                self.errors.add(*pos, "a function has one of the marks `allocates` and `oopspec`");
                None
            }
            (None, None) => return None,
        };
        if effects.collects || effects.calls {
            self.errors.add(def.pos, "a function on containers neither collects nor calls");
        }
        meaning
    }

    fn operation(&self, id: FnId, spec: Oopspec, pos: Pos) -> Option<Container> {
        let def = &self.program.fns[id];
        let Some((kind, receiver)) = self.kind(id) else {
            let message = match spec.is_new() {
                true => "a function that makes a container returns a handle to it".to_string(),
                false => format!("no parameter is a container that a function marked `{}.new` makes", family(spec)),
            };
            self.errors.add(pos, message);
            return None;
        };
        let maker = self.makers().nth(kind).expect("found above");
        if maker.marks.oopspec.as_ref().is_some_and(|(made, _)| made.is_dict() != spec.is_dict()) {
            self.errors.add(pos, format!("the container is no {}", family(spec)));
            return None;
        }
        if spec.is_new() {
            return Some(Container::New(spec, kind as u32));
        }
        let common = |def: &FnDef, count: usize| -> Vec<Type> {
            def.params.iter().take(count).map(|param| param.ty.clone()).collect()
        };
        if common(def, receiver) != common(maker, usize::MAX) {
            let message = format!("the parameters before the container must be those of `{}`", maker.name);
            self.errors.add(pos, message);
            return None;
        }
        let before = &def.params[..receiver];
        let receiver = before.iter().map(|param| self.size(&param.ty)).sum::<usize>() as u32;
        Some(Container::Op { spec, kind: kind as u32, receiver })
    }

    fn size(&self, ty: &Type) -> usize {
        self.program.flatten(ty).map_or(0, |parts| parts.len())
    }

    /// The flattened parameters of a parameter.
    fn param(&self, def: &FnDef, name: &str) -> Option<Range<u32>> {
        let mut start = 0;
        for param in &def.params {
            let end = start + self.size(&param.ty) as u32;
            if param.name == name {
                return Some(start..end);
            }
            start = end;
        }
        None
    }

    fn contents(
        &self,
        layout: &mut Layout,
        def: &FnDef,
        contents: &syn::Expr,
    ) -> Result<Container, (Option<Pos>, String)> {
        let nowhere = Arg::Const(Const::i64(0));
        match (contents, &def.ret) {
            (syn::Expr::Struct(literal), Type::Ref(to) | Type::Borrow(to)) => {
                let place = Location::behind(self.program, nowhere, to);
                let mut fields = vec![];
                self.fields(layout, def, &place, literal, &mut fields)?;
                Ok(Container::Struct(fields))
            }
            (syn::Expr::Repeat(repeat), Type::Arr(of)) => {
                let place = Location::element(self.program, nowhere, nowhere, of);
                let mut parts = vec![];
                match &*repeat.expr {
                    syn::Expr::Struct(literal) => self.fields(layout, def, &place, literal, &mut parts)?,
                    value => self.value(layout, def, &place, value, &mut parts)?,
                }
                let len = name_of(&repeat.len).and_then(|name| self.param(def, &name));
                let len = len.filter(|range| range.len() == 1).ok_or("the length of an array is a parameter");
                Ok(Container::Array { len: len.map_err(|message| (None, message.to_string()))?.start, parts })
            }
            _ => Err((
                None,
                "`allocates` takes the structure that a `Ref` is returned to, or `[element; length]` for an `Arr`"
                    .into(),
            )),
        }
    }

    fn fields(
        &self,
        layout: &mut Layout,
        def: &FnDef,
        place: &Location,
        literal: &syn::ExprStruct,
        out: &mut Vec<(FieldId, Init)>,
    ) -> Result<(), (Option<Pos>, String)> {
        let known = self.program.fields(&place.ty);
        for given in &literal.fields {
            let name = match &given.member {
                syn::Member::Named(name) => name.to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            };
            let Some(index) = known.iter().position(|(known, _)| *known == name) else {
                return Err((None, format!("`{}` has no field `{name}`", self.program.type_name(&place.ty))));
            };
            let field = place.field(self.program, index).cell();
            match &given.expr {
                syn::Expr::Struct(inner) => self.fields(layout, def, &field, inner, out)?,
                value => self.value(layout, def, &field, value, out)?,
            }
        }
        if let Some((missing, _)) = known.iter().find(|(name, ty)| {
            let named = |given: &syn::FieldValue| match &given.member {
                syn::Member::Named(ident) => ident == name,
                syn::Member::Unnamed(index) => index.index.to_string() == *name,
            };
            // A field whose type the subset does not have cannot be read by what is translated.
            let inner = match ty {
                Type::Cell(of) | Type::Atomic(of) => of,
                ty => ty,
            };
            !literal.fields.iter().any(named) && self.program.flatten(inner).is_ok()
        }) {
            let ty = self.program.type_name(&place.ty);
            return Err((None, format!("`allocates` does not say what the field `{missing}` of `{ty}` is")));
        }
        Ok(())
    }

    /// The scalars of a place, from a parameter or a literal.
    fn value(
        &self,
        layout: &mut Layout,
        def: &FnDef,
        place: &Location,
        value: &syn::Expr,
        out: &mut Vec<(FieldId, Init)>,
    ) -> Result<(), (Option<Pos>, String)> {
        let leaves = layout.leaves(self.program, place).map_err(|message| (None, message))?;
        let literal = literal(value);
        let param = name_of(value).and_then(|name| self.param(def, &name));
        match (literal, param) {
            (Some(bits), _) => out.extend(leaves.iter().map(|leaf| (leaf.field, Init::Const(bits & leaf.ty.mask())))),
            (None, Some(range)) => {
                let needed: usize = leaves.iter().map(|leaf| 1 + usize::from(leaf.nullable)).sum();
                if needed != range.len() {
                    return Err((None, format!("the parameter for `{}` has another type", place.name)));
                }
                let mut next = range.start;
                for leaf in &leaves {
                    out.push((leaf.field, if leaf.nullable { Init::Nullable(next) } else { Init::Param(next) }));
                    next += 1 + u32::from(leaf.nullable);
                }
            }
            (None, None) => {
                return Err((None, format!("the contents of `{}` are neither a parameter nor a literal", place.name)));
            }
        }
        Ok(())
    }
}

fn family(spec: Oopspec) -> &'static str {
    if spec.is_dict() { "dict" } else { "list" }
}

fn name_of(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Path(path) => path.path.get_ident().map(|ident| ident.to_string()),
        _ => None,
    }
}

/// Canonical bits of a literal; `None`, the variant, is a null address.
fn literal(expr: &syn::Expr) -> Option<u64> {
    match expr {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Int(value) => value.base10_parse::<u64>().ok(),
            syn::Lit::Bool(value) => Some(u64::from(value.value)),
            syn::Lit::Float(value) => value.base10_parse::<f64>().ok().map(f64::to_bits),
            _ => None,
        },
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => match &**expr {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(value), .. }) => {
                value.base10_parse::<u64>().ok().map(u64::wrapping_neg)
            }
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Float(value), .. }) => {
                value.base10_parse::<f64>().ok().map(|value| (-value).to_bits())
            }
            _ => None,
        },
        syn::Expr::Path(path) if path.path.is_ident("None") => Some(0),
        _ => None,
    }
}

/// Whether a function's result is one address.
pub fn is_handle(results: &[Ty]) -> bool {
    matches!(results, [Ty::Ref | Ty::Ptr])
}
