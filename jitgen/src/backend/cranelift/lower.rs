//! From a graph to Cranelift's language: blocks, terminators, and which file lowers which operation.
//!
//! Variables become values directly (both are SSA). Blocks are lowered in reverse postorder, so a definition is
//! always lowered before its uses.

use super::memory::Accesses;
use super::{CraneliftBackend, clif};
use crate::backend::pending::{LIMIT, MAX_VALUES, TOP};
use crate::backend::{CompileError, EXITED, PendingExits, UnitInfo};
use crate::flow::{Arg, Block, BlockId, Const, Graph, Inst, Link, Module, Op, Term, Ty, VarId};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, BlockArg, InstBuilder, TrapCode, Value, types};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, Switch};

/// Lowers one graph into the backend's context.
pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    pub(super) module: &'a Module,
    pub(super) info: &'a UnitInfo,
    pub(super) natives: &'a [u64],
    pub(super) builder: FunctionBuilder<'a>,
    pub(super) accesses: Accesses,
    /// By variable.
    values: Vec<Option<Value>>,
    /// By block; only reachable ones have one.
    blocks: Vec<Option<ir::Block>>,
    /// Where results beyond two go.
    pub(super) out: Option<Value>,
    /// Returns `(EXITED, its parameter)`: what all exits end with.
    leave: Option<ir::Block>,
    /// What those that pass values go through: the parameters are the exit's number and the new top of the values.
    leave_passing: Option<ir::Block>,
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
            accesses: Accesses::default(),
            values: vec![None; graph.vars.len()],
            blocks: vec![None; graph.blocks.len()],
            out: None,
            leave: None,
            leave_passing: None,
            config,
        }
    }

    pub(super) fn run(mut self) -> Result<(), CompileError> {
        let order = self.graph.reverse_postorder();
        self.accesses = Accesses::find(self.graph, self.module, &order, &mut self.builder.func.dfg.alias_regions);
        for &id in &order {
            self.declare(id);
        }
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
            Op::Conv(op, to) => self.conv(op, args[0], to),
            Op::Select => {
                let (cond, yes, no) = (self.arg(args[0]), self.arg(args[1]), self.arg(args[2]));
                self.builder.ins().select(cond, yes, no)
            }
            Op::Load(field) | Op::LoadItem(field) => self.load(field, args),
            Op::Store(field) | Op::StoreItem(field) => {
                self.store(field, args);
                return Ok(());
            }
            Op::PtrAdd(field) => self.ptr_add(field, args),
            Op::Interior(field) => self.interior(field, args[0]),
            Op::Call(func) => return self.call(func, inst),
            Op::CallIndirect(sig) => return self.call_indirect(sig, inst),
            // Hints that nobody asks for any more: compiled code is the plain run.
            Op::Concrete | Op::Deepfreeze | Op::Rooted | Op::Promote | Op::Variable | Op::Likely => self.arg(args[0]),
            Op::PromoteFew => {
                let known = self.constant(Const::bool(true));
                let value = self.arg(args[0]);
                self.define(inst.results[0], known);
                self.define(inst.results[1], value);
                return Ok(());
            }
            Op::MergePoint => return Ok(()),
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
                if self.graph.results != [Ty::I64, Ty::I64] {
                    return self.unsupported("an exit of a graph that does not return a status and a value");
                }
                self.exit(*id, args)?;
            }
            Term::Unreachable => {
                self.builder.ins().trap(TrapCode::user(1).expect("a code in range"));
            }
        }
        Ok(())
    }

    /// Cranelift's switches pass no arguments: links that do get a block of their own.
    fn switch(&mut self, block: &Block, value: Arg, cases: &[(u64, Link)], default: &Link) {
        let value = self.arg(value);
        let mut switch = Switch::new();
        let mut pending = vec![];
        let mut landing = |this: &mut Self, link: &'_ Link| {
            if link.args.is_empty() {
                return this.target(link.block);
            }
            let made = this.builder.create_block();
            if block.cold || this.graph.blocks[link.block.index()].cold {
                this.builder.set_cold_block(made);
            }
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

    fn exit(&mut self, id: u32, args: &[Arg]) -> Result<(), CompileError> {
        if args.len() > MAX_VALUES {
            return self.unsupported("an exit with so many live values");
        }
        let value = self.builder.ins().iconst(types::I64, i64::from(id));
        if args.is_empty() {
            let leave = self.leave.unwrap_or_else(|| {
                let leave = self.cold_block(&[types::I64]);
                self.leave = Some(leave);
                leave
            });
            self.builder.ins().jump(leave, &[BlockArg::Value(value)]);
            return Ok(());
        }
        let flags = self.accesses.slots(&mut self.builder.func.dfg.alias_regions);
        let pending = self.builder.ins().iconst(types::I64, self.info.pending as i64);
        let slots = self.builder.ins().load(types::I64, flags, pending, TOP);
        self.store_slots(slots, args);
        let top = self.builder.ins().iadd_imm_s(slots, args.len() as i64 * 8);
        let leave = self.leave_passing.unwrap_or_else(|| {
            let leave = self.cold_block(&[types::I64, types::I64]);
            self.leave_passing = Some(leave);
            leave
        });
        self.builder.ins().jump(leave, &[BlockArg::Value(value), BlockArg::Value(top)]);
        Ok(())
    }

    fn cold_block(&mut self, params: &[types::Type]) -> ir::Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        for &ty in params {
            self.builder.append_block_param(block, ty);
        }
        block
    }

    /// What exits end with.
    fn leaves(&mut self) {
        let passing = self.leave_passing;
        if passing.is_some() && self.leave.is_none() {
            self.leave = Some(self.cold_block(&[types::I64]));
        }
        let Some(leave) = self.leave else { return };
        if let Some(passing) = passing {
            self.builder.switch_to_block(passing);
            let [id, top] = *self.builder.block_params(passing) else { unreachable!("it was made with two") };
            let flags = self.accesses.slots(&mut self.builder.func.dfg.alias_regions);
            let pending = self.builder.ins().iconst(types::I64, self.info.pending as i64);
            self.builder.ins().store(flags, top, pending, TOP);
            let limit = self.builder.ins().load(types::I64, flags, pending, LIMIT);
            let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThan, top, limit);
            let grow = self.cold_block(&[]);
            self.builder.ins().brif(full, grow, &[], leave, &[BlockArg::Value(id)]);
            self.builder.switch_to_block(grow);
            let signature = super::calls::signature(&[Ty::Ptr], &[], self.builder.func.signature.call_conv);
            let signature = self.builder.import_signature(signature);
            let code = self.builder.ins().iconst(types::I64, PendingExits::grow as *const () as i64);
            self.builder.ins().call_indirect(signature, code, &[pending]);
            self.builder.ins().jump(leave, &[BlockArg::Value(id)]);
        }
        self.builder.switch_to_block(leave);
        let id = self.builder.block_params(leave)[0];
        let status = self.builder.ins().iconst(types::I64, EXITED as i64);
        self.builder.ins().return_(&[status, id]);
    }
}
