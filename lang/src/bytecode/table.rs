//! The opcode table: name and operands of every opcode, the single source for the printer, the verifier and liveness.
//!
//! Register *ranges* (call arguments, loop registers, the items of CONCAT, ...) are not operands of their own: the
//! table names the first register, `effects.rs` gives the ranges.

use super::{Instr, op};

/// A field of the instruction word.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Field {
    A,
    B,
    C,
    D,
    Sd,
    E,
}

/// What an operand means.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Register written.
    Write,
    /// Register read.
    Read,
    /// Register or constant, read.
    Rk,
    /// First register of a range that `effects.rs` describes.
    Range,
    /// Numeric constant.
    KNum,
    /// String constant.
    KStr,
    /// Any constant.
    KAny,
    /// Upvalue.
    Up,
    /// Plain number.
    Int,
    /// Jump target.
    Target,
    /// Loop number.
    Loop,
    /// Child prototype.
    Child,
    /// Inline cache number.
    Cache,
    /// 1: the operands are swapped, the constant is the left one.
    Swapped,
}

/// One operand of an opcode.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    pub field: Field,
    pub kind: Kind,
}

impl Operand {
    /// The operand's value in an instruction.
    pub fn get(self, i: Instr) -> i64 {
        match self.field {
            Field::A => i.a() as i64,
            Field::B => i.b() as i64,
            Field::C => i.c() as i64,
            Field::D => i.d() as i64,
            Field::Sd => i64::from(i.sd()),
            Field::E => i.e() as i64,
        }
    }
}

/// A row of the table.
#[derive(Copy, Clone, Debug)]
pub struct OpInfo {
    pub op: u8,
    pub name: &'static str,
    pub operands: &'static [Operand],
}

macro_rules! opcodes {
    ($($name:ident ($($field:ident $kind:ident)*))*) => {
        /// Every opcode, indexed by its number.
        pub const OPCODES: [OpInfo; op::COUNT] = [$(OpInfo {
            op: op::$name,
            name: stringify!($name),
            operands: &[$(Operand { field: Field::$field, kind: Kind::$kind }),*],
        }),*];
    };
}

/// The row of an opcode, if there is such an opcode.
pub fn info(op: u8) -> Option<&'static OpInfo> {
    OPCODES.get(op as usize)
}

opcodes! {
    MOVE (A Write B Read)
    LOADI (A Write Sd Int)
    LOADF (A Write Sd Int)
    LOADK (A Write D KAny)
    LOADNIL (A Range B Int)
    LOADTRUE (A Write)
    LOADFALSE (A Write)
    NEWCELL (A Range)
    GETCELL (A Write B Read)
    SETCELL (A Read C Rk)
    GETUP (A Write B Up)
    SETUP (B Up C Rk)
    GETENV (A Write B Up C KStr E Cache)
    SETENV (A Read B Up C KStr E Cache)
    GETTABLE (A Write B Read C Read)
    GETFIELD (A Write B Read C KStr E Cache)
    GETINT (A Write B Read C Int)
    SETTABLE (A Read B Read C Rk)
    SETFIELD (A Read B KStr C Rk E Cache)
    SETINT (A Read B Int C Rk)
    NEWTABLE (A Write B Int C Int)
    SETLIST (A Range B Int D Int)
    SELF (A Range B Read C KStr E Cache)
    ADD (A Write B Read C Read)
    SUB (A Write B Read C Read)
    MUL (A Write B Read C Read)
    DIV (A Write B Read C Read)
    MOD (A Write B Read C Read)
    POW (A Write B Read C Read)
    IDIV (A Write B Read C Read)
    BAND (A Write B Read C Read)
    BOR (A Write B Read C Read)
    BXOR (A Write B Read C Read)
    SHL (A Write B Read C Read)
    SHR (A Write B Read C Read)
    ADDK (A Write B Read C KNum E Swapped)
    SUBK (A Write B Read C KNum)
    MULK (A Write B Read C KNum E Swapped)
    DIVK (A Write B Read C KNum)
    MODK (A Write B Read C KNum)
    POWK (A Write B Read C KNum)
    IDIVK (A Write B Read C KNum)
    BANDK (A Write B Read C KNum E Swapped)
    BORK (A Write B Read C KNum E Swapped)
    BXORK (A Write B Read C KNum E Swapped)
    SHLK (A Write B Read C KNum)
    SHRK (A Write B Read C KNum)
    UNM (A Write B Read)
    BNOT (A Write B Read)
    NOT (A Write B Read)
    LEN (A Write B Read)
    CONCAT (A Range B Int)
    JMP (D Target)
    LOOP (B Loop D Target)
    JT (A Read D Target)
    JF (A Read D Target)
    JEQ (A Read B Read D Target)
    JNE (A Read B Read D Target)
    JEQK (A Read B KAny D Target)
    JNEK (A Read B KAny D Target)
    JLT (A Read B Read D Target)
    JNLT (A Read B Read D Target)
    JLE (A Read B Read D Target)
    JNLE (A Read B Read D Target)
    JLTK (A Read B KNum D Target)
    JNLTK (A Read B KNum D Target)
    JLEK (A Read B KNum D Target)
    JNLEK (A Read B KNum D Target)
    JGTK (A Read B KNum D Target)
    JNGTK (A Read B KNum D Target)
    JGEK (A Read B KNum D Target)
    JNGEK (A Read B KNum D Target)
    FORPREP (A Range D Target)
    FORLOOP (A Range B Loop D Target)
    TFORPREP (A Range D Target)
    TFORCALL (A Range C Int)
    TFORLOOP (A Range B Loop D Target)
    CALL (A Range B Int C Int)
    TAILCALL (A Range B Int)
    RETURN (A Range B Int)
    RETURN0 ()
    RETURN1 (A Read)
    VARARG (A Range C Int)
    CLOSURE (A Write D Child)
    TBC (A Read)
    CLOSE (A Range B Int)
}

const _: () = {
    let mut i = 0;
    while i < op::COUNT {
        assert!(OPCODES[i].op as usize == i, "the table is in opcode order");
        i += 1;
    }
};

impl std::fmt::Debug for Instr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(info) = info(self.op()) else {
            return write!(f, "<{:#x}>", self.0);
        };
        write!(f, "{}", info.name)?;
        for operand in info.operands {
            write!(f, " {}", operand.get(*self))?;
        }
        Ok(())
    }
}
