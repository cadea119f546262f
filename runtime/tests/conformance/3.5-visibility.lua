-- Visibility: lexical scoping, shadowing, closures and what they share.
x = 10 do local x = x print(x) x = x + 1 do local x = x + 1 print(x) end print(x) end print(x)
local function counter() local n = 0 return function() n = n + 1 return n end, function() return n end, function(v) n = v end end local inc, get, set = counter() local inc2 = counter()
print(inc(), inc(), get(), inc2()) set(100)
print(inc(), get(), inc2())
local a = {} local v = 20 for i = 1, 10 do local y = 0 a[i] = function() y = y + 1 return v + y end end print(a[1](), a[1](), a[2](), a[10]()) v = 0 print(a[1](), a[3]())
do local f local y = 1 do local y = 2 f = function() return y end end y = 3 print(f(), y) end do local r = {} for i = 1, 3 do r[i] = { get = function() return i end, set = function(n) i = n end } end r[1].set(10)
print(r[1].get(), r[2].get(), r[3].get()) end do local r = {} local i = 0 while i < 3 do i = i + 1 local j = i r[i] = function() j = j + 1 return i, j end end print(r[1]())
print(r[1]())
print(r[2]()) end do local r = {} local i = 1 repeat local k = i r[i] = function() return k end i = i + 1 until k >= 3 print(r[1](), r[2](), r[3]()) end
local function nest() local a = 1 return function() local b = a + 1 return function() local c = b + 1 a = a + 10 return a, b, c end end end local n1 = nest() local n2 = n1()
print(n2())
print(n2())
print(n1()()) do local function f() return g end local g = "inner" print(f()) end g = "global" do local function f() return g end print(f()) end local rec = 1 local rec = function() return rec end print(rec()) local function own() return own end print(own() == own) local s = "outer" local function shadow(s) local s = s .. "!" do local s = s .. "?" print(s) end return s end print(shadow("arg"), s)
for i = 1, 2 do local i = i * 10 print(i) end for k, k in ipairs({ "v" }) do print(k) end local p, p = 1, 2 print(p) local function dup(q, q) return q end print(dup(1, 2)) do local t = {} function t.f() return t end function t:g() return self == t, t end print(t.f() == t, (t:g())) end do local x <const> = 1 local f = function() local x = 2 return x end print(f(), x) end
-- an upvalue outlives coroutines, errors, and loops left by jumps
local keep do pcall(function() local z = "kept" keep = function(n) z = n or z return z end error() end) end print(keep(), keep("new"), keep()) local co = coroutine.wrap(function() local w = 0 local f = function() w = w + 1 return w end coroutine.yield(f) coroutine.yield(w) end) local cf = co() cf() cf()
print(co()) local fs = {} for i = 1, 3 do local u = i if i == 2 then goto next end fs[#fs + 1] = function() u = u + 1 return u end ::next:: end print(fs[1](), fs[1](), fs[2]())
print(debug.upvalueid(fs[1], 1) ~= debug.upvalueid(fs[2], 1), debug.upvalueid(get, 1) == debug.upvalueid(inc, 1))
