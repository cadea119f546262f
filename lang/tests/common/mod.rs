//! Helpers shared by the tests.
#![allow(dead_code)]

use moonshift_lang::bytecode::{Proto, verify};
use moonshift_lang::compile;
use std::sync::Arc;

/// Compiles, and checks that the verifier takes what the compiler makes.
pub fn proto(source: &str) -> Proto {
    let proto = compile(source.as_bytes(), "=test").unwrap_or_else(|e| panic!("{source}: {e}"));
    verify(&proto).unwrap_or_else(|e| panic!("{source}: {e}"));
    proto
}

/// The only function in a chunk.
pub fn child(source: &str) -> Arc<Proto> {
    proto(source).children[0].clone()
}

/// The code of a function: one instruction a line, operands in table order.
pub fn code(proto: &Proto) -> String {
    proto.code.iter().map(|i| format!("{i:?}\n")).collect()
}

/// Compares line by line, blanks at the ends ignored.
pub fn assert_lines(actual: &str, expected: &str, context: &str) {
    let clean = |text: &str| {
        text.lines().map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let (actual, expected) = (clean(actual), clean(expected));
    assert_eq!(actual, expected, "\n--- {context}\n--- got:\n{actual}\n--- expected:\n{expected}\n");
}

/// Every kind of statement and expression.
pub const EVERYTHING: &str = r#"
local x = {a = 1, f(2), 3, [k] = {n = 1, 2; 3}, ...}
local y = x.a.b(1, 2)(3):m "s" {1}
local z = a + b * 2 - -3 // x % 4 ^ 5 / 6
local bits = ~(a & 1 | 2 ~ 3 << b >> 4)
if z == 1 then print(1) elseif not z then print(2) else print(3) end
for i = 1, 10 do print(i) if i > 3 then break end end
for i = 1.0, 0, -0.5 do local function f() i = i + 1 return i end x[i] = f end
while x do x = y if x then goto out end end
::out::
local s = a .. 1 .. "c" .. z
function x.f() return a end
function x.y.z:m(p, ...) self.q = p; return ... end
local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end
for k, v in pairs(x) do if k == "a" then break end t[#t+1] = v end
local a, b, c = x and y or z, not x, x == y
x = x or 5
x, y = y, x
x[1], x.y, z, x[y] = 1, nil
repeat local q = x + 2*y; local function g() return q end until q > 10
local k <const> = 10
do local c <close> = x; if c then return k, f() end goto done end
::done::
do ::back:: local c <close> = y; if c then goto back end end
local late; late = function() late = late or {} return late[k] end
return x.f(a, b, ...)
"#;
