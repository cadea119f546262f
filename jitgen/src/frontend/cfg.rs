//! Conditional compilation: which items, statements and arms `cfg` attributes keep.

use super::diag::{Errors, Pos};
use super::items::Program;
use syn::spanned::Spanned;

impl Program {
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
        match meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(name), .. }) => self.features.contains(&name.value()),
                _ => false,
            },
            syn::Meta::List(list) if list.path.is_ident("not") => !metas(list).iter().any(|meta| self.cfg(meta)),
            syn::Meta::List(list) if list.path.is_ident("all") => metas(list).iter().all(|meta| self.cfg(meta)),
            syn::Meta::List(list) if list.path.is_ident("any") => metas(list).iter().any(|meta| self.cfg(meta)),
            _ => false,
        }
    }
}

/// Reports conditions whose value is not known at translation time: rustc might decide otherwise. Conditional attributes
/// are reported where they could hide a mark or a condition.
pub fn check(attrs: &[syn::Attribute], file: u32, errors: &Errors) {
    const MEANING: [&str; 10] = [
        "cfg",
        "derive",
        "portal",
        "residual",
        "elidable",
        "indirect",
        "never_inline",
        "unroll",
        "heap",
        "virtualizable",
    ];
    for attr in attrs {
        let syn::Meta::List(list) = &attr.meta else { continue };
        if list.path.is_ident("cfg") {
            match list.parse_args::<syn::Meta>() {
                Ok(meta) => check_condition(&meta, file, errors),
                Err(error) => errors.add(Pos::of(file, error.span()), error.to_string()),
            }
        } else if list.path.is_ident("cfg_attr") {
            let mut inner = metas(list);
            let meant = |meta: &syn::Meta| {
                let name = meta.path().segments.last().map(|segment| segment.ident.to_string());
                name.is_some_and(|name| MEANING.contains(&name.as_str()))
            };
            if !inner.is_empty() && inner.drain(1..).any(|meta| meant(&meta)) {
                errors.add(Pos::of(file, attr.span()), "this attribute may not depend on a condition in the subset");
            }
        }
    }
}

type Metas = syn::punctuated::Punctuated<syn::Meta, syn::Token![,]>;

fn metas(list: &syn::MetaList) -> Vec<syn::Meta> {
    list.parse_args_with(Metas::parse_terminated).unwrap_or_default().into_iter().collect()
}

fn check_condition(meta: &syn::Meta, file: u32, errors: &Errors) {
    let known = match meta {
        syn::Meta::Path(path) => path.is_ident("test") || path.is_ident("doc"),
        syn::Meta::NameValue(pair) => pair.path.is_ident("feature"),
        syn::Meta::List(list) if ["not", "all", "any"].iter().any(|name| list.path.is_ident(name)) => {
            metas(list).iter().for_each(|meta| check_condition(meta, file, errors));
            true
        }
        syn::Meta::List(_) => false,
    };
    if !known {
        errors.add(Pos::of(file, meta.span()), "only `feature` and `test` conditions are known at translation time");
    }
}

/// The attributes of an item.
pub fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

pub fn impl_attributes(item: &syn::ImplItem) -> &[syn::Attribute] {
    match item {
        syn::ImplItem::Fn(item) => &item.attrs,
        syn::ImplItem::Const(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of a statement: those written before an expression belong to its leftmost part.
pub fn statement_attributes(stmt: &syn::Stmt) -> &[syn::Attribute] {
    match stmt {
        syn::Stmt::Local(local) => &local.attrs,
        syn::Stmt::Macro(stmt) => &stmt.attrs,
        syn::Stmt::Item(item) => attributes(item),
        syn::Stmt::Expr(expr, _) => expression_attributes(expr),
    }
}

fn expression_attributes(expr: &syn::Expr) -> &[syn::Attribute] {
    use syn::Expr;
    match expr {
        Expr::Assign(expr) if expr.attrs.is_empty() => expression_attributes(&expr.left),
        Expr::Binary(expr) if expr.attrs.is_empty() => expression_attributes(&expr.left),
        Expr::Cast(expr) if expr.attrs.is_empty() => expression_attributes(&expr.expr),
        Expr::Field(expr) if expr.attrs.is_empty() => expression_attributes(&expr.base),
        Expr::MethodCall(expr) if expr.attrs.is_empty() => expression_attributes(&expr.receiver),
        Expr::Call(expr) if expr.attrs.is_empty() => expression_attributes(&expr.func),
        Expr::Try(expr) if expr.attrs.is_empty() => expression_attributes(&expr.expr),
        Expr::Assign(expr) => &expr.attrs,
        Expr::Binary(expr) => &expr.attrs,
        Expr::Cast(expr) => &expr.attrs,
        Expr::Field(expr) => &expr.attrs,
        Expr::MethodCall(expr) => &expr.attrs,
        Expr::Call(expr) => &expr.attrs,
        Expr::Try(expr) => &expr.attrs,
        Expr::Block(expr) => &expr.attrs,
        Expr::Break(expr) => &expr.attrs,
        Expr::Const(expr) => &expr.attrs,
        Expr::Continue(expr) => &expr.attrs,
        Expr::ForLoop(expr) => &expr.attrs,
        Expr::If(expr) => &expr.attrs,
        Expr::Lit(expr) => &expr.attrs,
        Expr::Loop(expr) => &expr.attrs,
        Expr::Macro(expr) => &expr.attrs,
        Expr::Match(expr) => &expr.attrs,
        Expr::Paren(expr) => &expr.attrs,
        Expr::Path(expr) => &expr.attrs,
        Expr::Return(expr) => &expr.attrs,
        Expr::Struct(expr) => &expr.attrs,
        Expr::Tuple(expr) => &expr.attrs,
        Expr::Unary(expr) => &expr.attrs,
        Expr::Unsafe(expr) => &expr.attrs,
        Expr::While(expr) => &expr.attrs,
        _ => &[],
    }
}
