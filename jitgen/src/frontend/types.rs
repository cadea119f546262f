//! Types of the subset, and how values of them are flattened into scalars.

use super::items::Program;
use crate::flow::Ty;

/// Integer types.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub enum Int {
    I8,
    I16,
    I32,
    I64,
    Isize,
    U8,
    U16,
    U32,
    U64,
    Usize,
}

impl Int {
    pub const ALL: [(&'static str, Int); 10] = [
        ("i8", Int::I8),
        ("i16", Int::I16),
        ("i32", Int::I32),
        ("i64", Int::I64),
        ("isize", Int::Isize),
        ("u8", Int::U8),
        ("u16", Int::U16),
        ("u32", Int::U32),
        ("u64", Int::U64),
        ("usize", Int::Usize),
    ];

    pub fn parse(name: &str) -> Option<Int> {
        Int::ALL.iter().find(|(text, _)| *text == name).map(|&(_, int)| int)
    }

    pub fn name(self) -> &'static str {
        Int::ALL.iter().find(|(_, int)| *int == self).map_or("", |(name, _)| name)
    }

    pub fn signed(self) -> bool {
        matches!(self, Int::I8 | Int::I16 | Int::I32 | Int::I64 | Int::Isize)
    }

    pub fn ty(self) -> Ty {
        match self {
            Int::I8 | Int::U8 => Ty::I8,
            Int::I16 | Int::U16 => Ty::I16,
            Int::I32 | Int::U32 => Ty::I32,
            Int::I64 | Int::U64 | Int::Isize | Int::Usize => Ty::I64,
        }
    }

    /// Smallest and largest value, as canonical bits.
    pub fn range(self) -> (u64, u64) {
        let mask = self.ty().mask();
        if self.signed() { ((mask >> 1) + 1, mask >> 1) } else { (0, mask) }
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct StructId(pub usize);
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct EnumId(pub usize);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    Never,
    Bool,
    Int(Int),
    F64,
    /// `()` is the empty one.
    Tuple(Vec<Type>),
    Struct(StructId),
    Enum(EnumId),
    Option(Box<Type>),
    Result(Box<Type>, Box<Type>),
    /// `Ref<T>`
    Ref(Box<Type>),
    /// `Arr<T>`
    Arr(Box<Type>),
    /// `&T`
    Borrow(Box<Type>),
    Cell(Box<Type>),
    Atomic(Box<Type>),
    /// Outside the subset: an error only where a value of it is touched.
    Opaque(String),
    /// Not inferred yet.
    Var(u32),
}

impl Type {
    pub const USIZE: Type = Type::Int(Int::Usize);

    pub fn unit() -> Type {
        Type::Tuple(vec![])
    }

    pub fn option(of: Type) -> Type {
        Type::Option(Box::new(of))
    }

    /// Whether a part is left to inference.
    pub fn has_holes(&self) -> bool {
        match self {
            Type::Var(_) => true,
            Type::Tuple(of) => of.iter().any(Type::has_holes),
            Type::Result(ok, err) => ok.has_holes() || err.has_holes(),
            Type::Option(of) | Type::Ref(of) | Type::Arr(of) | Type::Borrow(of) | Type::Cell(of) | Type::Atomic(of) => {
                of.has_holes()
            }
            _ => false,
        }
    }

    /// The type a handle leads to.
    pub fn pointee(&self) -> Option<&Type> {
        match self {
            Type::Ref(to) | Type::Borrow(to) => Some(to),
            _ => None,
        }
    }
}

/// One scalar of a flattened value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    pub ty: Ty,
    /// Where in the value: empty, or like `.tag`.
    pub name: String,
}

/// A variant of an enum, `Option` or `Result`, in flattened form.
#[derive(Clone, Debug)]
pub struct VariantShape {
    /// Canonical bits of the first part when the value is this variant.
    pub tag: u64,
    /// Types of the variant's fields.
    pub fields: Vec<Type>,
    /// Index of the first part of the variant's first field.
    pub start: usize,
}

impl Program {
    /// The text of a type in messages.
    pub fn type_name(&self, ty: &Type) -> String {
        match ty {
            Type::Never => "!".into(),
            Type::Bool => "bool".into(),
            Type::Int(int) => int.name().into(),
            Type::F64 => "f64".into(),
            Type::Tuple(of) => {
                let parts: Vec<String> = of.iter().map(|ty| self.type_name(ty)).collect();
                format!("({}{})", parts.join(", "), if of.len() == 1 { "," } else { "" })
            }
            Type::Struct(id) => self.structs[id.0].name.clone(),
            Type::Enum(id) => self.enums[id.0].name.clone(),
            Type::Option(of) => format!("Option<{}>", self.type_name(of)),
            Type::Result(ok, err) => format!("Result<{}, {}>", self.type_name(ok), self.type_name(err)),
            Type::Ref(to) => format!("Ref<{}>", self.type_name(to)),
            Type::Arr(of) => format!("Arr<{}>", self.type_name(of)),
            Type::Borrow(to) => format!("&{}", self.type_name(to)),
            Type::Cell(of) => format!("Cell<{}>", self.type_name(of)),
            Type::Atomic(of) => format!("Atomic<{}>", self.type_name(of)),
            Type::Opaque(text) => text.clone(),
            Type::Var(_) => "_".into(),
        }
    }

