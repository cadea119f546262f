//! Deep freezing: what is read from behind a frozen address never changes, and is frozen itself.
//!
//! `deepfreeze(p)` promises it where it stands. This pass finds what the promise reaches: parts of the structure, what is
//! loaded from it (addresses among that lead to more of it), parameters that every call passes a frozen value for, results
//! that every return gives one for. Loads from frozen addresses then name an immutable twin of their field, so that the
//! hint annotator, the generating extension and the evaluator need no rule of their own: from a green frozen pointer all
//! reads are green.

use crate::flow::{Arg, FieldId, FuncId, Graph, Module, Mutability, Op, Term, VarId};
use std::collections::{HashMap, HashSet};

/// Frozen variables of each function, by elimination: all are taken for frozen until something says otherwise.
struct Frozen<'m> {
    module: &'m Module,
    vars: HashMap<FuncId, Vec<bool>>,
    results: HashMap<FuncId, Vec<bool>>,
}

/// Lets loads from frozen addresses read immutable fields.
pub fn freeze(module: &mut Module) {
    let hinted =
        |graph: &Graph| graph.blocks.iter().flat_map(|block| &block.insts).any(|inst| inst.op == Op::Deepfreeze);
    let ids: Vec<FuncId> = (0..module.funcs.len() as u32).map(FuncId).collect();
    if !ids.iter().any(|&id| module.graph(id).is_some_and(hinted)) {
        return;
    }
    let vars = find(module, &ids);
    let mut twins = HashMap::new();
    for (id, frozen) in vars {
        let is_frozen = |arg: Arg| matches!(arg, Arg::Var(var) if frozen[var.index()]);
        let mut graph = module.graph(id).expect("only functions with graphs were looked at").clone();
        for inst in graph.blocks.iter_mut().flat_map(|block| &mut block.insts) {
            match &mut inst.op {
                Op::Load(field) | Op::LoadItem(field) if is_frozen(inst.args[0]) => {
                    *field = twin(module, &mut twins, *field)
                }
                _ => {}
            }
        }
        module.funcs[id.index()].kind = crate::flow::FuncKind::Graph(graph);
    }
}

/// The field as one that never changes.
fn twin(module: &mut Module, twins: &mut HashMap<FieldId, FieldId>, field: FieldId) -> FieldId {
    let of = module.field(field);
    // What other threads may write is nobody's to freeze.
    if matches!(of.mutability, Mutability::Immutable | Mutability::Volatile) {
        return field;
    }
    let frozen = crate::flow::Field { mutability: Mutability::Immutable, ..of.clone() };
    *twins.entry(field).or_insert_with(|| {
        module.fields.push(frozen);
        FieldId(module.fields.len() as u32 - 1)
    })
}

fn find(module: &Module, ids: &[FuncId]) -> HashMap<FuncId, Vec<bool>> {
    let graphs: Vec<(FuncId, &Graph)> = ids.iter().filter_map(|&id| Some((id, module.graph(id)?))).collect();
    let calls = graphs.iter().flat_map(|(_, graph)| &graph.blocks).flat_map(|block| &block.insts);
    let called: HashSet<FuncId> =
        calls.filter_map(|inst| if let Op::Call(id) = inst.op { Some(id) } else { None }).collect();
    let mut frozen = Frozen { module, vars: HashMap::new(), results: HashMap::new() };
    for &(id, graph) in &graphs {
        let mut vars = vec![true; graph.vars.len()];
        let known = called.contains(&id) && !module.portals.iter().any(|portal| portal.func == id);
        graph.params().iter().for_each(|param| vars[param.index()] = known);
        frozen.vars.insert(id, vars);
        frozen.results.insert(id, vec![true; graph.results.len()]);
    }
    loop {
        let mut changed = false;
        for &(id, graph) in &graphs {
            changed |= frozen.eliminate(id, graph);
        }
        if !changed {
            return frozen.vars;
        }
    }
}

impl Frozen<'_> {
    /// One round over a graph; whether anything turned out not to be frozen.
    fn eliminate(&mut self, id: FuncId, graph: &Graph) -> bool {
        let mut vars = self.vars.remove(&id).expect("every graph has an entry");
        let (mut changed, mut cleared) = (false, false);
        let frozen = |vars: &[bool], arg: Arg| match arg {
            Arg::Var(var) => vars[var.index()],
            Arg::Const(_) => true,
        };
        let mut clear = |vars: &mut Vec<bool>, var: VarId, is: bool| {
            changed |= !is && std::mem::replace(&mut vars[var.index()], false)
        };
        for block in &graph.blocks {
            for inst in &block.insts {
                let all = inst.args.iter().all(|&arg| frozen(&vars, arg));
                for (index, &result) in inst.results.iter().enumerate() {
                    let is = match inst.op {
                        Op::Deepfreeze => true,
                        Op::Load(_) | Op::LoadItem(_) | Op::Interior(_) | Op::PtrAdd(_) => frozen(&vars, inst.args[0]),
                        Op::Rooted
                        | Op::Conv(..)
                        | Op::Select
                        | Op::Concrete
                        | Op::Promote
                        | Op::Variable
                        | Op::PromoteFew => all,
                        Op::Call(callee) => self.results.get(&callee).is_some_and(|results| results[index]),
                        _ => false,
                    };
                    clear(&mut vars, result, is);
                }
                if let Op::Call(callee) = inst.op
                    && let Some(graph) = self.module.graph(callee)
                {
                    for (&param, &arg) in graph.params().iter().zip(&inst.args) {
                        let is = frozen(&vars, arg);
                        match self.vars.get_mut(&callee) {
                            Some(params) => clear(params, param, is),
                            // The function itself.
                            None => clear(&mut vars, param, is),
                        }
                    }
                }
            }
            for link in block.term.links() {
                for (&param, &arg) in graph.blocks[link.block.index()].params.iter().zip(&link.args) {
                    let is = frozen(&vars, arg);
                    clear(&mut vars, param, is);
                }
            }
            if let Term::Return(values) = &block.term {
                let results = self.results.get_mut(&id).expect("every graph has an entry");
                for (result, &value) in results.iter_mut().zip(values) {
                    // A constant result says nothing: it could be an address of anything.
                    let is = matches!(value, Arg::Var(_)) && frozen(&vars, value);
                    cleared |= !is && std::mem::replace(result, false);
                }
            }
        }
        self.vars.insert(id, vars);
        changed || cleared
    }
}
