//! Places: locals and memory.

use super::ssa::{Slot, Ssa};
use super::{Lowered, Lowerer, Parts};
use crate::flow::{Arg, BinOp, CmpOp, Const, ConvOp, Mutability, Op, Ty};
use crate::frontend::diag::Pos;
use crate::frontend::hir::{Expr, Kind};
use crate::frontend::layout::{Leaf, Location};
use crate::frontend::types::Type;

/// Where an expression's value is.
pub(super) enum Place {
    Value(Parts),
    Local(Vec<Slot>),
    Memory(Location),
}

impl Lowerer<'_, '_> {
    /// Finds the place of an expression. Nothing is read from memory yet: the caller does so at once.
    pub(super) fn place(&mut self, expr: &Expr) -> Lowered<Place> {
        match &expr.kind {
            Kind::Local(local) => Ok(Place::Local(self.local(*local, expr.pos)?)),
            Kind::Field(base, index) => {
                let base_ty = self.ty(base);
                let place = self.place(base)?;
                if let Place::Memory(location) = &place {
                    return Ok(Place::Memory(location.field(self.program, *index)));
                }
                let range = self.program.field_parts(&base_ty, *index).or_else(|error| self.error(expr.pos, error))?;
                Ok(match place {
                    Place::Value(parts) => Place::Value(parts[range].to_vec()),
                    Place::Local(slots) => Place::Local(slots[range].to_vec()),
                    Place::Memory(_) => unreachable!("returned above"),
                })
            }
            Kind::Deref(handle) => {
                let to = self.ty(expr);
                let base = self.scalar(handle)?;
                if matches!(to, Type::Cell(_) | Type::Atomic(_)) {
                    return self.error(expr.pos, "references to cells are outside the subset");
                }
                Ok(Place::Memory(Location::behind(self.program, base, &to)))
            }
            Kind::CellGet(cell) => match self.place(cell)? {
                Place::Memory(location) => Ok(Place::Memory(location.cell())),
                _ => self.error(expr.pos, "cells are supported only as fields behind a handle"),
            },
            Kind::ItemGet(array, index) => {
                let of = self.ty(expr);
                let (base, index) = (self.scalar(array)?, self.scalar(index)?);
                Ok(Place::Memory(Location::element(self.program, base, index, &of)))
            }
            _ => Ok(Place::Value(self.expr(expr)?)),
        }
    }

    pub(super) fn load_place(&mut self, place: Place, pos: Pos) -> Lowered<Parts> {
        match place {
            Place::Value(parts) => Ok(parts),
            Place::Local(slots) => Ok(self.read(&slots)),
            Place::Memory(location) => self.load(&location, pos),
        }
    }

    fn leaves(&self, location: &Location, pos: Pos) -> Lowered<Vec<Leaf>> {
        let location = Location { ty: self.resolve(&location.ty), ..location.clone() };
        let leaves = self.context.layout.borrow_mut().leaves(self.program, &location);
        leaves.or_else(|message| self.error(pos, message))
    }

    fn load(&mut self, location: &Location, pos: Pos) -> Lowered<Parts> {
        self.ssa.span = pos.into();
        let mut parts = vec![];
        for leaf in self.leaves(location, pos)? {
            let value = match location.index {
                None => self.ssa.emit(Op::Load(leaf.field), vec![location.base], leaf.ty),
                Some(index) => self.ssa.emit(Op::LoadItem(leaf.field), vec![location.base, index], leaf.ty),
            };
            if leaf.nullable {
                let some = self.ssa.emit(Op::Cmp(CmpOp::Ne), vec![value, Ssa::constant(leaf.ty, 0)], Ty::Bool);
                parts.push(some);
            }
            parts.push(value);
        }
        Ok(parts)
    }

    pub(super) fn store(&mut self, location: &Location, parts: &[Arg], pos: Pos) -> Lowered<()> {
        self.ssa.span = pos.into();
        let mut parts = parts.iter().copied();
        let mut next = || parts.next().expect("a value has the parts of its type");
        for leaf in self.leaves(location, pos)? {
            if self.context.layout.borrow().fields[leaf.field.index()].mutability == Mutability::QuasiImmutable {
                let message = format!(
                    "`{}` is quasi-immutable: only residual functions write it, and tell the compiler",
                    location.name
                );
                return self.error(pos, message);
            }
            let value = match leaf.nullable {
                false => next(),
                true => {
                    let (some, address) = (next(), next());
                    self.nullable(some, address, leaf.ty)
                }
            };
            match location.index {
                None => self.ssa.effect(Op::Store(leaf.field), vec![location.base, value]),
                Some(index) => self.ssa.effect(Op::StoreItem(leaf.field), vec![location.base, index, value]),
            }
        }
        Ok(())
    }

