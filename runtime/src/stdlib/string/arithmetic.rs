//! Arithmetic of strings: the metamethods of strings, which read them as numbers.

use crate::error::Raised;
use crate::natives::arith::{division_by_zero, numbers};
use crate::natives::convert::to_number;
use crate::stdlib::Functions;
use crate::value::{self, Value};
use crate::vm::{Call, Event, Vm};

pub(super) const METHODS: Functions = &[
    ("__add", |vm, call| arith(vm, call, Event::ADD)),
    ("__sub", |vm, call| arith(vm, call, Event::SUB)),
    ("__mul", |vm, call| arith(vm, call, Event::MUL)),
    ("__mod", |vm, call| arith(vm, call, Event::MOD)),
    ("__pow", |vm, call| arith(vm, call, Event::POW)),
    ("__div", |vm, call| arith(vm, call, Event::DIV)),
    ("__idiv", |vm, call| arith(vm, call, Event::IDIV)),
    ("__unm", |vm, call| arith(vm, call, Event::UNM)),
];

fn arith(vm: &Vm, call: Call, event: u8) -> Result<usize, Raised> {
    let (x, y) = (call.arg(1), call.arg(2));
    if let (Some(a), Some(b)) = (to_number(x), to_number(y)) {
        // Without a position, like all errors of operations in natives.
        let result = numbers(event, a, b).ok_or_else(|| division_by_zero(vm, event))?;
        return call.ret(result);
    }
    // The second operand may know better.
    let method = if y.tag == value::STRING { Value::nil() } else { vm.metamethod(y, event) };
    if method.is_nil() {
        let name = &Event::NAMES[event as usize][2..];
        let message = format!("attempt to {name} a '{}' with a '{}'", x.type_name(), y.type_name());
        return Err(vm.raise_string(1, &message));
    }
    let result = vm.call1(method, &[x, y])?;
    call.ret(result)
}
