-- Values and types: the eight of them, subtypes of numbers, keys, references.
print(type(nil), type(true), type(1), type(1.5), type("s"), type({}), type(print), type(coroutine.create(print)), type(io.stdout))
print(math.type(1), math.type(1.0), math.type("1"), math.type(2 ^ 53), math.type(1 // 1), math.type(1 / 1), math.type(7 // 2.0))
print(math.maxinteger, math.mininteger, math.maxinteger + 1 == math.mininteger, math.mininteger - 1, math.maxinteger * 2)
print(1e308 * 10, -1e308 * 10, 0 / 0 ~= 0 / 0, -0.0, 0.0 == -0.0, 1 / -0.0, 5e-324, 2 ^ 1023 * 2)
print(1 == 1.0, "1" == 1, 2 ^ 53 == 2 ^ 53 + 1, (2 ^ 53 | 0) == (2 ^ 53 | 0) + 1, math.maxinteger + 0.0 == math.maxinteger)
-- false and nil are the only false values
for _, v in ipairs({ 0, "", {}, 0.0, "false" }) do io.write(v and "true " or "false ") end print(nil and 1, false and 1)
-- keys: floats with integer values are integers, others are themselves; nil and NaN are none
local t = {}
t[1.0] = "one" t[2 ^ 53] = "big" t[-0.0] = "zero" t[1.5] = "half"
print(t[1], t[2 ^ 53 | 0], t[0], t[1.5], next({ [3.0] = 1 }), math.type(next({ [3.0] = 1 })))
print(pcall(function() t[nil] = 1 end))
print(pcall(function() t[0 / 0] = 1 end))
print(t[nil], t[0 / 0])
print(pcall(rawset, t, nil, 1), (select(2, pcall(rawset, t, 0 / 0, 1))))
-- a value of nil is an absent key
t = { a = 1, b = nil, [3] = nil }
print(next(t), next(t, "a"))
-- tables, functions and threads are references
local a = {} local b = a b.x = 1
print(a.x, a == b, {} == {}, a ~= {})
local function f() end local g = f
print(f == g, f == function() end)
local co = coroutine.create(f) print(co == co, co == coroutine.create(f))
-- strings are bytes: zeros and anything else
local s = "\0\255\n\0" print(#s, s:byte(1, -1)) print(s == "\0\255\n\0", "a\0b" < "a\0c", "a\0" > "a")
print(#"\u{7FFFFFFF}", ("\u{20ac}"):byte(1, -1))
-- strings of equal content are equal however they were made
local long = ("x"):rep(100) print(long == ("x"):rep(50) .. ("x"):rep(50), ({ [long] = 1 })[("x"):rep(100)])
