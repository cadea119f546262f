//! Machine code by Cranelift.
//!
//! One Cranelift function a unit, compiled in a context that is reused, and placed in [`CodeMemory`] directly.
//! Callees are called through absolute addresses, so code has no relocations but those of library calls on machines
//! without the instructions for them.

mod arith;
mod calls;
mod divide;
mod exits;
mod floats;
mod lower;
mod memory;

use super::{Backend, Code, CompileError, Dump, UnitInfo};
use crate::abi::Native;
use crate::codemem::{CodeBlock, CodeMemory};
use crate::flow::{Graph, Module, Ty};
use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{ExternalName, LibCall, types};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{Context, FinalizedMachReloc, FinalizedRelocTarget};
use cranelift_frontend::FunctionBuilderContext;

/// Compiles residual graphs to machine code of the host.
pub struct CraneliftBackend {
    isa: OwnedTargetIsa,
    memory: CodeMemory,
    /// Addresses of the direct wrappers, by [`crate::flow::FuncInfo::native`].
    natives: Vec<u64>,
    context: Context,
    builder: FunctionBuilderContext,
}

impl CraneliftBackend {
    /// A backend for the host, `Unsupported` if there is none.
    ///
    /// # Safety
    /// `natives` are the wrappers of every module that graphs compiled here refer to.
    pub unsafe fn new(natives: &[Native], memory: CodeMemory) -> Result<CraneliftBackend, CompileError> {
        let unsupported = |message: String| CompileError::Unsupported(message);
        if !cfg!(all(unix, any(target_arch = "x86_64", target_arch = "aarch64"))) {
            return Err(unsupported("this platform".into()));
        }
        let mut flags = settings::builder();
        let verify = if cfg!(debug_assertions) { "true" } else { "false" };
        for (name, value) in [
            // What its mid-end would do is done before; exits made it compute values anew.
            ("opt_level", "none"),
            ("is_pic", "false"),
            ("enable_verifier", verify),
            ("enable_probestack", "false"),
            ("unwind_info", "false"),
            ("use_colocated_libcalls", "false"),
            ("preserve_frame_pointers", "false"),
        ] {
            flags.set(name, value).map_err(|error| unsupported(format!("setting {name}: {error}")))?;
        }
        let isa = cranelift_native::builder()
            .map_err(|message| unsupported(message.into()))?
            .finish(settings::Flags::new(flags))
            .map_err(|error| unsupported(error.to_string()))?;
        Ok(CraneliftBackend {
            isa,
            memory,
            natives: natives.iter().map(|native| native.direct as usize as u64).collect(),
            context: Context::new(),
            builder: FunctionBuilderContext::new(),
        })
    }

    /// The executable memory that code goes to.
    pub fn memory(&self) -> &CodeMemory {
        &self.memory
    }
}

impl Backend for CraneliftBackend {
    fn compile(&mut self, graph: &Graph, module: &Module, info: &UnitInfo) -> Result<Box<dyn Code>, CompileError> {
        self.context.clear();
        self.context.set_disasm(info.dump);
        let lowered = lower::Lowering::new(self, graph, module, info).run();
        if lowered.is_err() {
            // Left half used.
            self.builder = FunctionBuilderContext::new();
        }
        lowered?;
        let intermediate = if info.dump { self.context.func.display().to_string() } else { String::new() };
        let generator = |message: String| CompileError::Generator(message);
        let compiled = match self.context.compile(&*self.isa, &mut ControlPlane::default()) {
            Ok(compiled) => compiled,
            Err(error) => {
                // The verifier of the code generator has more to say than its error.
                let text = cranelift_codegen::print_errors::pretty_error(error.func, error.inner);
                return Err(generator(text));
            }
        };
        // Besides what lies below the frame pointer: that itself and the return address.
        let frame = compiled.buffer.frame_layout().map_or(0, |layout| layout.frame_to_fp_offset + 16);
        if info.max_frame.is_some_and(|most| frame > most) {
            return Err(CompileError::Frame(frame));
        }
        let relocations = compiled.buffer.relocs();
        if let Some(bad) = relocations.iter().find(|relocation| target(relocation).is_none()) {
            return Err(generator(format!("relocation {:?} to {:?}", bad.kind, bad.target)));
        }
        let block = self
            .memory
            .place(compiled.code_buffer(), |code, _| {
                for relocation in relocations {
                    let at = relocation.offset as usize;
                    let address = target(relocation).expect("all were checked");
                    code[at..at + 8].copy_from_slice(&address.to_ne_bytes());
                }
            })
            .map_err(CompileError::Memory)?;
        let dump = info.dump.then(|| Dump { intermediate, assembly: compiled.vcode.clone().unwrap_or_default() });
        Ok(Box::new(MachineCode { block, params: super::params(graph), results: graph.results.clone(), dump }))
    }
}

/// The value of a relocation, if it is one that occurs: the absolute address of a library function.
fn target(relocation: &FinalizedMachReloc) -> Option<u64> {
    let FinalizedRelocTarget::ExternalName(ExternalName::LibCall(call)) = relocation.target else { return None };
    extern "C" fn floor(value: f64) -> f64 {
        value.floor()
    }
    extern "C" fn ceil(value: f64) -> f64 {
        value.ceil()
    }
    extern "C" fn trunc(value: f64) -> f64 {
        value.trunc()
    }
    let function: extern "C" fn(f64) -> f64 = match call {
        LibCall::FloorF64 => floor,
        LibCall::CeilF64 => ceil,
        LibCall::TruncF64 => trunc,
        _ => return None,
    };
    (relocation.kind == Reloc::Abs8 && relocation.addend == 0).then_some(function as usize as u64)
}

/// The type of values in Cranelift.
fn clif(ty: Ty) -> types::Type {
    match ty {
        Ty::Bool | Ty::I8 => types::I8,
        Ty::I16 => types::I16,
        Ty::I32 => types::I32,
        Ty::I64 | Ty::Ptr | Ty::Ref => types::I64,
        Ty::F64 => types::F64,
    }
}

struct MachineCode {
    block: CodeBlock,
    params: Vec<Ty>,
    results: Vec<Ty>,
    dump: Option<Dump>,
}

impl Code for MachineCode {
    fn entry(&self) -> Option<*const u8> {
        Some(self.block.entry())
    }

    fn size(&self) -> usize {
        self.block.bytes().len()
    }

    fn bytes(&self) -> &[u8] {
        self.block.bytes()
    }

    fn dump(&self) -> Option<&Dump> {
        self.dump.as_ref()
    }

    fn signature(&self) -> (&[Ty], &[Ty]) {
        (&self.params, &self.results)
    }
}
