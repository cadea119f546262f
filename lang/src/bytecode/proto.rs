//! Function prototypes: what the compiler makes, the verifier checks and the runtime runs.

use super::Instr;
use std::sync::Arc;

/// A constant of a prototype.
#[derive(Clone, Debug)]
pub enum Constant {
    Nil,
    False,
    True,
    Int(i64),
    Float(f64),
    Str(Arc<[u8]>),
}

impl Constant {
    /// Integer or float.
    pub fn is_number(&self) -> bool {
        matches!(self, Constant::Int(_) | Constant::Float(_))
    }

    /// A string's bytes.
    pub fn as_str(&self) -> Option<&[u8]> {
        match self {
            Constant::Str(s) => Some(s),
            _ => None,
        }
    }
}

/// Bitwise: `1` and `1.0` differ, `0.0` and `-0.0` differ, a NaN equals itself.
impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        use Constant::*;
        match (self, other) {
            (Nil, Nil) | (False, False) | (True, True) => true,
            (Int(x), Int(y)) => x == y,
            (Float(x), Float(y)) => x.to_bits() == y.to_bits(),
            (Str(x), Str(y)) => x == y,
            _ => false,
        }
    }
}

/// How a captured variable was declared.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum VarKind {
    Regular = 0,
    /// `<const>`, when its value is not known at compile time.
    Const = 1,
    /// `<close>`
    ToBeClosed = 2,
}

/// An upvalue of a prototype: where the closure finds its cell when it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct UpvalueDesc {
    pub name: Arc<[u8]>,
    /// The cell is in register `index` of the enclosing function; else it is upvalue `index` of it.
    pub in_parent_register: bool,
    pub index: u8,
    pub kind: VarKind,
    /// Whether any function assigns the variable after its declaration. (`debug.setupvalue` still may.)
    pub assigned_after_init: bool,
}

/// Debug information on a local variable: active for `start_pc <= pc < end_pc`.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalVar {
    pub name: Arc<[u8]>,
    pub start_pc: u32,
    pub end_pc: u32,
    pub reg: u8,
}

/// A function prototype. Parameters are registers `0..num_params`.
#[derive(Clone, Debug, PartialEq)]
pub struct Proto {
    pub code: Vec<Instr>,
    pub constants: Vec<Constant>,
    pub children: Vec<Arc<Proto>>,
    pub upvalues: Vec<UpvalueDesc>,
    pub num_params: u8,
    pub is_vararg: bool,
    /// Registers used: every register operand is below it. At least 2.
    pub max_stack: u8,
    /// Line of each instruction; empty when stripped.
    pub lines: Vec<u32>,
    /// Chunk name as given to `compile`, with its `@`, `=` or source text; empty when stripped.
    pub source: Arc<[u8]>,
    pub line_defined: u32,
    pub last_line: u32,
    /// In order of `start_pc`; empty when stripped.
    pub locals: Vec<LocalVar>,
    /// Loop numbers in LOOP, FORLOOP and TFORLOOP are below it, each used once.
    pub num_loops: u32,
    /// Cache numbers in operand `e` are below it. Sites share the last number when there are more than 65,536.
    pub num_caches: u32,
}

impl Proto {
    /// Line of an instruction, 0 when unknown.
    pub fn line(&self, pc: usize) -> u32 {
        self.lines.get(pc).copied().unwrap_or(0)
    }

    /// Name of the `n`th (from 1) local variable active at `pc`, and its register.
    pub fn local_name(&self, n: usize, pc: usize) -> Option<(&[u8], usize)> {
        self.active_locals(pc).nth(n.checked_sub(1)?).map(|v| (&v.name[..], v.reg as usize))
    }

    /// The local variables active at `pc`, in order of declaration.
    pub fn active_locals(&self, pc: usize) -> impl Iterator<Item = &LocalVar> {
        self.locals.iter().take_while(move |v| v.start_pc as usize <= pc).filter(move |v| pc < v.end_pc as usize)
    }
}
