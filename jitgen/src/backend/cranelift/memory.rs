//! Loads, stores and addresses, and what Cranelift may assume about them.
//!
//! # What is promised
//!
//! Every access is aligned and cannot trap. Accesses of different alias classes never touch the same byte, so each
//! class is an alias region. Within one class of array elements, if all accesses of a graph are of one field at
//! constant indices from one and the same base, each index is a region of its own: Cranelift remembers one store a
//! region, and register windows are accessed just so.
//!
//! A load of an immutable field is `readonly can_move` (it survives calls, and leaves loops) only where its address is
//! known to be good wherever it is available: a constant, or a variable that is accessed at that offset or beyond in
//! the very block that defines it. A payload that is an address only under a type check must not be read above the
//! check. Fields that the graph itself stores to are never `readonly`: that is an object under construction.

use super::clif;
use super::lower::Lowering;
use crate::flow::{
    AliasClass, Arg, BlockId, Const, Field, FieldId, FieldKind, Graph, Inst, Module, Mutability, Op, Ty, VarId,
};
use cranelift_codegen::ir::immediates::Offset32;
use cranelift_codegen::ir::{AliasRegionData, AliasRegionSet, InstBuilder, MemFlagsData, Value, types};
use std::collections::{HashMap, HashSet};

/// An address as a root and a constant number of bytes from it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Place {
    root: Arg,
    offset: i64,
}

/// How the accesses of one alias class look.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Pattern {
    /// All of one field, at constant offsets from one root.
    Slots {
        field: FieldId,
        root: Arg,
        count: usize,
    },
    Any,
}

/// More regions than this for one class cost more than they bring.
const MAX_SLOTS: usize = 128;

/// The region of exit buffers and result slots.
const SLOTS_REGION: u32 = u32::MAX;

/// What is known about the memory accesses of a graph.
#[derive(Default)]
pub(super) struct Accesses {
    /// Addresses derived by constant steps.
    places: HashMap<VarId, Place>,
    patterns: HashMap<AliasClass, Pattern>,
    stored: HashSet<AliasClass>,
    /// Bytes behind a variable that its defining block accesses.
    good: HashMap<VarId, i64>,
    /// Regions by class and offset (0 where a class is one region).
    regions: HashMap<(AliasClass, i64), MemFlagsData>,
    slots: Option<MemFlagsData>,
}

fn trusted() -> MemFlagsData {
    MemFlagsData::trusted()
}

impl Accesses {
    pub(super) fn find(graph: &Graph, module: &Module, order: &[BlockId], regions: &mut AliasRegionSet) -> Accesses {
        let mut this = Accesses::default();
        let mut offsets: HashSet<(AliasClass, i64)> = HashSet::new();
        for &id in order {
            let block = &graph.blocks[id.index()];
            let mut defined: HashSet<VarId> = block.params.iter().copied().collect();
            for inst in &block.insts {
                if let Some(place) = this.step(module, inst) {
                    this.places.insert(inst.results[0], place);
                }
                if let Some((field, place)) = this.access(module, inst) {
                    this.note(module.field(field).class, field, place, &mut offsets);
                    if let Some(Place { root: Arg::Var(root), offset }) = place
                        && defined.contains(&root)
                    {
                        let end = offset + module.field(field).mem.size() as i64;
                        let good = this.good.entry(root).or_default();
                        *good = end.max(*good);
                    }
                }
                if let Op::Store(field) | Op::StoreItem(field) = inst.op {
                    this.stored.insert(module.field(field).class);
                }
                defined.extend(&inst.results);
            }
        }
        this.make_regions(module, offsets, regions);
        this
    }

    fn note(
        &mut self,
        class: AliasClass,
        field: FieldId,
        place: Option<Place>,
        offsets: &mut HashSet<(AliasClass, i64)>,
    ) {
        let Some(place) = place else {
            self.patterns.insert(class, Pattern::Any);
            return;
        };
        let first = Pattern::Slots { field, root: place.root, count: 0 };
        let pattern = self.patterns.entry(class).or_insert(first);
        match pattern {
            Pattern::Slots { field: known, root, count } if *known == field && *root == place.root => {
                if offsets.insert((class, place.offset)) {
                    *count += 1;
                    if *count > MAX_SLOTS {
                        *pattern = Pattern::Any;
                    }
                }
            }
            _ => *pattern = Pattern::Any,
        }
    }

    fn make_regions(&mut self, module: &Module, offsets: HashSet<(AliasClass, i64)>, regions: &mut AliasRegionSet) {
        let mut keys: Vec<(AliasClass, i64)> = vec![];
        for (&class, pattern) in &self.patterns {
            match pattern {
                Pattern::Any => keys.push((class, 0)),
                Pattern::Slots { .. } => keys.extend(offsets.iter().filter(|key| key.0 == class)),
            }
        }
        // Same input, same code.
        keys.sort();
        for (number, key) in keys.into_iter().enumerate() {
            let name = module.classes.get(key.0.index()).map_or("", |name| name.as_str());
            let description = format!("{name} {}", key.1).replace(['"', '\\'], "'").into();
            let region = regions.insert(AliasRegionData { user_id: number as u32, description });
            self.regions.insert(key, trusted().with_alias_region(Some(region)));
        }
    }

