//! The one intermediate representation: typed flow graphs in SSA form.
//!
//! The interpreter's functions and the residual code are both [`Graph`]s, so one printer, one verifier, one evaluator
//! and one lowering serve both. A [`Module`] holds the graphs of an interpreter with the descriptors they refer to:
//! fields, functions, signatures, portals.

mod dominators;
mod dot;
mod graph;
mod module;
mod op;
mod print;
mod types;
mod verify;

pub(crate) use dominators::Dominators;
pub use dot::dot;
pub(crate) use dot::link_label;
pub use graph::{Arg, Args, Block, BlockId, Graph, Inst, Link, Results, Span, Term, VarId, VarInfo};
pub use module::{
    AliasClass, Container, Effects, Enters, Field, FieldId, FieldKind, FuncId, FuncInfo, FuncKind, Init, LiveHint,
    MemTy, Module, Mutability, Oopspec, Portal, SigId, Signature, Touched, WritesFrom,
};
pub use op::{BinOp, CmpOp, ConvOp, Op, OvfOp, UnOp};
pub(crate) use print::print_inst;
pub(crate) use print::{Markup, Printer, print_colored};
pub use print::{print_graph, print_module};
pub use types::{Const, Ty};
pub use verify::{VerifyError, verify};
