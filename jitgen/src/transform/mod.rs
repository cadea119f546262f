//! Passes over flow graphs.

pub mod fold;
pub mod freeze;
pub mod inline;
pub mod promotions;
pub mod simplify;

pub use simplify::{simplify, straighten};
