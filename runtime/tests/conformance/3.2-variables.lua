-- Variables: globals, locals, fields; evaluation of prefixes.
local a = 1
do local a = 2 print(a) end print(a)
g = 10 print(g, _ENV.g, _G["g"], rawget(_G, "g"))
local t = { x = { y = { z = "deep" } }, ["key with space"] = 1, [1] = "one", [true] = "yes", [print] = "function" }
print(t.x.y.z, t["x"]["y"].z, t["key with space"], t[1], t[1.0], t[true], t[print], t.missing)
print(("str").len, #"str", ("x"):rep(3), ({ 1, 2, 3 })[2], (function() return { v = 5 } end)().v)
local k = "x" print(t[k] == t.x, t["" .. k] == t.x)
-- uninitialized variables are nil
local u print(u, undefined) local p, q, r = 1 print(p, q, r)
-- indexing what is no table
for _, text in ipairs({ "local x return x.y", "local x = 5 return x.y.z", "return nothing.field", "local x = true x.y = 1", "return ('x').y.z", "local t = {} t.x.y = 1", "local t = {} return t.a.b.c", "return (nil)[1]", "return nothing[nil]", "local t = {} return t[nil].x", "return #nothing", "return -{}", "local x = print return x.name", "local t = { f = 1 } t.f.g.h = 2", "local a = { { } } return a[1][2][3]", "local i = 1 local t = {} return t[i].x", "local t = {} return t['a b'].x", "local t = {} return t[1.5].x", "local t = {} return t[print].x", "local s = 'x' return s.y.z", "upvalue = nil local function f() return upvalue.x end return f()", "local up local function f() return up.x end return f()", "local up local function f() up.x = 1 end return f()", "local up = {} local function f() return up.a.b end return f()", "return math.nothing.x", "return math.pi.x.y", "return string.nothing()", "local t = {} t:method()", "local t = {} t.a.b:method()", "local t = { a = {} } t.a:method(1)", "nothing()", "nothing.x()", "local l l()", "(nil)()", "('x')()", "(1 + 1)()", "local t = setmetatable({}, { __index = function() return nil end }) t.x.y = 1", "return ({})()", "local a <const> = nil; return a.x", "local a <const> = 5; return a.x", "local a <const> = 'str'; return a.x.y", "return _ENV.x.y", "_ENV.x.y = 1", "local _ENV = {}; return x.y", "local t = {}; return t[t].x", "local function f(...) return (...).x end return f(nil)", "return ({ nil })[1].x" }) do
  print(text) print(pcall(load(text, "=v")))
end
