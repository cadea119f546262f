//! Paths: what they name.

use super::{Checker, Named};
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Expr, Kind};
use crate::frontend::items::{Assoc, Item};
use crate::frontend::types::{Int, Type};

pub const QUALIFIED: &str = "qualified paths are outside the subset";

/// The identifiers of a path, generic arguments left out.
pub fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl Checker<'_> {
    /// A path as a value.
    pub(super) fn path(&mut self, path: &syn::ExprPath) -> Expr {
        let pos = self.pos(path);
        if path.qself.is_some() {
            return self.error(pos, QUALIFIED);
        }
        let segments = segments(&path.path);
        if let [name] = &segments[..] {
            match self.find(name) {
                Some(Named::Local(local)) => {
                    return Expr { kind: Kind::Local(local), ty: self.locals[local.0].ty.clone(), pos };
                }
                Some(Named::Const(value)) => return value,
                None => {}
            }
        }
        let make = |kind: Kind, ty: Type| Expr { kind, ty, pos };
        if let Some(value) = self.builtin_constant(&segments, pos) {
            return value;
        }
        match self.assoc_of(&segments) {
            Some((_, Assoc::Const(id))) => return make(Kind::Const(id), self.program.consts[id].ty.clone()),
            Some((_, Assoc::Fn(_))) => return self.error(pos, "function values are outside the subset"),
            None => {}
        }
        match self.program.lookup_value(self.module, &segments) {
            Some(Item::Const(id)) => return make(Kind::Const(id), self.program.consts[id].ty.clone()),
            Some(_) => return self.error(pos, "function values are outside the subset"),
            None => {}
        }
        if let Some((variant, ty)) = self.variant_of(&segments) {
            if !self.variant_types(&ty, variant).is_empty() {
                return self.error(pos, "constructors as function values are outside the subset");
            }
            return make(Kind::Variant(variant, vec![]), ty);
        }
        if let Some(ty) = self.struct_of(&segments)
            && self.program.fields(&ty).is_empty()
        {
            return make(Kind::Aggregate(vec![], None), ty);
        }
        let message = self.not_found("", &segments);
        self.error(pos, message)
    }

    /// The message for a path that leads nowhere, or to what the subset does not have.
    pub(super) fn not_found(&self, what: &str, segments: &[String]) -> String {
        let name = segments.join("::");
        let outside = segments.iter().rev().find_map(|segment| self.program.outside.get(segment));
        match outside {
            Some(kind) => format!("`{name}` is not for graphs: {kind} outside the subset"),
            None => format!("cannot find {what}`{name}` (is its file among those translated?)"),
        }
    }

    /// The type named by all segments but the last.
    pub(super) fn qualifier(&mut self, segments: &[String]) -> Option<Type> {
        let (_, qualifier) = segments.split_last()?;
        if qualifier.is_empty() {
            return None;
        }
        let params = Default::default();
        let ty = self.program.resolve_type_path(self.module, self.self_ty.as_ref(), qualifier, vec![], &params)?;
        Some(self.inferred.instantiate(&ty))
    }

    /// A function or constant of a type.
    pub(super) fn assoc_of(&mut self, segments: &[String]) -> Option<(Type, Assoc)> {
        let ty = self.qualifier(segments)?;
        let assoc = self.program.assoc(&ty, segments.last()?)?;
        Some((ty, assoc))
    }

    /// A variant and the type of its enum.
    pub(super) fn variant_of(&mut self, segments: &[String]) -> Option<(usize, Type)> {
        let last = segments.last()?;
        if let Some(ty) = self.qualifier(segments)
            && let Type::Enum(id) = ty
        {
            let index = self.program.enums[id.0].variants.iter().position(|variant| variant.name == *last)?;
            return Some((index, ty));
        }
        if segments.len() == 1 || matches!(segments[0].as_str(), "Option" | "Result") {
            let index = match last.as_str() {
                "None" | "Ok" => Some(0),
                "Some" | "Err" => Some(1),
                _ => None,
            };
            if let Some(index) = index {
                let mut fresh = || Box::new(self.inferred.fresh());
                let option = matches!(last.as_str(), "None" | "Some");
                return Some((index, if option { Type::Option(fresh()) } else { Type::Result(fresh(), fresh()) }));
            }
        }
        if segments.len() != 1 {
            return None;
        }
        let (id, index) = self.program.lookup_variant(self.module, segments)?;
        Some((index, Type::Enum(id)))
    }

    /// Names and types of a variant's fields.
    pub(super) fn variant_types(&self, ty: &Type, variant: usize) -> Vec<(String, Type)> {
        match ty {
            Type::Option(of) if variant == 1 => vec![("0".into(), (**of).clone())],
            Type::Result(ok, err) => vec![("0".into(), if variant == 0 { (**ok).clone() } else { (**err).clone() })],
            Type::Enum(id) => self.program.enums[id.0].variants[variant].fields.clone(),
            _ => vec![],
        }
    }

    /// A struct, by its name, an alias of it, or `Self`.
    pub(super) fn struct_of(&mut self, segments: &[String]) -> Option<Type> {
        let params = Default::default();
        match self.program.resolve_type_path(self.module, self.self_ty.as_ref(), segments, vec![], &params)? {
            ty @ Type::Struct(_) => Some(ty),
            _ => None,
        }
    }

    /// Constants of the primitive types.
    pub(super) fn builtin_constant(&mut self, segments: &[String], pos: Pos) -> Option<Expr> {
        let [.., qualifier, name] = segments else { return None };
        if let Some(int) = Int::parse(qualifier) {
            let (min, max) = int.range();
            let (value, ty) = match name.as_str() {
                "MIN" => (min, int),
                "MAX" => (max, int),
                "BITS" => (int.ty().bits() as u64, Int::U32),
                _ => return None,
            };
            return Some(Expr { kind: Kind::Int(value), ty: Type::Int(ty), pos });
        }
        if qualifier != "f64" && (qualifier != "consts" || segments.contains(&"f32".to_string())) {
            return None;
        }
        use std::f64::consts;
        let value = match name.as_str() {
            "INFINITY" => f64::INFINITY,
            "NEG_INFINITY" => f64::NEG_INFINITY,
            "NAN" => f64::NAN,
            "MAX" => f64::MAX,
            "MIN" => f64::MIN,
            "MIN_POSITIVE" => f64::MIN_POSITIVE,
            "EPSILON" => f64::EPSILON,
            "PI" => consts::PI,
            "TAU" => consts::TAU,
            "E" => consts::E,
            "LN_2" => consts::LN_2,
            "LN_10" => consts::LN_10,
            "SQRT_2" => consts::SQRT_2,
            _ => return None,
        };
        Some(Expr { kind: Kind::Float(value.to_bits()), ty: Type::F64, pos })
    }
}