    /// The address that stands for an optional handle.
    fn nullable(&mut self, some: Arg, address: Arg, ty: Ty) -> Arg {
        self.ssa.emit(Op::Select, vec![some, address, Ssa::constant(ty, 0)], ty)
    }

    /// The place behind a cell operation.
    fn cell(&mut self, cell: &Expr, pos: Pos) -> Lowered<Location> {
        match self.place(cell)? {
            Place::Memory(location) => Ok(location.cell()),
            _ => self.error(pos, "cells are supported only as fields behind a handle"),
        }
    }

    pub(super) fn cell_set(&mut self, cell: &Expr, value: &Expr, pos: Pos) -> Lowered<Parts> {
        let location = self.cell(cell, pos)?;
        let parts = self.expr(value)?;
        self.store(&location, &parts, pos)?;
        Ok(vec![])
    }

    pub(super) fn cell_replace(&mut self, cell: &Expr, value: &Expr, pos: Pos) -> Lowered<Parts> {
        let location = self.cell(cell, pos)?;
        let parts = self.expr(value)?;
        let before = self.load(&location, pos)?;
        self.store(&location, &parts, pos)?;
        Ok(before)
    }

    pub(super) fn item_set(&mut self, array: &Expr, index: &Expr, value: &Expr, pos: Pos) -> Lowered<Parts> {
        let Type::Arr(of) = self.ty(array) else {
            return self.error(pos, "not an array");
        };
        let (base, index) = (self.scalar(array)?, self.scalar(index)?);
        let parts = self.expr(value)?;
        self.store(&Location::element(self.program, base, index, &of), &parts, pos)?;
        Ok(vec![])
    }

    pub(super) fn item_offset(&mut self, array: &Expr, index: &Expr, back: bool, pos: Pos) -> Lowered<Parts> {
        let Type::Arr(of) = self.ty(array) else {
            return self.error(pos, "not an array");
        };
        let (base, mut index) = (self.scalar(array)?, self.scalar(index)?);
        self.ssa.span = pos.into();
        if back {
            index = self.ssa.emit(Op::Bin(BinOp::Sub), vec![Const::i64(0).into(), index], Ty::I64);
        }
        if index == Arg::Const(Const::i64(0)) {
            return Ok(vec![base]);
        }
        let field = self.context.layout.borrow_mut().stride(self.program, &of);
        Ok(vec![self.ssa.emit(Op::PtrAdd(field), vec![base, index], Ty::Ptr)])
    }

    /// `&place`.
    pub(super) fn address_of(&mut self, place: &Expr, pos: Pos) -> Lowered<Parts> {
        let Place::Memory(location) = self.place(place)? else {
            return self.error(pos, "references to locals and temporaries are outside the subset");
        };
        if location.index.is_some() {
            return self.error(pos, "references to array elements are outside the subset");
        }
        let address = match location.offset.is_empty() {
            true => self.as_ptr(location.base),
            false if !matches!(location.ty, Type::Struct(_)) => {
                return self.error(pos, "references to parts of structures are outside the subset");
            }
            false => {
                let field = self.context.layout.borrow_mut().interior(self.program, &location);
                self.ssa.span = pos.into();
                self.ssa.emit(Op::Interior(field), vec![location.base], Ty::Ptr)
            }
        };
        Ok(vec![address])
    }

    /// A handle as `&T`.
    pub(super) fn as_ptr(&mut self, address: Arg) -> Arg {
        match self.ssa.ty(address) {
            Ty::Ptr => address,
            _ => self.ssa.emit(Op::Conv(ConvOp::Bitcast, Ty::Ptr), vec![address], Ty::Ptr),
        }
    }

    /// Assignment to locals, their fields, or a tuple of these.
    pub(super) fn assign(&mut self, place: &Expr, parts: &[Arg]) -> Lowered<()> {
        if let Kind::Aggregate(fields, None) = &place.kind {
            let ty = self.ty(place);
            for (index, field) in fields {
                let range = self.program.field_parts(&ty, *index).or_else(|error| self.error(field.pos, error))?;
                self.assign(field, &parts[range])?;
            }
            return Ok(());
        }
        match self.place(place)? {
            Place::Local(slots) => self.write(&slots, parts),
            _ => return self.error(place.pos, "only locals and their fields can be assigned to"),
        }
        Ok(())
    }

    /// Reinterprets one scalar as another type.
    pub(super) fn bits(&mut self, value: Arg, to: Ty) -> Arg {
        let from = self.ssa.ty(value);
        if from == to { value } else { self.ssa.emit(Op::Conv(ConvOp::Bitcast, to), vec![value], to) }
    }

    pub(super) fn is_place(kind: &Kind) -> bool {
        matches!(kind, Kind::Local(_) | Kind::Field(..) | Kind::Deref(_) | Kind::CellGet(_) | Kind::ItemGet(..))
    }
}
