-- Coroutines and the collector, closing, errors, deep nesting.
-- A closed coroutine is unwound through pcall, which must not catch that.
local trace = {}
local co = coroutine.create(function()
  pcall(function()
    local x <close> = setmetatable({}, { __close = function(_, e) trace[#trace + 1] = "x " .. tostring(e) end })
    pcall(function()
      local y <close> = setmetatable({}, { __close = function(_, e) trace[#trace + 1] = "y " .. tostring(e) end })
      coroutine.yield(1)
      trace[#trace + 1] = "never"
    end)
    trace[#trace + 1] = "never"
  end)
  trace[#trace + 1] = "never"
end)
print(coroutine.resume(co))
print(coroutine.close(co), coroutine.status(co), table.concat(trace, ", "))
print(coroutine.close(co), coroutine.resume(co))
-- An error while closing goes to the next variable and to the caller.
local co2 = coroutine.create(function()
  local a <close> = setmetatable({}, { __close = function(_, e) print("a got", e) end })
  local b <close> = setmetatable({}, { __close = function(_, e) error("b failed", 0) end })
  coroutine.yield()
end)
coroutine.resume(co2)
print(coroutine.close(co2))
-- The error a coroutine died of is what close reports, once.
local co3 = coroutine.create(function() error("died", 0) end)
print(coroutine.resume(co3))
print(coroutine.close(co3))
print(coroutine.close(co3))
-- A traceback of a suspended coroutine, and of a dead one.
local co4 = coroutine.create(function() local function inner() coroutine.yield() end inner() error("oops") end)
coroutine.resume(co4)
print((debug.traceback(co4)))
print((debug.traceback(co4, "msg", 1)))
print(coroutine.resume(co4))
print((debug.traceback(co4)))
-- Suspended coroutines keep what they hold, and are collected with it.
local weak = setmetatable({}, { __mode = "v" })
local kept = coroutine.wrap(function() local t = { "held" } weak.held = t coroutine.yield() return t[1] end)
kept()
collectgarbage()
print(weak.held ~= nil, kept())
do
  local lost = coroutine.wrap(function() local t = {} weak.lost = t coroutine.yield() print(t) end)
  lost()
  lost = nil
end
collectgarbage() collectgarbage()
print(weak.lost)
-- Collections inside coroutines, with the main thread's values waiting.
local function churn(n) local t = {} for i = 1, n do t[i] = { i, tostring(i) } end collectgarbage() return #t end
local before = { "main" }
local w = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(churn(50) + #a) end return "end" end)
print(w("abc"), w("abcd"), w("x"), w(), before[1])
-- Coroutines in coroutines.
local function nest(n) if n == 0 then return "bottom" end return coroutine.wrap(nest)(n - 1) end
print(nest(50))
print((select(2, pcall(function() local function forever() return coroutine.wrap(forever)() end return forever() end)):gsub('^.*: ', '')))
-- Yield in a generic for, with a closing value.
local loop = coroutine.wrap(function()
  for k in function(_, c) return coroutine.yield(c) end, nil, nil, setmetatable({}, { __close = function() print("loop closed") end }) do
    if k == 3 then return "left at " .. k end
  end
end)
loop() loop(1) loop(2) print(loop(3))
-- Varargs and many values.
local many = coroutine.wrap(function(...) local n = select("#", ...) while true do n = select("#", coroutine.yield(n, ...)) end end)
print((many(table.unpack({}, 1, 200))), select("#", many(table.unpack({}, 1, 100))))
-- Reuse of stacks.
local sum = 0
for i = 1, 2000 do
  local c = coroutine.wrap(function(x) local y = coroutine.yield(x + 1) return y * 2 end)
  sum = sum + c(i) + c(i)
end
print(sum)
print(coroutine.isyieldable(coroutine.create(print)), coroutine.isyieldable(coroutine.running()))
print(pcall(coroutine.isyieldable, 1))
-- wrap adds the position of its caller
local bad = coroutine.wrap(function() error("plain", 0) end)
print(pcall(function() bad() end))
local badtable = coroutine.wrap(function() error({ 1 }) end)
print(type(select(2, pcall(function() badtable() end))))

-- Closing runs as the coroutine itself.
do
  local co
  co = coroutine.create(function()
    local x <close> = setmetatable({}, { __close = function()
      print(coroutine.running() == co, coroutine.isyieldable(), pcall(coroutine.close, co))
    end })
    coroutine.yield()
  end)
  coroutine.resume(co)
  print(coroutine.close(co), coroutine.status(co))
  print(coroutine.wrap(function()
    return string.gsub("ab", ".", function(c) return tostring(coroutine.isyieldable()) end)
  end)())
  print(coroutine.wrap(function() return pcall(table.sort, { 2, 1 }, coroutine.yield) end)())
end
