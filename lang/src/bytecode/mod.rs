//! Bytecode: instructions, the opcode table, prototypes, and what can be said about them.

mod describe;
mod disasm;
mod dump;
mod effects;
mod instr;
mod liveness;
mod proto;
mod regset;
mod table;
mod verify;

pub use describe::{describe_register, describe_upvalue, function_name_at_call};
pub use disasm::disassemble;
pub use dump::{SIGNATURE, UndumpError, dump, undump};
pub use effects::{Access, Effect, edge_write, effects, falls_through, jump_target};
pub use instr::{Instr, RK_CONST, op};
pub use liveness::{Liveness, liveness};
pub use proto::{Constant, LocalVar, Proto, UpvalueDesc, VarKind};
pub use regset::RegSet;
pub use table::{Field, Kind, OPCODES, OpInfo, Operand, info};
pub use verify::{VerifyError, verify};
