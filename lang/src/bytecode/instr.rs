//! One bytecode instruction and the opcode numbers.
//!
//! An instruction is one 64-bit word: bits 0..8 opcode, 8..16 `a`, 16..32 `b`, 32..64 `d` (signed: `sd`);
//! `c` is bits 32..48 and `e` bits 48..64. Which fields an opcode uses is in `table.rs`.
//!
//! `RK[x]` is register `x` when `x < 256` and constant `x - 256` otherwise.
//!
//! This file is read by the translator of the interpreter: it stays within the translator's Rust subset
//! (plain constants, inherent methods taking `self` by value).

/// An instruction word.
#[derive(Copy, Clone, PartialEq, Eq)]
#[repr(transparent)]
pub struct Instr(pub u64);

impl Instr {
    /// Opcode: one of the constants in [`op`].
    #[inline(always)]
    pub fn op(self) -> u8 {
        (self.0 & 0xff) as u8
    }

    /// Bits 8..16.
    #[inline(always)]
    pub fn a(self) -> usize {
        ((self.0 >> 8) & 0xff) as usize
    }

    /// Bits 16..32.
    #[inline(always)]
    pub fn b(self) -> usize {
        ((self.0 >> 16) & 0xffff) as usize
    }

    /// Bits 32..48.
    #[inline(always)]
    pub fn c(self) -> usize {
        ((self.0 >> 32) & 0xffff) as usize
    }

