//! The translation image: an [`Extension`] as bytes, which a build script writes and the process loads.

#[cfg(feature = "translate")]
mod generate;

#[cfg(feature = "translate")]
pub use generate::{bindings, build_script, generate};

use crate::timeshift::Extension;

/// An image that could not be decoded (written by another version, or damaged).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageError(String);

impl std::fmt::Display for ImageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "translation image: {}", self.0)
    }
}

impl std::error::Error for ImageError {}

/// The extension as bytes.
pub fn encode(extension: &Extension) -> Vec<u8> {
    postcard::to_stdvec(extension).expect("an extension is plain data, and a vector grows")
}

pub fn decode(image: &[u8]) -> Result<Extension, ImageError> {
    postcard::from_bytes(image).map_err(|error| ImageError(error.to_string()))
}
