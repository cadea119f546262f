//! The items of the interpreter: what the listed files declare, and how names find it.
//!
//! Collection has two steps. First every declaration of every file is entered by name; then types of fields,
//! signatures and constants are resolved, which may refer to any file. A type outside the subset becomes
//! [`Type::Opaque`]: an error only where a value of it is touched.

use super::diag::{Errors, Pos};
use super::marks::{FnMarks, TypeMarks};
use super::types::{EnumId, StructId, Type};
use std::collections::HashMap;
use syn::spanned::Spanned;

pub type FnId = usize;
pub type ConstId = usize;

/// A module of a file: the context in which names are looked up.
pub struct Module {
    pub file: u32,
    pub path: Vec<String>,
    /// Imported names and their full paths.
    pub uses: HashMap<String, Vec<String>>,
}

pub struct StructDef {
    pub name: String,
    /// For generated Rust.
    pub path: String,
    pub module: usize,
    pub fields: Vec<(String, Type)>,
    pub heap: bool,
    /// Nothing in it ever changes.
    pub frozen: bool,
    pub quasi_immutable: Vec<super::marks::Name>,
    pub virtualizable: bool,
    /// `==` compares the fields (derived).
    pub derives_eq: bool,
    syntax: syn::Fields,
}

pub struct Variant {
    pub name: String,
    pub discriminant: i64,
    pub fields: Vec<(String, Type)>,
    syntax: syn::Fields,
}

pub struct EnumDef {
    pub name: String,
    pub path: String,
    pub module: usize,
    pub variants: Vec<Variant>,
    pub derives_eq: bool,
}

impl EnumDef {
    pub fn is_c_like(&self) -> bool {
        self.variants.iter().all(|variant| variant.fields.is_empty())
    }

