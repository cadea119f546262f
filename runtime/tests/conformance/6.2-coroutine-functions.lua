-- The functions of the coroutine library.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local co = coroutine.create(function(...)
print("args", ...) local x = coroutine.yield(1, 2)
print("got", x) local y, z = coroutine.yield()
print("got", y, z) return "end", nil end)
print(coroutine.status(co), coroutine.isyieldable(co))
print(coroutine.resume(co, "a", nil))
print(coroutine.status(co))
print(coroutine.resume(co, "x"))
print(coroutine.resume(co, nil, "z"))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.close(co), coroutine.status(co))
e(coroutine.create)
e(coroutine.create, 1)
e(coroutine.create, {})
e(coroutine.resume)
e(coroutine.resume, 1)
e(coroutine.status)
e(coroutine.status, {})
e(coroutine.wrap)
e(coroutine.wrap, 1)
e(coroutine.close)
e(coroutine.close, 1)
e(coroutine.close, coroutine.running())
e(coroutine.yield)
e(coroutine.isyieldable, 1)
print(coroutine.isyieldable(), select(2, coroutine.running()), coroutine.status((coroutine.running())), coroutine.resume((coroutine.running())))
-- status from inside, from a child, of a dead one
co = coroutine.create(function()
print(coroutine.status(co), coroutine.running() == co, select(2, coroutine.running()), coroutine.isyieldable()) local inner = coroutine.create(function()
print(coroutine.status(co))
print(coroutine.resume(co))
print(pcall(coroutine.close, co)) end) coroutine.resume(inner)
print(coroutine.resume(coroutine.running())) end) coroutine.resume(co)
print(coroutine.status(co), coroutine.resume(co))
co = coroutine.create(function() error("x") end)
print(coroutine.resume(co))
print(coroutine.status(co), coroutine.resume(co))
print(coroutine.close(co)) co = coroutine.create(function() error({ "object" }) end)
print(type(select(2, coroutine.resume(co))), select("#", coroutine.close(co)))
print(coroutine.close(coroutine.create(print)))
-- wrap
local w = coroutine.wrap(function(...) for i = 1, select("#", ...) do coroutine.yield((select(i, ...))) end end)
print(w("a", "b"), w(), w())
e(w) w = coroutine.wrap(error)
e(w, "message")
e(w)
e(coroutine.wrap(function() error({}) end)) w = coroutine.wrap(function() return pcall(function() coroutine.yield("in pcall") error("after", 0) end) end)
print(w())
print(w())
-- yields across pcall, metamethods, iterators, sort, tostring and others
local mt = { __add = function(a, b) return coroutine.yield("add") end, __index = function(t, k) return coroutine.yield("index " .. tostring(k)) end, __newindex = function(t, k, v) coroutine.yield("newindex " .. k) end, __call = function(self, x) return coroutine.yield("call") end, __eq = function() return coroutine.yield("eq") end, __lt = function() return coroutine.yield("lt") end, __le = function() return coroutine.yield("le") end, __concat = function() return coroutine.yield("concat") end, __len = function() return coroutine.yield("len") end, __unm = function() return coroutine.yield("unm") end, __close = function() coroutine.yield("close") end, __bnot = function() return coroutine.yield("bnot") end }
w = coroutine.wrap(function() local a, b = setmetatable({}, mt), setmetatable({}, mt) local r = { a + 1, 1 + a, a.x, a[1], a(5), a == b, a < b, a <= b, a .. "x", "x" .. a .. "y", #a, -a, ~a, not (a ~= b) } a.y = 1 do local c <close> = a end for i in function(_, i) return coroutine.yield("iterator") end do r[#r + 1] = i break end r[#r + 1] = select(2, pcall(function() return coroutine.yield("pcall") end)) r[#r + 1] = select(2, xpcall(function() return coroutine.yield("xpcall") end, print)) for i = 1, #r do r[i] = tostring(r[i]) end return table.concat(r, " ") end)
local v, n = w(), 0
while v and not v:find("false", 1, true) and n < 30 do
  n = n + 1
  io.write(v, ", ")
  v = w(n % 2 == 0 and n or false)
end
print(n, v)
for _, f in ipairs({ function() return load(function() coroutine.yield() end) end }) do print(coroutine.wrap(function() return pcall(f) end)()) end
-- generators, and many at once
local function range(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end local sum = 0 for i in range(1000) do sum = sum + i end print(sum) local function perm(a, n) n = n or #a if n <= 1 then coroutine.yield(table.concat(a, "")) else for i = 1, n do a[n], a[i] = a[i], a[n] perm(a, n - 1) a[n], a[i] = a[i], a[n] end end end for p in coroutine.wrap(function() perm({ "a", "b", "c" }) end) do io.write(p, " ") end print() local many = {} for i = 1, 100 do many[i] = coroutine.wrap(function() local s = i while true do s = s + coroutine.yield(s) end end) many[i]() end sum = 0 for round = 1, 3 do for i = 1, 100 do sum = sum + many[i](round) end end print(sum)
-- deep recursion of coroutines ends in an error
local function deep(n) local ok, m = coroutine.resume(coroutine.create(function() return deep(n + 1) end)) if not ok then return n, m end return ok and m end print((select(2, pcall(deep, 1)) or 0) ~= nil)
