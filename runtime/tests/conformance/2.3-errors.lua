-- Errors: any value is an error object; positions; handlers; warnings go elsewhere.
for _, v in ipairs({ "text", 12, 1.5, true, print == nil }) do io.write(tostring(select(2, pcall(error, v))), " ") end print(pcall(error, nil))
local object = setmetatable({ code = 7 }, { __tostring = function(o) return "code " .. o.code end })
local ok, e = pcall(error, object) print(ok, e == object, tostring(e), e.code)
print(pcall(error)) print(pcall(error, "m", 0)) print(pcall(error, "m", 1)) print(pcall(error, "m", 2))
local function at(level) error("level " .. level, level) end
local function caller(level) at(level) end
for level = 0, 3 do print(pcall(caller, level)) end
-- errors of operations have the position of the operation
print(pcall(function()
  local t = {}
  return t
    .x
    .y
end))
print(pcall(function()
  return 1
    +
    {}
end))
print(pcall(function()
  print(
    "evaluated",
    nil
      .. "x"
  )
end))
print(pcall(function()
  undefinedfunction(
    1,
    2
  )
end))
-- xpcall: the handler runs where the error is, its result is the message; its own errors are caught
print(xpcall(function() error("e", 0) end, function(m) return m, "second" end))
print(xpcall(function() error("e", 0) end, function(m) error("again", 0) end))
print(xpcall(function() local x = nil + 1 end, function(m) return debug.traceback(m, 1):match("^[^\n]*\n[^\n]*") end))
print(xpcall(print, print, "no error", 1))
print(pcall(xpcall)) print(pcall(xpcall, 1)) print(xpcall(1, function(m) return "handled: " .. m end))
print(pcall(pcall)) print(pcall(1)) print(pcall({})) print(pcall(nil))
print(pcall(pcall, pcall, pcall, error, "nested"))
print(select("#", pcall(error)))
-- errors through coroutines and iterators
print(coroutine.resume(coroutine.create(function() error({ 1 }) end)))
print(coroutine.resume(coroutine.create(function() error("in coroutine") end)))
print(pcall(coroutine.wrap(function() error("in wrap") end)))
print(pcall(coroutine.wrap(function() error(object) end)))
print(pcall(function() for x in function() error("in iterator") end do end end))
print(pcall(function() for x in nil do end end))
print(pcall(function() for x in 5 do end end))
-- rethrown errors keep their position
print(pcall(function() local ok, m = pcall(error, "first", 1) error(m, 0) end))
print(pcall(function() local ok, m = pcall(function() error("inner") end) error(m) end))
-- assert passes objects on untouched
print(pcall(assert, false)) print(pcall(assert, nil, "message")) print(pcall(assert, false, 12)) print(select(2, pcall(assert, false, object)) == object)
print(pcall(assert)) print(assert(1, 2, 3))
-- stack overflow is an error like others
local function forever(n) return 1 + forever(n + 1) end
local ok, m = pcall(forever, 1) print(ok, (m:gsub("^.-:%d+: ", "")):match("^stack overflow"))
print(pcall(string.rep, "x", -1)) print((select(2, pcall(string.rep, "x", 1 << 60))))
-- warn
print(pcall(warn)) print(pcall(warn, {})) print(pcall(warn, "a", nil))
