//! Checks the invariants of [`Graph`]: run after every phase in debug builds and in tests.
//!
//! * every variable is defined at most once, and every use in a reachable block is dominated by its definition;
//! * operations have operands and results of exactly the types their descriptions give;
//! * links pass arguments of the parameters' types, none goes to the entry, cases of a switch are distinct;
//! * returned values have the graph's result types; constants are canonical.
//!
//! Types that only a [`Module`] knows (fields, callees) are checked when it is given.

use super::dominators::Dominators;
use super::print::{print_inst, print_term};
use super::{
    Arg, BinOp, BlockId, CmpOp, ConvOp, FieldId, FieldKind, Graph, Inst, Link, MemTy, Module, Op, Term, Ty, UnOp, VarId,
};

/// Why a graph is not well formed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// Name of the graph.
    pub graph: String,
    pub block: BlockId,
    /// The operation or terminator as text; empty for a block's parameters.
    pub place: String,
    pub message: String,
}

impl std::fmt::Display for VerifyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "graph `{}`, block{}", self.graph, self.block.0)?;
        if !self.place.is_empty() {
            write!(f, ", `{}`", self.place)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for VerifyError {}

/// Checks a graph; the first violation found is the error.
pub fn verify(graph: &Graph, module: Option<&Module>) -> Result<(), VerifyError> {
    let fail = |block: usize, place: String, message: String| VerifyError {
        graph: graph.name.clone(),
        block: BlockId(block as u32),
        place,
        message,
    };
    if graph.blocks.is_empty() {
        return Err(fail(0, String::new(), "a graph has an entry block".into()));
    }
    for (index, block) in graph.blocks.iter().enumerate() {
        for link in block.term.links() {
            let place = || print_term(graph, module, &block.term);
            if link.block.index() >= graph.blocks.len() {
                return Err(fail(index, place(), format!("block{} does not exist", link.block.0)));
            }
            if link.block == Graph::ENTRY {
                return Err(fail(index, place(), "links to the entry".into()));
            }
        }
    }
    let definitions = Definitions::collect(graph).map_err(|(block, message)| fail(block, String::new(), message))?;
    let checker = Checker { graph, module, definitions, dominators: Dominators::new(graph) };
    for (index, block) in graph.blocks.iter().enumerate() {
        let id = BlockId(index as u32);
        for (position, inst) in block.insts.iter().enumerate() {
            checker
                .inst(id, position, inst)
                .map_err(|message| fail(index, print_inst(graph, module, inst), message))?;
        }
        checker
            .term(id, &block.term)
            .map_err(|message| fail(index, print_term(graph, module, &block.term), message))?;
    }
    Ok(())
}

/// Where each variable is defined: block, and position after which it is available (0: parameter, n + 1: result of
/// operation n).
struct Definitions(Vec<Option<(BlockId, usize)>>);

impl Definitions {
    fn collect(graph: &Graph) -> Result<Definitions, (usize, String)> {
        let mut places = vec![None; graph.vars.len()];
        let mut define = |var: VarId, block: usize, position: usize| match places.get_mut(var.index()) {
            None => Err((block, format!("variable {} is not declared", var.0))),
            Some(Some(_)) => Err((block, format!("{} is defined twice", Module::var_name(graph, var)))),
            Some(place) => {
                *place = Some((BlockId(block as u32), position));
                Ok(())
            }
        };
        for (index, block) in graph.blocks.iter().enumerate() {
            for &param in &block.params {
                define(param, index, 0)?;
            }
            for (position, inst) in block.insts.iter().enumerate() {
                for &result in &inst.results {
                    define(result, index, position + 1)?;
                }
            }
        }
        Ok(Definitions(places))
    }
}

struct Checker<'a> {
    graph: &'a Graph,
    module: Option<&'a Module>,
    definitions: Definitions,
    dominators: Dominators,
}

