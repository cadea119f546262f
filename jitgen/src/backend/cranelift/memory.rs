//! Loads, stores and addresses.
//!
//! Every access is aligned and cannot trap. Nothing else is promised: without its mid-end, Cranelift has no use for alias
//! regions, or for loads that may be moved.

use super::clif;
use super::lower::Lowering;
use crate::flow::{Arg, Const, Field, FieldId, FieldKind, Mutability, Ty, VarId};
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};

/// An address as a root and a constant number of bytes from it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Place {
    root: Arg,
    offset: i64,
}

pub(super) fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

/// Bytes from the array to a constant element.
fn element(field: &Field, index: Arg) -> Option<i64> {
    let Arg::Const(Const { bits, .. }) = index else { return None };
    (bits as i64).checked_mul(field.stride as i64)
}

impl Lowering<'_> {
    fn place(&self, arg: Arg) -> Place {
        let known = match arg {
            Arg::Var(var) => self.places[var.index()],
            Arg::Const(_) => None,
        };
        known.unwrap_or(Place { root: arg, offset: 0 })
    }

    /// Remembers that an address is a constant step away from another.
    fn note_step(&mut self, result: VarId, base: Arg, bytes: Option<i64>) {
        let Place { root, offset } = self.place(base);
        self.places[result.index()] =
            bytes.and_then(|bytes| offset.checked_add(bytes)).map(|offset| Place { root, offset });
    }

    /// Where an access goes, if that is a constant number of bytes from something.
    fn locate(&self, field: &Field, args: &[Arg]) -> Option<Place> {
        let bytes = match field.kind {
            FieldKind::Struct => field.offset as i64,
            FieldKind::Item => element(field, args[1])?.checked_add(field.offset as i64)?,
        };
        let Place { root, offset } = self.place(args[0]);
        Some(Place { root, offset: offset.checked_add(bytes)? })
    }

    /// Base and displacement of an access.
    fn address(&mut self, field: &Field, args: &[Arg]) -> (Value, Offset32) {
        if let Some(Place { root, offset }) = self.locate(field, args)
            && let Ok(offset) = i32::try_from(offset)
        {
            return (self.arg(root), Offset32::new(offset));
        }
        let base = self.arg(args[0]);
        let base = match field.kind {
            FieldKind::Struct => base,
            FieldKind::Item => self.element(field, base, args[1]),
        };
        match i32::try_from(field.offset) {
            Ok(offset) => (base, Offset32::new(offset)),
            Err(_) => {
                let offset = self.builder.ins().iconst(types::I64, field.offset as i64);
                (self.builder.ins().iadd(base, offset), Offset32::new(0))
            }
        }
    }

    /// `base + index * stride`.
    fn element(&mut self, field: &Field, base: Value, index: Arg) -> Value {
        let index = match index {
            Arg::Const(index) => {
                let bytes = Const::new(Ty::I64, index.bits.wrapping_mul(field.stride as u64));
                self.constant(bytes)
            }
            Arg::Var(_) => {
                let index = self.arg(index);
                let stride = field.stride as i64;
                if field.stride == 1 {
                    index
                } else if field.stride.is_power_of_two() {
                    let count = self.builder.ins().iconst(types::I64, i64::from(stride.trailing_zeros()));
                    self.builder.ins().ishl(index, count)
                } else {
                    let stride = self.builder.ins().iconst(types::I64, stride);
                    self.builder.ins().imul(index, stride)
                }
            }
        };
        self.builder.ins().iadd(base, index)
    }

    pub(super) fn load(&mut self, id: FieldId, ty: Ty, args: &[Arg]) -> Value {
        let field = self.module.field(id);
        let (base, offset) = self.address(field, args);
        if field.mutability == Mutability::Volatile {
            // An ordinary load would leave a loop that does not write the field.
            let address = self.builder.ins().iadd_imm_s(base, i64::from(i32::from(offset)));
            return self.builder.ins().atomic_load(clif(ty), trusted(), address);
        }
        self.builder.ins().load(clif(ty), trusted(), base, offset)
    }

    pub(super) fn store(&mut self, id: FieldId, args: &[Arg]) {
        let field = self.module.field(id);
        let value = self.arg(*args.last().expect("a store has a value"));
        let (base, offset) = self.address(field, args);
        self.builder.ins().store(trusted(), value, base, offset);
    }

    pub(super) fn ptr_add(&mut self, id: FieldId, result: VarId, args: &[Arg]) -> Value {
        let field = self.module.field(id);
        self.note_step(result, args[0], element(field, args[1]));
        let base = self.arg(args[0]);
        self.element(field, base, args[1])
    }

    pub(super) fn interior(&mut self, id: FieldId, result: VarId, base: Arg) -> Value {
        let offset = self.module.field(id).offset as i64;
        self.note_step(result, base, Some(offset));
        let base = self.arg(base);
        let offset = self.builder.ins().iconst(types::I64, offset);
        self.builder.ins().iadd(base, offset)
    }
}
