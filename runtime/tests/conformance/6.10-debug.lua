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

-- Hooks: events, lines, counts.
do
  local function traced(mask, body)
    local seen = {}
    local function hook(event, line)
      local info = debug.getinfo(2, "nS")
      seen[#seen + 1] = event .. ":" .. tostring(line and line - debug.getinfo(body, "S").linedefined) ..
        ":" .. tostring(info.name)
    end
    debug.sethook(hook, mask)
    body()
    debug.sethook()
    return table.concat(seen, " ")
  end
  local function twice(x)
    return x * 2
  end
  print(traced("l", function()
    local s = 0
    for i = 1, 2 do
      s = s + twice(i)
    end
    while s > 4 do
      s = s - 1
    end
    if s then
      s = nil
    end
  end))
  print(traced("cr", function()
    twice(math.abs(-3))
    for _ in pairs({}) do end
    return twice(1)
  end))
  print(debug.gethook())
  local n = 0
  debug.sethook(function(event) n = n + 1; assert(event == "count") end, "", 100)
  for i = 1, 10000 do end
  debug.sethook()
  print(n > 50)
  local names = {}
  debug.sethook(function(event)
    local info = debug.getinfo(2, "r")
    for i = info.ftransfer, info.ftransfer + info.ntransfer - 1 do
      names[#names + 1] = event .. "=" .. tostring(select(2, debug.getlocal(2, i)))
    end
  end, "cr")
  math.max(3, 9)
  debug.sethook()
  print(table.concat(names, " ", 1, 3))
  print(pcall(function()
    debug.sethook(function() debug.sethook() error("from the hook", 0) end, "l")
    local a = 1
    return a
  end))
  debug.sethook()
  local co = coroutine.create(function() coroutine.yield() return 1 end)
  local events = {}
  debug.sethook(co, function(event) events[#events + 1] = event end, "clr")
  repeat until not coroutine.resume(co)
  print(table.concat(events, " "), debug.gethook(co) ~= nil, debug.gethook())
end

-- Arguments behind the parameters, other threads, functions without names.
do
  local function f(a, ...)
    local name, value = debug.getlocal(1, -2)
    print(name, value, debug.getlocal(1, -4), debug.setlocal(1, -1, "changed"), ...)
  end
  f(1, 2, 3, 4)
  local co = coroutine.create(function(x) local y = 7 coroutine.yield(y) end)
  coroutine.resume(co, 5)
  print(debug.getlocal(co, 1, 1)) print(debug.getlocal(co, 1, 2))
  print(debug.getinfo(co, 0, "S").what, debug.getinfo(co, 1, "l").currentline, debug.getinfo(co, 2))
  print((debug.traceback(co):gsub("\n.*/", "\n")))
  local stripped = load(string.dump(function(a) return a.b.c end, true))
  print(pcall(stripped, 1))
  print(debug.getinfo(stripped, "S").short_src, next(debug.getinfo(stripped, "L").activelines or {}))
  print(pcall(debug.getinfo, 1, ">S"))
  print(debug.getinfo(print, "u").nups, debug.getinfo(string.gmatch("a", "a"), "u").nups > 0)
end
