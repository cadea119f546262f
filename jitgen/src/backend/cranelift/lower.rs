//! From a graph to Cranelift's language: blocks, terminators, and which file lowers which operation.
//!
//! Variables become values directly (both are SSA). Blocks are lowered in reverse postorder, so a definition is
//! always lowered before its uses.

use super::exits::Exits;
use super::memory::Place;
use super::{CraneliftBackend, clif};
use crate::backend::{CompileError, UnitInfo};
use crate::flow::{Arg, Block, BlockId, Const, Graph, Inst, Link, Module, Op, Term, Ty, VarId};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, TrapCode, Value, types};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, Switch};

/// Most cases of a switch that are compared with one after the other.
const MAX_COMPARED: usize = 4;

/// Lowers one graph into the backend's context.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    pub(super) module: &'a Module,
    pub(super) info: &'a UnitInfo,
    pub(super) natives: &'a [u64],
    pub(super) builder: FunctionBuilder<'a>,
    /// Variables that are a constant step away from others.
    pub(super) places: Vec<Option<Place>>,
    /// By variable: integers that are kept as floats.
    floats: Vec<bool>,
    /// By variable.
    values: Vec<Option<Value>>,
    /// By block; only reachable ones have one.
    blocks: Vec<Option<ir::Block>>,
    /// Where results beyond two go.
    pub(super) out: Option<Value>,
    pub(super) exits: Exits,
    config: TargetFrontendConfig,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        backend: &'a mut CraneliftBackend,
        graph: &'a Graph,
        module: &'a Module,
        info: &'a UnitInfo,
    ) -> Lowering<'a> {
        let config = backend.isa.frontend_config();
        let params: Vec<Ty> = super::super::params(graph);
        backend.context.func.signature = super::calls::signature(&params, &graph.results, config.default_call_conv);
        Lowering {
            graph,
            module,
            info,
            natives: &backend.natives,
            builder: FunctionBuilder::new(&mut backend.context.func, &mut backend.builder),
            floats: vec![],
            places: vec![None; graph.vars.len()],
            values: vec![None; graph.vars.len()],
            blocks: vec![None; graph.blocks.len()],
            out: None,
            exits: Exits::default(),
            config,
        }
    }

    pub(super) fn run(mut self) -> Result<(), CompileError> {
        let order = self.graph.reverse_postorder();
        for &id in &order {
            self.declare(id);
        }
        self.floats = super::floats::find(self.graph, self.module, &order);
        self.exits = Exits::find(self.graph, &order);
        self.share_exits();
        for &id in &order {
            let block = &self.graph.blocks[id.index()];
            self.builder.switch_to_block(self.target(id));
            for inst in &block.insts {
                self.inst(inst)?;
            }
            self.term(block)?;
        }
        self.leaves();
        self.builder.seal_all_blocks();
        self.builder.finalize(self.config);
        Ok(())
    }

    /// Makes the block and its parameters.
    fn declare(&mut self, id: BlockId) {
        let block = &self.graph.blocks[id.index()];
        let made = self.builder.create_block();
        self.blocks[id.index()] = Some(made);
        if block.cold {
            self.builder.set_cold_block(made);
        }
        if id == Graph::ENTRY && self.graph.results.len() > 2 {
            self.out = Some(self.builder.append_block_param(made, types::I64));
        }
        for &param in &block.params {
            let value = self.builder.append_block_param(made, clif(self.graph.vars[param.index()].ty));
            self.values[param.index()] = Some(value);
        }
    }

    fn target(&self, id: BlockId) -> ir::Block {
        self.blocks[id.index()].expect("a link of a reachable block goes to a reachable block")
    }

    pub(super) fn arg(&mut self, arg: Arg) -> Value {
        match arg {
            Arg::Var(var) => self.values[var.index()].expect("definitions are lowered before uses"),
            Arg::Const(value) => self.constant(value),
        }
    }

    pub(super) fn constant(&mut self, value: Const) -> Value {
        match value.ty {
            Ty::F64 => self.builder.ins().f64const(f64::from_bits(value.bits)),
            ty => self.builder.ins().iconst(clif(ty), value.bits as i64),
        }
    }

    pub(super) fn define(&mut self, var: VarId, value: Value) {
        self.values[var.index()] = Some(value);
    }

    pub(super) fn ty(&self, arg: Arg) -> Ty {
        self.graph.ty(arg)
    }

    /// The type that a variable of this type has here.
    fn kind(&self, var: VarId, ty: Ty) -> Ty {
        if self.floats[var.index()] { Ty::F64 } else { ty }
    }

    pub(super) fn unsupported<T>(&self, what: impl Into<String>) -> Result<T, CompileError> {
        Err(CompileError::Unsupported(format!("{} in `{}`", what.into(), self.graph.name)))
    }

    fn inst(&mut self, inst: &Inst) -> Result<(), CompileError> {
        let args = &inst.args;
        let result = match inst.op {
            Op::Bin(op) => self.bin(op, args),
            Op::Ovf(op) => {
                let (value, overflow) = self.ovf(op, args);
                self.define(inst.results[0], value);
                self.define(inst.results[1], overflow);
                return Ok(());
            }
            Op::Cmp(op) => self.cmp(op, args),
            Op::Un(op) => self.un(op, args[0]),
            Op::Conv(op, to) => self.conv(op, args[0], self.kind(inst.results[0], to)),
            Op::Select => {
                let (cond, yes, no) = (self.arg(args[0]), self.arg(args[1]), self.arg(args[2]));
                self.builder.ins().select(cond, yes, no)
            }
            Op::Load(field) | Op::LoadItem(field) => {
                self.load(field, self.kind(inst.results[0], self.module.field(field).ty), args)
            }
            Op::Store(field) | Op::StoreItem(field) => {
                self.store(field, args);
                return Ok(());
            }
            Op::PtrAdd(field) => self.ptr_add(field, inst.results[0], args),
            Op::Interior(field) => self.interior(field, inst.results[0], args[0]),
            Op::Call(func) => return self.call(func, inst),
            Op::CallIndirect(sig) => return self.call_indirect(sig, inst),
            Op::CallUnit(sig) | Op::CallEntry(sig) => return self.call_unit(sig, inst),
            // Hints that nobody asks for any more: compiled code is the plain run.
            Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Promote | Op::Variable | Op::Likely => self.arg(args[0]),
            Op::PromoteFew => {
                let known = self.constant(Const::bool(true));
                let value = self.arg(args[0]);
                self.define(inst.results[0], known);
                self.define(inst.results[1], value);
                return Ok(());
            }
            Op::MergePoint | Op::DeadFrom => return Ok(()),
        };
        self.define(inst.results[0], result);
        Ok(())
    }

    fn link(&mut self, link: &Link) -> (ir::Block, Vec<BlockArg>) {
        let args = link.args.iter().map(|&arg| BlockArg::Value(self.arg(arg))).collect();
        (self.target(link.block), args)
    }

    fn term(&mut self, block: &Block) -> Result<(), CompileError> {
        match &block.term {
            Term::Jump(link) => {
                let (target, args) = self.link(link);
                self.builder.ins().jump(target, &args);
            }
            Term::Branch { cond, then_to, else_to } => {
                let cond = self.arg(*cond);
                let (then_block, then_args) = self.link(then_to);
                let (else_block, else_args) = self.link(else_to);
                self.builder.ins().brif(cond, then_block, &then_args, else_block, &else_args);
            }
            Term::Switch { value, cases, default } => self.switch(block, *value, cases, default),
            Term::Return(args) => self.return_values(args),
            Term::Exit { id, args } => {
                self.exit(*id, args)?;
            }
            Term::Unreachable => {
                self.builder.ins().trap(TrapCode::user(1).expect("a code in range"));
            }
        }
        Ok(())
    }

    /// Few cases are compared with one after the other: that is less to compile than a table, and no jump that is hard
    /// to foresee.
    fn switch(&mut self, block: &Block, value: Arg, cases: &[(u64, Link)], default: &Link) {
        if cases.is_empty() || cases.len() > MAX_COMPARED {
            return self.table(block, value, cases, default);
        }
        let ty = self.ty(value);
        let value = self.arg(value);
        for (number, &(bits, ref link)) in cases.iter().enumerate() {
            let case = self.constant(Const { ty, bits });
            let is_it = self.builder.ins().icmp(IntCC::Equal, value, case);
            let (target, args) = self.link(link);
            if number + 1 == cases.len() {
                let (otherwise, others) = self.link(default);
                self.builder.ins().brif(is_it, target, &args, otherwise, &others);
            } else {
                let next = self.landing(block, block);
                self.builder.ins().brif(is_it, target, &args, next, &[]);
                self.builder.switch_to_block(next);
            }
        }
    }

    /// A block between two, cold if either is.
    fn landing(&mut self, from: &Block, to: &Block) -> ir::Block {
        let made = self.builder.create_block();
        if from.cold || to.cold {
            self.builder.set_cold_block(made);
        }
        made
    }

    /// Cranelift's switches pass no arguments: links that do get a block of their own.
    fn table(&mut self, block: &Block, value: Arg, cases: &[(u64, Link)], default: &Link) {
        let value = self.arg(value);
        let mut switch = Switch::new();
        let mut pending = vec![];
        let mut landing = |this: &mut Self, link: &'_ Link| {
            if link.args.is_empty() {
                return this.target(link.block);
            }
            let made = this.landing(block, &this.graph.blocks[link.block.index()]);
            pending.push((made, link.clone()));
            made
        };
        for (bits, link) in cases {
            let target = landing(self, link);
            switch.set_entry(u128::from(*bits), target);
        }
        let otherwise = landing(self, default);
        switch.emit(&mut self.builder, value, otherwise);
        for (made, link) in pending {
            self.builder.switch_to_block(made);
            let (target, args) = self.link(&link);
            self.builder.ins().jump(target, &args);
        }
    }
}
