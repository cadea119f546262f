//! Operations. Each variant says its operand and result types; the verifier checks them.

use super::{FieldId, FuncId, SigId, Ty};
use serde::{Deserialize, Serialize};

/// `(T, T) -> T`. Integer operations wrap; shift counts are taken modulo the width. Division and remainder by zero,
/// and the overflowing signed division, must not happen: the interpreter guards them (`MIN / -1` included).
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    SDiv,
    UDiv,
    SRem,
    URem,
    /// On `bool` too.
    And,
    Or,
    Xor,
    Shl,
    UShr,
    SShr,
    FAdd,
    FSub,
    FMul,
    FDiv,
}

/// `(T, T) -> (T, bool)`: the wrapped result and whether it overflowed.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum OvfOp {
    SAdd,
    SSub,
    SMul,
    UAdd,
    USub,
    UMul,
}

/// `(T, T) -> bool`. `Eq` and `Ne` take integers, booleans and addresses; `F…` take `f64`, with IEEE meaning.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum CmpOp {
    Eq,
    Ne,
    SLt,
    SLe,
    SGt,
    SGe,
    ULt,
    ULe,
    UGt,
    UGe,
    FEq,
    FNe,
    FLt,
    FLe,
    FGt,
    FGe,
}

/// `T -> T`.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum UnOp {
    Neg,
    /// Bitwise; logical on `bool`.
    Not,
    FNeg,
    FAbs,
    FSqrt,
    FFloor,
    FCeil,
    FTrunc,
    /// Leading zeros, trailing zeros, ones: of integers, in the operand's type.
    Clz,
    Ctz,
    Popcnt,
}

/// `T -> U`, the result type given by the operation.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum ConvOp {
    /// Integer (or `bool`) to a wider integer.
    Zext,
    Sext,
    /// Integer to a narrower integer.
    Trunc,
    SToF,
    UToF,
    /// Saturating, NaN to zero, as Rust's `as`.
    FToS,
    FToU,
    /// Between `i64`, `f64`, `ptr` and `ref`.
    Bitcast,
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Op {
    Bin(BinOp),
    Ovf(OvfOp),
    Cmp(CmpOp),
    Un(UnOp),
    Conv(ConvOp, Ty),
    /// `(bool, T, T) -> T`.
    Select,
    /// `(address) -> T`: a field of a structure.
    Load(FieldId),
    /// `(address, T)`.
    Store(FieldId),
    /// `(address, i64 index) -> T`: a part of element `index`.
    LoadItem(FieldId),
    /// `(address, i64 index, T)`.
    StoreItem(FieldId),
    /// `(address, i64 index) -> address`: `address + index * stride`, the stride that of the item field.
    PtrAdd(FieldId),
    /// `(address) -> ptr`: the address of a field that is itself a structure held by value.
    Interior(FieldId),
    /// The function's parameters to its results.
    Call(FuncId),
    /// A code address, then the signature's parameters, to its results; unit calling convention.
    CallIndirect(SigId),
    /// The address of a unit's code, then what the unit takes, to status and value. In residual graphs only.
    CallUnit(SigId),
    /// As `CallUnit`, with the address of a cell that holds that of the code.
    CallEntry(SigId),
    /// Hints; see [`crate::hint`]. `T -> T`.
    Concrete,
    /// The operand is reachable from a root here and as long as the value is used: see [`crate::hints::rooting`].
    Rooted,
    /// What lies behind the operand never changes: see [`crate::transform::freeze`].
    Deepfreeze,
    Promote,
    Variable,
    /// `T -> (bool known, T)`: `known` is false on the path that gave up; the value then is the operand, still red.
    PromoteFew,
    /// `bool -> bool`: assumed true without a profile.
    Likely,
    /// The portal's variables, in the order of its parameters. No results. First operation of its block.
    MergePoint,
    /// `(address)`: elements from there on are not read before they are written.
    DeadFrom,
}

impl Op {
    /// No effect, no trap on operands that satisfy the precondition, result a function of the operands alone.
    pub fn is_pure(self) -> bool {
        matches!(
            self,
            Op::Bin(_)
                | Op::Ovf(_)
                | Op::Cmp(_)
                | Op::Un(_)
                | Op::Conv(..)
                | Op::Select
                | Op::PtrAdd(_)
                | Op::Interior(_)
        )
    }

