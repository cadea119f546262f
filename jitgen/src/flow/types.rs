//! Scalar types and constants.

use serde::{Deserialize, Serialize};

/// The type of a variable. By-value structs, tuples and enums are flattened into several variables by the front end.
/// Signedness is in the operations.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ty {
    Bool,
    I8,
    I16,
    I32,
    I64,
    F64,
    /// An address that no collector cares about.
    Ptr,
    /// A reference to a heap object: must not be live across an operation that may collect, unless anchored.
    Ref,
}

impl Ty {
    /// Width of the value in bits.
    pub fn bits(self) -> u32 {
        match self {
            Ty::Bool => 1,
            Ty::I8 => 8,
            Ty::I16 => 16,
            Ty::I32 => 32,
            Ty::I64 | Ty::F64 | Ty::Ptr | Ty::Ref => 64,
        }
    }

    /// All ones in the width of the type.
    pub fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }

    pub fn is_int(self) -> bool {
        matches!(self, Ty::I8 | Ty::I16 | Ty::I32 | Ty::I64)
    }

    pub fn is_address(self) -> bool {
        matches!(self, Ty::Ptr | Ty::Ref)
    }

    pub fn name(self) -> &'static str {
        match self {
            Ty::Bool => "bool",
            Ty::I8 => "i8",
            Ty::I16 => "i16",
            Ty::I32 => "i32",
            Ty::I64 => "i64",
            Ty::F64 => "f64",
            Ty::Ptr => "ptr",
            Ty::Ref => "ref",
        }
    }
}

/// A constant: the bits of a value, zero-extended from the width of its type (`f64` as its IEEE bits). Every
/// evaluator keeps values in this canonical form.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Const {
    pub ty: Ty,
    pub bits: u64,
}

impl Const {
    pub fn new(ty: Ty, bits: u64) -> Const {
        Const { ty, bits: bits & ty.mask() }
    }

    pub fn bool(value: bool) -> Const {
        Const { ty: Ty::Bool, bits: value as u64 }
    }

    pub fn i64(value: i64) -> Const {
        Const { ty: Ty::I64, bits: value as u64 }
    }

    pub fn f64(value: f64) -> Const {
        Const { ty: Ty::F64, bits: value.to_bits() }
    }

    /// The value as a signed integer, sign-extended from the width of the type.
    pub fn signed(self) -> i64 {
        let shift = 64 - self.ty.bits();
        ((self.bits << shift) as i64) >> shift
    }
}

impl std::fmt::Display for Const {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.ty {
            Ty::Bool => write!(f, "{}", self.bits != 0),
            Ty::F64 => write!(f, "{:?}f64", f64::from_bits(self.bits)),
            Ty::Ptr | Ty::Ref => write!(f, "{:#x}{}", self.bits, self.ty.name()),
            _ => write!(f, "{}{}", self.signed(), self.ty.name()),
        }
    }
}
