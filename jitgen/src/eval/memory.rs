//! Reads and writes of real memory through field descriptors.

use crate::flow::{Field, FieldKind, MemTy};

/// The address of a field of the structure, or of a part of element `index` of the array, at `base`.
pub fn address(field: &Field, base: u64, index: u64) -> u64 {
    match field.kind {
        FieldKind::Struct => base.wrapping_add(field.offset as u64),
        FieldKind::Item => base.wrapping_add(index.wrapping_mul(field.stride as u64)).wrapping_add(field.offset as u64),
    }
}

fn check(field: &Field, address: u64) {
    debug_assert!(address >= 4096, "{} at {address:#x}: not an address", field.name);
    debug_assert!(address.is_multiple_of(field.mem.size() as u64), "{} at {address:#x} is misaligned", field.name);
}

/// The canonical bits of a field.
///
/// # Safety
/// `address` is that of a live, initialised field as `field` describes it, and no other thread writes it.
pub unsafe fn load(field: &Field, address: u64) -> u64 {
    check(field, address);
    let at = address as usize;
    // SAFETY: the caller promises a readable value of this size at the address.
    unsafe {
        match field.mem {
            MemTy::Bool | MemTy::B8 => u64::from((at as *const u8).read()),
            MemTy::B16 => u64::from((at as *const u16).read()),
            MemTy::B32 => u64::from((at as *const u32).read()),
            MemTy::B64 | MemTy::F64 | MemTy::Address => (at as *const u64).read(),
        }
    }
}

/// Writes canonical bits to a field.
///
/// # Safety
/// `address` is that of a live field as `field` describes it, nothing else reads or writes it meanwhile, and the bits
/// are valid for its type.
pub unsafe fn store(field: &Field, address: u64, bits: u64) {
    check(field, address);
    let at = address as usize;
    // SAFETY: the caller promises a writable place of this size at the address.
    unsafe {
        match field.mem {
            MemTy::Bool | MemTy::B8 => (at as *mut u8).write(bits as u8),
            MemTy::B16 => (at as *mut u16).write(bits as u16),
            MemTy::B32 => (at as *mut u32).write(bits as u32),
            MemTy::B64 | MemTy::F64 | MemTy::Address => (at as *mut u64).write(bits),
        }
    }
}
