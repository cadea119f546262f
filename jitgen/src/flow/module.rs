//! What the graphs of one interpreter refer to: fields, functions, signatures, portals.

use super::{Graph, Ty, VarId};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($name:ident)*) => {$(
        #[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);
        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! { FieldId FuncId SigId AliasClass }

/// How a value lies in memory.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum MemTy {
    /// One byte, 0 or 1.
    Bool,
    B8,
    B16,
    B32,
    B64,
    F64,
    /// `ptr` or `ref`, by the field's type.
    Address,
}

impl MemTy {
    /// Size in bytes.
    pub fn size(self) -> usize {
        match self {
            MemTy::Bool | MemTy::B8 => 1,
            MemTy::B16 => 2,
            MemTy::B32 => 4,
            MemTy::B64 | MemTy::F64 | MemTy::Address => 8,
        }
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Mutability {
    /// Never changes after construction: readable at compile time from a green address.
    Immutable,
    Mutable,
    /// Changed by other threads at any time: every read in the interpreter is a read in compiled code.
    Volatile,
    /// Changes so rarely that code relying on it is discarded then.
    QuasiImmutable,
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum FieldKind {
    /// Addressed as `base + offset`.
    Struct,
    /// Addressed as `base + index * stride + offset`.
    Item,
}

/// A descriptor of memory: a scalar part of a structure's field or of an array's element.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Field {
    /// E.g. `Table.shape`, `Object.value.tag`, `[Register].tag`.
    pub name: String,
    pub kind: FieldKind,
    pub ty: Ty,
    pub mem: MemTy,
    pub mutability: Mutability,
    /// Two accesses of different classes never touch the same byte.
    pub class: AliasClass,
    /// Arrays of this element may overlap at different indices (register windows).
    pub overlapping: bool,
    /// Touched almost only by compiled code, which may delay writes until somebody else can look.
    pub virtualizable: bool,
    /// Rust expressions of type `usize` for offset and stride, which the bindings hand to rustc.
    pub offset_source: String,
    pub stride_source: String,
    /// In bytes; set when the image is bound to a process.
    pub offset: usize,
    pub stride: usize,
}

/// Alias classes touched by a residual call.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Touched {
    #[default]
    Nothing,
    Classes(Vec<AliasClass>),
    Everything,
}

impl Touched {
    pub fn contains(&self, class: AliasClass) -> bool {
        match self {
            Touched::Nothing => false,
            Touched::Classes(classes) => classes.contains(&class),
            Touched::Everything => true,
        }
    }

    pub fn add(&mut self, more: &Touched) {
        match (&mut *self, more) {
            (_, Touched::Nothing) | (Touched::Everything, _) => {}
            (Touched::Classes(known), Touched::Classes(more)) => {
                for class in more {
                    if !known.contains(class) {
                        known.push(*class);
                    }
                }
            }
            (_, more) => *self = more.clone(),
        }
    }
}

/// What a residual function may do. Weaker promises than [`Effects::strongest`] must be true.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Effects {
    pub reads: Touched,
    pub writes: Touched,
    /// Of these item classes only elements from some address on are written, although `writes` names the class.
    pub writes_from: Vec<WritesFrom>,
    /// May collect: no unanchored heap reference may be live across the call.
    pub collects: bool,
    /// May run arbitrary code of the user program.
    pub calls: bool,
}

/// Of an item class, only elements at or above `below` elements before the address in a parameter are written.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct WritesFrom {
    /// Index of the flattened parameter.
    pub param: u32,
    pub class: AliasClass,
    /// In elements.
    pub below: u32,
}

impl Effects {
    pub fn strongest() -> Effects {
        Effects {
            reads: Touched::Everything,
            writes: Touched::Everything,
            writes_from: vec![],
            collects: true,
            calls: true,
        }
    }

    pub fn pure() -> Effects {
        Effects {
            reads: Touched::Nothing,
            writes: Touched::Nothing,
            writes_from: vec![],
            collects: false,
            calls: false,
        }
    }

