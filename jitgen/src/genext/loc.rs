//! Locations: where in memory something lies, as compile time knows it.

use super::value::Val;
use crate::flow::{FieldId, VarId};

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Base {
    Var(VarId),
    Const(u64),
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Index {
    /// Bytes from the base, the field's offset not counted.
    Bytes(i64),
    /// Element number, with bytes added.
    Var(VarId, i64),
}

/// A field, a base and an index, in 24 bytes: to compare locations is what is done most often with them. They are ordered by
/// field, base and index, variables before constant bases, constant places before others.
#[derive(Copy, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Loc {
    /// The field's number, and whether the base is constant.
    head: u32,
    base: u64,
    /// The number of the index variable, counted from 1; 0 if there is none.
    var: u32,
    bytes: i64,
}

impl Loc {
    pub fn new(field: FieldId, base: Base, index: Index) -> Loc {
        let (is_const, base) = match base {
            Base::Var(var) => (0, u64::from(var.0)),
            Base::Const(bits) => (1, bits),
        };
        let (var, bytes) = match index {
            Index::Bytes(bytes) => (0, bytes),
            Index::Var(var, bytes) => (var.0 + 1, bytes),
        };
        Loc { head: field.0 << 1 | is_const, base, var, bytes }
    }

    pub fn field(&self) -> FieldId {
        FieldId(self.head >> 1)
    }

    pub fn base(&self) -> Base {
        if self.head & 1 == 0 { Base::Var(VarId(self.base as u32)) } else { Base::Const(self.base) }
    }

    pub fn index(&self) -> Index {
        match self.var.checked_sub(1) {
            None => Index::Bytes(self.bytes),
            Some(var) => Index::Var(VarId(var), self.bytes),
        }
    }

    /// The constant place, if it is one.
    pub fn bytes(&self) -> Option<i64> {
        (self.var == 0).then_some(self.bytes)
    }

    /// The variables in it: of each one's number, modulo 64, a bit.
    pub fn vars(&self) -> u64 {
        let base = if self.head & 1 == 0 { 1 << (self.base % 64) } else { 0 };
        let index = if self.var != 0 { 1 << ((self.var - 1) % 64) } else { 0 };
        base | index
    }

    pub fn at_base(&self, base: Base) -> Loc {
        Loc::new(self.field(), base, self.index())
    }

    pub fn at_index(&self, index: Index) -> Loc {
        Loc::new(self.field(), self.base(), index)
    }

    pub fn is_based_on(&self, var: VarId) -> bool {
        self.head & 1 == 0 && self.base == u64::from(var.0)
    }

    pub fn is_indexed_by(&self, var: VarId) -> bool {
        self.var == var.0 + 1
    }

    /// Both at constant places of one array or structure, of one field: they are distinct, or the same location.
    pub fn is_beside(&self, other: &Loc) -> bool {
        (self.head, self.base) == (other.head, other.base) && self.var | other.var == 0
    }
}

impl std::fmt::Debug for Loc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.{:?}[{:?}]", self.base(), self.field(), self.index())
    }
}

impl Val {
    /// The address it is: a base, and bytes from there.
    pub fn place(self) -> Option<(Base, i64)> {
        match self {
            Val::Var(var) | Val::Cast(_, var) => Some((Base::Var(var), 0)),
            Val::Addr { base, bytes, .. } => Some((Base::Var(base), bytes.into())),
            Val::Const(value) => Some((Base::Const(value.bits), 0)),
            Val::Dead | Val::Virtual(..) => None,
        }
    }
}
