//! Slices, case, repetition.

use super::{slice_end, slice_start};
use crate::error::Raised;
use crate::value::Value;
use crate::vm::{Call, Vm};

pub(super) fn len(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    call.ret(Value::int(text.len as i64))
}

pub(super) fn sub(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let start = slice_start(call.check_int(vm, 2)?, text.len);
    let end = slice_end(call.opt_int(vm, 3, -1)?, text.len);
    let slice = if start <= end { &text.as_bytes()[start - 1..end] } else { b"" };
    if slice.len() == text.len {
        return call.ret(Value::string(text));
    }
    vm.charge_bytes(slice.len())?;
    call.ret(Value::string(vm.new_string(slice)))
}

pub(super) fn byte(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    let first = call.opt_int(vm, 2, 1)?;
    let start = slice_start(first, text.len);
    let end = slice_end(call.opt_int(vm, 3, first)?, text.len);
    if start == end {
        return call.ret(Value::int(i64::from(text.data.get(start - 1))));
    }
    let slice = if start < end { &text.as_bytes()[start - 1..end] } else { b"" };
    if call.reserve(vm, slice.len()).is_err() {
        return Err(vm.raise_string(1, "string slice too long"));
    }
    vm.charge_bytes(slice.len())?;
    let values: Vec<Value> = slice.iter().map(|&byte| Value::int(i64::from(byte))).collect();
    call.ret_all(vm, &values)
}

pub(super) fn char(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let mut small = [0u8; 32];
    let mut large = Vec::new();
    let bytes = match small.get_mut(..call.nargs()) {
        Some(bytes) => bytes,
        None => {
            large.resize(call.nargs(), 0);
            &mut large[..]
        }
    };
    for (index, slot) in bytes.iter_mut().enumerate() {
        let code = call.check_int(vm, index + 1)?;
        *slot = u8::try_from(code).map_err(|_| call.arg_error(vm, index + 1, "value out of range"))?;
    }
    call.ret(Value::string(vm.new_string(bytes)))
}

pub(super) fn upper(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    vm.charge_bytes(text.len)?;
    call.ret(Value::string(vm.new_string(&text.as_bytes().to_ascii_uppercase())))
}

pub(super) fn lower(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    vm.charge_bytes(text.len)?;
    call.ret(Value::string(vm.new_string(&text.as_bytes().to_ascii_lowercase())))
}

pub(super) fn reverse(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let text = call.check_str(vm, 1)?;
    vm.charge_bytes(text.len)?;
    let mut bytes = text.as_bytes().to_vec();
    bytes.reverse();
    call.ret(Value::string(vm.new_string(&bytes)))
}

pub(super) fn rep(vm: &Vm, call: Call) -> Result<usize, Raised> {
    /// So many bytes are written between looks at the limits.
    const CHUNK: usize = 1 << 20;
    /// The longest result, as in the reference.
    const MOST: usize = i32::MAX as usize;
    let text = call.check_str(vm, 1)?;
    let count = call.check_int(vm, 2)?.max(0) as usize;
    let separator = call.opt_str(vm, 3)?;
    let (text, separator) = (text.as_bytes(), separator.as_ref().map_or(&b""[..], |separator| separator.as_bytes()));
    let total = text.len().checked_add(separator.len()).and_then(|unit| unit.checked_mul(count));
    let total = match total {
        Some(total) if total <= MOST => total.saturating_sub(separator.len()),
        _ => return Err(vm.raise_string(1, "resulting string too large")),
    };
    if count == 0 || total == 0 {
        return call.ret(Value::string(vm.new_string(b"")));
    }
    vm.charge_bytes(total)?;
    let mut out = Vec::new();
    if out.try_reserve_exact(total).is_err() {
        return Err(vm.raise_message("not enough memory"));
    }
    // Twice as much at a time: the text with its separator, then what stands there already.
    out.extend_from_slice(text);
    if count > 1 {
        out.extend_from_slice(separator);
    }
    while out.len() < total {
        let step = out.len().min(total - out.len()).min(CHUNK);
        // The whole is periodic, so any aligned part of it may be copied.
        let period = text.len() + separator.len();
        let step = if step < total - out.len() { (step / period).max(1) * period } else { step };
        out.extend_from_within(..step.min(out.len()));
        vm.charge(0)?;
    }
    call.ret(Value::string(vm.new_string(&out)))
}