    /// Nothing an observer outside could notice or a repetition would change.
    pub fn is_effect_free(&self) -> bool {
        self.writes == Touched::Nothing && !self.collects && !self.calls
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum FuncKind {
    /// Has a graph, which is inlined into residual code unless `never_inline`.
    Graph(Graph),
    /// Opaque: emitted as a call.
    Residual,
}

/// Where a part of a new container gets its first value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Init {
    /// Canonical bits.
    Const(u64),
    /// A flattened parameter.
    Param(u32),
    /// An address that is zero unless the first of two flattened parameters, a `bool`, is true.
    Nullable(u32),
}

/// A function that makes a container, or an operation on one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Container {
    /// Returns a new structure: the first values of its fields.
    Struct(Vec<(FieldId, Init)>),
    /// Returns a new array of as many elements as the flattened parameter says: the first values of an element's parts.
    Array { len: u32, parts: Vec<(FieldId, Init)> },
    /// Returns a new list or dict of a kind: those of equal number have the same operations.
    New(Oopspec, u32),
    /// An operation on a list or dict of a kind. `receiver`: the flattened parameter that the container is; those before
    /// it are the same for all functions of the kind, those behind it are the operands.
    Op { spec: Oopspec, kind: u32, receiver: u32 },
}

/// What a function means, independent of the layout of its container.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Oopspec {
    ListNew,
    /// `(item)`.
    ListPush,
    /// `() -> item`, or an option of it.
    ListPop,
    /// `(index) -> item`, or an option of it.
    ListGet,
    /// `(index, item)`.
    ListSet,
    /// `() -> length`.
    ListLen,
    DictNew,
    /// `(key) -> value`, or an option of it.
    DictGet,
    /// `(key, value)`.
    DictSet,
    /// `(key) -> bool`.
    DictHas,
    /// `(key)`.
    DictRemove,
    /// `() -> length`.
    DictLen,
}

impl Oopspec {
    pub const ALL: [(&str, Oopspec); 12] = [
        ("list.new", Oopspec::ListNew),
        ("list.push", Oopspec::ListPush),
        ("list.pop", Oopspec::ListPop),
        ("list.get", Oopspec::ListGet),
        ("list.set", Oopspec::ListSet),
        ("list.len", Oopspec::ListLen),
        ("dict.new", Oopspec::DictNew),
        ("dict.get", Oopspec::DictGet),
        ("dict.set", Oopspec::DictSet),
        ("dict.has", Oopspec::DictHas),
        ("dict.remove", Oopspec::DictRemove),
        ("dict.len", Oopspec::DictLen),
    ];

    pub fn name(self) -> &'static str {
        Oopspec::ALL.iter().find(|(_, spec)| *spec == self).map_or("", |(name, _)| name)
    }

    pub fn parse(name: &str) -> Option<Oopspec> {
        Oopspec::ALL.iter().find(|(known, _)| *known == name).map(|(_, spec)| *spec)
    }

    /// Makes a container.
    pub fn is_new(self) -> bool {
        matches!(self, Oopspec::ListNew | Oopspec::DictNew)
    }

    pub fn is_dict(self) -> bool {
        self.name().starts_with("dict")
    }

    /// The operation by which a container gets its items when it is really made.
    pub fn filler(self) -> Oopspec {
        if self.is_dict() { Oopspec::DictSet } else { Oopspec::ListPush }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FuncInfo {
    /// Unique: `name` or `Type::name`.
    pub name: String,
    /// Path for the bindings, e.g. `crate::interp::arith::add`.
    pub path: String,
    /// Flattened.
    pub params: Vec<(String, Ty)>,
    /// Flattened.
    pub results: Vec<Ty>,
    pub kind: FuncKind,
    pub effects: Effects,
    /// Pure in its arguments, and safe to call at compile time.
    pub elidable: bool,
    pub never_inline: bool,
    pub unroll: bool,
    /// What it does to a container, where the generator can do that itself while the container is virtual.
    pub container: Option<Container>,
    /// Index into the native wrapper tables of the bindings, if it has wrappers: every residual, elidable,
    /// `never_inline` and portal function.
    pub native: Option<u32>,
}

/// Parameters and results of an indirect call (without the code address).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Signature {
    pub params: Vec<Ty>,
    pub results: Vec<Ty>,
    /// Effects of whatever is called; index of the `#[indirect]` function that declares it.
    pub declared_by: FuncId,
    /// What is called is a unit of a portal.
    pub enters: Option<Enters>,
}

