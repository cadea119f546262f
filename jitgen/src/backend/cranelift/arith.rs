//! Arithmetic, comparisons and conversions.

use super::clif;
use super::lower::Lowering;
use crate::flow::{Arg, BinOp, CmpOp, ConvOp, OvfOp, Ty, UnOp};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};

impl Lowering<'_> {
    fn pair(&mut self, args: &[Arg]) -> (Value, Value) {
        (self.arg(args[0]), self.arg(args[1]))
    }

    pub(super) fn bin(&mut self, op: BinOp, args: &[Arg]) -> Value {
        if let (BinOp::SDiv | BinOp::UDiv | BinOp::SRem | BinOp::URem, Arg::Const(divisor)) = (op, args[1])
            && divisor.ty == Ty::I64
            && divisor.bits != 0
        {
            let value = self.arg(args[0]);
            return self.divide_by(op, value, divisor.bits as i64);
        }
        let (a, b) = self.pair(args);
        let ins = self.builder.ins();
        match op {
            BinOp::Add => ins.iadd(a, b),
            BinOp::Sub => ins.isub(a, b),
            BinOp::Mul => ins.imul(a, b),
            BinOp::SDiv => ins.sdiv(a, b),
            BinOp::UDiv => ins.udiv(a, b),
            BinOp::SRem => ins.srem(a, b),
            BinOp::URem => ins.urem(a, b),
            BinOp::And => ins.band(a, b),
            BinOp::Or => ins.bor(a, b),
            BinOp::Xor => ins.bxor(a, b),
            // Cranelift takes counts modulo the width, as we do.
            BinOp::Shl => ins.ishl(a, b),
            BinOp::UShr => ins.ushr(a, b),
            BinOp::SShr => ins.sshr(a, b),
            BinOp::FAdd => ins.fadd(a, b),
            BinOp::FSub => ins.fsub(a, b),
            BinOp::FMul => ins.fmul(a, b),
            BinOp::FDiv => ins.fdiv(a, b),
        }
    }

    /// The flag of an overflow operation is materialised in a register before a branch can test it, and takes no part
    /// in value numbering. Where a comparison tells the same, it is cheaper.
    pub(super) fn ovf(&mut self, op: OvfOp, args: &[Arg]) -> (Value, Value) {
        let (a, b) = self.pair(args);
        match op {
            OvfOp::UAdd => {
                let sum = self.builder.ins().iadd(a, b);
                let overflow = self.builder.ins().icmp(IntCC::UnsignedLessThan, sum, a);
                return (sum, overflow);
            }
            OvfOp::USub => {
                let difference = self.builder.ins().isub(a, b);
                let overflow = self.builder.ins().icmp(IntCC::UnsignedLessThan, a, b);
                return (difference, overflow);
            }
            OvfOp::SAdd | OvfOp::SSub => {
                let constants = (args[0], args[1]);
                let (base, step, down) = match (op, constants) {
                    (OvfOp::SAdd, (_, Arg::Const(step))) => (a, step, step.signed() < 0),
                    (OvfOp::SAdd, (Arg::Const(step), _)) => (b, step, step.signed() < 0),
                    (OvfOp::SSub, (_, Arg::Const(step))) => (a, step, step.signed() > 0),
                    _ => return self.flagged(op, a, b),
                };
                let moved = match op {
                    OvfOp::SAdd => self.builder.ins().iadd(a, b),
                    _ => self.builder.ins().isub(a, b),
                };
                if step.bits == 0 {
                    return (moved, self.constant(crate::flow::Const::bool(false)));
                }
                // A value moved by a constant lies on the other side of where it was exactly if it wrapped.
                let wrong = if down { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                let overflow = self.builder.ins().icmp(wrong, moved, base);
                return (moved, overflow);
            }
            OvfOp::SMul | OvfOp::UMul => {}
        }
        self.flagged(op, a, b)
    }

    fn flagged(&mut self, op: OvfOp, a: Value, b: Value) -> (Value, Value) {
        let ins = self.builder.ins();
        match op {
            OvfOp::SAdd => ins.sadd_overflow(a, b),
            OvfOp::SSub => ins.ssub_overflow(a, b),
            OvfOp::SMul => ins.smul_overflow(a, b),
            OvfOp::UAdd => ins.uadd_overflow(a, b),
            OvfOp::USub => ins.usub_overflow(a, b),
            OvfOp::UMul => ins.umul_overflow(a, b),
        }
    }

    pub(super) fn cmp(&mut self, op: CmpOp, args: &[Arg]) -> Value {
        let (a, b) = self.pair(args);
        let ins = self.builder.ins();
        match op {
            CmpOp::Eq => ins.icmp(IntCC::Equal, a, b),
            CmpOp::Ne => ins.icmp(IntCC::NotEqual, a, b),
            CmpOp::SLt => ins.icmp(IntCC::SignedLessThan, a, b),
            CmpOp::SLe => ins.icmp(IntCC::SignedLessThanOrEqual, a, b),
            CmpOp::SGt => ins.icmp(IntCC::SignedGreaterThan, a, b),
            CmpOp::SGe => ins.icmp(IntCC::SignedGreaterThanOrEqual, a, b),
            CmpOp::ULt => ins.icmp(IntCC::UnsignedLessThan, a, b),
            CmpOp::ULe => ins.icmp(IntCC::UnsignedLessThanOrEqual, a, b),
            CmpOp::UGt => ins.icmp(IntCC::UnsignedGreaterThan, a, b),
            CmpOp::UGe => ins.icmp(IntCC::UnsignedGreaterThanOrEqual, a, b),
            CmpOp::FEq => ins.fcmp(FloatCC::Equal, a, b),
            CmpOp::FNe => ins.fcmp(FloatCC::NotEqual, a, b),
            CmpOp::FLt => ins.fcmp(FloatCC::LessThan, a, b),
            CmpOp::FLe => ins.fcmp(FloatCC::LessThanOrEqual, a, b),
            CmpOp::FGt => ins.fcmp(FloatCC::GreaterThan, a, b),
            CmpOp::FGe => ins.fcmp(FloatCC::GreaterThanOrEqual, a, b),
        }
    }

    pub(super) fn un(&mut self, op: UnOp, arg: Arg) -> Value {
        let ty = self.ty(arg);
        let a = self.arg(arg);
        match op {
            UnOp::Clz | UnOp::Ctz | UnOp::Popcnt => return self.count(op, ty, a),
            UnOp::Not if ty == Ty::Bool => {
                let zero = self.builder.ins().iconst(types::I8, 0);
                return self.builder.ins().icmp(IntCC::Equal, a, zero);
            }
            _ => {}
        }
        let ins = self.builder.ins();
        match op {
            UnOp::Neg => ins.ineg(a),
            UnOp::Not => ins.bnot(a),
            UnOp::FNeg => ins.fneg(a),
            UnOp::FAbs => ins.fabs(a),
            UnOp::FSqrt => ins.sqrt(a),
            UnOp::FFloor => ins.floor(a),
            UnOp::FCeil => ins.ceil(a),
            UnOp::FTrunc => ins.trunc(a),
            UnOp::Clz | UnOp::Ctz | UnOp::Popcnt => unreachable!("done above"),
        }
    }

    /// Counts of bits: narrow integers in 32 bits.
    fn count(&mut self, op: UnOp, ty: Ty, a: Value) -> Value {
        let narrow = ty.bits() < 32;
        let mut wide = if narrow { self.builder.ins().uextend(types::I32, a) } else { a };
        let counted = match op {
            UnOp::Clz => {
                let zeros = self.builder.ins().clz(wide);
                if !narrow {
                    return zeros;
                }
                let added = self.builder.ins().iconst(types::I32, i64::from(32 - ty.bits()));
                self.builder.ins().isub(zeros, added)
            }
            UnOp::Ctz => {
                if narrow {
                    // A bit above the value ends the count.
                    let end = self.builder.ins().iconst(types::I32, 1 << ty.bits());
                    wide = self.builder.ins().bor(wide, end);
                }
                self.builder.ins().ctz(wide)
            }
            _ => self.builder.ins().popcnt(wide),
        };
        if narrow { self.builder.ins().ireduce(clif(ty), counted) } else { counted }
    }

    pub(super) fn conv(&mut self, op: ConvOp, arg: Arg, to: Ty) -> Value {
        let from = self.ty(arg);
        let a = self.arg(arg);
        let (source, target) = (self.builder.func.dfg.value_type(a), clif(to));
        match op {
            ConvOp::Zext | ConvOp::Sext | ConvOp::Trunc if source == target => a,
            ConvOp::Zext => self.builder.ins().uextend(target, a),
            ConvOp::Sext => self.builder.ins().sextend(target, a),
            ConvOp::Trunc => self.builder.ins().ireduce(target, a),
            ConvOp::SToF => {
                let a = if from.bits() < 32 { self.builder.ins().sextend(types::I32, a) } else { a };
                self.builder.ins().fcvt_from_sint(types::F64, a)
            }
            ConvOp::UToF if from.bits() < 64 => {
                let a = self.builder.ins().uextend(types::I64, a);
                self.builder.ins().fcvt_from_sint(types::F64, a)
            }
            ConvOp::UToF => self.builder.ins().fcvt_from_uint(types::F64, a),
            ConvOp::FToS | ConvOp::FToU if to.bits() < 32 => {
                let (low, high) = match op {
                    ConvOp::FToS => (-(1i64 << (to.bits() - 1)), (1i64 << (to.bits() - 1)) - 1),
                    _ => (0, (1i64 << to.bits()) - 1),
                };
                let wide = self.builder.ins().fcvt_to_sint_sat(types::I32, a);
                let (low, high) = (i64::from(low as i32 as u32), high);
                let low = self.builder.ins().iconst(types::I32, low);
                let high = self.builder.ins().iconst(types::I32, high);
                let raised = self.builder.ins().smax(wide, low);
                let clamped = self.builder.ins().smin(raised, high);
                self.builder.ins().ireduce(target, clamped)
            }
            ConvOp::FToS => self.builder.ins().fcvt_to_sint_sat(target, a),
            ConvOp::FToU => self.builder.ins().fcvt_to_uint_sat(target, a),
            ConvOp::Bitcast if source == target => a,
            ConvOp::Bitcast => self.builder.ins().bitcast(target, MemFlagsData::new(), a),
        }
    }
}
