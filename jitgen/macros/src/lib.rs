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
    /// `#[allocates(Pair { first, second, count: 0 })]`: an opaque function that returns a new structure whose fields
    /// have these values (a parameter, `name: parameter`, or a literal); `#[allocates([0; len])]`, or
    /// `[Item { .. }; len]`: a new array. Nothing else happens, and nothing is collected. The generator leaves out the
    /// allocation as long as nothing outside compiled code can see it.
    allocates;
    /// `#[oopspec(list.push)]`: an opaque function that performs an operation on a list or dict which the generator can
    /// perform itself. The operations: `list.new`, `push`, `pop`, `get`, `set`, `len`; `dict.new`, `get`, `set`, `has`,
    /// `remove`, `len`. Parameters are those that all functions of the container have in common, the container, and
    /// the operands. Effects are given by `residual`.
    oopspec;
    /// Called through a code address, its first parameter, with the unit calling convention. Effects as for `residual`.
    /// `enters(portal)`: the code is that of the portal's unit for its greens. The other parameters are those of the portal,
    /// by name, and the results the unit's status and value. The greens are for the generator: the code takes the others
    /// alone, in their order.
    indirect;
    /// Never inlined into residual code.
    never_inline;
    /// Loops of this function are unrolled while their conditions are green.
    unroll;
    /// A structure behind handles that the collector owns; the fields that are not cells never change.
    /// `#[heap(frozen)]`: nothing in it ever changes, as an array element neither.
    heap;
    /// `#[quasi_immutable(field, ..)]` on a structure: these cells change so rarely that compiled code relies on what is
    /// in them. They are written by residual functions only, which tell the compiler (`Jit::invalidate`).
    quasi_immutable;
    /// An array element type of register windows: touched almost only by compiled code, windows may overlap.
    virtualizable;
}
