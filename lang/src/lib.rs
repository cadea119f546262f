//! Lua 5.4 text to register bytecode.

pub mod bytecode;
mod compile;
mod error;
mod intern;
pub mod number;
mod syntax;

pub use compile::compile;
pub use error::{SyntaxError, chunk_id};
pub use syntax::token_spans;
