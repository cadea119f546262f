//! Places in memory, and the descriptors of what lies there.
//!
//! The translator knows no offsets: a descriptor carries the Rust expressions that rustc will evaluate when the
//! bindings are compiled.

use super::items::Program;
use super::types::Type;
use crate::flow::{AliasClass, Arg, Field, FieldId, FieldKind, MemTy, Mutability, Ty};
use std::collections::HashMap;

/// A place in memory: a structure behind an address, an element of an array, or a part of either.
#[derive(Clone, Debug)]
pub struct Location {
    pub base: Arg,
    /// `Some`: in element `index` of the array at `base`.
    pub index: Option<Arg>,
    /// Type of the structure or element.
    pub root: Type,
    /// E.g. `Table.position`, `[Register].tag`.
    pub name: String,
    /// Rust expressions that sum up to the offset.
    pub offset: Vec<String>,
    /// Inside a cell, or an element.
    pub mutable: bool,
    /// An atomic.
    pub volatile: bool,
    pub ty: Type,
}

/// A scalar in memory.
pub struct Leaf {
    pub field: FieldId,
    pub ty: Ty,
    /// An address that is zero for `None`: stands for two parts of the flattened value.
    pub nullable: bool,
}

/// A structure held by value whose address was taken: its fields are reached under two names.
pub struct InteriorUse {
    pub outer: String,
    pub inner: String,
}

/// All descriptors of a module.
#[derive(Default)]
pub struct Layout {
    pub fields: Vec<Field>,
    pub interiors: Vec<InteriorUse>,
    index: HashMap<(Type, FieldKind, String), FieldId>,
}

impl Location {
    pub fn behind(program: &Program, base: Arg, to: &Type) -> Location {
        let name = program.type_name(to);
        Location {
            base,
            index: None,
            root: to.clone(),
            name,
            offset: vec![],
            mutable: false,
            volatile: false,
            ty: to.clone(),
        }
    }

    pub fn element(program: &Program, base: Arg, index: Arg, of: &Type) -> Location {
        let name = format!("[{}]", program.type_name(of));
        let (root, ty) = (of.clone(), of.clone());
        Location { base, index: Some(index), root, name, offset: vec![], mutable: true, volatile: false, ty }
    }

    pub fn field(&self, program: &Program, index: usize) -> Location {
        let (name, ty) = program.fields(&self.ty).swap_remove(index);
        let mut offset = self.offset.clone();
        offset.push(format!("core::mem::offset_of!({}, {name})", program.rust_type(&self.ty)));
        Location { name: format!("{}.{name}", self.name), offset, ty, ..self.clone() }
    }

    /// The inside of a cell.
    pub fn cell(&self) -> Location {
        match &self.ty {
            Type::Cell(of) => Location { mutable: true, ty: (**of).clone(), ..self.clone() },
            Type::Atomic(of) => Location { mutable: true, volatile: true, ty: (**of).clone(), ..self.clone() },
            _ => self.clone(),
        }
    }
}

impl Layout {
    /// The scalars of a place, in the order of the flattened value.
    pub fn leaves(&mut self, program: &Program, place: &Location) -> Result<Vec<Leaf>, String> {
        let mut leaves = vec![];
        self.collect(program, place, &mut leaves)?;
        Ok(leaves)
    }

