-- Coroutines.
local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c = coroutine.yield(a + b)
  print("got", c)
  local d, e = coroutine.yield(c * 2)
  print("got", d, e)
  return "done", d + e
end)
print(coroutine.status(co))
print(coroutine.resume(co, 1, 2))
print(coroutine.status(co))
print(coroutine.resume(co, 10))
print(coroutine.resume(co, 3, 4))
print(coroutine.status(co), coroutine.resume(co))
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(gen(), gen(), gen(), gen())
print(pcall(gen))
local bad = coroutine.wrap(function() error("inside") end)
print(pcall(bad))
local badobj = coroutine.create(function() error({ code = 7 }) end)
local ok, err = coroutine.resume(badobj)
print(ok, type(err), err.code, coroutine.status(badobj))
print(coroutine.isyieldable(), coroutine.wrap(function() return coroutine.isyieldable() end)())
local main, ismain = coroutine.running()
print(type(main), ismain)
print(coroutine.wrap(function() local c, m = coroutine.running() return type(c), m, coroutine.status(c) end)())
print(pcall(coroutine.yield, 1))
-- yields across pcall, metamethods, iterators, sort
print(coroutine.wrap(function() local ok, v = pcall(function() local x = coroutine.yield("y1") error("after " .. x, 0) end) coroutine.yield(tostring(ok) .. " " .. v) return "end" end)())
local w = coroutine.wrap(function() local ok, v = pcall(function() local x = coroutine.yield("y1") error("after " .. x, 0) end) coroutine.yield(tostring(ok) .. " " .. v) return "end" end)
print(w(), w("resume"), w())
local mt = { __add = function(a, b) return coroutine.yield("in add") end, __index = function(t, k) return coroutine.yield("in index " .. k) end }
local w2 = coroutine.wrap(function() local t = setmetatable({}, mt) local r = t + 1 local s = t.field return r, s end)
print(w2(), w2("sum"), w2("idx"))
local w3 = coroutine.wrap(function() for a in function(_, c) return coroutine.yield("iter") end do return a end end)
print(w3(), w3("value"))
-- status of nested coroutines
local outer
outer = coroutine.create(function()
  local inner = coroutine.create(function() return coroutine.status(outer) end)
  return coroutine.resume(inner)
end)
print(coroutine.resume(outer))
print(coroutine.resume(coroutine.running()))
local self
self = coroutine.create(function() return coroutine.resume(self) end)
print(coroutine.resume(self))
-- close
local closing = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function(_, e) print("closed", e) end })
  coroutine.yield(1)
end)
print(coroutine.resume(closing))
print(coroutine.close(closing), coroutine.status(closing))
print(coroutine.close(coroutine.create(print)))
local failing = coroutine.create(function()
  local x <close> = setmetatable({}, { __close = function() error("in close", 0) end })
  coroutine.yield(1)
end)
coroutine.resume(failing)
print(coroutine.close(failing))
print(pcall(coroutine.close, coroutine.running()))
print(pcall(coroutine.resume, 1), pcall(coroutine.create, 1), pcall(coroutine.wrap), pcall(coroutine.status))
-- many coroutines
local many = {}
for i = 1, 500 do many[i] = coroutine.wrap(function(...) local n = i while true do n = n + coroutine.yield(n) end end) end
local total = 0
for i = 1, 500 do total = total + many[i]() end
for i = 1, 500 do total = total + many[i](2) end
print(total)
-- producer and consumer
local function producer() return coroutine.create(function() for i = 1, 3 do coroutine.yield("item" .. i) end return nil end) end
local function filter(p) return coroutine.create(function() while true do local _, v = coroutine.resume(p) if not v then return nil end coroutine.yield(v:upper()) end end) end
local f = filter(producer())
while true do local _, v = coroutine.resume(f) if not v then break end io.write(v, " ") end print()
-- vararg passing
print(select("#", coroutine.resume(coroutine.create(function(...) return ... end), nil, nil)))
print(coroutine.resume(coroutine.create(function(...) return select("#", coroutine.yield(...)) end), 1, nil))
-- deep recursion inside a coroutine
print(coroutine.wrap(function() local function d(n) if n == 0 then return 0 end return 1 + d(n - 1) end return d(2000) end)())
-- error in wrap keeps the position
print(pcall(coroutine.wrap(function() local x = nil; x.y = 1 end)))
-- table.sort does not yield
print(coroutine.resume(coroutine.create(function() table.sort({ 3, 2, 1 }, function(a, b) coroutine.yield() return a < b end) end)))