impl Checker<'_> {
    /// Checks a use at `position` operations into `block` and gives its type.
    fn arg(&self, block: BlockId, position: usize, arg: Arg) -> Result<Ty, String> {
        let var = match arg {
            Arg::Const(value) if value.bits & !value.ty.mask() != 0 => {
                return Err(format!("the bits {:#x} are not a canonical {}", value.bits, value.ty.name()));
            }
            Arg::Const(value) => return Ok(value.ty),
            Arg::Var(var) => var,
        };
        if var.index() >= self.graph.vars.len() {
            return Err(format!("variable {} is not declared", var.0));
        }
        let name = || Module::var_name(self.graph, var);
        let Some((home, available)) = self.definitions.0[var.index()] else {
            return Err(format!("{} is never defined", name()));
        };
        // Nothing dominates an unreachable block; there only types are checked.
        if self.dominators.reachable(block) {
            if home == block {
                if available > position {
                    return Err(format!("{} is used before its definition", name()));
                }
            } else if !self.dominators.dominates(home, block) {
                return Err(format!("the definition of {} in block{} does not dominate this use", name(), home.0));
            }
        }
        Ok(self.graph.vars[var.index()].ty)
    }

    fn inst(&self, block: BlockId, position: usize, inst: &Inst) -> Result<(), String> {
        let mut args = Vec::with_capacity(inst.args.len());
        for &arg in &inst.args {
            args.push(self.arg(block, position, arg)?);
        }
        let results: Vec<Ty> = inst.results.iter().map(|result| self.graph.vars[result.index()].ty).collect();
        if inst.op == Op::MergePoint && position != 0 {
            return Err("a merge point is the first operation of its block".into());
        }
        match self.results(inst.op, &args)? {
            Expected::Types(expected) => passed("results", &results, &expected),
            Expected::Address if results.len() == 1 && results[0].is_address() => Ok(()),
            Expected::Address => Err(format!("results are {}, must be one address", list(&results))),
            Expected::Unknown => Ok(()),
        }
    }

    /// Checks the operand types of an operation and gives its result types.
    fn results(&self, op: Op, args: &[Ty]) -> Result<Expected, String> {
        use Ty::{Bool, F64, I64};
        Ok(match op {
            Op::Bin(op) => {
                let ty = same(args)?;
                match op {
                    BinOp::FAdd | BinOp::FSub | BinOp::FMul | BinOp::FDiv => float(ty)?,
                    BinOp::And | BinOp::Or | BinOp::Xor if ty == Bool => {}
                    _ => int(ty)?,
                }
                one(ty)
            }
            Op::Ovf(_) => {
                let ty = same(args)?;
                int(ty)?;
                Expected::Types(vec![ty, Bool])
            }
            Op::Cmp(op) => {
                let ty = same(args)?;
                match op {
                    CmpOp::Eq | CmpOp::Ne if ty != F64 => {}
                    CmpOp::FEq | CmpOp::FNe | CmpOp::FLt | CmpOp::FLe | CmpOp::FGt | CmpOp::FGe => float(ty)?,
                    _ => int(ty)?,
                }
                one(Bool)
            }
            Op::Un(op) => {
                let [ty] = count(args)?;
                match op {
                    UnOp::Not if ty == Bool => {}
                    UnOp::FNeg | UnOp::FAbs | UnOp::FSqrt | UnOp::FFloor | UnOp::FCeil | UnOp::FTrunc => float(ty)?,
                    UnOp::Neg | UnOp::Not | UnOp::Clz | UnOp::Ctz | UnOp::Popcnt => int(ty)?,
                }
                one(ty)
            }
            Op::Conv(op, to) => {
                let [from] = count(args)?;
                let word = |ty: Ty| matches!(ty, I64 | F64 | Ty::Ptr | Ty::Ref);
                let fits = match op {
                    ConvOp::Zext => (from.is_int() || from == Bool) && to.is_int() && to.bits() > from.bits(),
                    ConvOp::Sext => from.is_int() && to.is_int() && to.bits() > from.bits(),
                    ConvOp::Trunc => from.is_int() && to.is_int() && to.bits() < from.bits(),
                    ConvOp::SToF | ConvOp::UToF => from.is_int() && to == F64,
                    ConvOp::FToS | ConvOp::FToU => from == F64 && to.is_int(),
                    ConvOp::Bitcast => word(from) && word(to),
                };
                if !fits {
                    return Err(format!("no such conversion from {} to {}", from.name(), to.name()));
                }
                one(to)
            }
            Op::Select => {
                let [cond, yes, no] = count(args)?;
                equal(cond, Bool)?;
                equal(no, yes)?;
                one(yes)
            }
            Op::Load(field) => {
                let [base] = count(args)?;
                address(base)?;
                self.accessed(field, FieldKind::Struct)?.map_or(Expected::Unknown, one)
            }
            Op::Store(field) => {
                let [base, value] = count(args)?;
                address(base)?;
                equal(value, self.accessed(field, FieldKind::Struct)?.unwrap_or(value))?;
                Expected::Types(vec![])
            }
            Op::LoadItem(field) => {
                let [base, index] = count(args)?;
                address(base)?;
                equal(index, I64)?;
                self.accessed(field, FieldKind::Item)?.map_or(Expected::Unknown, one)
            }
            Op::StoreItem(field) => {
                let [base, index, value] = count(args)?;
                address(base)?;
                equal(index, I64)?;
                equal(value, self.accessed(field, FieldKind::Item)?.unwrap_or(value))?;
                Expected::Types(vec![])
            }
            Op::PtrAdd(field) => {
                let [base, index] = count(args)?;
                address(base)?;
                equal(index, I64)?;
                self.field(field, FieldKind::Item)?;
                Expected::Address
            }
            Op::Interior(field) => {
                let [base] = count(args)?;
                address(base)?;
                self.field(field, FieldKind::Struct)?;
                one(Ty::Ptr)
            }
            Op::Call(func) => {
                let Some(module) = self.module else { return Ok(Expected::Unknown) };
                let Some(info) = module.funcs.get(func.index()) else {
                    return Err(format!("function {} does not exist", func.0));
                };
                let params: Vec<Ty> = info.params.iter().map(|param| param.1).collect();
                passed("arguments", args, &params)?;
                Expected::Types(info.results.clone())
            }
            Op::CallIndirect(sig) | Op::CallUnit(sig) | Op::CallEntry(sig) => {
                let Some((&code, rest)) = args.split_first() else { return Err("no code address".into()) };
                if code != I64 && !code.is_address() {
                    return Err(format!("a code address cannot be a {}", code.name()));
                }
                let Some(module) = self.module else { return Ok(Expected::Unknown) };
                let Some(info) = module.sigs.get(sig.index()) else {
                    return Err(format!("signature {} does not exist", sig.0));
                };
                if let Op::CallIndirect(_) = op {
                    passed("arguments", rest, &info.params)?;
                }
                Expected::Types(info.results.clone())
            }
            Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Promote | Op::Variable => {
                let [ty] = count(args)?;
                one(ty)
            }
            Op::PromoteFew => {
                let [ty] = count(args)?;
                Expected::Types(vec![Bool, ty])
            }
            Op::Likely => {
                let [ty] = count(args)?;
                equal(ty, Bool)?;
                one(Bool)
            }
            Op::DeadFrom => {
                let [from] = count(args)?;
                address(from)?;
                Expected::Types(vec![])
            }
            Op::MergePoint => {
                let Some(module) = self.module else { return Ok(Expected::Types(vec![])) };
                let portal = module.portals.iter().any(|portal| {
                    let params = &module.func(portal.func).params;
                    params.len() == args.len() && params.iter().zip(args).all(|(param, ty)| param.1 == *ty)
                });
                if !portal {
                    return Err(format!("operands {} are not the parameters of any portal", list(args)));
                }
                Expected::Types(vec![])
            }
        })
    }

    fn field(&self, id: FieldId, kind: FieldKind) -> Result<Option<&super::Field>, String> {
        let Some(module) = self.module else { return Ok(None) };
        match module.fields.get(id.index()) {
            None => Err(format!("field {} does not exist", id.0)),
            Some(field) if field.kind != kind => Err(format!("{} is not of kind {kind:?}", field.name)),
            Some(field) => Ok(Some(field)),
        }
    }

    /// The type of a field that is read or written; `None` without a module.
    fn accessed(&self, id: FieldId, kind: FieldKind) -> Result<Option<Ty>, String> {
        let Some(field) = self.field(id, kind)? else { return Ok(None) };
        let fits = match field.mem {
            MemTy::Bool => field.ty == Ty::Bool,
            MemTy::B8 => field.ty == Ty::I8,
            MemTy::B16 => field.ty == Ty::I16,
            MemTy::B32 => field.ty == Ty::I32,
            MemTy::B64 => field.ty == Ty::I64,
            MemTy::F64 => field.ty == Ty::F64,
            MemTy::Address => field.ty.is_address(),
        };
        if !fits {
            return Err(format!("{} has type {} but lies in memory as {:?}", field.name, field.ty.name(), field.mem));
        }
        Ok(Some(field.ty))
    }

    fn term(&self, block: BlockId, term: &Term) -> Result<(), String> {
        let position = self.graph.blocks[block.index()].insts.len();
        let mut args = Vec::with_capacity(term.args().len());
        for &arg in term.args() {
            args.push(self.arg(block, position, arg)?);
        }
        match term {
            Term::Branch { .. } => equal(args[0], Ty::Bool)?,
            Term::Switch { cases, .. } => {
                if args[0] == Ty::F64 {
                    return Err("a switch is on an integer, bool or address".into());
                }
                let mut seen = std::collections::HashSet::new();
                for &(bits, _) in cases {
                    if bits & !args[0].mask() != 0 {
                        return Err(format!("case {bits:#x} is not a canonical {}", args[0].name()));
                    }
                    if !seen.insert(bits) {
                        return Err(format!("case {bits} occurs twice"));
                    }
                }
            }
            Term::Return(_) => passed("returned values", &args, &self.graph.results)?,
            Term::Jump(_) | Term::Exit { .. } | Term::Unreachable => {}
        }
        term.links().into_iter().try_for_each(|link| self.link(block, position, link))
    }

    fn link(&self, block: BlockId, position: usize, link: &Link) -> Result<(), String> {
        let mut args = Vec::with_capacity(link.args.len());
        for &arg in &link.args {
            args.push(self.arg(block, position, arg)?);
        }
        let params = &self.graph.blocks[link.block.index()].params;
        let params: Vec<Ty> = params.iter().map(|param| self.graph.vars[param.index()].ty).collect();
        passed(&format!("arguments to block{}", link.block.0), &args, &params)
    }
}

