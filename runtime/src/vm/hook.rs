//! What a thread keeps of its hooks (`debug.sethook`).

use crate::value::Value;
use std::cell::Cell;

/// Bits of [`HookState::mask`].
pub mod mask {
    pub const CALL: u8 = 1;
    pub const RETURN: u8 = 2;
    pub const LINE: u8 = 4;
    pub const COUNT: u8 = 8;
}

/// Hooks of one thread.
pub struct HookState {
    /// The hook; nil without one.
    pub function: Cell<Value>,
    /// The events it is called for.
    pub mask: Cell<u8>,
    /// Instructions from one count event to the next, and to the next one.
    pub count: Cell<u32>,
    pub left: Cell<u32>,
    /// The instruction looked at last: one behind it is on a new line when its line differs.
    pub last_pc: Cell<usize>,
    /// Above zero while no hook may be called: in hooks and finalizers.
    pub blocked: Cell<usize>,
    /// Base of the function whose event a hook is called for; 0 without one.
    pub subject: Cell<u64>,
    /// Number of the first local variable that the event passes, and how many there are.
    pub transfer: Cell<(usize, usize)>,
    /// Frame record of the function that the watched loop runs.
    pub watched_frame: Cell<u64>,
}

impl Default for HookState {
    fn default() -> Self {
        HookState {
            function: Cell::new(Value::nil()),
            mask: Cell::new(0),
            count: Cell::new(0),
            left: Cell::new(0),
            last_pc: Cell::new(0),
            blocked: Cell::new(0),
            subject: Cell::new(0),
            transfer: Cell::new((0, 0)),
            watched_frame: Cell::new(0),
        }
    }
}

impl HookState {
    /// Whether a hook is set and may be called.
    pub fn is_active(&self) -> bool {
        self.mask.get() != 0 && self.blocked.get() == 0
    }
}
