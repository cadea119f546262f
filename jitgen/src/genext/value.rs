//! Red boxes.

use crate::flow::{Const, FieldId, Ty, VarId};

/// What a red variable is at compile time.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Val {
    /// Nobody will read it.
    Dead,
    /// Found to be known on the way.
    Const(ConstBits),
    /// A residual variable.
    Var(VarId),
    /// A residual variable seen as another type of 64 bits: the conversion is emitted where it is needed only, so a
    /// float that travels through an integer payload stays a float.
    Cast(Ty, VarId),
    /// The address, as this type of 64 bits, of a container that is described by the state (module `virtuals`).
    Virtual(Ty, u32),
    /// `base + bytes`, not yet computed; `stride` is the element field the address was made with.
    Addr { base: VarId, bytes: i32, stride: FieldId },
}

/// A [`Const`] that can be ordered; of 12 bytes, so that a box has 16. States are full of boxes.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(C, packed(4))]
pub struct ConstBits {
    pub ty: Ty,
    pub bits: u64,
}

impl From<Const> for ConstBits {
    fn from(value: Const) -> ConstBits {
        ConstBits { ty: value.ty, bits: value.bits }
    }
}

impl From<ConstBits> for Const {
    fn from(value: ConstBits) -> Const {
        Const { ty: value.ty, bits: value.bits }
    }
}

impl Val {
    pub fn constant(ty: Ty, bits: u64) -> Val {
        Val::Const(Const::new(ty, bits).into())
    }

    pub fn as_const(self) -> Option<Const> {
        match self {
            Val::Const(value) => Some(value.into()),
            _ => None,
        }
    }

    /// The box, now that the variable is known.
    pub fn replaced(self, var: VarId, value: ConstBits) -> Val {
        match self {
            Val::Var(v) if v == var => Val::Const(value),
            Val::Cast(ty, v) if v == var => Val::Const(ConstBits { ty, bits: value.bits }),
            other => other,
        }
    }

    /// The residual variable it is made of.
    pub fn root(self) -> Option<VarId> {
        match self {
            Val::Var(var) | Val::Cast(_, var) => Some(var),
            Val::Addr { base, .. } => Some(base),
            Val::Dead | Val::Const(_) | Val::Virtual(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Val;

    #[test]
    fn boxes_are_small() {
        assert_eq!(size_of::<Val>(), 16);
    }
}
