-- Basic functions.
print(assert(1, 2, 3))
print(pcall(assert, false), pcall(assert, nil, "msg"), type(select(2, pcall(assert, false, { 1 }))))
print(pcall(assert))
print(select("#"), select("#", nil, nil), select(2, "a", "b", "c"), select(-1, "a", "b"), select(-2, "a", "b"))
print(pcall(select, 0), pcall(select, -5, 1), pcall(select, "x"))
print(type(nil), type(1), type("s"), type({}), type(print), type(true), pcall(type))
print(tostring(nil), tostring(true), tostring(12), tostring(1.5), tostring("s"), tostring(-0.0), tostring(1e15), tostring(2 ^ 63))
print(tostring(print):match("^builtin: ") or tostring(print):match("^function: "), tostring({}):match("^table: 0x") ~= nil)
print(tonumber("10"), tonumber(" 0x1F "), tonumber("1e1"), tonumber("1e"), tonumber(""), tonumber("abc"), tonumber({}))
print(tonumber("10", 2), tonumber("zz", 36), tonumber("-ff", 16), tonumber("8", 8), tonumber(" 11 ", 2), tonumber("1.0", 10), tonumber("7fffffffffffffff", 16))
print(tonumber(5), tonumber(5.5), tonumber("0x"), tonumber("1 2"), tonumber("5."), tonumber(".5"), tonumber("0x.1p4"), tonumber("inf"), tonumber("nan"))
print(pcall(tonumber), pcall(tonumber, 10, 2), pcall(tonumber, "10", 1), pcall(tonumber, "10", 37), pcall(tonumber, {}, 10))
print(rawequal("a", "a"), rawequal({}, {}), rawlen({ 1, 2 }), rawlen("abc"), pcall(rawlen, 5))
print(rawget({ 5 }, 1), rawset({}, 1, 2)[1], pcall(rawset, {}, nil, 1), pcall(rawget, 1, 1))
local t = setmetatable({}, { __index = function() return "mm" end, __newindex = function() end })
print(t.x, rawget(t, "x"), rawset(t, "x", 1).x)
print(getmetatable({}), getmetatable("").__name, pcall(setmetatable, 1, {}), pcall(setmetatable, {}, 1), pcall(setmetatable, {}))
-- next, pairs, ipairs
print(next({}), next({ 10 }), next({ 10 }, 1), next({ a = 1 }))
print(pcall(next, {}, "nokey"), pcall(next, 1))
for i, v in ipairs({ 1, 2, nil, 4 }) do io.write(i, "=", v, " ") end print()
for i, v in ipairs(setmetatable({}, { __index = function(_, i) if i < 4 then return i * i end end })) do io.write(i, "=", v, " ") end print()
local keys = {}
for k, v in pairs({ 10, 20, 30, x = 1, y = 2 }) do keys[#keys + 1] = tostring(k) .. "=" .. v end
table.sort(keys) print(table.concat(keys, " "))
print(pcall(ipairs), pcall(pairs), select("#", pcall(pairs, nil)))
-- clearing fields during a traversal
local big = {}
for i = 1, 100 do big[i] = i big["k" .. i] = i end
local seen = 0
for k in pairs(big) do seen = seen + 1 big[k] = nil end
print(seen, next(big))
-- error and pcall
print(pcall(error, "msg"), pcall(error, "msg", 0), pcall(error, { code = 1 }), pcall(error), pcall(error, nil))
print(pcall(function() error("lvl1") end), pcall(function() error("lvl0", 0) end))
local function lvl2() error("lvl2", 2) end
print(pcall(function() lvl2() end))
print(select("#", pcall(function() return 1, nil, nil end)))
print(pcall(pcall), pcall(pcall, error, "e"))
print(xpcall(function(...) return select("#", ...), ... end, print, 1, 2))
print(xpcall(function() error("E", 0) end, function(m) return m .. " handled" end))
print(xpcall(function() local x = nil; x() end, function(m) return "H:" .. m end))
print(xpcall(error, function(m) return type(m) end, nil))
print(pcall(xpcall), pcall(xpcall, print))
print(xpcall(function() error("a", 0) end, function(m) error("b", 0) end))
local ok, e = pcall(error, setmetatable({}, { __tostring = function() return "custom" end }))
print(ok, tostring(e))
-- load
print(load("return 1 + 1")(), load("syntax error here"), type(load(function() return nil end)))
local parts = { "return ", "1", " + 2" }
local i = 0
print(load(function() i = i + 1 return parts[i] end)())
print(pcall(load, function() return {} end))
print(select(2, pcall(load, function() error("in reader", 0) end)))
print(load("x = 1; return x", "chunk", "t", {})())
print(load("return x", "chunk", "t", { x = "from env" })())
print(load("\27Lua", "b", "t"))
print(load("return 1", "b", "b"))
print(load("return ...", "va")(1, 2))
print(pcall(load("error('e')", "@name.lua")), pcall(load("error('e')", "=name")), pcall(load("error('e')", "code")))
print(pcall(load("error('e')", "first line\nsecond")), pcall(load("error('e')")))
print(pcall(load("local a\nlocal b\nerror('line 3')", "=c")))
print(dofile == nil, loadfile("/nonexistent/file"))
print(pcall(dofile, "/nonexistent/file"))
-- collectgarbage
print(collectgarbage(), collectgarbage("collect"), math.type(collectgarbage("count")), collectgarbage("isrunning"))
print(collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning"))
print(type(collectgarbage("step")), pcall(collectgarbage, "nothing"))
-- _G, _VERSION
print(_G._G == _G, _VERSION, _G.print == print)
_G.newglobal = 5
print(newglobal)
-- print uses __tostring and __name
print(setmetatable({}, { __tostring = function() return "printed" end }))
-- warn
warn("@on") warn("@off")
print(pcall(warn), pcall(warn, {}))
-- argument errors name the function and the position
print(pcall(string.rep)) print(pcall(string.rep, "x")) print(pcall(string.rep, "x", "y"))
print(pcall(function() string.rep() end))
print(pcall(function() ("x"):rep() end))
print(pcall(function() ("x"):rep({}) end))
print(pcall(function() table.insert(nil, 1) end))
print(pcall(function() table.concat({ 1, {}, 3 }) end))
print(pcall(function() math.floor("x") end))
print(pcall(function() math.floor() end))
print(pcall(function() setmetatable(1, {}) end))
print(pcall(function() local f = math.floor f({}) end))
print(pcall(function() io.lines("/nonexistent/file") end))
print(pcall(function() string.char(256) end))
print(pcall(function() string.char("x") end))
print(pcall(function() ipairs() end))
print(pcall(function() return #5 end))
print(pcall(function() string.format("%d", 1.5) end))
print(pcall(function() string.format("%d", "1.5") end))
print(pcall(function() ("x"):bad() end))

-- Handlers of errors in handlers; nested calls from natives; chains of __call.
do
  local n = 0
  print(xpcall(error, function(e) n = n + 1 if n < 5 then error(n) end return "handled", n end))
  print(xpcall(error, function() error("again") end))
  local function nested() return pcall(nested) end
  print(select("#", nested()) > 100, (select(-1, nested())))
  local function guarded() assert(pcall(guarded)) end
  print(select("#", xpcall(guarded, guarded)))
  local callee = function(...) return select("#", ...), ... end
  for i = 1, 5 do callee = setmetatable({}, { __call = callee }) end
  print((callee("a", "b")))
  local depth = 20000
  local function down() if depth == 0 then return "down" end depth = depth - 1 return down() end
  for i = 1, 50 do down = setmetatable({}, { __call = down }) end
  print(coroutine.wrap(function() return down() end)())
  local s = "long enough not to be one of the interned short strings"
  local function same() return "long enough not to be one of the interned short strings" end
  print(string.format("%p", s) == string.format("%p", same()))
  print(load("local " .. string.rep("a, ", 300) .. "a ="))
end
