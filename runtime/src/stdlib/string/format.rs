//! `string.format`.

use crate::error::Raised;
use crate::format::{FormatError, Spec, quote_float, quote_int, quote_text};
use crate::number::write_int;
use crate::value::{self, Value};
use crate::vm::{Call, Vm};

pub(super) fn format(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let format = call.check_str(vm, 1)?;
    let mut rest = format.as_bytes();
    vm.charge_bytes(rest.len())?;
    let mut out = vm.buffer.take();
    out.clear();
    let mut index = 1;
    let outcome = (|| {
        while let Some(mark) = memchr::memchr(b'%', rest) {
            out.extend_from_slice(&rest[..mark]);
            rest = &rest[mark + 1..];
            if let [b'%', tail @ ..] = rest {
                out.push(b'%');
                rest = tail;
                continue;
            }
            index += 1;
            if !call.has(index) {
                return Err(call.arg_error(vm, index, "no value"));
            }
            let spec = Spec::scan(rest).map_err(|error| raise(vm, &error))?;
            rest = &rest[spec.len()..];
            let before = out.len();
            convert(vm, call, index, spec, &mut out)?;
            vm.charge(1 + (out.len() - before) / 64)?;
        }
        out.extend_from_slice(rest);
        Ok(vm.new_string(&out))
    })();
    vm.buffer.set(out);
    call.ret(Value::string(outcome?))
}

#[cold]
fn raise(vm: &Vm, error: &FormatError) -> Raised {
    vm.raise_string(1, &error.to_string())
}

fn convert(vm: &Vm, call: Call, index: usize, spec: Spec<'_>, out: &mut Vec<u8>) -> Result<(), Raised> {
    let layout = || spec.layout().map_err(|error| raise(vm, &error));
    match spec.conversion() {
        b'd' | b'i' => {
            let int = call.check_int(vm, index)?;
            if spec.is_bare() { write_int(out, int) } else { layout()?.write_signed(out, int) }
        }
        b'u' => {
            let int = call.check_int(vm, index)?;
            layout()?.write_unsigned(out, int as u64);
        }
        conversion @ (b'x' | b'X') => {
            let int = call.check_int(vm, index)?;
            layout()?.write_hex(out, int as u64, conversion == b'X');
        }
        b'o' => {
            let int = call.check_int(vm, index)?;
            layout()?.write_octal(out, int as u64);
        }
        b'c' => {
            let layout = layout()?;
            let code = call.check_int(vm, index)?;
            layout.write_text(out, &[code as u8]);
        }
        conversion @ (b'a' | b'A' | b'e' | b'E' | b'f' | b'g' | b'G') => {
            // Which of two errors is told is the reference's choice.
            if conversion.eq_ignore_ascii_case(&b'a') {
                layout()?;
            }
            let float = call.check_num(vm, index)?;
            layout()?.write_float(out, conversion, float);
        }
        b'p' => {
            let layout = layout()?;
            let value = call.arg(index);
            if value.is_collectable() || value.tag == value::LIGHT {
                layout.write_text(out, format!("0x{:014x}", value.bits).as_bytes());
            } else {
                layout.write_text(out, b"(null)");
            }
        }
        b's' => {
            // `tostring` may run Lua, which may use the buffer: its content is held here meanwhile.
            let text = vm.tostring(call.arg(index))?;
            if spec.is_bare() {
                out.extend_from_slice(text.as_bytes());
            } else if text.as_bytes().contains(&0) {
                return Err(call.arg_error(vm, index, "string contains zeros"));
            } else {
                layout()?.write_text(out, text.as_bytes());
            }
        }
        b'q' => {
            layout()?;
            quote(vm, call, index, out)?;
        }
        _ => {
            layout()?;
        }
    }
    Ok(())
}

fn quote(vm: &Vm, call: Call, index: usize, out: &mut Vec<u8>) -> Result<(), Raised> {
    let value = call.arg(index);
    match value.tag {
        value::STRING => quote_text(out, value.as_string().as_bytes()),
        value::INT => quote_int(out, value.as_int()),
        value::FLOAT => quote_float(out, value.as_float()),
        value::NIL => out.extend_from_slice(b"nil"),
        value::FALSE => out.extend_from_slice(b"false"),
        value::TRUE => out.extend_from_slice(b"true"),
        _ => return Err(call.arg_error(vm, index, "value has no literal form")),
    }
    Ok(())
}