    pub fn is_hint(self) -> bool {
        matches!(
            self,
            Op::Concrete
                | Op::Deepfreeze
                | Op::Rooted
                | Op::Promote
                | Op::Variable
                | Op::PromoteFew
                | Op::Likely
                | Op::MergePoint
                | Op::DeadFrom
        )
    }

    /// The name in printed graphs and in counts of residual operations, e.g. `add`, `load`, `call`.
    pub fn name(self) -> &'static str {
        match self {
            Op::Bin(op) => match op {
                BinOp::Add => "add",
                BinOp::Sub => "sub",
                BinOp::Mul => "mul",
                BinOp::SDiv => "sdiv",
                BinOp::UDiv => "udiv",
                BinOp::SRem => "srem",
                BinOp::URem => "urem",
                BinOp::And => "and",
                BinOp::Or => "or",
                BinOp::Xor => "xor",
                BinOp::Shl => "shl",
                BinOp::UShr => "ushr",
                BinOp::SShr => "sshr",
                BinOp::FAdd => "fadd",
                BinOp::FSub => "fsub",
                BinOp::FMul => "fmul",
                BinOp::FDiv => "fdiv",
            },
            Op::Ovf(op) => match op {
                OvfOp::SAdd => "sadd_ovf",
                OvfOp::SSub => "ssub_ovf",
                OvfOp::SMul => "smul_ovf",
                OvfOp::UAdd => "uadd_ovf",
                OvfOp::USub => "usub_ovf",
                OvfOp::UMul => "umul_ovf",
            },
            Op::Cmp(op) => match op {
                CmpOp::Eq => "eq",
                CmpOp::Ne => "ne",
                CmpOp::SLt => "slt",
                CmpOp::SLe => "sle",
                CmpOp::SGt => "sgt",
                CmpOp::SGe => "sge",
                CmpOp::ULt => "ult",
                CmpOp::ULe => "ule",
                CmpOp::UGt => "ugt",
                CmpOp::UGe => "uge",
                CmpOp::FEq => "feq",
                CmpOp::FNe => "fne",
                CmpOp::FLt => "flt",
                CmpOp::FLe => "fle",
                CmpOp::FGt => "fgt",
                CmpOp::FGe => "fge",
            },
            Op::Un(op) => match op {
                UnOp::Neg => "neg",
                UnOp::Not => "not",
                UnOp::FNeg => "fneg",
                UnOp::FAbs => "fabs",
                UnOp::FSqrt => "fsqrt",
                UnOp::FFloor => "ffloor",
                UnOp::FCeil => "fceil",
                UnOp::FTrunc => "ftrunc",
                UnOp::Clz => "clz",
                UnOp::Ctz => "ctz",
                UnOp::Popcnt => "popcnt",
            },
            Op::Conv(op, _) => match op {
                ConvOp::Zext => "zext",
                ConvOp::Sext => "sext",
                ConvOp::Trunc => "trunc",
                ConvOp::SToF => "s_to_f",
                ConvOp::UToF => "u_to_f",
                ConvOp::FToS => "f_to_s",
                ConvOp::FToU => "f_to_u",
                ConvOp::Bitcast => "bitcast",
            },
            Op::Select => "select",
            Op::Load(_) => "load",
            Op::Store(_) => "store",
            Op::LoadItem(_) => "load_item",
            Op::StoreItem(_) => "store_item",
            Op::PtrAdd(_) => "ptr_add",
            Op::Interior(_) => "interior",
            Op::Call(_) => "call",
            Op::CallIndirect(_) => "call_indirect",
            Op::CallUnit(_) => "call_unit",
            Op::CallEntry(_) => "call_entry",
            Op::Concrete => "concrete",
            Op::Deepfreeze => "deepfreeze",
            Op::Rooted => "rooted",
            Op::Promote => "promote",
            Op::Variable => "variable",
            Op::PromoteFew => "promote_few",
            Op::Likely => "likely",
            Op::MergePoint => "merge_point",
            Op::DeadFrom => "dead_from",
        }
    }
}
