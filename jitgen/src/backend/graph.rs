//! The backend that keeps the graph and evaluates it: for tests, and where there is no code generator.

use super::{Backend, Code, CompileError, Dump, EXITED, PendingExits, UnitInfo};
use crate::abi::Native;
use crate::eval::{Evaluator, Outcome, Unobserved};
use crate::flow::{Graph, Module, Ty};
use std::sync::Arc;

/// Makes code that is its graph.
pub struct GraphBackend {
    module: Arc<Module>,
    natives: &'static [Native],
}

impl GraphBackend {
    /// # Safety
    /// `natives` are the wrappers of the module, which is bound to this process.
    pub unsafe fn new(module: Arc<Module>, natives: &'static [Native]) -> GraphBackend {
        GraphBackend { module, natives }
    }
}

impl Backend for GraphBackend {
    fn compile(&mut self, graph: &Graph, _: &Module, info: &UnitInfo) -> Result<Box<dyn Code>, CompileError> {
        let dump = info.dump.then(|| Dump {
            intermediate: crate::flow::print_graph(graph, Some(&self.module)),
            assembly: String::new(),
        });
        Ok(Box::new(GraphCode {
            params: super::params(graph),
            graph: graph.clone(),
            module: self.module.clone(),
            natives: self.natives,
            pending: info.pending,
            dump,
        }))
    }
}

struct GraphCode {
    graph: Graph,
    params: Vec<Ty>,
    module: Arc<Module>,
    natives: &'static [Native],
    pending: u64,
    dump: Option<Dump>,
}

impl Code for GraphCode {
    fn entry(&self) -> Option<*const u8> {
        None
    }

    fn size(&self) -> usize {
        0
    }

    fn bytes(&self) -> &[u8] {
        &[]
    }

    fn dump(&self) -> Option<&Dump> {
        self.dump.as_ref()
    }

    fn signature(&self) -> (&[Ty], &[Ty]) {
        (&self.params, &self.graph.results)
    }

    unsafe fn run(&self, args: &[u64], results: &mut [u64]) {
        // SAFETY: bound module and its wrappers, by the promise of `GraphBackend::new`; valid arguments by the
        // caller's.
        let mut evaluator = unsafe { Evaluator::new(&self.module, self.natives) };
        evaluator.native_portals = true;
        match evaluator.call_graph(&self.graph, args, &mut Unobserved) {
            Outcome::Returned(values) => results.copy_from_slice(&values),
            Outcome::Exited { id, args } => {
                let pending = self.pending as usize as *const PendingExits;
                // SAFETY: it outlives the code.
                unsafe { (*pending).push(&args) };
                results.copy_from_slice(&[EXITED, u64::from(id)]);
            }
            Outcome::Stopped { .. } => unreachable!("nobody observes"),
        }
    }
}
