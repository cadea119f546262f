//! Attributes that mark functions and types for the generator.

use super::diag::{Errors, Pos};
use crate::flow::Oopspec;
use crate::transform::inline::Inline;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;

/// A dotted name in a mark: `Struct`, `Struct.field`, a parameter.
pub type Name = (String, Pos);

#[derive(Clone, Debug)]
pub enum Effect {
    Reads(Vec<Name>),
    Writes(Vec<Name>),
    /// `below`: how many elements before the address in `param` the written part begins.
    WritesFrom {
        param: Name,
        element: Name,
        below: u32,
    },
    Collects,
    Calls,
}

#[derive(Clone, Debug)]
pub struct PortalMark {
    pub greens: Vec<Name>,
    pub order: Option<Name>,
    /// The function that knows liveness, and the window it speaks of.
    pub live: Option<(Name, Name)>,
    pub pos: Pos,
}

#[derive(Default)]
pub struct FnMarks {
    pub portal: Option<PortalMark>,
    /// `Some(None)`: nothing promised.
    pub residual: Option<Option<Vec<Effect>>>,
    pub elidable: bool,
    pub indirect: bool,
    /// Of an indirect function: the portal whose units it calls.
    pub enters: Option<Name>,
    pub never_inline: bool,
    /// `#[inline(always)]`
    pub inline_always: bool,
    pub unroll: bool,
    /// The contents of what it returns: a structure literal, or an array repetition.
    pub allocates: Option<(syn::Expr, Pos)>,
    pub oopspec: Option<(Oopspec, Pos)>,
}

impl FnMarks {
    /// Opaque to the translator: called through its wrapper.
    pub fn is_opaque(&self) -> bool {
        self.residual.is_some() || self.elidable || self.indirect || self.allocates.is_some() || self.oopspec.is_some()
    }

    pub fn needs_wrapper(&self) -> bool {
        self.is_opaque() || self.portal.is_some() || self.never_inline
    }

    /// What may become of calls in the callers' graphs. Loops are unrolled function by function.
    pub fn inline(&self) -> Inline {
        match self {
            _ if self.needs_wrapper() => Inline::Never,
            _ if self.inline_always && !self.unroll => Inline::Always,
            _ => Inline::Trivial,
        }
    }

    pub fn parse(attrs: &[syn::Attribute], file: u32, errors: &Errors) -> FnMarks {
        let mut marks = FnMarks::default();
        for attr in attrs {
            let Some(name) = attr.path().segments.last().map(|segment| segment.ident.to_string()) else { continue };
            let args = arguments(attr);
            if matches!(name.as_str(), "elidable" | "never_inline" | "unroll") && !args.is_empty() {
                errors.add(Pos::of(file, attr.span()), format!("`{name}` takes no arguments"));
            }
            match name.as_str() {
                "portal" => marks.portal = Some(parse_portal(args, Pos::of(file, attr.span()), file, errors)),
                "residual" if args.is_empty() => marks.residual = Some(None),
                "residual" => {
                    let effects = args.into_iter().filter_map(|arg| parse_effect(arg, file, errors)).collect();
                    marks.residual = Some(Some(effects));
                }
                "elidable" => marks.elidable = true,
                "inline" => marks.inline_always = attr.parse_args::<syn::Ident>().is_ok_and(|how| how == "always"),
                "indirect" => {
                    marks.indirect = true;
                    let enters = |tokens: &Vec<TokenTree>| parse_name(tokens, file).0 == "enters";
                    let (enters, args): (Vec<_>, Vec<_>) = args.into_iter().partition(enters);
                    for tokens in enters {
                        let Argument { name: (_, pos), inner, .. } = parse_argument(tokens, file);
                        match &inner[..] {
                            [portal] => marks.enters = Some(parse_name(portal, file)),
                            _ => errors.add(pos, "`enters` names one portal"),
                        }
                    }
                    if !args.is_empty() {
                        let effects = args.into_iter().filter_map(|arg| parse_effect(arg, file, errors)).collect();
                        marks.residual = Some(Some(effects));
                    }
                }
                "allocates" => {
                    let pos = Pos::of(file, attr.span());
                    match attr.parse_args::<syn::Expr>() {
                        Ok(contents) => marks.allocates = Some((contents, pos)),
                        Err(_) => errors.add(pos, "`allocates` takes a structure literal or `[element; length]`"),
                    }
                }
                "oopspec" => {
                    let pos = Pos::of(file, attr.span());
                    let name = args.first().map_or(String::new(), |arg| parse_name(arg, file).0);
                    match Oopspec::parse(&name) {
                        Some(spec) => marks.oopspec = Some((spec, pos)),
                        None => errors.add(pos, format!("unknown operation `{name}`")),
                    }
                }
                "never_inline" => marks.never_inline = true,
                "unroll" => marks.unroll = true,
                _ => {}
            }
        }
        marks
    }
}

#[derive(Default)]
pub struct TypeMarks {
    pub heap: bool,
    pub frozen: bool,
    pub virtualizable: bool,
    /// Cells that hardly ever change.
    pub quasi_immutable: Vec<Name>,
    pub derives_eq: bool,
    pub derives_clone: bool,
}

