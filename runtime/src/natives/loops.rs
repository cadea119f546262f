//! Loops off the fast paths.

use crate::error::Raised;
use crate::natives::convert::to_number;
use crate::table::table_next;
use crate::value::{self, Value};
use crate::vm::{Reg, Vm};
use moonshift_jitgen::marks::residual;
use moonshift_jitgen::mem::Arr;

/// FORPREP for operands that are not three integers. Either leaves integers with the count of iterations in `r[1]`, or
/// three floats.
#[residual(reads(Reg), writes(Reg, Vm.error), writes_from(r, Reg))]
#[inline(never)]
pub fn for_prep_slow(vm: &Vm, r: Arr<Reg>) -> Result<bool, Raised> {
    let (init, limit, step) = (r.get(0).value(), r.get(1).value(), r.get(2).value());
    if init.tag == value::INT && step.tag == value::INT {
        let (first, by) = (init.as_int(), step.as_int());
        if by == 0 {
            return Err(vm.raise_message("'for' step is zero"));
        }
        let Some(last) = int_limit(vm, first, limit, by)? else { return Ok(false) };
        let count = if by > 0 {
            (last as u64).wrapping_sub(first as u64) / by as u64
        } else {
            (first as u64).wrapping_sub(last as u64) / by.unsigned_abs()
        };
        r.set(1, Reg::of(Value::int(count as i64)));
        r.set(3, Reg::of(init));
        return Ok(true);
    }
    let float = |value: Value, what: &str| {
        // Strings that read as numbers will do.
        to_number(value).and_then(|number| number.number_as_float()).ok_or_else(|| operand_error(vm, what, value))
    };
    let last = float(limit, "limit")?;
    let by = float(step, "step")?;
    let first = float(init, "initial value")?;
    if by == 0.0 {
        return Err(vm.raise_message("'for' step is zero"));
    }
    if if by > 0.0 { last < first } else { first < last } {
        return Ok(false);
    }
    r.set(0, Reg::of(Value::float(first)));
    r.set(1, Reg::of(Value::float(last)));
    r.set(2, Reg::of(Value::float(by)));
    r.set(3, Reg::of(Value::float(first)));
    Ok(true)
}

fn operand_error(vm: &Vm, what: &str, actual: Value) -> Raised {
    vm.raise_message(&format!("bad 'for' {what} (number expected, got {})", vm.type_name_of(actual)))
}

/// The limit of an integer loop as an integer; None when the loop does not run.
fn int_limit(vm: &Vm, first: i64, limit: Value, by: i64) -> Result<Option<i64>, Raised> {
    let Some(limit) = to_number(limit) else { return Err(operand_error(vm, "limit", limit)) };
    let last = match limit.tag {
        value::INT => limit.as_int(),
        _ => {
            let float = limit.as_float();
            if float.is_nan() {
                return Ok(None);
            }
            // Saturates: a limit beyond the integers is the last of them.
            if by > 0 {
                if float < -9223372036854775808.0 {
                    return Ok(None);
                }
                float.floor() as i64
            } else {
                if float >= 9223372036854775808.0 {
                    return Ok(None);
                }
                float.ceil() as i64
            }
        }
    };
    Ok((if by > 0 { first <= last } else { first >= last }).then_some(last))
}

/// A step of a traversal by `next`: `r[4], r[5] = next(r[1], r[2])`.
#[residual(reads(Reg, Table, Element, ElementTag, Slot, Node), writes(Reg, Vm.error), writes_from(r, Reg))]
#[inline(never)]
pub fn next_step(vm: &Vm, r: Arr<Reg>) -> Result<(), Raised> {
    let table = r.get(1).value().as_table();
    match table_next(vm, table, r.get(2).value())? {
        Some((key, value)) => {
            r.set(4, Reg::of(key));
            r.set(5, Reg::of(value));
        }
        None => r.set(4, Reg::of(Value::nil())),
    }
    Ok(())
}
