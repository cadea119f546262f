//! The math library.

use super::random::Random;
use super::{Functions, open_library, set_field};
use crate::error::Raised;
use crate::natives::convert::to_number;
use crate::value::{self, Value, float_to_int};
use crate::vm::{Call, Vm};
use std::cell::Cell;
use std::hash::{BuildHasher, Hasher};
use std::rc::Rc;

const FUNCTIONS: Functions = &[
    ("math.abs", abs),
    ("math.acos", acos),
    ("math.asin", asin),
    ("math.atan", atan),
    ("math.ceil", ceil),
    ("math.cos", cos),
    ("math.deg", deg),
    ("math.exp", exp),
    ("math.floor", floor),
    ("math.fmod", fmod),
    ("math.log", log),
    ("math.max", max),
    ("math.min", min),
    ("math.modf", modf),
    ("math.rad", rad),
    ("math.sin", sin),
    ("math.sqrt", sqrt),
    ("math.tan", tan),
    ("math.tointeger", tointeger),
    ("math.type", type_of),
    ("math.ult", ult),
];

pub(super) fn open(vm: &Vm) {
    let library = open_library(vm, "math", FUNCTIONS);
    set_field(vm, library, "pi", Value::float(std::f64::consts::PI));
    set_field(vm, library, "huge", Value::float(f64::INFINITY));
    set_field(vm, library, "maxinteger", Value::int(i64::MAX));
    set_field(vm, library, "mininteger", Value::int(i64::MIN));
    let (first, second) = random_seed();
    let state = Rc::new(Cell::new(Random::seeded(first, second)));
    for (name, function) in [("math.random", random as crate::heap::object::NativeFn), ("math.randomseed", randomseed)]
    {
        let native = vm.new_native_with(name, function, &[], Some(Box::new(state.clone())));
        set_field(vm, library, &name["math.".len()..], Value::native(native));
    }
}

fn floor(vm: &Vm, call: Call) -> Result<usize, Raised> {
    rounded(vm, call, f64::floor)
}

fn ceil(vm: &Vm, call: Call) -> Result<usize, Raised> {
    rounded(vm, call, f64::ceil)
}

#[inline(always)]
fn rounded(vm: &Vm, call: Call, round: fn(f64) -> f64) -> Result<usize, Raised> {
    let mut number = call.arg(1);
    if !number.is_number() {
        number = Value::float(call.check_num(vm, 1)?);
    }
    if number.tag == value::INT {
        return call.ret(number);
    }
    call.ret(float_as_number(round(number.as_float())))
}

/// A float as an integer if it has one.
fn float_as_number(float: f64) -> Value {
    float_to_int(float).map_or(Value::float(float), Value::int)
}

fn sqrt(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.sqrt()))
}

fn sin(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.sin()))
}

fn cos(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.cos()))
}

fn tan(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.tan()))
}

fn asin(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.asin()))
}

fn acos(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.acos()))
}

fn atan(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let y = call.check_num(vm, 1)?;
    let x = call.opt_num(vm, 2, 1.0)?;
    call.ret(Value::float(y.atan2(x)))
}

fn exp(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)?.exp()))
}

fn deg(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)? * (180.0 / std::f64::consts::PI)))
}

fn rad(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(Value::float(call.check_num(vm, 1)? * (std::f64::consts::PI / 180.0)))
}

fn log(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let x = call.check_num(vm, 1)?;
    if call.is_none_or_nil(2) {
        return call.ret(Value::float(x.ln()));
    }
    let base = call.check_num(vm, 2)?;
    let result = if base == 2.0 {
        x.log2()
    } else if base == 10.0 {
        x.log10()
    } else {
        x.ln() / base.ln()
    };
    call.ret(Value::float(result))
}

fn abs(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let number = call.arg(1);
    call.ret(match number.tag {
        value::INT => Value::int(number.as_int().wrapping_abs()),
        // Strings count as floats here, as in the reference.
        _ => Value::float(call.check_num(vm, 1)?.abs()),
    })
}

