//! Backends: from a residual graph to something that runs.
//!
//! # Convention of a unit
//!
//! The parameters of a unit are those of its graph, the results those of its graph, passed with the direct convention
//! of [`crate::abi`]. A graph with exits has the results `(i64 status, i64 value)`: a return passes both, an exit
//! leaves its live values as canonical bits in the [`PendingExits`] and returns `(`[`EXITED`]`, id)`.

pub mod cranelift;
pub mod graph;
mod pending;

pub use pending::PendingExits;

use crate::flow::{Graph, Module, Ty};

/// The status of a unit that was left through an exit.
pub const EXITED: u64 = 2;

/// What a backend is told about a unit besides its graph.
#[derive(Clone, Debug, Default)]
pub struct UnitInfo {
    /// For people: in dumps and profiles.
    pub name: String,
    /// Address of the [`PendingExits`] for live values of exits. It outlives the code.
    pub pending: u64,
    /// The unit completes its exits itself.
    pub settle: Option<Settle>,
    /// Most bytes that a call of the code may take of the native stack; no limit if `None`.
    pub max_frame: Option<u32>,
    /// Keep what people want to see ([`Code::dump`]).
    pub dump: bool,
}

/// What a unit calls that has left the values of an exit: `code(context, id)`, which returns a status and a value.
#[derive(Copy, Clone, Debug)]
pub struct Settle {
    pub code: u64,
    pub context: u64,
}

/// Why a graph could not be compiled. The caller goes on without the unit.
#[derive(Debug)]
pub enum CompileError {
    /// The graph contains what the backend cannot do.
    Unsupported(String),
    /// The code generator failed.
    Generator(String),
    /// A call of the code would take so many bytes of the native stack, more than [`UnitInfo::max_frame`].
    Frame(u32),
    Memory(crate::codemem::CodeMemoryError),
}

impl std::fmt::Display for CompileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CompileError::Unsupported(what) => write!(f, "not supported by the backend: {what}"),
            CompileError::Generator(message) => write!(f, "code generator: {message}"),
            CompileError::Frame(bytes) => write!(f, "a frame of {bytes} bytes"),
            CompileError::Memory(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CompileError {}

/// Texts about compiled code.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    /// The backend's input in its own language.
    pub intermediate: String,
    /// Assembly.
    pub assembly: String,
}

/// Compiled code. Dropping it frees it: whoever holds it sees to it that nobody runs it then.
pub trait Code: Send + Sync {
    /// Address to call with the unit convention; `None` if the backend makes no machine code.
    fn entry(&self) -> Option<*const u8>;

    /// Size of the machine code in bytes.
    fn size(&self) -> usize;

    /// The machine code.
    fn bytes(&self) -> &[u8];

    fn dump(&self) -> Option<&Dump>;

    /// Types of parameters and results.
    fn signature(&self) -> (&[Ty], &[Ty]);

    /// Runs the code with canonical bits.
    ///
    /// # Safety
    /// The arguments are what the graph expects of its parameters, the pending exits are alive and no other thread uses them.
    unsafe fn run(&self, args: &[u64], results: &mut [u64]) {
        let (params, types) = self.signature();
        let entry = self.entry().expect("code that is not machine code runs itself");
        // SAFETY: the entry follows the convention for the signature; the rest is the caller's promise.
        unsafe { crate::eval::call_direct(entry as usize as u64, params, types, args, results) }
    }
}

/// Makes code of graphs. May be used on a worker thread.
pub trait Backend: Send {
    /// Compiles a graph whose operations refer to `module`, which is bound.
    fn compile(&mut self, graph: &Graph, module: &Module, info: &UnitInfo) -> Result<Box<dyn Code>, CompileError>;
}

/// Types of a graph's parameters.
fn params(graph: &Graph) -> Vec<Ty> {
    graph.params().iter().map(|param| graph.vars[param.index()].ty).collect()
}
