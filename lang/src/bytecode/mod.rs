//! Bytecode: instructions, the opcode table, prototypes.

mod instr;
mod proto;
mod table;

pub use instr::{Instr, RK_CONST, op};
pub use proto::{Constant, LocalVar, Proto, UpvalueDesc, VarKind};
pub use table::{Field, Kind, OPCODES, OpInfo, Operand, info};
