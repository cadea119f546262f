//! Attribute macros that mark functions and types for `moonshift-jitgen`.
//!
//! rustc sees the marked item unchanged; the front end of the generator reads the attribute from the source.

use proc_macro::TokenStream;

macro_rules! marks {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(_arguments: TokenStream, item: TokenStream) -> TokenStream {
            item
        }
    )*};
}

marks! {
    /// `#[portal(greens(a, b), order = b)]`: the interpreter's dispatch loop. The other parameters are red.
    portal;
    /// `#[residual(effects..)]`: an opaque function, called from compiled code.
    /// Effects: `pure`, `reads(Struct, Struct.field)`, `writes(..)`, `writes_from(param, Element)`, `collects`, `calls`.
    /// None given means the strongest; giving any starts from nothing and adds.
    residual;
    /// Pure in its arguments: folded when they are known at compile time.
    elidable;
    /// Called through a code address, its first parameter, with the unit calling convention.
    indirect;
    /// Never inlined into residual code.
    never_inline;
    /// Loops of this function are unrolled while their conditions are green.
    unroll;
    /// A structure behind handles that the collector owns; the fields that are not cells never change.
    /// `#[heap(frozen)]`: nothing in it ever changes, as an array element neither.
    heap;
    /// An array element type of register windows: touched almost only by compiled code, windows may overlap.
    virtualizable;
}