/// The results an operation must have.
enum Expected {
    Types(Vec<Ty>),
    /// One address of either kind.
    Address,
    /// Known to the module only.
    Unknown,
}

fn one(ty: Ty) -> Expected {
    Expected::Types(vec![ty])
}

fn list(types: &[Ty]) -> String {
    let names: Vec<&str> = types.iter().map(|ty| ty.name()).collect();
    format!("({})", names.join(", "))
}

fn passed(what: &str, given: &[Ty], expected: &[Ty]) -> Result<(), String> {
    if given == expected { Ok(()) } else { Err(format!("{what} are {}, must be {}", list(given), list(expected))) }
}

fn count<const N: usize>(args: &[Ty]) -> Result<[Ty; N], String> {
    args.try_into().map_err(|_| format!("{} operands, must be {N}", args.len()))
}

/// The type of two equal operands.
fn same(args: &[Ty]) -> Result<Ty, String> {
    let [a, b] = count(args)?;
    equal(b, a)?;
    Ok(a)
}

fn equal(given: Ty, expected: Ty) -> Result<(), String> {
    if given == expected { Ok(()) } else { Err(format!("operand is {}, must be {}", given.name(), expected.name())) }
}

fn int(ty: Ty) -> Result<(), String> {
    if ty.is_int() { Ok(()) } else { Err(format!("operand is {}, must be an integer", ty.name())) }
}

fn float(ty: Ty) -> Result<(), String> {
    equal(ty, Ty::F64)
}

fn address(ty: Ty) -> Result<(), String> {
    if ty.is_address() { Ok(()) } else { Err(format!("operand is {}, must be an address", ty.name())) }
}
