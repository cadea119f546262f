//! Lua errors: the value travels in `vm.error`, the `Result` only says that there is one.

pub mod messages;
pub mod traceback;

/// An error was raised; its value is in `vm.error`.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Raised;
