//! How generated code and the process that hosts it meet: native wrappers, field offsets, the translation image.
//!
//! A build script writes a `static` [`Bindings`] (see [`crate::image`]) which rustc checks: offsets are `offset_of!`
//! expressions, wrappers are ordinary functions. At run time the image is decoded to an [`Extension`] and bound.
//!
//! # Calling convention
//!
//! Each wrapper exists twice. *Direct*: `extern "C"` with each flattened parameter in its natural C type (`bool` and
//! `i8` as `u8`, `i16` as `u16`, `i32` as `u32`, `i64` as `u64`, `f64` as `f64`, addresses as `usize`). No result:
//! nothing is returned; one: its natural C type; two: a [`Pair`] of canonical bits; more: an extra first parameter
//! `out: *mut u64` receives one canonical slot a result. *Buffered*: canonical slots in, canonical slots out. Indirect
//! calls and unit entries use the direct convention of their signature.

pub mod by_hand;

use crate::flow::Module;
use crate::timeshift::Extension;

/// Two results in registers, as canonical bits.
#[repr(C)]
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub a: u64,
    pub b: u64,
}

/// A buffered wrapper: reads as many slots of `args` as the function has flattened parameters, writes as many of
/// `results` as it has flattened results.
pub type Buffered = unsafe extern "C" fn(args: *const u64, results: *mut u64);

/// The wrappers of one function.
#[derive(Copy, Clone, Debug)]
pub struct Native {
    pub name: &'static str,
    /// Address of the direct wrapper.
    pub direct: *const u8,
    pub buffered: Buffered,
}

// SAFETY: the addresses are of functions, which never change.
unsafe impl Send for Native {}
// SAFETY: as above.
unsafe impl Sync for Native {}

/// What a process gives to a translation image: the image itself, and what only rustc knows.
#[derive(Copy, Clone, Debug)]
pub struct Bindings {
    pub image: &'static [u8],
    /// Parallel to [`Module::fields`].
    pub offsets: &'static [usize],
    /// Parallel to [`Module::fields`].
    pub strides: &'static [usize],
    /// Indexed by [`crate::flow::FuncInfo::native`].
    pub natives: &'static [Native],
}

impl Bindings {
    /// Decodes the image and binds it.
    pub fn load(&self) -> Result<Extension, crate::image::ImageError> {
        let mut extension = crate::image::decode(self.image)?;
        extension.module.bind(self);
        Ok(extension)
    }
}

impl Module {
    /// Fills in what the process knows: offsets and strides of fields.
    ///
    /// # Panics
    /// If the bindings were generated for another module.
    pub fn bind(&mut self, bindings: &Bindings) {
        assert_eq!(self.fields.len(), bindings.offsets.len(), "bindings of another image");
        assert_eq!(self.fields.len(), bindings.strides.len(), "bindings of another image");
        for (field, (&offset, &stride)) in self.fields.iter_mut().zip(bindings.offsets.iter().zip(bindings.strides)) {
            field.offset = offset;
            field.stride = stride;
        }
    }
}
