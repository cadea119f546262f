-- The debug library, as far as its answers are fixed.
local function f(a, b, ...) local c = 1 return debug.getinfo(1, "nSlutf") end
local i = f(1, 2)
print(i.short_src:match("[^/]*$"), i.currentline, i.linedefined, i.lastlinedefined, i.what, i.nups, i.nparams, i.isvararg, i.istailcall, i.func == f, i.namewhat)
local j = debug.getinfo(print)
print(j.what, j.short_src, j.currentline, j.linedefined, j.nparams, j.isvararg, j.source)
print(debug.getinfo(100), pcall(debug.getinfo, 1, "X"), pcall(debug.getinfo, "x"))
print(debug.getmetatable("").__index == string, debug.setmetatable(10, { __index = function(n, k) return k .. n end }) == 10, (5).x, debug.setmetatable(10, nil))
local up1, up2 = 1, 2
local function g() return up1 + up2 end
print(debug.getupvalue(g, 1), debug.getupvalue(g, 2), debug.getupvalue(g, 3), debug.setupvalue(g, 1, 10), g(), up1)
local function h() return up1 end
print(debug.upvalueid(g, 1) == debug.upvalueid(h, 1), debug.upvalueid(g, 2) == debug.upvalueid(h, 1))
debug.upvaluejoin(h, 1, g, 2)
print(h())
local function locals(x, y)
  local z = x + y
  local names = {}
  local k = 1
  while true do
    local n, v = debug.getlocal(1, k)
    if not n then break end
    names[#names + 1] = n .. "=" .. type(v)
    k = k + 1
  end
  return table.concat(names, " ")
end
print(locals(1, 2))
print(debug.getlocal(locals, 1), debug.getlocal(locals, 2), debug.getlocal(locals, 3))
local function setter() local v = 1 print(debug.setlocal(1, 1, 5)) return v end
print(setter())
print(debug.traceback("msg", 1):match("^msg\nstack traceback:\n\t") ~= nil, debug.traceback(12), debug.traceback(nil) == nil, type(debug.traceback()))
print(debug.traceback({}) ~= nil, type(debug.getregistry()), debug.gethook())
local u = io.stdout
print(debug.getuservalue(u, 1), debug.getuservalue({}, 1))