    fn collect(&mut self, program: &Program, place: &Location, leaves: &mut Vec<Leaf>) -> Result<(), String> {
        let (ty, mem, nullable) = match &place.ty {
            Type::Tuple(_) | Type::Struct(_) => {
                for index in 0..program.fields(&place.ty).len() {
                    self.collect(program, &place.field(program, index), leaves)?;
                }
                return Ok(());
            }
            Type::Bool => (Ty::Bool, MemTy::Bool, false),
            Type::Int(int) => {
                let mem = match int.ty() {
                    Ty::I8 => MemTy::B8,
                    Ty::I16 => MemTy::B16,
                    Ty::I32 => MemTy::B32,
                    _ => MemTy::B64,
                };
                (int.ty(), mem, false)
            }
            Type::F64 => (Ty::F64, MemTy::F64, false),
            Type::Ref(to) => (program.handle_ty(to), MemTy::Address, false),
            Type::Borrow(_) | Type::Arr(_) => (Ty::Ptr, MemTy::Address, false),
            Type::Enum(id) if program.enums[id.0].is_c_like() => (Ty::I8, MemTy::B8, false),
            Type::Option(of) if matches!(**of, Type::Ref(_) | Type::Borrow(_)) => {
                let to = of.pointee().expect("a handle has a pointee");
                let ty = if matches!(**of, Type::Ref(_)) { program.handle_ty(to) } else { Ty::Ptr };
                (ty, MemTy::Address, true)
            }
            ty @ (Type::Enum(_) | Type::Option(_) | Type::Result(..)) => {
                let ty = program.type_name(ty);
                return Err(format!("`{}` has type `{ty}`, whose layout in memory is not known", place.name));
            }
            Type::Cell(_) | Type::Atomic(_) => {
                return Err(format!("`{}` is a cell: use its `get` and `set`", place.name));
            }
            ty => {
                let ty = program.type_name(ty);
                return Err(format!("`{}` has type `{ty}`, which is outside the subset", place.name));
            }
        };
        leaves.push(Leaf { field: self.field(program, place, ty, mem), ty, nullable });
        Ok(())
    }

    /// The descriptor of a scalar place.
    fn field(&mut self, program: &Program, place: &Location, ty: Ty, mem: MemTy) -> FieldId {
        let kind = if place.index.is_some() { FieldKind::Item } else { FieldKind::Struct };
        let key = (place.root.clone(), kind, place.name.clone());
        if let Some(&field) = self.index.get(&key) {
            return field;
        }
        let (frozen, virtualizable) = match &place.root {
            Type::Struct(id) => (program.structs[id.0].frozen, program.structs[id.0].virtualizable),
            _ => (false, false),
        };
        let quasi_immutable = match &place.root {
            Type::Struct(id) => {
                let first = place.name.split('.').nth(1);
                program.structs[id.0].quasi_immutable.iter().any(|(name, _)| Some(name.as_str()) == first)
            }
            _ => false,
        };
        let item = kind == FieldKind::Item;
        let id = FieldId(self.fields.len() as u32);
        let stride_source =
            if item { format!("core::mem::size_of::<{}>()", program.rust_type(&place.root)) } else { "0".to_string() };
        self.fields.push(Field {
            name: place.name.clone(),
            kind,
            ty,
            mem,
            mutability: match place.mutable && !frozen {
                true if place.volatile => Mutability::Volatile,
                true if quasi_immutable && !item => Mutability::QuasiImmutable,
                true => Mutability::Mutable,
                false => Mutability::Immutable,
            },
            class: AliasClass(id.0),
            overlapping: item && virtualizable,
            virtualizable: item && virtualizable,
            offset_source: if place.offset.is_empty() { "0".into() } else { place.offset.join(" + ") },
            stride_source,
            offset: 0,
            stride: 0,
        });
        self.index.insert(key, id);
        id
    }

    /// The descriptor for the address of a structure held by value.
    pub fn interior(&mut self, program: &Program, place: &Location) -> FieldId {
        let inner = program.type_name(&place.ty);
        if !self.interiors.iter().any(|known| known.outer == place.name && known.inner == inner) {
            self.interiors.push(InteriorUse { outer: place.name.clone(), inner });
        }
        self.field(program, place, Ty::Ptr, MemTy::Address)
    }

    /// A descriptor whose stride is that of arrays of `of`.
    pub fn stride(&mut self, program: &Program, of: &Type) -> FieldId {
        let place = Location::element(
            program,
            Arg::Const(crate::flow::Const::i64(0)),
            Arg::Const(crate::flow::Const::i64(0)),
            of,
        );
        match self.leaves(program, &place) {
            Ok(leaves) if !leaves.is_empty() => leaves[0].field,
            _ => self.field(program, &place, Ty::Ptr, MemTy::Address),
        }
    }
}
