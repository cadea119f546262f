-- Local declarations, constants, variables to be closed.
local a, b, c = 1, (function() return 2, 3, 4 end)()
print(a, b, c) local d, e = (function() return 1, 2 end)(), 5 print(d, e) local f, g = ((function() return 1, 2 end)())
print(f, g) local x = x print(x)
local K <const>, L <const> = 10, "str" print(K + 1, L .. "!", (function() return K, L end)()) local T <const> = {} T.x = 1 print(T.x) local N <const> = nil print(N, N == nil, not N)
local F <const> = 0.0 print(-F, 1 / -F) local M <const> = math.mininteger print(M, -M, M - 1)
for i = 1, 2 do local C <const> = i * 2 print((function() return C end)()) end
local function closer(name, action) return setmetatable({ name = name }, { __close = function(o, e)
print("close", o.name, e) if action then return action(e) end end }) end
do local x <close> = closer("x") local y <close> = closer("y") print("body") end do local z <close> = nil local w <close> = false print("nil and false") end
-- order, errors on the way, errors in close
print(pcall(function() local x <close> = closer("first") local y <close> = closer("second") error("body", 0) end))
print(pcall(function() local x <close> = closer("first") local y <close> = closer("second", function() error("in second", 0) end) error("body", 0) end))
print(pcall(function() local x <close> = closer("first", function(e) error("in first after " .. tostring(e), 0) end) local y <close> = closer("second", function() error("in second", 0) end) return "value" end))
print(pcall(function() local x <close> = closer("only", function() error("in close", 0) end) end))
-- values returned are safe, break and goto close too
local function r() local x <close> = closer("r") return 1, 2, "three" end print(r()) for i = 1, 3 do local x <close> = closer(i) if i == 2 then break end end do local n = 0 ::top:: do local x <close> = closer("goto " .. n) n = n + 1 if n < 2 then goto top end end end
-- no tail call with one pending
local function tail() local x <close> = closer("tail") return (function() return debug.traceback("t", 1):find("tail calls") end)() end print(tail())
-- upvalues of closures see the variable until the end
do local get do local x <close> = closer("captured") get = function() return x.name end end print(get()) end
-- bad values
for _, bad in ipairs({ 1, "s", true, {}, print, setmetatable({}, { __close = 5 }) }) do print(pcall(function() local v <close> = bad end)) end
print(pcall(function() local v <close> = setmetatable({}, { __close = true }) end)) print(pcall(function() local obj <close> = setmetatable({}, {}) end))
-- the metamethod is looked up at the end
print(pcall(function() local o = closer("changed") local v <close> = o getmetatable(o).__close = nil end))
print(pcall(function() local o = closer("changed") local v <close> = o getmetatable(o).__close = function(...)
print(select("#", ...)) end end))
-- coroutines: closing a suspended one, yields in close
local co = coroutine.create(function() local x <close> = closer("in coroutine") coroutine.yield(1) end)
print(coroutine.resume(co))
print(coroutine.close(co), coroutine.status(co))
co = coroutine.create(function() local x <close> = closer("bad", function() error("E", 0) end) coroutine.yield() end) coroutine.resume(co)
print(coroutine.close(co))
print(coroutine.close(co))
co = coroutine.wrap(function() local x <close> = closer("y", function(e) coroutine.yield("yielded in close") end) return "result" end) print(co()) print(co())
co = coroutine.wrap(function() return pcall(function() local x <close> = closer("z", function(e) coroutine.yield("with " .. tostring(e)) end) error("err", 0) end) end)
print(co())
print(co())
-- a chain of many
do local order = {} local function f(n) if n == 0 then return "bottom" end local x <close> = setmetatable({}, { __close = function() order[#order + 1] = n end }) return (f(n - 1)) end print(f(5), table.concat(order, " ")) end
-- 200 locals are allowed, 201 not
-- 200 locals are allowed, 201 not
local names = {} for i = 1, 200 do names[i] = "v" .. i end print(type(load("local " .. table.concat(names, ", ") .. " = 1 return v1, v200"))) names[201] = "v201" print(load("local " .. table.concat(names, ", "), "=many"))
print(load("function f() local " .. table.concat(names, ", ") .. " end", "=many")) names = {} for i = 1, 255 do names[i] = "p" .. i end print(load("return function(" .. table.concat(names, ", ") .. ") end", "=params"))
-- 255 upvalues are allowed, 256 not
local function chunk(n) local out = {} local function level(from, to) for i = from, to do out[#out + 1] = "local a" .. i .. " = " .. i end end level(1, 100) out[#out + 1] = "return function()" level(101, 200) out[#out + 1] = "return function()" level(201, 300) out[#out + 1] = "return function() local s = 0" for i = 1, n do out[#out + 1] = "s = s + a" .. i end out[#out + 1] = "return s end end end" return table.concat(out, "\n") end
print(load(chunk(255))()()()()) print(load(chunk(256), "=ups"))