    /// The scalar type of a handle to `to`.
    pub fn handle_ty(&self, to: &Type) -> Ty {
        match to {
            Type::Struct(id) if self.structs[id.0].heap => Ty::Ref,
            _ => Ty::Ptr,
        }
    }

    /// The scalars of a value. An error names the type that has none.
    pub fn flatten(&self, ty: &Type) -> Result<Vec<Part>, String> {
        let one = |ty: Ty| Ok(vec![Part { ty, name: String::new() }]);
        match ty {
            Type::Never => Ok(vec![]),
            Type::Bool => one(Ty::Bool),
            Type::Int(int) => one(int.ty()),
            Type::F64 => one(Ty::F64),
            Type::Ref(to) => one(self.handle_ty(to)),
            Type::Arr(_) | Type::Borrow(_) => one(Ty::Ptr),
            Type::Struct(id) if self.structs[id.0].drops => Err(self.destructor(ty)),
            Type::Enum(id) if self.enums[id.0].drops => Err(self.destructor(ty)),
            Type::Tuple(_) | Type::Struct(_) => {
                let mut parts = vec![];
                for (name, ty) in self.fields(ty) {
                    let inner = self.flatten(&ty).map_err(|error| match ty {
                        Type::Tuple(_) => error,
                        _ => format!("{error} (field `{name}`)"),
                    })?;
                    parts.extend(inner.into_iter().map(|part| Part { name: format!(".{name}{}", part.name), ..part }));
                }
                Ok(parts)
            }
            Type::Enum(id) if self.enums[id.0].is_c_like() => one(Ty::I8),
            Type::Enum(_) | Type::Option(_) | Type::Result(..) => {
                let (ty_tag, names) = match ty {
                    Type::Option(_) => (Ty::Bool, vec!["is_some".to_string(), String::new(), "some".into()]),
                    Type::Result(..) => (Ty::Bool, vec!["is_err".to_string(), "ok".into(), "err".into()]),
                    Type::Enum(id) => {
                        let variants = self.enums[id.0].variants.iter().map(|variant| variant.name.clone());
                        (Ty::I8, std::iter::once("kind".to_string()).chain(variants).collect())
                    }
                    _ => unreachable!("matched above"),
                };
                let mut parts = vec![Part { ty: ty_tag, name: format!(".{}", names[0]) }];
                for (fields, name) in self.variant_fields(ty).into_iter().zip(&names[1..]) {
                    for (index, field) in fields.iter().enumerate() {
                        let place = if fields.len() == 1 { format!(".{name}") } else { format!(".{name}.{index}") };
                        let inner = self.flatten(field)?;
                        parts.extend(
                            inner.into_iter().map(|part| Part { name: format!("{place}{}", part.name), ..part }),
                        );
                    }
                }
                Ok(parts)
            }
            Type::Cell(_) | Type::Atomic(_) => {
                Err(format!("`{}` is supported only as a field behind a handle", self.type_name(ty)))
            }
            Type::Opaque(text) => Err(format!("type `{text}` is outside the subset")),
            Type::Var(_) => Err("type annotations needed".into()),
        }
    }

    fn destructor(&self, ty: &Type) -> String {
        format!("`{}` has a destructor, which is outside the subset", self.type_name(ty))
    }

    /// Names and types of the fields of a struct or tuple.
    pub fn fields(&self, ty: &Type) -> Vec<(String, Type)> {
        match ty {
            Type::Tuple(of) => of.iter().enumerate().map(|(index, ty)| (index.to_string(), ty.clone())).collect(),
            Type::Struct(id) => self.structs[id.0].fields.clone(),
            _ => vec![],
        }
    }

    fn variant_fields(&self, ty: &Type) -> Vec<Vec<Type>> {
        match ty {
            Type::Option(of) => vec![vec![], vec![(**of).clone()]],
            Type::Result(ok, err) => vec![vec![(**ok).clone()], vec![(**err).clone()]],
            Type::Enum(id) => {
                let variants = self.enums[id.0].variants.iter();
                variants.map(|variant| variant.fields.iter().map(|(_, ty)| ty.clone()).collect()).collect()
            }
            _ => vec![],
        }
    }

    /// The variants of an enum, `Option` (`None`, `Some`) or `Result` (`Ok`, `Err`).
    pub fn variants(&self, ty: &Type) -> Result<Vec<VariantShape>, String> {
        let mut shapes = vec![];
        let mut start = 1;
        for (index, fields) in self.variant_fields(ty).into_iter().enumerate() {
            let tag = match ty {
                Type::Enum(id) if self.enums[id.0].is_c_like() => {
                    self.enums[id.0].variants[index].discriminant as u64 & Ty::I8.mask()
                }
                _ => index as u64,
            };
            let mut size = 0;
            for field in &fields {
                size += self.flatten(field)?.len();
            }
            shapes.push(VariantShape { tag, fields, start });
            start += size;
        }
        Ok(shapes)
    }

    /// Where the parts of field `index` of a struct or tuple lie among the parts of the whole.
    pub fn field_parts(&self, ty: &Type, index: usize) -> Result<std::ops::Range<usize>, String> {
        let mut start = 0;
        for (at, (_, field)) in self.fields(ty).iter().enumerate() {
            let size = self.flatten(field)?.len();
            if at == index {
                return Ok(start..start + size);
            }
            start += size;
        }
        Err("no such field".into())
    }
}