fn fmod(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (x, y) = (call.arg(1), call.arg(2));
    if x.tag == value::INT && y.tag == value::INT {
        return match y.as_int() {
            0 => Err(call.arg_error(vm, 2, "zero")),
            y => call.ret(Value::int(x.as_int().wrapping_rem(y))),
        };
    }
    // In the order in which the reference looks at them.
    let divisor = call.check_num(vm, 2)?;
    call.ret(Value::float(call.check_num(vm, 1)? % divisor))
}

fn modf(vm: &Vm, call: Call) -> Result<usize, Raised> {
    if call.arg(1).tag == value::INT {
        return call.ret2(call.arg(1), Value::float(0.0));
    }
    let float = call.check_num(vm, 1)?;
    let whole = float.trunc();
    let fraction = if float.is_infinite() { 0.0 } else { float - whole };
    call.ret2(float_as_number(whole), Value::float(fraction))
}

fn max(vm: &Vm, call: Call) -> Result<usize, Raised> {
    extreme(vm, call, |vm, candidate, best| vm.less_than(best, candidate))
}

fn min(vm: &Vm, call: Call) -> Result<usize, Raised> {
    extreme(vm, call, |vm, candidate, best| vm.less_than(candidate, best))
}

#[inline(always)]
fn extreme(vm: &Vm, call: Call, better: impl Fn(&Vm, Value, Value) -> Result<bool, Raised>) -> Result<usize, Raised> {
    // Whatever the comparison takes.
    let mut best = call.check_any(vm, 1)?;
    for index in 2..=call.nargs() {
        let candidate = call.arg(index);
        if better(vm, candidate, best)? {
            best = candidate;
        }
    }
    call.ret(best)
}

fn tointeger(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let value = call.check_any(vm, 1)?;
    call.ret(to_number(value).and_then(Value::number_as_int).map_or(Value::nil(), Value::int))
}

fn type_of(vm: &Vm, call: Call) -> Result<usize, Raised> {
    call.ret(match call.check_any(vm, 1)?.tag {
        value::INT => Value::string(vm.new_string(b"integer")),
        value::FLOAT => Value::string(vm.new_string(b"float")),
        _ => Value::nil(),
    })
}

fn ult(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (x, y) = (call.check_int(vm, 1)?, call.check_int(vm, 2)?);
    call.ret(Value::bool((x as u64) < y as u64))
}

// Random numbers.

fn state(call: &Call) -> Rc<Cell<Random>> {
    let native = call.callee();
    let state = native.host.as_ref().and_then(|host| host.downcast_ref::<Rc<Cell<Random>>>());
    state.expect("made with a state").clone()
}

/// Something that differs from machine to machine.
fn random_seed() -> (u64, u64) {
    let draw = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    (draw(), draw())
}

fn random(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let state = state(&call);
    let mut random = state.get();
    let (low, high) = match call.nargs() {
        0 => {
            let float = random.next_float();
            state.set(random);
            return call.ret(Value::float(float));
        }
        1 => match call.check_int(vm, 1)? {
            0 => {
                let bits = random.next();
                state.set(random);
                return call.ret(Value::int(bits as i64));
            }
            high => (1, high),
        },
        2 => (call.check_int(vm, 1)?, call.check_int(vm, 2)?),
        _ => return Err(vm.raise_string(1, "wrong number of arguments")),
    };
    if low > high {
        return Err(call.arg_error(vm, 1, "interval is empty"));
    }
    let drawn = random.next_in(low, high);
    state.set(random);
    call.ret(Value::int(drawn))
}

fn randomseed(vm: &Vm, call: Call) -> Result<usize, Raised> {
    let (first, second) = match call.nargs() {
        0 => random_seed(),
        _ => (call.check_int(vm, 1)? as u64, call.opt_int(vm, 2, 0)? as u64),
    };
    state(&call).set(Random::seeded(first, second));
    call.ret2(Value::int(first as i64), Value::int(second as i64))
}
