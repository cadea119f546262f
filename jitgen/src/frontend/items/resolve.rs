//! The second step of collection: types of fields, signatures and constants.

use super::super::cfg;
use super::super::diag::{Errors, Pos};
use super::super::types::{EnumId, StructId, Type};
use super::{Assoc, ConstDef, Generics, Item, Param, Program, Receiver, generics_of};
use std::collections::HashMap;
use syn::spanned::Spanned;

impl Program {
    /// The second step: resolves types.
    pub(super) fn resolve(&mut self, errors: &Errors) {
        for (module, item) in std::mem::take(&mut self.impls) {
            let self_ty = self.resolve_type(module, None, &item.self_ty);
            if let Some((_, path, _)) = &item.trait_ {
                if path.is_ident("Drop") {
                    match &self_ty {
                        Type::Struct(id) => self.structs[id.0].drops = true,
                        Type::Enum(id) => self.enums[id.0].drops = true,
                        _ => {}
                    }
                }
                continue;
            }
            let generic = !generics_of(&item.generics).is_empty();
            let (name, path) = match &self_ty {
                Type::Struct(id) => (self.structs[id.0].name.clone(), self.structs[id.0].path.clone()),
                Type::Enum(id) => (self.enums[id.0].name.clone(), self.enums[id.0].path.clone()),
                _ => continue,
            };
            let file = self.modules[module].file;
            for item in item.items {
                cfg::check(cfg::impl_attributes(&item), file, errors);
                match item {
                    syn::ImplItem::Fn(item) if self.enabled(&item.attrs) => {
                        let last = item.sig.ident.to_string();
                        let (name, path) = (format!("{name}::{last}"), format!("{path}::{last}"));
                        let self_ty_ = Some(self_ty.clone());
                        let id = self.add_fn(module, name, path, self_ty_, &item.attrs, item.sig, item.block, errors);
                        if generic {
                            self.fns[id].refused = Some("generic functions are outside the subset");
                        }
                        self.assoc.insert((self_ty.clone(), last), Assoc::Fn(id));
                    }
                    syn::ImplItem::Const(item) if self.enabled(&item.attrs) => {
                        self.assoc.insert((self_ty.clone(), item.ident.to_string()), Assoc::Const(self.consts.len()));
                        self.consts.push(ConstDef {
                            name: format!("{name}::{}", item.ident),
                            module,
                            self_ty: Some(self_ty.clone()),
                            ty: Type::unit(),
                            expr: item.expr,
                            syntax: item.ty,
                        });
                    }
                    _ => {}
                }
            }
        }
        for index in 0..self.structs.len() {
            let def = &self.structs[index];
            let fields = self.resolve_fields(def.module, &Type::Struct(StructId(index)), &def.generics, &def.syntax);
            for (name, pos) in &def.quasi_immutable {
                match fields.iter().find(|(field, _)| field == name) {
                    Some((_, Type::Cell(_))) => {}
                    Some(_) => errors.add(*pos, format!("`{name}` is no cell: it never changes anyway")),
                    None => errors.add(*pos, format!("`{}` has no field `{name}`", def.name)),
                }
            }
            self.structs[index].fields = fields;
        }
        for index in 0..self.enums.len() {
            for variant in 0..self.enums[index].variants.len() {
                let def = &self.enums[index];
                let ty = Type::Enum(EnumId(index));
                let fields = self.resolve_fields(def.module, &ty, &def.generics, &def.variants[variant].syntax);
                self.enums[index].variants[variant].fields = fields;
            }
        }
        self.break_cycles(errors);
        for index in 0..self.consts.len() {
            let def = &self.consts[index];
            let ty = self.resolve_type(def.module, def.self_ty.as_ref(), &def.syntax);
            let ty = self.without_holes(ty, &def.syntax);
            self.consts[index].ty = ty;
        }
        for index in 0..self.fns.len() {
            self.resolve_signature(index, errors);
        }
    }

    fn resolve_fields(
        &self,
        module: usize,
        self_ty: &Type,
        generics: &Generics,
        fields: &syn::Fields,
    ) -> Vec<(String, Type)> {
        let resolve = |(index, field): (usize, &syn::Field)| {
            let name = field.ident.as_ref().map_or_else(|| index.to_string(), syn::Ident::to_string);
            (name, self.without_holes(self.resolve_type_with(module, Some(self_ty), &field.ty, generics), &field.ty))
        };
        fields.iter().filter(|field| self.enabled(&field.attrs)).enumerate().map(resolve).collect()
    }