impl TypeMarks {
    pub fn parse(attrs: &[syn::Attribute], file: u32, errors: &Errors) -> TypeMarks {
        let mut marks = TypeMarks::default();
        for attr in attrs {
            let Some(name) = attr.path().segments.last().map(|segment| segment.ident.to_string()) else { continue };
            match name.as_str() {
                "heap" => {
                    marks.heap = true;
                    for Argument { name: (name, pos), .. } in arguments_at(attr, file) {
                        match name.as_str() {
                            "frozen" => marks.frozen = true,
                            _ => errors.add(pos, format!("unknown argument `{name}` of `heap`")),
                        }
                    }
                }
                "virtualizable" => marks.virtualizable = true,
                "quasi_immutable" => {
                    marks.quasi_immutable.extend(arguments_at(attr, file).into_iter().map(|arg| arg.name));
                }
                "derive" => {
                    let derives = |name: &str| arguments_at(attr, file).iter().any(|arg| arg.name.0 == name);
                    marks.derives_eq |= derives("PartialEq");
                    marks.derives_clone |= derives("Clone");
                }
                _ => {}
            }
        }
        marks
    }
}

/// `name`, `name = value` or `name(inner)`.
struct Argument {
    name: Name,
    value: Option<Name>,
    inner: Vec<Vec<TokenTree>>,
}

fn arguments(attr: &syn::Attribute) -> Vec<Vec<TokenTree>> {
    match &attr.meta {
        syn::Meta::List(list) => split(list.tokens.clone()),
        _ => vec![],
    }
}

fn arguments_at(attr: &syn::Attribute, file: u32) -> Vec<Argument> {
    arguments(attr).into_iter().map(|tokens| parse_argument(tokens, file)).collect()
}

/// Splits at commas.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![vec![]];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(vec![]),
            _ => parts.last_mut().expect("never empty").push(token),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A name of identifiers, dots and `::`, of which the last path segment counts.
fn parse_name(tokens: &[TokenTree], file: u32) -> Name {
    let mut name = String::new();
    let mut tokens_seen = tokens.iter();
    for token in tokens_seen.by_ref() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => name.clear(),
            TokenTree::Group(_) => break,
            TokenTree::Punct(punct) if punct.as_char() == '=' => break,
            token => name.push_str(&token.to_string()),
        }
    }
    let pos = tokens.first().map_or(Pos::default(), |token| Pos::of(file, token.span()));
    (name, Pos { width: name_width(&pos, &tokens.last().map(|token| Pos::of(file, token.span()))), ..pos })
}

fn name_width(first: &Pos, last: &Option<Pos>) -> u32 {
    match last {
        Some(last) if last.line == first.line => last.column + last.width - first.column,
        _ => first.width,
    }
}

fn parse_argument(tokens: Vec<TokenTree>, file: u32) -> Argument {
    let name = parse_name(&tokens, file);
    let equals = tokens.iter().position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '='));
    let value = equals.map(|at| parse_name(&tokens[at + 1..], file));
    let inner = match tokens.last() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => split(group.stream()),
        _ => vec![],
    };
    Argument { name, value, inner }
}

fn parse_portal(args: Vec<Vec<TokenTree>>, pos: Pos, file: u32, errors: &Errors) -> PortalMark {
    let mut mark = PortalMark { greens: vec![], order: None, live: None, pos };
    for tokens in args {
        let Argument { name: (name, at), value, inner } = parse_argument(tokens, file);
        match name.as_str() {
            "greens" => mark.greens = inner.iter().map(|tokens| parse_name(tokens, file)).collect(),
            "order" => mark.order = value,
            "live" if inner.len() == 2 => mark.live = Some((parse_name(&inner[0], file), parse_name(&inner[1], file))),
            // The other parameters: accepted for the reader's sake.
            "reds" => {}
            _ => errors.add(at, format!("unknown argument `{name}` of `portal`")),
        }
    }
    if mark.order.is_none() {
        errors.add(pos, "a portal names the green that orders positions: `order = pc`");
    }
    mark
}

fn parse_effect(tokens: Vec<TokenTree>, file: u32, errors: &Errors) -> Option<Effect> {
    let Argument { name: (name, pos), inner, .. } = parse_argument(tokens, file);
    let mut names: Vec<Name> = inner.iter().map(|tokens| parse_name(tokens, file)).collect();
    match name.as_str() {
        "pure" => None,
        "reads" => Some(Effect::Reads(names)),
        "writes" => Some(Effect::Writes(names)),
        "writes_from" if names.len() == 2 || names.len() == 3 => {
            let below = match names.get(2).map(|(below, pos)| (below.parse(), *pos)) {
                None => 0,
                Some((Ok(below), _)) => below,
                Some((Err(_), pos)) => {
                    errors.add(pos, "not a number of elements");
                    0
                }
            };
            names.truncate(2);
            let element = names.pop().expect("two names");
            let param = names.pop().expect("two names");
            Some(Effect::WritesFrom { param, element, below })
        }
        "collects" => Some(Effect::Collects),
        "calls" => Some(Effect::Calls),
        _ => {
            errors.add(pos, format!("unknown effect `{name}`"));
            None
        }
    }
}
