//! Calls, returns and exits: the direct convention of [`crate::abi`] in Cranelift's terms.

use super::clif;
use super::lower::Lowering;
use super::memory::trusted;
use crate::backend::CompileError;
use crate::flow::{Arg, FuncId, Inst, Op, SigId, Ty};
use cranelift_codegen::ir::{
    AbiParam, InstBuilder, MemFlagsData, Signature, StackSlotData, StackSlotKind, Value, types,
};
use cranelift_codegen::isa::CallConv;

/// The signature of the direct convention.
pub(super) fn signature(params: &[Ty], results: &[Ty], call_conv: CallConv) -> Signature {
    // Callees compiled by rustc rely on narrow arguments being extended.
    let natural = |ty: Ty| match clif(ty) {
        types::I8 | types::I16 | types::I32 => AbiParam::new(clif(ty)).uext(),
        other => AbiParam::new(other),
    };
    let mut signature = Signature::new(call_conv);
    if results.len() > 2 {
        signature.params.push(AbiParam::new(types::I64));
    }
    signature.params.extend(params.iter().map(|&ty| natural(ty)));
    match results {
        [] => {}
        [one] => signature.returns.push(natural(*one)),
        [_, _] => signature.returns.extend([AbiParam::new(types::I64), AbiParam::new(types::I64)]),
        _ => {}
    }
    signature
}

impl Lowering<'_> {
    /// The canonical bits of a value.
    fn slot_of(&mut self, ty: Ty, value: Value) -> Value {
        match clif(ty) {
            types::I64 => value,
            types::F64 => self.builder.ins().bitcast(types::I64, MemFlagsData::new(), value),
            _ => self.builder.ins().uextend(types::I64, value),
        }
    }

    fn value_of(&mut self, ty: Ty, slot: Value) -> Value {
        match clif(ty) {
            types::I64 => slot,
            types::F64 => self.builder.ins().bitcast(types::F64, MemFlagsData::new(), slot),
            narrow => self.builder.ins().ireduce(narrow, slot),
        }
    }

    pub(super) fn return_values(&mut self, args: &[Arg]) {
        match args {
            [] => {
                self.builder.ins().return_(&[]);
            }
            [one] => {
                let value = self.arg(*one);
                self.builder.ins().return_(&[value]);
            }
            [a, b] => {
                let (x, y) = (self.arg(*a), self.arg(*b));
                let x = self.slot_of(self.ty(*a), x);
                let y = self.slot_of(self.ty(*b), y);
                self.builder.ins().return_(&[x, y]);
            }
            _ => {
                let out = self.out.expect("a graph with more than two results has the parameter");
                for (index, &arg) in args.iter().enumerate() {
                    let value = self.arg(arg);
                    let slot = self.slot_of(self.ty(arg), value);
                    self.builder.ins().store(trusted(), slot, out, index as i32 * 8);
                }
                self.builder.ins().return_(&[]);
            }
        }
    }

    pub(super) fn call(&mut self, func: FuncId, inst: &Inst) -> Result<(), CompileError> {
        let info = self.module.func(func);
        let Some(&address) = info.native.and_then(|native| self.natives.get(native as usize)) else {
            return self.unsupported(format!("a call of `{}`, which has no native wrapper", info.name));
        };
        let params: Vec<Ty> = info.params.iter().map(|param| param.1).collect();
        let code = self.builder.ins().iconst(types::I64, address as i64);
        self.call_code(code, &params, &info.results, &inst.args, inst);
        Ok(())
    }

    pub(super) fn call_indirect(&mut self, sig: SigId, inst: &Inst) -> Result<(), CompileError> {
        let sig = &self.module.sigs[sig.index()];
        let code = self.arg(inst.args[0]);
        self.call_code(code, &sig.params, &sig.results, &inst.args[1..], inst);
        Ok(())
    }

    /// Units take what the call passes. Their code is given, or a cell that holds its address.
    pub(super) fn call_unit(&mut self, sig: SigId, inst: &Inst) -> Result<(), CompileError> {
        let sig = &self.module.sigs[sig.index()];
        let mut code = self.arg(inst.args[0]);
        if let Op::CallEntry(_) = inst.op {
            // The cell may be written by any call.
            code = self.builder.ins().load(types::I64, MemFlagsData::trusted(), code, 0);
        }
        let params: Vec<Ty> = inst.args[1..].iter().map(|&arg| self.ty(arg)).collect();
        self.call_code(code, &params, &sig.results, &inst.args[1..], inst);
        Ok(())
    }

    fn call_code(&mut self, code: Value, params: &[Ty], results: &[Ty], args: &[Arg], inst: &Inst) {
        let call_conv = self.builder.func.signature.call_conv;
        let signature = self.builder.import_signature(signature(params, results, call_conv));
        let mut values = Vec::with_capacity(args.len() + 1);
        let out = (results.len() > 2).then(|| {
            let size = results.len() as u32 * 8;
            let slot = self.builder.create_sized_stack_slot(StackSlotData::new(StackSlotKind::ExplicitSlot, size, 3));
            let address = self.builder.ins().stack_addr(types::I64, slot, 0);
            values.push(address);
            address
        });
        for &arg in args {
            let value = self.arg(arg);
            values.push(value);
        }
        let call = self.builder.ins().call_indirect(signature, code, &values);
        match (results, out) {
            ([_], _) => {
                let value = self.builder.inst_results(call)[0];
                self.define(inst.results[0], value);
            }
            ([first, second], _) => {
                let slots = self.builder.inst_results(call);
                let (a, b) = (slots[0], slots[1]);
                let (a, b) = (self.value_of(*first, a), self.value_of(*second, b));
                self.define(inst.results[0], a);
                self.define(inst.results[1], b);
            }
            (_, Some(address)) => {
                for (index, (&ty, &result)) in results.iter().zip(&inst.results).enumerate() {
                    // The low bytes of a canonical slot are the value: the machines supported are little endian.
                    let value = self.builder.ins().load(clif(ty), trusted(), address, index as i32 * 8);
                    self.define(result, value);
                }
            }
            _ => {}
        }
    }
}