    fn resolve_signature(&mut self, index: usize, errors: &Errors) {
        let def = &self.fns[index];
        let (module, self_ty) = (def.module, def.self_ty.as_ref());
        let file = self.modules[module].file;
        let mut refused = def.refused;
        let mut receiver = Receiver::None;
        let mut params = vec![];
        let generics = generics_of(&def.signature.generics);
        let resolve = |ty: &syn::Type| self.without_holes(self.resolve_type_with(module, self_ty, ty, &generics), ty);
        for input in &def.signature.inputs {
            let (syn::FnArg::Receiver(syn::Receiver { attrs, .. }) | syn::FnArg::Typed(syn::PatType { attrs, .. })) =
                input;
            cfg::check(attrs, file, errors);
            if !self.enabled(attrs) {
                continue;
            }
            match input {
                syn::FnArg::Receiver(syntax) => {
                    let this = self_ty.cloned().unwrap_or_else(|| Type::Opaque("Self".into()));
                    let ty = match (&syntax.reference, &syntax.mutability, &syntax.colon_token) {
                        (None, _, None) => {
                            receiver = Receiver::Value;
                            this
                        }
                        (Some(_), None, None) => {
                            receiver = Receiver::Reference;
                            Type::Borrow(Box::new(this))
                        }
                        _ => {
                            receiver = Receiver::Value;
                            refused = Some("`self` is taken by value or as `&self` in the subset");
                            Type::Opaque(text(syntax))
                        }
                    };
                    params.push(Param { pattern: None, name: "self".into(), ty, pos: Pos::of(file, syntax.span()) });
                }
                syn::FnArg::Typed(typed) => {
                    let name = match &*typed.pat {
                        syn::Pat::Ident(ident) => ident.ident.to_string(),
                        _ => format!("p{}", params.len()),
                    };
                    let ty = resolve(&typed.ty);
                    let pos = Pos::of(file, typed.ty.span());
                    params.push(Param { pattern: Some((*typed.pat).clone()), name, ty, pos });
                }
            }
        }
        let (ret, ret_pos) = match &def.signature.output {
            syn::ReturnType::Default => (Type::unit(), def.pos),
            syn::ReturnType::Type(_, ty) => (resolve(ty), Pos::of(file, ty.span())),
        };
        let def = &mut self.fns[index];
        (def.receiver, def.params, def.ret, def.ret_pos) = (receiver, params, ret, ret_pos);
        def.refused = refused;
    }

    /// A type that contains itself by value has no scalars: the field that closes the circle is made opaque.
    fn break_cycles(&mut self, errors: &Errors) {
        for index in 0..self.structs.len() {
            for field in 0..self.structs[index].fields.len() {
                let ty = self.structs[index].fields[field].1.clone();
                if self.contains(&ty, &Type::Struct(StructId(index)), &mut vec![]) {
                    let def = &mut self.structs[index];
                    let span = def.syntax.iter().nth(field).map_or_else(|| def.syntax.span(), |field| field.ty.span());
                    let file = self.modules[def.module].file;
                    errors.add(Pos::of(file, span), format!("`{}` contains itself by value", def.name));
                    def.fields[field].1 = Type::Opaque(def.name.clone());
                }
            }
        }
        for index in 0..self.enums.len() {
            for variant in 0..self.enums[index].variants.len() {
                for field in 0..self.enums[index].variants[variant].fields.len() {
                    let ty = self.enums[index].variants[variant].fields[field].1.clone();
                    if self.contains(&ty, &Type::Enum(EnumId(index)), &mut vec![]) {
                        let def = &mut self.enums[index];
                        let syntax = &def.variants[variant].syntax;
                        let span = syntax.iter().nth(field).map_or_else(|| syntax.span(), |field| field.ty.span());
                        let file = self.modules[def.module].file;
                        errors.add(Pos::of(file, span), format!("`{}` contains itself by value", def.name));
                        def.variants[variant].fields[field].1 = Type::Opaque(def.name.clone());
                    }
                }
            }
        }
    }

    /// Whether a value of type `ty` holds one of type `whole`.
    fn contains(&self, ty: &Type, whole: &Type, seen: &mut Vec<Type>) -> bool {
        if ty == whole {
            return true;
        }
        let mut any = |parts: &[Type]| parts.iter().any(|part| self.contains(part, whole, seen));
        match ty {
            Type::Option(of) | Type::Cell(of) | Type::Atomic(of) => any(std::slice::from_ref(of)),
            Type::Result(ok, err) => any(&[(**ok).clone(), (**err).clone()]),
            Type::Tuple(of) => any(of),
            Type::Struct(_) | Type::Enum(_) if seen.contains(ty) => false,
            Type::Struct(id) => {
                seen.push(ty.clone());
                self.structs[id.0].fields.iter().any(|(_, part)| self.contains(part, whole, seen))
            }
            Type::Enum(id) => {
                seen.push(ty.clone());
                let mut fields = self.enums[id.0].variants.iter().flat_map(|variant| &variant.fields);
                fields.any(|(_, part)| self.contains(part, whole, seen))
            }
            _ => false,
        }
    }