    fn place(&self, arg: Arg) -> Place {
        let known = match arg {
            Arg::Var(var) => self.places.get(&var).copied(),
            Arg::Const(_) => None,
        };
        known.unwrap_or(Place { root: arg, offset: 0 })
    }

    /// The place an address operation gives, if it is a constant step away from another.
    fn step(&self, module: &Module, inst: &Inst) -> Option<Place> {
        let bytes = match inst.op {
            Op::PtrAdd(field) => element(module.field(field), inst.args[1])?,
            Op::Interior(field) => module.field(field).offset as i64,
            _ => return None,
        };
        let Place { root, offset } = self.place(inst.args[0]);
        Some(Place { root, offset: offset.checked_add(bytes)? })
    }

    /// The field an operation reads or writes, and where if at a constant offset.
    fn access(&self, module: &Module, inst: &Inst) -> Option<(FieldId, Option<Place>)> {
        let (Op::Load(id) | Op::Store(id) | Op::LoadItem(id) | Op::StoreItem(id)) = inst.op else { return None };
        Some((id, self.locate(module.field(id), &inst.args)))
    }

    fn locate(&self, field: &Field, args: &[Arg]) -> Option<Place> {
        let bytes = match field.kind {
            FieldKind::Struct => field.offset as i64,
            FieldKind::Item => element(field, args[1])?.checked_add(field.offset as i64)?,
        };
        let Place { root, offset } = self.place(args[0]);
        Some(Place { root, offset: offset.checked_add(bytes)? })
    }

    fn flags(&self, field: &Field, place: Option<Place>) -> MemFlagsData {
        let class = field.class;
        let offset = match (self.patterns.get(&class), place) {
            (Some(Pattern::Slots { .. }), Some(place)) => place.offset,
            _ => 0,
        };
        let mut flags = self.regions[&(class, offset)];
        if field.mutability == Mutability::Immutable
            && !self.stored.contains(&class)
            && let Some(place) = place
        {
            let end = place.offset + field.mem.size() as i64;
            let good = match place.root {
                Arg::Const(address) => address.bits != 0,
                Arg::Var(root) => self.good.get(&root).is_some_and(|&good| end <= good),
            };
            if good && place.offset >= 0 {
                flags = flags.with_readonly().with_can_move();
            }
        }
        flags
    }

    /// Flags for slots that only the convention knows.
    pub(super) fn slots(&mut self, regions: &mut AliasRegionSet) -> MemFlagsData {
        *self.slots.get_or_insert_with(|| {
            let description = "convention slots".into();
            let region = regions.insert(AliasRegionData { user_id: SLOTS_REGION, description });
            trusted().with_alias_region(Some(region))
        })
    }
}

/// Bytes from the array to a constant element.
fn element(field: &Field, index: Arg) -> Option<i64> {
    let Arg::Const(Const { bits, .. }) = index else { return None };
    (bits as i64).checked_mul(field.stride as i64)
}

impl Lowering<'_> {
    /// Base and displacement of an access.
    fn address(&mut self, field: &Field, args: &[Arg]) -> (Value, Offset32, MemFlagsData) {
        let place = self.accesses.locate(field, args);
        let flags = self.accesses.flags(field, place);
        if let Some(Place { root, offset }) = place
            && let Ok(offset) = i32::try_from(offset)
        {
            return (self.arg(root), Offset32::new(offset), flags);
        }
        let base = self.arg(args[0]);
        let base = match field.kind {
            FieldKind::Struct => base,
            FieldKind::Item => self.element(field, base, args[1]),
        };
        match i32::try_from(field.offset) {
            Ok(offset) => (base, Offset32::new(offset), flags),
            Err(_) => {
                let offset = self.builder.ins().iconst(types::I64, field.offset as i64);
                (self.builder.ins().iadd(base, offset), Offset32::new(0), flags)
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

    pub(super) fn load(&mut self, id: FieldId, args: &[Arg]) -> Value {
        let field = self.module.field(id);
        let (base, offset, flags) = self.address(field, args);
        if field.mutability == Mutability::Volatile {
            // An ordinary load would leave a loop that does not write the field.
            let address = self.builder.ins().iadd_imm_s(base, i64::from(i32::from(offset)));
            return self.builder.ins().atomic_load(clif(field.ty), trusted(), address);
        }
        self.builder.ins().load(clif(field.ty), flags, base, offset)
    }

    pub(super) fn store(&mut self, id: FieldId, args: &[Arg]) {
        let field = self.module.field(id);
        let value = self.arg(*args.last().expect("a store has a value"));
        let (base, offset, flags) = self.address(field, args);
        self.builder.ins().store(flags, value, base, offset);
    }

    pub(super) fn ptr_add(&mut self, id: FieldId, args: &[Arg]) -> Value {
        let base = self.arg(args[0]);
        self.element(self.module.field(id), base, args[1])
    }

    pub(super) fn interior(&mut self, id: FieldId, base: Arg) -> Value {
        let base = self.arg(base);
        let offset = self.builder.ins().iconst(types::I64, self.module.field(id).offset as i64);
        self.builder.ins().iadd(base, offset)
    }
}
