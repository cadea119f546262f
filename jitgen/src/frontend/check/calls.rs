//! Calls of functions, constructors and macros.

use super::Checker;
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Cmp, Expr, Hint, Intrinsic, Kind};
use crate::frontend::items::{Assoc, FnId, Item};
use crate::frontend::types::{Int, Type};
use syn::parse::ParseStream;

impl Checker<'_> {
    pub(super) fn call(&mut self, call: &syn::ExprCall, expected: Option<&Type>) -> Expr {
        let pos = self.pos(call);
        let syn::Expr::Path(path) = &*call.func else {
            return self.error(self.pos(&call.func), "only functions known by name can be called");
        };
        if path.qself.is_some() {
            return self.error(self.pos(path), super::paths::QUALIFIED);
        }
        let segments = super::paths::segments(&path.path);
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        if let Some(result) = self.builtin_call(path, &segments, &args, pos) {
            return result;
        }
        if let Some((_, Assoc::Fn(id))) = self.assoc_of(&segments) {
            return self.call_fn(id, None, &args, pos);
        }
        if segments.len() > 1
            && let Some(ty) = self.qualifier(&segments)
            && !matches!(ty, Type::Struct(_) | Type::Enum(_))
            && let Some((receiver, rest)) = args.split_first()
        {
            // A method of a primitive type, called by its path.
            let receiver = self.expr_as(receiver, &ty);
            let name = segments.last().expect("a path has segments").clone();
            return self.method(receiver, &name, rest, self.pos(path));
        }
        if let Some((variant, ty)) = self.variant_of(&segments) {
            if let Some(expected) = expected {
                self.inferred.unify(&ty, expected);
            }
            let types = self.variant_types(&ty, variant);
            return match self.positional_args(&args, &types) {
                Some(fields) => Expr { kind: Kind::Variant(variant, fields), ty, pos },
                None => self.error(pos, format!("expected {} arguments", types.len())),
            };
        }
        if let Some(Item::Fn(id)) = self.program.lookup_value(self.module, &segments) {
            return self.call_fn(id, None, &args, pos);
        }
        if let Some(ty) = self.struct_of(&segments) {
            let types = self.program.fields(&ty);
            return match self.positional_args(&args, &types) {
                Some(fields) => Expr { kind: Kind::Aggregate(fields, None), ty, pos },
                None => self.error(pos, format!("expected {} arguments", types.len())),
            };
        }
        let last = segments.last().map_or("", String::as_str);
        if let Some(result) = self.hint_call(last, &args, pos) {
            return result;
        }
        let message = self.not_found("the function ", &segments);
        self.error(self.pos(path), message)
    }

    fn positional_args(&mut self, args: &[&syn::Expr], types: &[(String, Type)]) -> Option<Vec<(usize, Expr)>> {
        if args.len() != types.len() {
            return None;
        }
        Some(args.iter().zip(types).map(|(arg, (_, ty))| self.expr_as(arg, ty)).enumerate().collect())
    }

    /// A call of a function of the interpreter; a method's receiver is checked already.
    pub(super) fn call_fn(&mut self, id: FnId, receiver: Option<Expr>, args: &[&syn::Expr], pos: Pos) -> Expr {
        let program = self.program;
        let def = &program.fns[id];
        if let Some(why) = def.refused {
            return self.error(pos, format!("`{}` cannot be called: {why}", def.name));
        }
        self.called.push(id);
        let skip = receiver.is_some() as usize;
        if def.params.len() != args.len() + skip {
            let expected = def.params.len() - skip;
            return self.error(pos, format!("`{}` takes {expected} arguments, {} are given", def.name, args.len()));
        }
        let mut checked: Vec<Expr> = receiver.into_iter().collect();
        for (arg, param) in args.iter().zip(&def.params[skip..]) {
            if let Type::Opaque(text) = &param.ty {
                let message = format!("`{}` takes `{text}`, which is outside the subset", def.name);
                return self.error(self.pos(*arg), message);
            }
            checked.push(self.expr_as(arg, &param.ty));
        }
        if let Type::Opaque(text) = &def.ret {
            return self.error(pos, format!("`{}` returns `{text}`, which is outside the subset", def.name));
        }
        Expr { kind: Kind::Call(id, checked), ty: def.ret.clone(), pos }
    }

    /// Functions of the standard library and of the handle types.
    fn builtin_call(
        &mut self,
        path: &syn::ExprPath,
        segments: &[String],
        args: &[&syn::Expr],
        pos: Pos,
    ) -> Option<Expr> {
        let [.., qualifier, name] = segments else { return None };
        let make = |kind: Kind, ty: Type| Expr { kind, ty, pos };
        let intrinsic = |of: Intrinsic, args: Vec<Expr>, ty: Type| make(Kind::Intrinsic(of, args), ty);
        Some(match (qualifier.as_str(), name.as_str(), args) {
            ("Ref", "from_addr", [arg]) => {
                let arg = self.expr_as(arg, &Type::Int(Int::U64));
                let to = self.turbofish(path);
                intrinsic(Intrinsic::Bits, vec![arg], Type::Ref(Box::new(to)))
            }
            ("Arr", "null", []) => {
                let zero = make(Kind::Int(0), Type::Int(Int::U64));
                let of = self.turbofish(path);
                intrinsic(Intrinsic::Bits, vec![zero], Type::Arr(Box::new(of)))
            }
            ("f64", "from_bits", [arg]) => {
                let arg = self.expr_as(arg, &Type::Int(Int::U64));
                intrinsic(Intrinsic::Bits, vec![arg], Type::F64)
            }
            ("f64", "from", [arg]) => {
                let arg = self.expr(arg, None);
                make(Kind::Cast(Box::new(arg)), Type::F64)
            }
            (int, "from", [arg]) if Int::parse(int).is_some() => {
                let ty = Type::Int(Int::parse(int).expect("tested"));
                let arg = self.expr(arg, None);
                make(Kind::Cast(Box::new(arg)), ty)
            }
            ("ptr", "eq", [left, right]) => {
                let (left, right) = (self.address(left), self.address(right));
                make(Kind::Cmp(Cmp::Eq, Box::new(left), Box::new(right)), Type::Bool)
            }
            ("hint", "unreachable_unchecked", []) => make(Kind::Unreachable, Type::Never),
            ("hint", "black_box", [arg]) => self.expr(arg, None),
            ("hint", name, args) => return self.hint_call(name, args, pos),
            _ => return None,
        })
    }

    /// The address of a reference or handle as an integer.
    fn address(&mut self, expr: &syn::Expr) -> Expr {
        let pos = self.pos(expr);
        let value = match expr {
            // The address of what a handle leads to.
            syn::Expr::Reference(reference) => {
                let inner = self.expr(&reference.expr, None);
                match inner.kind {
                    Kind::Deref(handle) => *handle,
                    _ => self.expr(expr, None),
                }
            }
            expr => self.expr(expr, None),
        };
        Expr { kind: Kind::Intrinsic(Intrinsic::Bits, vec![value]), ty: Type::Int(Int::U64), pos }
    }

    /// The generic argument of `Ref::<T>::f`.
    fn turbofish(&mut self, path: &syn::ExprPath) -> Type {
        for segment in &path.path.segments {
            if let syn::PathArguments::AngleBracketed(args) = &segment.arguments
                && let Some(syn::GenericArgument::Type(ty)) = args.args.first()
            {
                return self.written_type(ty);
            }
        }
        self.inferred.fresh()
    }

    fn hint_call(&mut self, name: &str, args: &[&syn::Expr], pos: Pos) -> Option<Expr> {
        let hint = match (name, args.len()) {
            ("concrete", 1) => Hint::Concrete,
            ("deepfreeze", 1) => Hint::Deepfreeze,
            ("rooted", 1) => Hint::Rooted,
            ("promote", 1) => Hint::Promote,
            ("promote_few", 1) => Hint::PromoteFew,
            ("variable", 1) => Hint::Variable,
            ("likely", 1) => Hint::Likely,
            ("dead_from", 1) => Hint::DeadFrom,
            ("interpreting", 0) => return Some(Expr { kind: Kind::Bool(false), ty: Type::Bool, pos }),
            ("merge_point", 0) => return Some(self.merge_point(pos)),
            _ => return None,
        };
        let value = match hint {
            Hint::Likely => self.expr_as(args[0], &Type::Bool),
            _ => self.expr(args[0], None),
        };
        let ty = match hint {
            Hint::PromoteFew => Type::option(value.ty.clone()),
            Hint::DeadFrom => Type::unit(),
            _ => value.ty.clone(),
        };
        Some(Expr { kind: Kind::Hint(hint, Box::new(value)), ty, pos })
    }

    fn merge_point(&mut self, pos: Pos) -> Expr {
        let Some(names) = self.portal.clone() else {
            return self.error(pos, "a merge point stands in a portal");
        };
        let mut locals = vec![];
        for name in names {
            match self.find(&name) {
                Some(super::Named::Local(local)) => locals.push(local),
                _ => return self.error(pos, format!("the portal's variable `{name}` is not in scope")),
            }
        }
        Expr { kind: Kind::MergePoint(locals), ty: Type::unit(), pos }
    }

    pub(super) fn macro_call(&mut self, mac: &syn::Macro, _expected: Option<&Type>) -> Expr {
        let pos = self.pos(&mac.path);
        let name = mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        match name.as_str() {
            "debug_assert" | "debug_assert_eq" | "debug_assert_ne" => {
                Expr { kind: Kind::Block(None, vec![], None), ty: Type::unit(), pos }
            }
            "unreachable" => Expr { kind: Kind::Unreachable, ty: Type::Never, pos },
            "matches" => match mac.parse_body_with(parse_matches) {
                Ok((value, pat, guard)) => self.scoped(|this| {
                    let value = this.expr(&value, None);
                    let pat = this.pattern(&pat, &value.ty);
                    let test = Expr { kind: Kind::Let(Box::new(pat), Box::new(value)), ty: Type::Bool, pos };
                    let kind = match guard {
                        Some(guard) => {
                            let guard = this.expr_as(&guard, &Type::Bool);
                            Kind::And(Box::new(test), Box::new(guard))
                        }
                        None => return test,
                    };
                    Expr { kind, ty: Type::Bool, pos }
                }),
                Err(error) => self.error(Pos::of(self.file, error.span()), error.to_string()),
            },
            "panic" | "todo" | "unimplemented" | "assert" | "assert_eq" | "assert_ne" => self
                .error(pos, format!("`{name}!` is outside the subset: use `unreachable!()`, or a residual function")),
            _ => self.error(pos, format!("the macro `{name}!` is outside the subset")),
        }
    }
}

fn parse_matches(input: ParseStream) -> syn::Result<(syn::Expr, syn::Pat, Option<syn::Expr>)> {
    let value = input.parse()?;
    input.parse::<syn::Token![,]>()?;
    let pat = syn::Pat::parse_multi_with_leading_vert(input)?;
    let guard = match input.parse::<Option<syn::Token![if]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    input.parse::<Option<syn::Token![,]>>()?;
    Ok((value, pat, guard))
}