    /// Outside of bodies a type is complete: what a name leaves out there (`std::fmt::Result`) nothing infers.
    fn without_holes(&self, ty: Type, syntax: &syn::Type) -> Type {
        if ty.has_holes() { Type::Opaque(text(syntax)) } else { ty }
    }

    pub fn resolve_type(&self, module: usize, self_ty: Option<&Type>, ty: &syn::Type) -> Type {
        self.resolve_type_with(module, self_ty, ty, &HashMap::new())
    }

    fn resolve_type_with(
        &self,
        module: usize,
        self_ty: Option<&Type>,
        ty: &syn::Type,
        params: &HashMap<String, Type>,
    ) -> Type {
        let resolve = |ty: &syn::Type| self.resolve_type_with(module, self_ty, ty, params);
        let opaque = || Type::Opaque(text(ty));
        match ty {
            syn::Type::Paren(inner) => resolve(&inner.elem),
            syn::Type::Group(inner) => resolve(&inner.elem),
            syn::Type::Never(_) => Type::Never,
            syn::Type::Infer(_) => Type::Var(u32::MAX),
            syn::Type::Tuple(tuple) => Type::Tuple(tuple.elems.iter().map(resolve).collect()),
            syn::Type::Reference(reference) if reference.mutability.is_none() => match &*reference.elem {
                syn::Type::Slice(_) | syn::Type::TraitObject(_) => opaque(),
                to => match resolve(to) {
                    Type::Opaque(_) => opaque(),
                    to => Type::Borrow(Box::new(to)),
                },
            },
            syn::Type::Path(path) if path.qself.is_none() => {
                let segments: Vec<String> =
                    path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
                let Some(last) = path.path.segments.last() else { return opaque() };
                let args: Vec<Type> = match &last.arguments {
                    syn::PathArguments::AngleBracketed(args) => args
                        .args
                        .iter()
                        .filter_map(|arg| match arg {
                            syn::GenericArgument::Type(ty) => Some(resolve(ty)),
                            _ => None,
                        })
                        .collect(),
                    _ => vec![],
                };
                self.resolve_type_path(module, self_ty, &segments, args, params).unwrap_or_else(opaque)
            }
            _ => opaque(),
        }
    }

    /// A type by its path and generic arguments.
    pub fn resolve_type_path(
        &self,
        module: usize,
        self_ty: Option<&Type>,
        segments: &[String],
        mut args: Vec<Type>,
        params: &HashMap<String, Type>,
    ) -> Option<Type> {
        let last = segments.last()?.as_str();
        if segments.len() == 1 {
            if let Some(ty) = params.get(last) {
                return Some(ty.clone());
            }
            if last == "Self" {
                return self_ty.cloned();
            }
        }
        if let Some(Item::Alias(alias)) = self.lookup(module, segments, Item::is_type) {
            let alias = &self.aliases[alias];
            let params = alias.params.iter().cloned().zip(args).collect();
            if self.alias_depth.get() > self.aliases.len() {
                return None;
            }
            self.alias_depth.set(self.alias_depth.get() + 1);
            let ty = self.resolve_type_with(alias.module, None, &alias.ty, &params);
            self.alias_depth.set(self.alias_depth.get() - 1);
            return Some(ty);
        }
        match self.lookup(module, segments, Item::is_type) {
            Some(Item::Struct(id)) => return Some(Type::Struct(id)),
            Some(Item::Enum(id)) => return Some(Type::Enum(id)),
            _ => {}
        }
        let mut next = || if args.is_empty() { Type::Var(u32::MAX) } else { args.remove(0) };
        let boxed = |ty: Type| match ty {
            Type::Opaque(_) => None,
            ty => Some(Box::new(ty)),
        };
        let atomic = |ty: Type| Some(Type::Atomic(Box::new(ty)));
        match last {
            "bool" => Some(Type::Bool),
            "f64" => Some(Type::F64),
            "Option" => Some(Type::Option(boxed(next())?)),
            "Result" => Some(Type::Result(boxed(next())?, boxed(next())?)),
            "Ref" => Some(Type::Ref(Box::new(next()))),
            "Arr" => Some(Type::Arr(Box::new(next()))),
            "Cell" => Some(Type::Cell(boxed(next())?)),
            "PhantomData" => Some(Type::unit()),
            "AtomicBool" => atomic(Type::Bool),
            _ => match last.strip_prefix("Atomic") {
                Some(rest) => atomic(Type::Int(crate::frontend::types::Int::parse(&rest.to_lowercase())?)),
                None => crate::frontend::types::Int::parse(last).map(Type::Int),
            },
        }
    }
}

/// Syntax as it stands in messages.
fn text(syntax: &impl Spanned) -> String {
    let text = syntax.span().source_text().unwrap_or_else(|| "_".into());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
