//! Hints: functions that return their argument unchanged when the interpreter runs plainly, and that the hint
//! annotator and the timeshifter read.

/// The argument must be known at compile time (green), and with it all it depends on: a translation error if that
/// is impossible.
#[inline(always)]
pub fn concrete<T: Copy>(value: T) -> T {
    value
}

/// The object behind the argument is reachable from a root as long as the result is used, by something that the
/// translator does not see (a register that holds it): the rooting check believes it.
#[inline(always)]
pub fn rooted<T: Copy>(pointer: T) -> T {
    pointer
}

/// The structure behind the argument never changes, nor does what it leads to: reads from it are green where the
/// argument is, recursively. A promise of whoever writes the interpreter.
#[inline(always)]
pub fn deepfreeze<T: Copy>(pointer: T) -> T {
    pointer
}

/// The result is green although the argument is red: compiled code switches on the values seen at run time.
#[inline(always)]
pub fn promote<T: Copy>(value: T) -> T {
    value
}

/// Like [`promote`], but where too many values were seen compiled code goes on with `None`; `Some` is green. The plain
/// interpreter always gets `Some`.
#[inline(always)]
pub fn promote_few<T: Copy>(value: T) -> Option<T> {
    Some(value)
}

/// Forgets that the argument is known: red from here.
#[inline(always)]
pub fn variable<T: Copy>(value: T) -> T {
    value
}

/// First operation of the portal's loop: where compile-time states are compared and residual loops are closed. The
/// portal's green and red variables are those named in its attribute.
#[inline(always)]
pub fn merge_point() {}

/// Nobody reads the elements of the array from this address on before they are written again: compiled code leaves out
/// what it has not written there yet.
#[inline(always)]
pub fn dead_from<T>(_: crate::mem::Arr<T>) {}

/// Whether compiled code may assume the condition to hold without a profile (a branch that is almost always taken).
#[inline(always)]
pub fn likely(condition: bool) -> bool {
    condition
}

/// Whether this runs as the plain interpreter: `true` under rustc, `false` in translated graphs. Keeps profiling
/// counters and entry hooks out of compiled code; what it guards may lie outside the Rust subset.
#[inline(always)]
pub fn interpreting() -> bool {
    true
}
