//! Types as Rust source text, for the generated bindings.

use super::items::Program;
use super::types::Type;

/// The crate's own modules as seen from the generated file.
const MEM: &str = "::moonshift_jitgen::mem";

impl Program {
    /// The type as it is written in generated code.
    pub fn rust_type(&self, ty: &Type) -> String {
        match ty {
            Type::Tuple(of) => {
                let parts: String = of.iter().map(|ty| format!("{}, ", self.rust_type(ty))).collect();
                format!("({})", parts.trim_end())
            }
            Type::Struct(id) => self.structs[id.0].path.clone(),
            Type::Enum(id) => self.enums[id.0].path.clone(),
            Type::Option(of) => format!("Option<{}>", self.rust_type(of)),
            Type::Result(ok, err) => format!("Result<{}, {}>", self.rust_type(ok), self.rust_type(err)),
            Type::Ref(to) => format!("{MEM}::Ref<{}>", self.rust_type(to)),
            Type::Arr(of) => format!("{MEM}::Arr<{}>", self.rust_type(of)),
            Type::Borrow(to) => format!("&{}", self.rust_type(to)),
            Type::Cell(of) => format!("core::cell::Cell<{}>", self.rust_type(of)),
            ty => self.type_name(ty),
        }
    }
}
