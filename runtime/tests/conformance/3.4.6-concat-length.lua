-- Concatenation, length, precedence, table constructors, calls, functions.
print("a" .. "b" .. 1 .. 2.0 .. -3 .. 1e100 .. math.mininteger, 1 .. "", -0.0 .. "", 2 ^ 53 .. "|" .. 0.1) local s = "" for i = 1, 10 do s = s .. i s = i .. s end print(s)
print(("x"):rep(3) .. ("y"):rep(0) .. "z", "" .. "", #("a" .. "\0" .. "b"))
print(pcall(function() return "a" .. {} end))
print(pcall(function() return {} .. "a" end))
print(pcall(function() return nil .. nil end))
print(pcall(function() local a, b, c = "x", nil, "z" return a .. b .. c end))
print(pcall(function() local a, b, c = 1, 2, true return a .. b .. c end))
print(pcall(function() local t = {} return "x" .. t.a .. t.b end))
print(pcall(function() return "x" .. (true) .. "y" end))
print(pcall(function() return 1 .. print end))
local C = setmetatable({}, { __concat = function(a, b) return (type(a) == "table" and "C" or a) .. "+" .. (type(b) == "table" and "C" or b) end })
print(C .. "x", "x" .. C, "a" .. "b" .. C .. "c" .. "d", C .. C, 1 .. C)
print(pcall(function() return C .. nil end))
-- length
print(#"", #"abc", #"\0\0", #{}, #{ 1, 2, 3 }, #{ 1, 2, nil }, #{ n = 1 }, #{ nil }, #{ nil, 2 }, #{ nil, nil, 3 }, #{ 1, nil, 3 }, #setmetatable({ 1 }, { __len = function() return 42 end }), #setmetatable({}, { __len = function() return "any" end }))
print(rawlen({ 1, 2 }), rawlen("abc"), pcall(rawlen, 5))
print(pcall(function() return #5 end))
print(pcall(function() return #print end))
print(pcall(function() local t return #t.x end))
do local t = {} for i = 1, 100 do t[i] = i end print(#t) for i = 100, 51, -1 do t[i] = nil end print(#t) t[#t + 1] = "x" print(#t, t[51]) end print(select("#", table.unpack({ 1, nil, 3 })), select("#", table.unpack({ nil, nil }, 1, 2)), #{ (function() return 1, 2, 3 end)() }, #{ (function() return 1, 2, 3 end)(), 10 }, #{ ((function() return 1, 2, 3 end)()) })
-- precedence and associativity
print(2 + 3 * 4 ^ 2 / 2, -3 ^ 2, not 1 == 2, 1 .. 2 == "12", 2 ^ 3 ^ 2, 1 - 2 - 3, 8 / 4 / 2, 7 // 2 * 2, 5 - -3, - -5, not not nil, #"ab" + 1, -"2" + 1, ~1 + 1, 1 + 1 .. 1 + 1, "a" .. "b" == "ab", 1 < 2 and 2 < 3, 1 or 2 and nil, 1 | 2 & 3, 1 | 6 ~ 3, 1 << 1 + 1, 1 << 1 << 2, 256 >> 2 >> 1, -2 ^ -2, 2 * -3, 2 ^ -1, #{ 1, 2 } * 2, -#"abc", not #"" == 0)
-- table constructors
local function three() return 1, 2, 3 end local t = { three() }
print(#t) t = { three(), three() }
print(#t) t = { (three()) }
print(#t) t = { three(), x = 1, three() }
print(#t, t.x) t = { [1] = "a", "b" }
print(t[1]) t = { "a", [1] = "b" }
print(t[1]) t = { 1, 2, [2] = "x", 3, [4] = "y" }
print(t[1], t[2], t[3], t[4]) t = { x = 1, ["x"] = 2, [1 + 1] = "two", [three()] = "one"; "first", n = nil, }
print(t.x, t[1], t[2], t.n)
local big = load("return {" .. ("1,"):rep(1000) .. "}")()
print(#big, big[1000]) big = load("return {" .. ("1,"):rep(50) .. "...}")("a", nil, "c")
print(#big, big[51], big[52], big[53])
print(pcall(load("return {[nil] = 1}")))
print(pcall(load("return {[0/0] = 1}"))) local log = {} local function l(x) log[#log + 1] = x return x end t = { l(1), [l("k")] = l("v"), l(2), x = l("x") }
print(table.concat(log, " "))
print(#{ ... }, #{ n = ..., ... }, next({}, nil)) local nested = { { { "deep" } }, { a = { b = { c = "c" } } } }
print(nested[1][1][1], nested[2].a.b.c)
-- calls
local function show(...) return select("#", ...), ... end print(show())
print(show(nil))
print(show(nil, nil))
print(show(three()))
print(show(three(), three()))
print(show((three())))
print(show(three(), nil))
print((show(1, 2)))
print(show"str")
print(show[[long]])
print(show{ 1 } == 1)
local obj = { n = 5 } function obj:get(a, b) return self.n, a, b end function obj.plain(a) return a end print(obj:get(1, 2), obj.get(obj, 3), obj.plain(4), obj:plain() == obj, obj:get"s")
local a = { b = { c = { f = function(...) return select("#", ...) end } } } function a.b.c:m(...) return self == a.b.c, ... end print(a.b.c.f(1, 2), a.b.c:m(3))
print(("%d"):format(7), ("x"):rep(3), #("abc"):upper()) local call = setmetatable({}, { __call = function(self, ...) return "called", ... end })
print(call(1, 2))
print(call"s")
print(pcall(call, 1)) local chain = setmetatable({}, { __call = call })
print(chain(1))
print(select(2, pcall(function() local x = {} x() end)), select(2, pcall(function() obj:nomethod() end)), select(2, pcall(function() obj.nofield() end)), select(2, pcall(function() nofunction() end)), select(2, pcall(function() a.b.c.d.e() end)), select(2, pcall(function() ("x"):nomethod() end)), select(2, pcall(function() (1)() end)), select(2, pcall(function() a["b"]["x"]() end)), select(2, pcall(function() local i = 1 a[i]() end)))
-- tail calls take no stack; results in the middle are cut to one
local function loop(n) if n == 0 then return "done" end return loop(n - 1) end print(loop(200000)) local function even(n) if n == 0 then return true end return (function(m) if m == 0 then return false end return even(m - 1) end)(n - 1) end print(even(10001))
print((function(...) return ... end)(1, 2), (function(...) return (...) end)(1, 2))
-- functions: varargs, defaults, recursion of locals, methods
local function va(a, ...) local x, y = ... return a, x, y, select("#", ...) end print(va())
print(va(1))
print(va(1, 2, 3, 4))
print(va(nil, nil))
print((function(...) local a <const>, b = ... return a, b, ... end)(1, 2, 3))
print((function(...) return #{ ... }, ... end)(three()))
print((function(...) local t = { ..., "end" } return #t end)(1, 2, 3))
print((function(...) for i, v in ipairs({ ... }) do io.write(v, " ") end return "" end)("x", "y")) local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end print(fact(20)) local fib fib = function(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end print(fib(20))
print(pcall(function() local f = function() return f() end return f() end))
print(select("#", (function() end)()), select("#", (function() return end)()), select("#", (function() return nil end)()))
print((select("#", table.unpack({}, 1, 250))))
print(pcall(select, "#"))
print(string.format("%s %s", (function(...) return ... end)("a", "b")))
print(math.max((function() return 3, 9, 2 end)()))
