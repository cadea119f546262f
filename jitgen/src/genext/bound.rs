//! An extension in a process: what compile time needs of run time's memory and code.

use crate::abi::Native;
use crate::eval::memory;
use crate::flow::{FieldId, FuncId, Mutability};
use crate::timeshift::Extension;

/// A generating extension bound to the process it compiles for.
#[derive(Copy, Clone)]
pub struct Bound<'a> {
    extension: &'a Extension,
    natives: &'a [Native],
}

impl<'a> Bound<'a> {
    /// # Safety
    /// The extension's module is bound to this process and `natives` are its wrappers. The greens of every request are
    /// valid for the portal's parameters, and what they refer to stays alive while it is compiled.
    pub unsafe fn new(extension: &'a Extension, natives: &'a [Native]) -> Bound<'a> {
        Bound { extension, natives }
    }

    pub fn extension(&self) -> &'a Extension {
        self.extension
    }

    pub fn natives(&self) -> &'a [Native] {
        self.natives
    }

    /// Reads an immutable or quasi-immutable field of something a green refers to.
    pub(super) fn read(&self, field: FieldId, base: u64, index: i64) -> u64 {
        let field = self.extension.module.field(field);
        debug_assert!(matches!(field.mutability, Mutability::Immutable | Mutability::QuasiImmutable));
        let address = memory::address(field, base, index as u64);
        // SAFETY: greens are values the interpreter itself could have at this place (contract of `new`), which would
        // perform this very read there.
        unsafe { memory::load(field, address) }
    }

    /// Calls an elidable function on greens. `results` has room for all it returns.
    pub(super) fn call(&self, func: FuncId, args: &[u64], results: &mut [u64]) {
        let info = self.extension.module.func(func);
        let native = info.native.expect("elidable functions have wrappers");
        debug_assert_eq!((args.len(), results.len()), (info.params.len(), info.results.len()));
        // SAFETY: the wrapper is that of the function, whose parameters and results were counted by the verifier; an
        // elidable function may be called at any time on values the interpreter could call it on.
        unsafe { (self.natives[native as usize].buffered)(args.as_ptr(), results.as_mut_ptr()) }
    }
}
