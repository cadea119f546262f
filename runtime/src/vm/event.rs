//! Metamethod events.

/// Event numbers; the arithmetic ones in the order of the opcodes.
pub struct Event;

impl Event {
    pub const INDEX: u8 = 0;
    pub const NEWINDEX: u8 = 1;
    pub const CALL: u8 = 2;
    pub const EQ: u8 = 3;
    pub const LT: u8 = 4;
    pub const LE: u8 = 5;
    pub const LEN: u8 = 6;
    pub const CONCAT: u8 = 7;
    pub const ADD: u8 = 8;
    pub const SUB: u8 = 9;
    pub const MUL: u8 = 10;
    pub const DIV: u8 = 11;
    pub const MOD: u8 = 12;
    pub const POW: u8 = 13;
    pub const IDIV: u8 = 14;
    pub const BAND: u8 = 15;
    pub const BOR: u8 = 16;
    pub const BXOR: u8 = 17;
    pub const SHL: u8 = 18;
    pub const SHR: u8 = 19;
    pub const UNM: u8 = 20;
    pub const BNOT: u8 = 21;
    pub const CLOSE: u8 = 22;
    pub const GC: u8 = 23;
    pub const MODE: u8 = 24;
    pub const NAME: u8 = 25;
    pub const TOSTRING: u8 = 26;
    pub const METATABLE: u8 = 27;
    pub const PAIRS: u8 = 28;
    pub const COUNT: usize = 29;

    /// Names of the metamethods, by event.
    pub const NAMES: [&'static str; Event::COUNT] = [
        "__index",
        "__newindex",
        "__call",
        "__eq",
        "__lt",
        "__le",
        "__len",
        "__concat",
        "__add",
        "__sub",
        "__mul",
        "__div",
        "__mod",
        "__pow",
        "__idiv",
        "__band",
        "__bor",
        "__bxor",
        "__shl",
        "__shr",
        "__unm",
        "__bnot",
        "__close",
        "__gc",
        "__mode",
        "__name",
        "__tostring",
        "__metatable",
        "__pairs",
    ];
}