/// `enters(portal)`: an indirect call whose code is that of the portal's unit for the greens among its parameters. They
/// are there for the generator alone: compiled code passes the others.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Enters {
    pub portal: u32,
    /// For each flattened parameter of the portal, which of the signature's it is.
    pub params: Vec<u32>,
}

/// A dispatch loop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Portal {
    pub func: FuncId,
    /// Indices of the green flattened parameters.
    pub greens: Vec<u32>,
    /// The green that orders user positions (forward jumps increase it): an index of a flattened parameter.
    pub order: u32,
    /// What is known of register windows at merge points.
    pub live: Option<LiveHint>,
}

/// `live(function, window)` of a portal: an elidable function of the greens and an element index, true if element
/// `index` of the virtualizable array `window` (a flattened parameter) may still be read after the merge point.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LiveHint {
    pub func: FuncId,
    pub window: u32,
}

/// The graphs of an interpreter and all they refer to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Module {
    pub files: Vec<String>,
    pub fields: Vec<Field>,
    /// Names of the alias classes.
    pub classes: Vec<String>,
    pub funcs: Vec<FuncInfo>,
    pub sigs: Vec<Signature>,
    pub portals: Vec<Portal>,
}

impl Module {
    /// The heap references among a portal's greens.
    pub fn references(&self, portal: u32, greens: &[u64]) -> impl Iterator<Item = u64> {
        let portal = &self.portals[portal as usize];
        let params = &self.func(portal.func).params;
        let is_reference = |index: u32| params[index as usize].1 == Ty::Ref;
        let greens = portal.greens.iter().zip(greens);
        greens.filter(move |&(&index, &bits)| bits != 0 && is_reference(index)).map(|(_, &bits)| bits)
    }

    pub fn func(&self, id: FuncId) -> &FuncInfo {
        &self.funcs[id.index()]
    }

    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.index()]
    }

    pub fn graph(&self, id: FuncId) -> Option<&Graph> {
        match &self.func(id).kind {
            FuncKind::Graph(graph) => Some(graph),
            FuncKind::Residual => None,
        }
    }

    pub fn find_func(&self, name: &str) -> Option<FuncId> {
        self.funcs.iter().position(|func| func.name == name).map(|index| FuncId(index as u32))
    }

    /// The function that performs an operation on containers of a kind.
    pub fn operation(&self, spec: Oopspec, kind: u32) -> Option<FuncId> {
        let is = |info: &FuncInfo| match info.container {
            Some(Container::Op { spec: other, kind: of, .. }) => other == spec && of == kind,
            _ => false,
        };
        self.funcs.iter().position(is).map(|index| FuncId(index as u32))
    }

    /// The effects of an operation, calls included. Hints have none.
    pub fn call_effects(&self, op: super::Op) -> Option<&Effects> {
        match op {
            super::Op::Call(func) => Some(&self.func(func).effects),
            super::Op::CallIndirect(sig) | super::Op::CallUnit(sig) | super::Op::CallEntry(sig) => {
                Some(&self.func(self.sigs[sig.index()].declared_by).effects)
            }
            _ => None,
        }
    }

    /// The signature of a call that enters a unit.
    pub fn enters(&self, op: super::Op) -> Option<&Enters> {
        match op {
            super::Op::CallIndirect(sig) => self.sigs[sig.index()].enters.as_ref(),
            _ => None,
        }
    }

    /// Names of a graph's variable, for messages.
    pub fn var_name(graph: &Graph, var: VarId) -> String {
        let info = &graph.vars[var.index()];
        if info.name.is_empty() { format!("v{}", var.0) } else { format!("{}#{}", info.name, var.0) }
    }
}