    pub fn is_signed(&self) -> bool {
        self.variants.iter().any(|variant| variant.discriminant < 0)
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Receiver {
    None,
    Value,
    Reference,
}

pub struct Param {
    /// `None`: `self`.
    pub pattern: Option<syn::Pat>,
    pub name: String,
    pub ty: Type,
}

pub struct FnDef {
    /// `name` or `Type::name`.
    pub name: String,
    pub path: String,
    pub module: usize,
    pub pos: Pos,
    pub self_ty: Option<Type>,
    pub receiver: Receiver,
    pub params: Vec<Param>,
    pub ret: Type,
    pub marks: FnMarks,
    pub is_unsafe: bool,
    /// Has type or constant parameters, which the subset does not have.
    pub generic: bool,
    pub block: syn::Block,
    signature: syn::Signature,
}

pub struct ConstDef {
    pub name: String,
    pub module: usize,
    pub self_ty: Option<Type>,
    pub ty: Type,
    pub expr: syn::Expr,
    syntax: syn::Type,
}

struct Alias {
    module: usize,
    params: Vec<String>,
    ty: syn::Type,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Item {
    Struct(StructId),
    Enum(EnumId),
    Alias(usize),
    Fn(FnId),
    Const(ConstId),
    Variant(EnumId, usize),
}

impl Item {
    fn is_type(self) -> bool {
        matches!(self, Item::Struct(_) | Item::Enum(_) | Item::Alias(_))
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Assoc {
    Fn(FnId),
    Const(ConstId),
}

/// Everything the files declare.
#[derive(Default)]
pub struct Program {
    pub modules: Vec<Module>,
    pub structs: Vec<StructDef>,
    pub enums: Vec<EnumDef>,
    pub fns: Vec<FnDef>,
    pub consts: Vec<ConstDef>,
    aliases: Vec<Alias>,
    names: HashMap<String, Vec<(usize, Item)>>,
    assoc: HashMap<(Type, String), Assoc>,
    /// Features for `cfg`.
    features: Vec<String>,
    impls: Vec<(usize, syn::ItemImpl)>,
}

impl Program {
    /// Collects the items of parsed files: `(module path, file)`, in the order of the sources.
    pub fn collect(files: Vec<(String, syn::File)>, features: &[String], errors: &Errors) -> Program {
        let mut program = Program { features: features.to_vec(), ..Program::default() };
        for (index, (path, file)) in files.into_iter().enumerate() {
            let path = path.split("::").map(str::to_string).collect();
            program.collect_module(index as u32, path, file.items, errors);
        }
        program.resolve(errors);
        program
    }

    fn collect_module(&mut self, file: u32, path: Vec<String>, items: Vec<syn::Item>, errors: &Errors) {
        let id = self.modules.len();
        let prefix = path.join("::");
        self.modules.push(Module { file, path: path.clone(), uses: HashMap::new() });
        for item in items {
            match item {
                syn::Item::Use(item) if self.enabled(&item.attrs) => self.collect_use(id, vec![], &item.tree),
                syn::Item::Mod(item) if self.enabled(&item.attrs) => {
                    if let Some((_, items)) = item.content {
                        let path = path.iter().cloned().chain([item.ident.to_string()]).collect();
                        self.collect_module(file, path, items, errors);
                    }
                }
                syn::Item::Struct(item) if self.enabled(&item.attrs) => {
                    let marks = TypeMarks::parse(&item.attrs, file, errors);
                    let name = item.ident.to_string();
                    self.enter(id, &name, Item::Struct(StructId(self.structs.len())));
                    self.structs.push(StructDef {
                        path: format!("{prefix}::{name}"),
                        name,
                        module: id,
                        fields: vec![],
                        heap: marks.heap,
                        frozen: marks.frozen,
                        quasi_immutable: marks.quasi_immutable,
                        virtualizable: marks.virtualizable,
                        derives_eq: marks.derives_eq,
                        syntax: item.fields,
                    });
                }
                syn::Item::Enum(item) if self.enabled(&item.attrs) => self.collect_enum(id, &prefix, item, errors),
                syn::Item::Fn(item) if self.enabled(&item.attrs) => {
                    let name = item.sig.ident.to_string();
                    let path = format!("{prefix}::{name}");
                    let fn_id = self.add_fn(id, name.clone(), path, None, &item.attrs, item.sig, *item.block, errors);
                    self.enter(id, &name, Item::Fn(fn_id));
                }
                syn::Item::Const(item) if self.enabled(&item.attrs) => {
                    let name = item.ident.to_string();
                    self.enter(id, &name, Item::Const(self.consts.len()));
                    self.consts.push(ConstDef {
                        name,
                        module: id,
                        self_ty: None,
                        ty: Type::unit(),
                        expr: *item.expr,
                        syntax: *item.ty,
                    });
                }
                syn::Item::Type(item) if self.enabled(&item.attrs) => {
                    let params = item.generics.type_params().map(|param| param.ident.to_string()).collect();
                    self.enter(id, &item.ident.to_string(), Item::Alias(self.aliases.len()));
                    self.aliases.push(Alias { module: id, params, ty: *item.ty });
                }
                syn::Item::Impl(item) if item.trait_.is_none() && self.enabled(&item.attrs) => {
                    self.impls.push((id, item))
                }
                _ => {}
            }
        }
    }

    fn collect_enum(&mut self, module: usize, prefix: &str, item: syn::ItemEnum, errors: &Errors) {
        let file = self.modules[module].file;
        let name = item.ident.to_string();
        let enum_id = EnumId(self.enums.len());
        self.enter(module, &name, Item::Enum(enum_id));
        let mut variants = vec![];
        let mut next = 0;
        for (index, variant) in item.variants.into_iter().enumerate() {
            if let Some((_, expr)) = &variant.discriminant {
                match literal_int(expr) {
                    Some(value) => next = value,
                    None => errors.add(Pos::of(file, expr.span()), "the discriminant of a variant must be a literal"),
                }
            }
            let variant_name = variant.ident.to_string();
            self.enter(module, &variant_name, Item::Variant(enum_id, index));
            variants.push(Variant { name: variant_name, discriminant: next, fields: vec![], syntax: variant.fields });
            next += 1;
        }
        let derives_eq = TypeMarks::parse(&item.attrs, file, errors).derives_eq;
        self.enums.push(EnumDef { path: format!("{prefix}::{name}"), name, module, variants, derives_eq });
    }

    fn collect_use(&mut self, module: usize, mut prefix: Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.collect_use(module, prefix, &path.tree);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.collect_use(module, prefix.clone(), tree);
                }
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                if let Some(last) = prefix.last().cloned() {
                    self.modules[module].uses.insert(last, prefix);
                }
            }
            syn::UseTree::Name(name) => {
                prefix.push(name.ident.to_string());
                self.modules[module].uses.insert(name.ident.to_string(), prefix);
            }
            syn::UseTree::Rename(rename) => {
                prefix.push(rename.ident.to_string());
                self.modules[module].uses.insert(rename.rename.to_string(), prefix);
            }
            // Names found by a glob are found by their last segment anyway.
            syn::UseTree::Glob(_) => {}
        }
    }

    fn enter(&mut self, module: usize, name: &str, item: Item) {
        self.names.entry(name.to_string()).or_default().push((module, item));
    }

    #[expect(clippy::too_many_arguments)]
    fn add_fn(
        &mut self,
        module: usize,
        name: String,
        path: String,
        self_ty: Option<Type>,
        attrs: &[syn::Attribute],
        signature: syn::Signature,
        block: syn::Block,
        errors: &Errors,
    ) -> FnId {
        let file = self.modules[module].file;
        let generics = signature.generics.params.iter();
        let generic = generics.clone().any(|param| !matches!(param, syn::GenericParam::Lifetime(_)));
        self.fns.push(FnDef {
            name,
            path,
            module,
            pos: Pos::of(file, signature.ident.span()),
            self_ty,
            receiver: Receiver::None,
            params: vec![],
            ret: Type::unit(),
            marks: FnMarks::parse(attrs, file, errors),
            is_unsafe: signature.unsafety.is_some(),
            generic,
            block,
            signature,
        });
        self.fns.len() - 1
    }

    /// The second step: resolves types.
    fn resolve(&mut self, errors: &Errors) {
        for (module, item) in std::mem::take(&mut self.impls) {
            let self_ty = self.resolve_type(module, None, &item.self_ty);
            let (name, path) = match &self_ty {
                Type::Struct(id) => (self.structs[id.0].name.clone(), self.structs[id.0].path.clone()),
                Type::Enum(id) => (self.enums[id.0].name.clone(), self.enums[id.0].path.clone()),
                _ => continue,
            };
            for item in item.items {
                match item {
                    syn::ImplItem::Fn(item) if self.enabled(&item.attrs) => {
                        let last = item.sig.ident.to_string();
                        let (name, path) = (format!("{name}::{last}"), format!("{path}::{last}"));
                        let self_ty_ = Some(self_ty.clone());
                        let id = self.add_fn(module, name, path, self_ty_, &item.attrs, item.sig, item.block, errors);
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
            let fields = self.resolve_fields(def.module, &Type::Struct(StructId(index)), &def.syntax);
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
                let fields = self.resolve_fields(def.module, &ty, &def.variants[variant].syntax);
                self.enums[index].variants[variant].fields = fields;
            }
        }
        for index in 0..self.consts.len() {
            let def = &self.consts[index];
            let ty = self.resolve_type(def.module, def.self_ty.as_ref(), &def.syntax);
            self.consts[index].ty = ty;
        }
        for index in 0..self.fns.len() {
            self.resolve_signature(index);
        }
    }

    fn resolve_fields(&self, module: usize, self_ty: &Type, fields: &syn::Fields) -> Vec<(String, Type)> {
        let resolve = |(index, field): (usize, &syn::Field)| {
            let name = field.ident.as_ref().map_or_else(|| index.to_string(), syn::Ident::to_string);
            (name, self.resolve_type(module, Some(self_ty), &field.ty))
        };
        fields.iter().filter(|field| self.enabled(&field.attrs)).enumerate().map(resolve).collect()
    }

    fn resolve_signature(&mut self, index: usize) {
        let def = &self.fns[index];
        let (module, self_ty) = (def.module, def.self_ty.as_ref());
        let mut receiver = Receiver::None;
        let mut params = vec![];
        for input in &def.signature.inputs {
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
                        _ => Type::Opaque(text(syntax)),
                    };
                    params.push(Param { pattern: None, name: "self".into(), ty });
                }
                syn::FnArg::Typed(typed) => {
                    let name = match &*typed.pat {
                        syn::Pat::Ident(ident) => ident.ident.to_string(),
                        _ => format!("p{}", params.len()),
                    };
                    let ty = self.resolve_type(module, self_ty, &typed.ty);
                    params.push(Param { pattern: Some((*typed.pat).clone()), name, ty });
                }
            }
        }
        let ret = match &def.signature.output {
            syn::ReturnType::Default => Type::unit(),
            syn::ReturnType::Type(_, ty) => self.resolve_type(module, self_ty, ty),
        };
        let def = &mut self.fns[index];
        (def.receiver, def.params, def.ret) = (receiver, params, ret);
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
            return Some(self.resolve_type_with(alias.module, None, &alias.ty, &params));
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
                Some(rest) => atomic(Type::Int(super::types::Int::parse(&rest.to_lowercase())?)),
                None => super::types::Int::parse(last).map(Type::Int),
            },
        }
    }

    /// A constant or function of a type.
    pub fn assoc(&self, ty: &Type, name: &str) -> Option<Assoc> {
        self.assoc.get(&(ty.clone(), name.to_string())).copied()
    }

    /// A function or constant by its path.
    pub fn lookup_value(&self, module: usize, segments: &[String]) -> Option<Item> {
        self.lookup(module, segments, |item| matches!(item, Item::Fn(_) | Item::Const(_)))
    }

    /// A variant named without its enum (imported).
    pub fn lookup_variant(&self, module: usize, segments: &[String]) -> Option<(EnumId, usize)> {
        match self.lookup(module, segments, |item| matches!(item, Item::Variant(..)))? {
            Item::Variant(id, index) => Some((id, index)),
            _ => None,
        }
    }

    /// The best match: the longest agreement with the written path, then the module of the use itself.
    fn lookup(&self, module: usize, segments: &[String], accept: impl Fn(Item) -> bool) -> Option<Item> {
        let mut segments = segments.to_vec();
        if let Some(full) = self.modules[module].uses.get(segments.first()?) {
            segments.splice(0..1, full.iter().cloned());
        }
        if matches!(segments[0].as_str(), "std" | "core" | "alloc") {
            return None;
        }
        let (name, qualifiers) = segments.split_last()?;
        let relative = |segment: &&String| matches!(segment.as_str(), "crate" | "self" | "super");
        let qualifiers: Vec<&String> = qualifiers.iter().filter(|segment| !relative(segment)).collect();
        let score = |&(at, item): &(usize, Item)| {
            if !accept(item) {
                return None;
            }
            let path = &self.modules[at].path;
            let agreeing = path.iter().rev().zip(qualifiers.iter().rev()).take_while(|(a, b)| a == *b).count();
            let nearness = if at == module { 1000 } else { 0 };
            Some((agreeing * 2000 + nearness + common_prefix(path, &self.modules[module].path), item))
        };
        let mut candidates: Vec<(usize, Item)> = self.names.get(name)?.iter().filter_map(score).collect();
        candidates.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        match candidates[..] {
            [] => None,
            [(first, _), (second, _), ..] if first == second => None,
            [(_, item), ..] => Some(item),
        }
    }

    /// Whether `cfg` attributes keep the item.
    pub fn enabled(&self, attrs: &[syn::Attribute]) -> bool {
        attrs.iter().all(|attr| match &attr.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => {
                list.parse_args::<syn::Meta>().map_or(true, |meta| self.cfg(&meta))
            }
            _ => true,
        })
    }

    fn cfg(&self, meta: &syn::Meta) -> bool {
        let many = |list: &syn::MetaList| {
            type Metas = syn::punctuated::Punctuated<syn::Meta, syn::Token![,]>;
            list.parse_args_with(Metas::parse_terminated).unwrap_or_default()
        };
        match meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => self.features.contains(&name.value()),
                _ => false,
            },
            syn::Meta::List(list) if list.path.is_ident("not") => !many(list).iter().any(|meta| self.cfg(meta)),
            syn::Meta::List(list) if list.path.is_ident("all") => many(list).iter().all(|meta| self.cfg(meta)),
            syn::Meta::List(list) if list.path.is_ident("any") => many(list).iter().any(|meta| self.cfg(meta)),
            _ => false,
        }
    }
}

fn common_prefix(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn literal_int(expr: &syn::Expr) -> Option<i64> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(value), .. }) => value.base10_parse().ok(),
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => literal_int(expr).map(|value| -value),
        syn::Expr::Paren(inner) => literal_int(&inner.expr),
        _ => None,
    }
}

/// Syntax as it stands in messages.
fn text(syntax: &impl Spanned) -> String {
    let text = syntax.span().source_text().unwrap_or_else(|| "_".into());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
