//! Method calls: those of the interpreter's types, and those of the primitive and handle types.

use super::Checker;
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Bin, Cmp, Expr, Intrinsic, Kind, Ovf, Un};
use crate::frontend::items::{Assoc, Receiver};
use crate::frontend::types::{Int, Type};

impl Checker<'_> {
    pub(super) fn method_call(&mut self, call: &syn::ExprMethodCall) -> Expr {
        let pos = self.pos(&call.method);
        let receiver = self.expr(&call.receiver, None);
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        self.method(receiver, &call.method.to_string(), &args, pos)
    }

    /// A method of a checked receiver. `pos` is that of the name.
    pub(super) fn method(&mut self, receiver: Expr, name: &str, args: &[&syn::Expr], pos: Pos) -> Expr {
        let receiver_ty = receiver.ty.clone();
        if self.inferred.is_free(&receiver_ty) {
            return self.error(pos, "type annotations needed");
        }
        let found = self.autoderef(receiver, |this, ty| match ty {
            Type::Ref(_) => matches!(name, "addr").then_some(None),
            Type::Borrow(_) => None,
            Type::Struct(_) | Type::Enum(_) => match this.program.assoc(ty, name) {
                Some(Assoc::Fn(id)) if this.program.fns[id].receiver != Receiver::None => Some(Some(id)),
                _ if name == "clone" && this.derives_clone(ty) => Some(None),
                _ => None,
            },
            _ => Some(None),
        });
        match found {
            Ok((receiver, Some(id))) => {
                let receiver = match self.program.fns[id].receiver {
                    Receiver::Reference => self.address_of(receiver),
                    _ => receiver,
                };
                self.call_fn(id, Some(receiver), args, pos)
            }
            Ok((receiver, None)) => {
                let ty = self.inferred.shallow(&receiver.ty);
                if name == "clone" && args.is_empty() {
                    return receiver;
                }
                let result = match &ty {
                    Type::Int(int) => self.int_method(&receiver, *int, name, args),
                    Type::F64 => self.float_method(&receiver, name, args),
                    Type::Ref(_) if name == "addr" => Some(bits(receiver.clone(), Type::Int(Int::U64))),
                    Type::Arr(of) => self.array_method(&receiver, of, name, args),
                    Type::Cell(of) | Type::Atomic(of) => self.cell_method(&receiver, &ty, of, name, args),
                    Type::Option(_) | Type::Result(..) => self.variant_method(&receiver, &ty, name, args),
                    _ => None,
                };
                match result {
                    Some(expr) => Expr { pos, ..expr },
                    None => {
                        let message = format!("no method `{name}` on `{}` in the subset", self.type_name(&ty));
                        self.error(pos, message)
                    }
                }
            }
            Err(_) if name == "clone" && self.inferred.shallow(&receiver_ty).pointee().is_some() => {
                self.error(pos, "`clone` of handles is outside the subset: they are `Copy`")
            }
            Err(_) => {
                let message = format!("no method `{name}` on `{}` in the subset", self.type_name(&receiver_ty));
                self.error(pos, message)
            }
        }
    }

    fn derives_clone(&self, ty: &Type) -> bool {
        match ty {
            Type::Struct(id) => self.program.structs[id.0].derives_clone,
            Type::Enum(id) => self.program.enums[id.0].derives_clone,
            _ => false,
        }
    }

    fn int_method(&mut self, receiver: &Expr, int: Int, name: &str, args: &[&syn::Expr]) -> Option<Expr> {
        let this = Box::new(receiver.clone());
        let pos = receiver.pos;
        let ty = Type::Int(int);
        let make = |kind: Kind, ty: Type| Some(Expr { kind, ty, pos });
        let literal = |value: u64, ty: Type| Box::new(Expr { kind: Kind::Int(value), ty, pos });
        let overflow = |name: &str| match name {
            "add" => Some(Ovf::Add),
            "sub" => Some(Ovf::Sub),
            "mul" => Some(Ovf::Mul),
            _ => None,
        };
        let unsigned = match int {
            Int::I8 => Int::U8,
            Int::I16 => Int::U16,
            Int::I32 => Int::U32,
            Int::I64 => Int::U64,
            Int::Isize => Int::Usize,
            other => other,
        };
        match (name, args) {
            ("wrapping_neg", []) => make(Kind::Un(Un::Neg, this), ty),
            ("is_negative", []) => make(Kind::Cmp(Cmp::Lt, this, literal(0, ty)), Type::Bool),
            ("is_positive", []) => make(Kind::Cmp(Cmp::Gt, this, literal(0, ty)), Type::Bool),
            ("is_power_of_two", []) => {
                let ones = make(Kind::Intrinsic(Intrinsic::CountOnes, vec![*this]), Type::Int(Int::U32))?;
                let one = literal(1, Type::Int(Int::U32));
                make(Kind::Cmp(Cmp::Eq, Box::new(ones), one), Type::Bool)
            }
            ("abs" | "wrapping_abs", []) => make(Kind::Intrinsic(Intrinsic::Abs, vec![*this]), ty),
            ("unsigned_abs", []) => make(Kind::Intrinsic(Intrinsic::Abs, vec![*this]), Type::Int(unsigned)),
            ("cast_unsigned" | "cast_signed", []) => {
                let to = if int.signed() { unsigned } else { signed_of(int) };
                make(Kind::Cast(this), Type::Int(to))
            }
            ("leading_zeros", []) => make(Kind::Intrinsic(Intrinsic::LeadingZeros, vec![*this]), Type::Int(Int::U32)),
            ("trailing_zeros", []) => make(Kind::Intrinsic(Intrinsic::TrailingZeros, vec![*this]), Type::Int(Int::U32)),
            ("count_ones", []) => make(Kind::Intrinsic(Intrinsic::CountOnes, vec![*this]), Type::Int(Int::U32)),
            ("signum", []) => make(Kind::Intrinsic(Intrinsic::Signum, vec![*this]), ty),
            ("checked_abs", []) => make(Kind::Intrinsic(Intrinsic::CheckedAbs, vec![*this]), Type::option(ty)),
            ("checked_neg", []) => make(Kind::Intrinsic(Intrinsic::CheckedNeg, vec![*this]), Type::option(ty)),
            ("overflowing_neg", []) => {
                let pair = Type::Tuple(vec![ty, Type::Bool]);
                make(Kind::Intrinsic(Intrinsic::OverflowingNeg, vec![*this]), pair)
            }
            ("wrapping_shl" | "wrapping_shr" | "rotate_left" | "rotate_right", [count]) => {
                let count = self.expr_as(count, &Type::Int(Int::U32));
                match name {
                    "wrapping_shl" => make(Kind::Bin(Bin::Shl, this, Box::new(count)), ty),
                    "wrapping_shr" => make(Kind::Bin(Bin::Shr, this, Box::new(count)), ty),
                    "rotate_left" => make(Kind::Intrinsic(Intrinsic::RotateLeft, vec![*this, count]), ty),
                    _ => make(Kind::Intrinsic(Intrinsic::RotateRight, vec![*this, count]), ty),
                }
            }
            ("clamp", [low, high]) => {
                let (low, high) = (self.expr_as(low, &ty), self.expr_as(high, &ty));
                let raised = make(Kind::Intrinsic(Intrinsic::Max, vec![*this, low]), ty.clone())?;
                make(Kind::Intrinsic(Intrinsic::Min, vec![raised, high]), ty)
            }
            (_, [arg]) => {
                let (family, operation) = name.split_once('_').unwrap_or(("", name));
                let intrinsic = match (family, operation, overflow(operation)) {
                    ("overflowing", _, Some(op)) => Intrinsic::Overflowing(op),
                    ("checked", _, Some(op)) => Intrinsic::Checked(op),
                    ("saturating", _, Some(op)) if op != Ovf::Mul => Intrinsic::Saturating(op),
                    ("checked", "div", _) => Intrinsic::CheckedDiv,
                    ("checked", "rem", _) => Intrinsic::CheckedRem,
                    ("wrapping", "div", _) => Intrinsic::WrappingDiv,
                    ("wrapping", "rem", _) => Intrinsic::WrappingRem,
                    ("abs", "diff", _) => Intrinsic::AbsDiff,
                    ("", "min", _) => Intrinsic::Min,
                    ("", "max", _) => Intrinsic::Max,
                    ("wrapping", _, Some(op)) => {
                        let arg = Box::new(self.expr_as(arg, &ty));
                        let bin = match op {
                            Ovf::Add => Bin::Add,
                            Ovf::Sub => Bin::Sub,
                            Ovf::Mul => Bin::Mul,
                        };
                        return make(Kind::Bin(bin, this, arg), ty);
                    }
                    _ => return None,
                };
                let arg = self.expr_as(arg, &ty);
                let result = match intrinsic {
                    Intrinsic::Overflowing(_) => Type::Tuple(vec![ty, Type::Bool]),
                    Intrinsic::Checked(_) | Intrinsic::CheckedDiv | Intrinsic::CheckedRem => Type::option(ty),
                    Intrinsic::AbsDiff => Type::Int(unsigned),
                    _ => ty,
                };
                make(Kind::Intrinsic(intrinsic, vec![*this, arg]), result)
            }
            _ => None,
        }
    }

    fn float_method(&mut self, receiver: &Expr, name: &str, args: &[&syn::Expr]) -> Option<Expr> {
        let this = receiver.clone();
        let pos = receiver.pos;
        let (intrinsic, ty) = match (name, args) {
            ("abs", []) => (Intrinsic::FAbs, Type::F64),
            ("sqrt", []) => (Intrinsic::FSqrt, Type::F64),
            ("floor", []) => (Intrinsic::FFloor, Type::F64),
            ("ceil", []) => (Intrinsic::FCeil, Type::F64),
            ("trunc", []) => (Intrinsic::FTrunc, Type::F64),
            ("is_nan", []) => (Intrinsic::IsNan, Type::Bool),
            ("is_finite", []) => (Intrinsic::IsFinite, Type::Bool),
            ("is_infinite", []) => (Intrinsic::IsInfinite, Type::Bool),
            ("to_bits", []) => (Intrinsic::Bits, Type::Int(Int::U64)),
            ("is_sign_negative", []) => {
                let zero = Expr { kind: Kind::Int(0), ty: Type::Int(Int::I64), pos };
                let kind = Kind::Cmp(Cmp::Lt, Box::new(bits(this, Type::Int(Int::I64))), Box::new(zero));
                return Some(Expr { kind, ty: Type::Bool, pos });
            }
            ("copysign", [sign]) => {
                let sign = self.expr_as(sign, &Type::F64);
                let kind = Kind::Intrinsic(Intrinsic::CopySign, vec![this, sign]);
                return Some(Expr { kind, ty: Type::F64, pos });
            }
            _ => return None,
        };
        Some(Expr { kind: Kind::Intrinsic(intrinsic, vec![this]), ty, pos })
    }

    fn array_method(&mut self, receiver: &Expr, of: &Type, name: &str, args: &[&syn::Expr]) -> Option<Expr> {
        let array = Box::new(receiver.clone());
        let pos = receiver.pos;
        let make = |kind: Kind, ty: Type| Some(Expr { kind, ty, pos });
        match (name, args) {
            ("get", [index]) => {
                let index = Box::new(self.expr_as(index, &Type::USIZE));
                make(Kind::ItemGet(array, index), of.clone())
            }
            ("set", [index, value]) => {
                let index = Box::new(self.expr_as(index, &Type::USIZE));
                let value = Box::new(self.expr_as(value, of));
                make(Kind::ItemSet(array, index, value), Type::unit())
            }
            ("offset" | "back", [index]) => {
                let index = Box::new(self.expr_as(index, &Type::USIZE));
                make(Kind::ItemOffset { array, index, back: name == "back" }, receiver.ty.clone())
            }
            ("addr", []) => Some(bits(*array, Type::Int(Int::U64))),
            _ => None,
        }
    }

    fn cell_method(
        &mut self,
        receiver: &Expr,
        cell: &Type,
        of: &Type,
        name: &str,
        args: &[&syn::Expr],
    ) -> Option<Expr> {
        let place = Box::new(receiver.clone());
        let pos = receiver.pos;
        let make = |kind: Kind, ty: Type| Some(Expr { kind, ty, pos });
        let atomic = matches!(cell, Type::Atomic(_));
        match (name, args) {
            ("get", []) if !atomic => make(Kind::CellGet(place), of.clone()),
            ("load", [order]) if atomic => {
                self.relaxed(order);
                make(Kind::CellGet(place), of.clone())
            }
            ("set", [value]) if !atomic => {
                let value = Box::new(self.expr_as(value, of));
                make(Kind::CellSet(place, value), Type::unit())
            }
            ("store", [value, order]) if atomic => {
                self.relaxed(order);
                let value = Box::new(self.expr_as(value, of));
                make(Kind::CellSet(place, value), Type::unit())
            }
            ("replace", [value]) if !atomic => {
                let value = Box::new(self.expr_as(value, of));
                make(Kind::CellReplace(place, value), of.clone())
            }
            _ => None,
        }
    }

    /// Compiled code knows one order of accesses.
    fn relaxed(&mut self, order: &syn::Expr) {
        let relaxed = matches!(order, syn::Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Relaxed"));
        if !relaxed {
            self.errors.add(self.pos(order), "only `Ordering::Relaxed` is in the subset");
        }
    }

    /// Methods of `Option` and `Result`.
    fn variant_method(&mut self, receiver: &Expr, ty: &Type, name: &str, args: &[&syn::Expr]) -> Option<Expr> {
        let this = receiver.clone();
        let pos = receiver.pos;
        let make = |of: Intrinsic, args: Vec<Expr>, ty: Type| Some(Expr { kind: Kind::Intrinsic(of, args), ty, pos });
        match (ty, name, args) {
            (_, "is_some" | "is_err", []) => make(Intrinsic::IsVariant(1), vec![this], Type::Bool),
            (_, "is_none" | "is_ok", []) => make(Intrinsic::IsVariant(0), vec![this], Type::Bool),
            (Type::Option(of), "unwrap" | "unwrap_unchecked", []) => {
                make(Intrinsic::Unwrap(1), vec![this], (**of).clone())
            }
            (Type::Option(of), "expect", [_]) => make(Intrinsic::Unwrap(1), vec![this], (**of).clone()),
            (Type::Result(of, _), "unwrap" | "unwrap_unchecked", []) => {
                make(Intrinsic::Unwrap(0), vec![this], (**of).clone())
            }
            (Type::Result(of, _), "expect", [_]) => make(Intrinsic::Unwrap(0), vec![this], (**of).clone()),
            (Type::Result(_, of), "unwrap_err", []) => make(Intrinsic::Unwrap(1), vec![this], (**of).clone()),
            (Type::Option(of) | Type::Result(of, _), "unwrap_or", [fallback]) => {
                let fallback = self.expr_as(fallback, of);
                make(Intrinsic::UnwrapOr, vec![this, fallback], (**of).clone())
            }
            (Type::Option(of), "ok_or", [error]) => {
                let error = self.expr(error, None);
                let ty = Type::Result(of.clone(), Box::new(error.ty.clone()));
                make(Intrinsic::OkOr, vec![this, error], ty)
            }
            (Type::Option(_), "or", [other]) => {
                let other = self.expr_as(other, ty);
                make(Intrinsic::OptionOr, vec![this, other], ty.clone())
            }
            (Type::Result(of, _), "ok", []) => make(Intrinsic::Payload(0), vec![this], Type::Option(of.clone())),
            (Type::Result(_, of), "err", []) => make(Intrinsic::Payload(1), vec![this], Type::Option(of.clone())),
            _ => None,
        }
    }
}

/// Reinterprets a scalar.
fn bits(value: Expr, ty: Type) -> Expr {
    Expr { pos: value.pos, kind: Kind::Intrinsic(Intrinsic::Bits, vec![value]), ty }
}

fn signed_of(int: Int) -> Int {
    match int {
        Int::U8 => Int::I8,
        Int::U16 => Int::I16,
        Int::U32 => Int::I32,
        Int::U64 => Int::I64,
        Int::Usize => Int::Isize,
        other => other,
    }
}
