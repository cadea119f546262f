//! The items of the interpreter: what the listed files declare, and how names find it.
//!
//! Collection has two steps. First every declaration of every file is entered by name; then types of fields,
//! signatures and constants are resolved, which may refer to any file. A type outside the subset becomes
//! [`Type::Opaque`]: an error only where a value of it is touched.

use super::cfg;
use super::diag::{Errors, Pos};
use super::marks::{FnMarks, TypeMarks};
use super::types::{EnumId, StructId, Type};
use std::cell::Cell;
use std::collections::HashMap;
use syn::spanned::Spanned;

mod resolve;

pub type FnId = usize;
pub type ConstId = usize;

/// A module of a file: the context in which names are looked up.
pub struct Module {
    pub file: u32,
    pub path: Vec<String>,
    /// Imported names and their full paths.
    pub uses: HashMap<String, Vec<String>>,
    /// Modules all of whose names are imported.
    pub globs: Vec<Vec<String>>,
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
    pub derives_clone: bool,
    /// Has a destructor, which values in graphs would never run.
    pub drops: bool,
    generics: Generics,
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
    pub derives_clone: bool,
    pub drops: bool,
    generics: Generics,
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
    /// Where the type stands.
    pub pos: Pos,
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
    pub ret_pos: Pos,
    pub marks: FnMarks,
    pub is_unsafe: bool,
    /// Why it can neither be called nor translated.
    pub refused: Option<&'static str>,
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

/// Type and constant parameters of an item: what they stand for is outside the subset.
type Generics = HashMap<String, Type>;

fn generics_of(generics: &syn::Generics) -> Generics {
    let name = |param: &syn::GenericParam| match param {
        syn::GenericParam::Type(param) => Some(param.ident.to_string()),
        syn::GenericParam::Const(param) => Some(param.ident.to_string()),
        syn::GenericParam::Lifetime(_) => None,
    };
    generics.params.iter().filter_map(name).map(|name| (name.clone(), Type::Opaque(name))).collect()
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
    /// Aliases being resolved: one that leads to itself is refused.
    alias_depth: Cell<usize>,
    /// Items that the subset does not have, and what they are.
    pub outside: HashMap<String, &'static str>,
    pub(super) names: HashMap<String, Vec<(usize, Item)>>,
    pub(super) assoc: HashMap<(Type, String), Assoc>,
    /// Features for `cfg`.
    pub(super) features: Vec<String>,
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
        self.modules.push(Module { file, path: path.clone(), uses: HashMap::new(), globs: vec![] });
        for item in items {
            cfg::check(cfg::attributes(&item), file, errors);
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
                        derives_clone: marks.derives_clone,
                        drops: false,
                        generics: generics_of(&item.generics),
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
                syn::Item::Impl(item) if self.enabled(&item.attrs) => self.impls.push((id, item)),
                syn::Item::Static(item) => self.outside(&item.ident, "statics are"),
                syn::Item::Union(item) => self.outside(&item.ident, "unions are"),
                syn::Item::Trait(item) => self.outside(&item.ident, "traits are"),
                syn::Item::TraitAlias(item) => self.outside(&item.ident, "traits are"),
                syn::Item::ForeignMod(item) => {
                    for item in &item.items {
                        match item {
                            syn::ForeignItem::Fn(item) => self.outside(&item.sig.ident, "foreign functions are"),
                            syn::ForeignItem::Static(item) => self.outside(&item.ident, "statics are"),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn outside(&mut self, name: &syn::Ident, what: &'static str) {
        self.outside.insert(name.to_string(), what);
    }

    fn collect_enum(&mut self, module: usize, prefix: &str, item: syn::ItemEnum, errors: &Errors) {
        let file = self.modules[module].file;
        let name = item.ident.to_string();
        let enum_id = EnumId(self.enums.len());
        self.enter(module, &name, Item::Enum(enum_id));
        let mut variants: Vec<Variant> = vec![];
        let mut next = 0;
        for variant in item.variants {
            cfg::check(&variant.attrs, file, errors);
            if !self.enabled(&variant.attrs) {
                continue;
            }
            let index = variants.len();
            let span = variant.span();
            if let Some((_, expr)) = &variant.discriminant {
                match literal_int(expr) {
                    Some(value) => next = value,
                    None => errors.add(Pos::of(file, expr.span()), "the discriminant of a variant must be a literal"),
                }
            }
            let variant_name = variant.ident.to_string();
            self.enter(module, &variant_name, Item::Variant(enum_id, index));
            variants.push(Variant { name: variant_name, discriminant: next, fields: vec![], syntax: variant.fields });
            // C-like enums are one byte wide; those with data carry the index of the variant in one.
            let negative = variants.iter().any(|variant| variant.discriminant < 0);
            let range = if negative { -128..=127 } else { 0..=255 };
            if !variants.iter().all(|variant| range.contains(&variant.discriminant)) || index > 255 {
                errors.add(Pos::of(file, span), "the discriminants of an enum must fit in eight bits");
            }
            next = next.wrapping_add(1);
        }
        let marks = TypeMarks::parse(&item.attrs, file, errors);
        self.enums.push(EnumDef {
            path: format!("{prefix}::{name}"),
            name,
            module,
            variants,
            derives_eq: marks.derives_eq,
            derives_clone: marks.derives_clone,
            drops: false,
            generics: generics_of(&item.generics),
        });
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
            syn::UseTree::Glob(_) => self.modules[module].globs.push(prefix),
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
        let refused = if !generics_of(&signature.generics).is_empty() {
            Some("generic functions are outside the subset")
        } else if signature.asyncness.is_some() {
            Some("async functions are outside the subset")
        } else {
            None
        };
        self.fns.push(FnDef {
            name,
            path,
            module,
            pos: Pos::of(file, signature.ident.span()),
            self_ty,
            receiver: Receiver::None,
            params: vec![],
            ret: Type::unit(),
            ret_pos: Pos::of(file, signature.output.span()),
            marks: FnMarks::parse(attrs, file, errors),
            is_unsafe: signature.unsafety.is_some(),
            refused,
            block,
            signature,
        });
        self.fns.len() - 1
    }
}

fn literal_int(expr: &syn::Expr) -> Option<i64> {
    match expr {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(value), .. }) => value.base10_parse().ok(),
        syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Neg(_), expr, .. }) => {
            literal_int(expr).map(i64::wrapping_neg)
        }
        syn::Expr::Paren(inner) => literal_int(&inner.expr),
        _ => None,
    }
}