    /// Bits 32..64.
    #[inline(always)]
    pub fn d(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// Bits 32..64 as a signed number.
    #[inline(always)]
    pub fn sd(self) -> i32 {
        (self.0 >> 32) as u32 as i32
    }

    /// Bits 48..64.
    #[inline(always)]
    pub fn e(self) -> usize {
        (self.0 >> 48) as usize
    }

    /// An instruction of the form `a b d`.
    pub fn abd(op: u8, a: u8, b: u16, d: u32) -> Instr {
        Instr((op as u64) | ((a as u64) << 8) | ((b as u64) << 16) | ((d as u64) << 32))
    }

    /// An instruction of the form `a b c e`.
    pub fn abce(op: u8, a: u8, b: u16, c: u16, e: u16) -> Instr {
        Instr((op as u64) | ((a as u64) << 8) | ((b as u64) << 16) | ((c as u64) << 32) | ((e as u64) << 48))
    }
}

/// First operand value that means a constant in an RK operand.
pub const RK_CONST: usize = 256;

/// Opcode numbers, contiguous from zero. Brackets in the descriptions are operands.
#[allow(rustdoc::broken_intra_doc_links)]
pub mod op {
    /// `a b`: R[a] = R[b]
    pub const MOVE: u8 = 0;
    /// `a sd`: R[a] = integer sd
    pub const LOADI: u8 = 1;
    /// `a sd`: R[a] = float of sd
    pub const LOADF: u8 = 2;
    /// `a d`: R[a] = K[d]
    pub const LOADK: u8 = 3;
    /// `a b`: R[a..=a+b] = nil
    pub const LOADNIL: u8 = 4;
    /// `a`: R[a] = true
    pub const LOADTRUE: u8 = 5;
    /// `a`: R[a] = false
    pub const LOADFALSE: u8 = 6;
    /// `a`: R[a] = new cell holding R[a]
    pub const NEWCELL: u8 = 7;
    /// `a b`: R[a] = content of cell R[b]
    pub const GETCELL: u8 = 8;
    /// `a c`: content of cell R[a] = RK[c]
    pub const SETCELL: u8 = 9;
    /// `a b`: R[a] = U[b]
    pub const GETUP: u8 = 10;
    /// `b c`: U[b] = RK[c]
    pub const SETUP: u8 = 11;
    /// `a b c e`: R[a] = U[b][K[c]], K[c] a string, e the cache number
    pub const GETENV: u8 = 12;
    /// `a b c e`: U[b][K[c]] = R[a], K[c] a string, e the cache number
    pub const SETENV: u8 = 13;
    /// `a b c`: R[a] = R[b][R[c]]
    pub const GETTABLE: u8 = 14;
    /// `a b c e`: R[a] = R[b][K[c]], K[c] a string, e the cache number
    pub const GETFIELD: u8 = 15;
    /// `a b c`: R[a] = R[b][c]
    pub const GETINT: u8 = 16;
    /// `a b c`: R[a][R[b]] = RK[c]
    pub const SETTABLE: u8 = 17;
    /// `a b c e`: R[a][K[b]] = RK[c], K[b] a string, e the cache number
    pub const SETFIELD: u8 = 18;
    /// `a b c`: R[a][b] = RK[c]
    pub const SETINT: u8 = 19;
    /// `a b c`: R[a] = new table, room for b array items and c hash items
    pub const NEWTABLE: u8 = 20;
    /// `a b d`: R[a][d+i] = R[a+i] for i in 1..=b; b = 0: up to top
    pub const SETLIST: u8 = 21;
    /// `a b c e`: R[a+1] = R[b]; R[a] = R[b][K[c]], K[c] a string, e the cache number
    pub const SELF: u8 = 22;
    /// `a b c`: R[a] = R[b] + R[c]
    pub const ADD: u8 = 23;
    /// `a b c`: R[a] = R[b] - R[c]
    pub const SUB: u8 = 24;
    /// `a b c`: R[a] = R[b] * R[c]
    pub const MUL: u8 = 25;
    /// `a b c`: R[a] = R[b] / R[c]
    pub const DIV: u8 = 26;
    /// `a b c`: R[a] = R[b] % R[c]
    pub const MOD: u8 = 27;
    /// `a b c`: R[a] = R[b] ^ R[c]
    pub const POW: u8 = 28;
    /// `a b c`: R[a] = R[b] // R[c]
    pub const IDIV: u8 = 29;
    /// `a b c`: R[a] = R[b] & R[c]
    pub const BAND: u8 = 30;
    /// `a b c`: R[a] = R[b] | R[c]
    pub const BOR: u8 = 31;
    /// `a b c`: R[a] = R[b] ~ R[c]
    pub const BXOR: u8 = 32;
    /// `a b c`: R[a] = R[b] << R[c]
    pub const SHL: u8 = 33;
    /// `a b c`: R[a] = R[b] >> R[c]
    pub const SHR: u8 = 34;
    /// `a b c e`: R[a] = R[b] + K[c], K[c] a number, as in all `K` forms of arithmetic. e = 1: the source says
    /// K[c] + R[b]: the value is the same, only a metamethod must get the operands in that order
    pub const ADDK: u8 = 35;
    /// `a b c`: R[a] = R[b] - K[c]
    pub const SUBK: u8 = 36;
    /// `a b c e`: R[a] = R[b] * K[c], e as in ADDK
    pub const MULK: u8 = 37;
    /// `a b c`: R[a] = R[b] / K[c]
    pub const DIVK: u8 = 38;
    /// `a b c`: R[a] = R[b] % K[c]
    pub const MODK: u8 = 39;
    /// `a b c`: R[a] = R[b] ^ K[c]
    pub const POWK: u8 = 40;
    /// `a b c`: R[a] = R[b] // K[c]
    pub const IDIVK: u8 = 41;
    /// `a b c e`: R[a] = R[b] & K[c], e as in ADDK
    pub const BANDK: u8 = 42;
    /// `a b c e`: R[a] = R[b] | K[c], e as in ADDK
    pub const BORK: u8 = 43;
    /// `a b c e`: R[a] = R[b] ~ K[c], e as in ADDK
    pub const BXORK: u8 = 44;
    /// `a b c`: R[a] = R[b] << K[c]
    pub const SHLK: u8 = 45;
    /// `a b c`: R[a] = R[b] >> K[c]
    pub const SHRK: u8 = 46;
    /// `a b`: R[a] = -R[b]
    pub const UNM: u8 = 47;
    /// `a b`: R[a] = ~R[b]
    pub const BNOT: u8 = 48;
    /// `a b`: R[a] = not R[b]
    pub const NOT: u8 = 49;
    /// `a b`: R[a] = #R[b]
    pub const LEN: u8 = 50;
    /// `a b`: R[a] = R[a] .. … .. R[a+b-1]
    pub const CONCAT: u8 = 51;
    /// `d`: jump forward to d
    pub const JMP: u8 = 52;
    /// `b d`: jump back to d; b is the loop number
    pub const LOOP: u8 = 53;
    /// `a d`: jump if R[a] is true; conditional jumps go forward only
    pub const JT: u8 = 54;
    /// `a d`: jump if R[a] is false
    pub const JF: u8 = 55;
    /// `a b d`: jump if R[a] == R[b]
    pub const JEQ: u8 = 56;
    /// `a b d`: jump if not R[a] == R[b]
    pub const JNE: u8 = 57;
    /// `a b d`: jump if R[a] == K[b], K[b] any constant (raw equality: no constant has a metamethod)
    pub const JEQK: u8 = 58;
    /// `a b d`: jump if not R[a] == K[b], K[b] any constant
    pub const JNEK: u8 = 59;
    /// `a b d`: jump if R[a] < R[b]
    pub const JLT: u8 = 60;
    /// `a b d`: jump if not R[a] < R[b]
    pub const JNLT: u8 = 61;
    /// `a b d`: jump if R[a] <= R[b]
    pub const JLE: u8 = 62;
    /// `a b d`: jump if not R[a] <= R[b]
    pub const JNLE: u8 = 63;
    /// `a b d`: jump if R[a] < K[b], K[b] a number, as in all ordered compares with a constant
    pub const JLTK: u8 = 64;
    /// `a b d`: jump if not R[a] < K[b]
    pub const JNLTK: u8 = 65;
    /// `a b d`: jump if R[a] <= K[b]
    pub const JLEK: u8 = 66;
    /// `a b d`: jump if not R[a] <= K[b]
    pub const JNLEK: u8 = 67;
    /// `a b d`: jump if R[a] > K[b]
    pub const JGTK: u8 = 68;
    /// `a b d`: jump if not R[a] > K[b]
    pub const JNGTK: u8 = 69;
    /// `a b d`: jump if R[a] >= K[b]
    pub const JGEK: u8 = 70;
    /// `a b d`: jump if not R[a] >= K[b]
    pub const JNGEK: u8 = 71;
    /// `a d`: R[a] initial value, R[a+1] limit, R[a+2] step, R[a+3] the visible variable; jump to d (behind the loop) if it does not run
    pub const FORPREP: u8 = 72;
    /// `a b d`: step; if the loop goes on, set R[a+3] and jump back to d; b is the loop number
    pub const FORLOOP: u8 = 73;
    /// `a d`: mark R[a+3] to be closed unless nil or false; jump to d (the TFORCALL)
    pub const TFORPREP: u8 = 74;
    /// `a c`: R[a+4..a+4+c] = R[a](R[a+1], R[a+2])
    pub const TFORCALL: u8 = 75;
    /// `a b d`: if R[a+4] is not nil, R[a+2] = R[a+4] and jump back to d; b is the loop number
    pub const TFORLOOP: u8 = 76;
    /// `a b c`: R[a..] = R[a](R[a+1..a+b]): b-1 arguments (b = 0: up to top), c-1 results (c = 0: all, sets top)
    pub const CALL: u8 = 77;
    /// `a b`: return R[a](R[a+1..a+b]); b as in CALL
    pub const TAILCALL: u8 = 78;
    /// `a b`: return b-1 values from R[a]; b = 0: up to top
    pub const RETURN: u8 = 79;
    /// return nothing
    pub const RETURN0: u8 = 80;
    /// `a`: return R[a]
    pub const RETURN1: u8 = 81;
    /// `a c`: R[a..] = c-1 extra arguments; c = 0: all, sets top
    pub const VARARG: u8 = 82;
    /// `a d`: R[a] = closure of child d
    pub const CLOSURE: u8 = 83;
    /// `a`: mark R[a] to be closed (R[a] may become a cell later: the closing looks into it)
    pub const TBC: u8 = 84;
    /// `a b`: close to-be-closed variables at or above R[a]; b = 1: an open list up to top is live and must survive
    pub const CLOSE: u8 = 85;
    /// How many opcodes there are.
    pub const COUNT: usize = 86;
}
