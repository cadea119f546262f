//! Checked function bodies: names resolved, methods chosen, every expression typed.
//!
//! Types may still be inference variables: read them through [`Body::ty`].

use super::diag::Pos;
use super::items::{ConstId, FnId};
use super::types::Type;
use crate::flow::OvfOp;
use std::rc::Rc;

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct LocalId(pub usize);

/// A loop or labelled block of a function.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct LoopId(pub usize);

#[derive(Clone, Debug)]
pub struct Local {
    pub name: String,
    pub ty: Type,
}

/// A function's or constant's body.
pub struct Body {
    pub locals: Vec<Local>,
    /// One a parameter; patterns are destructured in `value`.
    pub params: Vec<LocalId>,
    pub ret: Type,
    pub value: Expr,
    pub inferred: super::infer::Inferred,
}

impl Body {
    /// A type with inference variables replaced.
    pub fn ty(&self, ty: &Type) -> Type {
        self.inferred.resolve(ty)
    }
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: Kind,
    pub ty: Type,
    pub pos: Pos,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Un {
    Neg,
    Not,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Bin {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    And,
    Or,
    Xor,
    Shl,
    Shr,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Hint {
    Concrete,
    Deepfreeze,
    Rooted,
    Promote,
    PromoteFew,
    Variable,
    Likely,
    DeadFrom,
}

/// Methods of primitive types that are more than one operator.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Intrinsic {
    /// Signed and unsigned forms are chosen by type.
    Overflowing(Ovf),
    Checked(Ovf),
    Saturating(Ovf),
    CheckedDiv,
    CheckedRem,
    WrappingDiv,
    WrappingRem,
    Abs,
    CheckedAbs,
    OverflowingNeg,
    CheckedNeg,
    Signum,
    LeadingZeros,
    TrailingZeros,
    CountOnes,
    Min,
    Max,
    RotateLeft,
    RotateRight,
    AbsDiff,
    FAbs,
    FSqrt,
    FFloor,
    FCeil,
    FTrunc,
    IsNan,
    IsFinite,
    IsInfinite,
    CopySign,
    /// Reinterprets the single scalar of the operand as the type of the expression.
    Bits,
    /// `Ref<T>` to `&T`.
    Borrow,
    IsVariant(usize),
    /// Option or Result, fallback value.
    UnwrapOr,
    /// The payload of variant `.0`, which it is known to be.
    Unwrap(usize),
    /// Option, error value.
    OkOr,
    /// Result to Option: the payload of variant `.0`.
    Payload(usize),
    /// Option, other option.
    OptionOr,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Ovf {
    Add,
    Sub,
    Mul,
}

impl Ovf {
    pub fn op(self, signed: bool) -> OvfOp {
        match (self, signed) {
            (Ovf::Add, true) => OvfOp::SAdd,
            (Ovf::Sub, true) => OvfOp::SSub,
            (Ovf::Mul, true) => OvfOp::SMul,
            (Ovf::Add, false) => OvfOp::UAdd,
            (Ovf::Sub, false) => OvfOp::USub,
            (Ovf::Mul, false) => OvfOp::UMul,
        }
    }
}

#[derive(Clone, Debug)]
pub enum Kind {
    /// Stands for code that was in error, or is never reached.
    Never,
    Int(u64),
    Bool(bool),
    Float(u64),
    Local(LocalId),
    Const(ConstId),
    Un(Un, Box<Expr>),
    Bin(Bin, Box<Expr>, Box<Expr>),
    Cmp(Cmp, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `as`, from the operand's type to the expression's.
    Cast(Box<Expr>),
    Call(FnId, Vec<Expr>),
    Intrinsic(Intrinsic, Vec<Expr>),
    /// A struct or tuple: fields in the order of evaluation, the rest from a base.
    Aggregate(Vec<(usize, Expr)>, Option<Box<Expr>>),
    /// A variant of an enum, `Option` (1: `Some`) or `Result` (1: `Err`).
    Variant(usize, Vec<(usize, Expr)>),
    Field(Box<Expr>, usize),
    /// The place a handle leads to.
    Deref(Box<Expr>),
    /// The address of a place in memory.
    AddrOf(Box<Expr>),
    CellGet(Box<Expr>),
    CellSet(Box<Expr>, Box<Expr>),
    /// Sets, and gives the value before.
    CellReplace(Box<Expr>, Box<Expr>),
    ItemGet(Box<Expr>, Box<Expr>),
    ItemSet(Box<Expr>, Box<Expr>, Box<Expr>),
    ItemOffset {
        array: Box<Expr>,
        index: Box<Expr>,
        back: bool,
    },
    /// A condition that binds.
    Let(Box<Pat>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    Match(Box<Expr>, Rc<Vec<Arm>>),
    Loop(LoopId, Box<Expr>),
    While(LoopId, Box<Expr>, Box<Expr>),
    For {
        id: LoopId,
        local: Option<LocalId>,
        low: Box<Expr>,
        high: Box<Expr>,
        inclusive: bool,
        body: Box<Expr>,
    },
    Block(Option<LoopId>, Vec<Stmt>, Option<Box<Expr>>),
    Break(LoopId, Option<Box<Expr>>),
    Continue(LoopId),
    Return(Option<Box<Expr>>),
    Assign(Box<Expr>, Box<Expr>),
    AssignOp(Bin, Box<Expr>, Box<Expr>),
    Try(Box<Expr>),
    Hint(Hint, Box<Expr>),
    MergePoint(Vec<LocalId>),
    Unreachable,
}

#[derive(Clone, Debug)]
pub enum Stmt {
    Let { pat: Pat, value: Option<Expr>, otherwise: Option<Expr> },
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub struct Arm {
    pub pat: Pat,
    pub guard: Option<Expr>,
    pub body: Expr,
}

#[derive(Clone, Debug)]
pub struct Pat {
    pub kind: PatKind,
    pub ty: Type,
    pub pos: Pos,
}

#[derive(Clone, Debug)]
pub enum PatKind {
    Wild,
    Bind(LocalId, Option<Box<Pat>>),
    /// Of a struct or tuple.
    Fields(Vec<(usize, Pat)>),
    Variant(usize, Vec<(usize, Pat)>),
    /// Equal to a constant.
    Value(Box<Expr>),
    Range {
        low: Option<Box<Expr>>,
        high: Option<Box<Expr>>,
        inclusive: bool,
    },
    Or(Vec<Pat>),
}
