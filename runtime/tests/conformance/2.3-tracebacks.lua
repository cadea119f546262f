-- Tracebacks and names of functions, as the reference writes them; hot, so that frames are inlined.
local function trace(f, ...) print((select(2, xpcall(f, debug.traceback, ...)))) end
local function raise(m) error(m) end
local function local_caller() raise("by a local") end
function global_caller() local_caller() end
local t = { field = function() global_caller() end, nested = { deep = function() error("deep") end } }
function t:method() self.field() end
local up = function() t:method() end
trace(up)
for i = 1, 200 do pcall(up) end
trace(up)
trace(function() t.nested.deep() end)
trace(function() return t.nested.deep() end)
trace(function() local x = t.nested.deep() return x end)
trace(function() for _ in t.nested.deep do end end)
trace(function() string.rep() end)
trace(function() ("x"):rep({}) end)
trace(function() table.sort({ 1, 2, 3 }, function() error("compare") end) end)
trace(function() string.gsub("x", "x", function() error("replace") end) end)
trace(function() local a = setmetatable({}, { __index = function(_, k) error("index " .. k) end }) return a.x end)
trace(function() local a = setmetatable({}, { __add = function() error("add") end }) return a + 1 end)
trace(function() local a = setmetatable({}, { __lt = function() error("lt") end }) return a < 1 end)
trace(function() local a = setmetatable({}, { __concat = function() error("concat") end }) return a .. 1 end)
trace(function() local a = setmetatable({}, { __eq = function() error("eq") end }) return a == setmetatable({}, getmetatable(a)) end)
trace(function() local a = setmetatable({}, { __call = function() error("call") end }) a() end)
trace(function() local a = setmetatable({}, { __newindex = function() error("newindex") end }) a.x = 1 end)
trace(function() local a = setmetatable({}, { __len = function() error("len") end }) return #a end)
trace(function() local a = setmetatable({}, { __unm = function() error("unm") end }) return -a end)
trace(function() local a <close> = setmetatable({}, { __close = function() error("close") end }) end)
trace(function() local a = setmetatable({}, { __tostring = function() error("tostring") end }) tostring(a) end)
trace(function() pcall(error) error({}) end)
trace(function() error() end)
trace(function() error("level 2", 2) end)
trace(function() assert(false, "assertion") end)
trace(function() assert(nil) end)
trace(load("error('in chunk')", "=chunk"))
trace(load("local function f() error('in f') end f()", "@file.lua"))
trace(load("x.y.z = 1", "x.y.z = 1"))
trace(function() local co = coroutine.wrap(function() error("in coroutine") end) co() end)
local function recursive(n) if n == 0 then error("bottom") end recursive(n - 1) end
trace(recursive, 3)
trace(recursive, 40)
local function tail(n) if n == 0 then error("bottom of tail calls") end return tail(n - 1) end
trace(tail, 3)
local co = coroutine.create(function(a) local function inner() coroutine.yield() end inner() end)
print(debug.traceback(co)) coroutine.resume(co)
print(debug.traceback(co))
print(debug.traceback(co, "message"))
print(debug.traceback(co, nil, 1))
print(debug.traceback(co, "m", 0)) coroutine.resume(co)
print(debug.traceback(co))
co = coroutine.create(function() local x = nil; x() end) coroutine.resume(co) print(debug.traceback(co))
print(debug.traceback("message", 1)) print(debug.traceback("message", 0)) print(debug.traceback({}) ~= nil, debug.traceback(nil), debug.traceback(12))
-- in hooks
local function hooked(event) debug.sethook() error("in hook " .. event) end
trace(function() debug.sethook(hooked, "l")
  local x = 1
end)
trace(function() debug.sethook(hooked, "c") local_caller() end)
trace(function() debug.sethook(hooked, "r") pcall(local_caller) end)
trace(function() debug.sethook(hooked, "", 1) local x = 1 + 1 end)
print(pcall(function() debug.sethook(function() debug.sethook() local info = debug.getinfo(1, "n") print(info.name, info.namewhat) end, "l")
  local x = 1
end))
-- hot frames, one in the other
local function level3(x) return x.missing.field end
local function level2(x) local r = level3(x) return r end
local function level1(x) local r = level2(x) return r end
local good = { missing = { field = 1 } }
for i = 1, 300 do level1(good) end
trace(level1, {})
trace(level1, nil)
for i = 1, 300 do local ok, m = pcall(level1, i % 3 == 0 and {} or good) if i > 297 then print(ok, m) end end
local object = { v = 1 } object.__index = object function object:get() return self.v + self.w end function object:outer() local r = self:get() return r end
local o = setmetatable({ w = 2 }, object) for i = 1, 300 do o:outer() end o.w = nil trace(o.outer, o)
-- "bad argument" names: methods count without the object
for _, f in ipairs({ function() io.stdout:seek("bad") end, function() io.stdout:setvbuf("bad") end, function() ("x"):rep({}) end, function() ("x").rep({}) end, function() io.stdout.seek(5) end, function() io.stdout.lines() end, function() local f = string.rep f() end, function() local t = { f = string.rep } t.f() end, function() local t = { f = string.rep } t:f() end, function() local t = setmetatable({}, { __index = string }) t:upper() end, function() string.rep("x", "y") end, function() select() end, function() (string.rep)() end, function() pcall(string.rep) string.rep() end, function() return string.rep() end, function() return ("x"):rep({}) end, function() setmetatable(1) end, function() for _ in pairs(nil) do end end, function() math.floor({}) end, function() local floor = math.floor floor("x") end, function() table.concat({ {} }) end, function() ipairs() end, function() tostring() end, function() coroutine.resume(1) end, function() string.char(-1) end, function() utf8.char(-1) end, function() os.time({}) end, function() os.date("%Ez") end, function() load(5) end, function() debug.getinfo("x") end, function() rawset(1, 2, 3) end, function() setmetatable({}, { __index = string.rep }).x() end, function() local a = setmetatable({}, { __add = string.rep }) return a + 1 end, function() string.format("%d", "x") end, function() string.format("%d %d", 1) end }) do print(select(2, pcall(f)))
print(select(2, pcall(function() f() end))) end
