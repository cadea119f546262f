//! Calls with the direct convention (see [`crate::abi`]) of code whose signature is known at run time only.
//!
//! On the platforms supported the integer and the float registers that carry arguments are assigned independently,
//! and the caller removes what it put on the stack. So one call that fills all argument registers and some stack
//! slots serves every signature: the callee reads those that are its own.

use crate::abi::Pair;
use crate::flow::Ty;

#[cfg(all(target_arch = "x86_64", unix))]
const INT_REGISTERS: usize = 6;
#[cfg(all(target_arch = "aarch64", unix))]
const INT_REGISTERS: usize = 8;
#[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), unix)))]
const INT_REGISTERS: usize = 0;

const FLOAT_REGISTERS: usize = 8;
/// Arguments beyond the registers that a call can pass.
const STACK_SLOTS: usize = 16;

#[derive(Default)]
struct Arguments {
    ints: [u64; 8],
    floats: [f64; FLOAT_REGISTERS],
    stack: [u64; STACK_SLOTS],
    used_ints: usize,
    used_floats: usize,
    used_stack: usize,
}

impl Arguments {
    fn push(&mut self, ty: Ty, bits: u64) {
        if ty == Ty::F64 && self.used_floats < FLOAT_REGISTERS {
            self.floats[self.used_floats] = f64::from_bits(bits);
            self.used_floats += 1;
        } else if ty != Ty::F64 && self.used_ints < INT_REGISTERS {
            self.ints[self.used_ints] = bits;
            self.used_ints += 1;
        } else {
            self.stack[self.used_stack] = bits;
            self.used_stack += 1;
        }
    }
}

/// Calls `code` with canonical bits and writes the canonical results.
///
/// # Safety
/// `code` is the address of a function with the direct convention for these parameters and results; the arguments
/// satisfy what it requires.
///
/// # Panics
/// With more arguments than registers and 16 stack slots hold, and on platforms not supported.
pub unsafe fn call_direct(code: u64, params: &[Ty], results: &[Ty], args: &[u64], out: &mut [u64]) {
    if INT_REGISTERS == 0 {
        panic!("calls through code addresses are not supported on this platform");
    }
    debug_assert_eq!(params.len(), args.len());
    debug_assert_eq!(results.len(), out.len());
    let mut passed = Arguments::default();
    if results.len() > 2 {
        passed.push(Ty::Ptr, out.as_mut_ptr() as usize as u64);
    }
    for (&ty, &bits) in params.iter().zip(args) {
        passed.push(ty, bits);
    }
    let code = code as usize as *const u8;
    match results {
        [] => {
            // SAFETY: as `call` requires; the result is ignored.
            let _: Pair = unsafe { call(code, &passed) };
        }
        [Ty::F64] => {
            // SAFETY: as `call` requires.
            let value: f64 = unsafe { call(code, &passed) };
            out[0] = value.to_bits();
        }
        [ty] => {
            // SAFETY: as `call` requires; one narrow result comes in the first register, its upper bits undefined.
            let value: Pair = unsafe { call(code, &passed) };
            out[0] = value.a & ty.mask();
        }
        [_, _] => {
            // SAFETY: as `call` requires.
            let value: Pair = unsafe { call(code, &passed) };
            out.copy_from_slice(&[value.a, value.b]);
        }
        _ => {
            // SAFETY: as `call` requires; the results went through `out`.
            let _: Pair = unsafe { call(code, &passed) };
        }
    }
}

/// # Safety
/// `code` takes its arguments from the registers and stack slots given, and returns in the registers of an `R`.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
unsafe fn call<R>(code: *const u8, passed: &Arguments) -> R {
    let (i, f, s) = (&passed.ints, &passed.floats, &passed.stack);
    type U = u64;
    type F = f64;
    if passed.used_stack == 0 {
        type Plain<R> = unsafe extern "C" fn(U, U, U, U, U, U, F, F, F, F, F, F, F, F) -> R;
        // SAFETY: a function address, by the caller's promise.
        let code: Plain<R> = unsafe { std::mem::transmute(code) };
        // SAFETY: by the caller's promise.
        return unsafe { code(i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]) };
    }
    type Full<R> = unsafe extern "C" fn(
        U, U, U, U, U, U, F, F, F, F, F, F, F, F,
        U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
    ) -> R;
    // SAFETY: a function address, by the caller's promise.
    let code: Full<R> = unsafe { std::mem::transmute(code) };
    // SAFETY: by the caller's promise.
    unsafe {
        code(
            i[0], i[1], i[2], i[3], i[4], i[5], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7],
            s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15],
        )
    }
}

/// # Safety
/// `code` takes its arguments from the registers and stack slots given, and returns in the registers of an `R`.
#[cfg(not(target_arch = "x86_64"))]
#[rustfmt::skip]
unsafe fn call<R>(code: *const u8, passed: &Arguments) -> R {
    let (i, f, s) = (&passed.ints, &passed.floats, &passed.stack);
    type U = u64;
    type F = f64;
    type Full<R> = unsafe extern "C" fn(
        U, U, U, U, U, U, U, U, F, F, F, F, F, F, F, F,
        U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U,
    ) -> R;
    // SAFETY: a function address, by the caller's promise.
    let code: Full<R> = unsafe { std::mem::transmute(code) };
    // SAFETY: by the caller's promise.
    unsafe {
        code(
            i[0], i[1], i[2], i[3], i[4], i[5], i[6], i[7], f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7],
            s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15],
        )
    }
}
