-- Blocks, control structures, loops, goto, assignment, attribs.
local out = {}
for i = 1, 3 do out[#out + 1] = i end
for i = 3, 1, -1 do out[#out + 1] = i end
for i = 1, 0 do out[#out + 1] = "never" end
for i = 1, 2, 0.5 do out[#out + 1] = i end
for i = 1.0, 3 do out[#out + 1] = i end
print(table.concat(out, " "))
print(pcall(function() for i = 1, 10, 0 do end end))
print(pcall(function() for i = "a", 10 do end end))
print(pcall(function() for i = 1, {} do end end))
print(pcall(function() for i = 1, 2, "x" do end end))
-- loops at the edges of the integers
local n = 0
for i = math.maxinteger - 1, math.maxinteger do n = n + 1 end
for i = math.mininteger + 1, math.mininteger, -1 do n = n + 1 end
for i = 1, math.huge do n = n + 1 if i == 3 then break end end
for i = 1, -math.huge do n = n + 100 end
for i = 3, 1.5, -1 do n = n + 1 end
for i = math.mininteger, math.maxinteger, math.maxinteger do n = n + 1 end
print(n)
-- the loop variable is a copy
for i = 1, 3 do local j = i i = i * 10 io.write(i, ":", j, " ") end print()
-- while, repeat, nested break
local i = 0
while true do i = i + 1 if i > 5 then break end end
repeat local done = i >= 8 i = i + 1 until done
print(i)
-- goto and labels
do
  local k = 1
  ::top::
  if k <= 3 then io.write(k, " ") k = k + 1 goto top end
  print()
end
for a = 1, 3 do
  for b = 1, 3 do
    if b == 2 then goto continue end
    io.write(a, "-", b, " ")
    ::continue::
  end
end
print()
-- closures capture fresh variables per iteration
local fs = {}
for v = 1, 3 do fs[v] = function() v = v + 10 return v end end
print(fs[1](), fs[1](), fs[2](), fs[3]())
local ws = {}
local c = 0
while c < 3 do c = c + 1 local d = c ws[c] = function() d = d + 1 return d end end
print(ws[1](), ws[1](), ws[2](), ws[3]())
do
  local gs = {}
  local k = 0
  ::again::
  local captured = k
  gs[#gs + 1] = function() return captured end
  k = k + 1
  if k < 3 then goto again end
  print(gs[1](), gs[2](), gs[3]())
end
-- multiple assignment evaluates before it assigns
local x, y = 1, 2
x, y = y, x
print(x, y)
local t = { 1, 2 }
local idx = 1
idx, t[idx] = 2, "assigned"
print(idx, t[1], t[2])
local a, b, cc = (function() return 1, 2 end)()
print(a, b, cc)
-- generic for with a state, a control and a closing value
local closed = false
local function iter(s, ctl) if ctl < s then return ctl + 1, ctl * ctl end end
for p, q in iter, 3, 0, setmetatable({}, { __close = function() closed = true end }) do io.write(p, "=", q, " ") end
print(closed)
for k, v in next, { 10, 20 } do io.write(k, ":", v, " ") end print()
print(pcall(function() for a in 42 do end end))
-- attribs
local const <const> = 5
print(const, load("local x <const> = 1; x = 2"))
print(load("goto nowhere"))
print(load("::a:: ::a::"))
print(load("break"))
print(load("local x <foo> = 1"))
print(load("for i = 1 do end"))
print(load("x ="))
print(load("x = }"))
print(load("return 'abc"))
print(load("return [[abc"))
print(load("a.b:c = 1"))
print(load("local function f() return 1 2 end"))
print(load("x = 0x"))
print(load("x = 1e"))
print(load("x = '\\q'"))
print(load("x = '\\300'"))
print(load("x = '\\u{110000000}'"))
print(load("--[[ unfinished"))
print(load("if x then"))
print(load("f("))
print(type(load("return ...", "=name")))
print(load("function f() return ... end", "=name"))
print(load("x = = 1", "@file.lua"))
print(load("x = = 1", "line one\nline two"))
print(load("x = 5 5"))
print(load("\n\n  @"))
-- nested functions, recursion, tail calls
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(20))
local function loop(n) if n == 0 then return "done" end return loop(n - 1) end
print(loop(100000))
local function even(n) if n == 0 then return true end return (function(m) if m == 0 then return false end return even(m - 1) end)(n - 1) end
print(even(10), even(7))
-- methods and nested fields
local obj = { v = 1, inner = { deep = {} } }
function obj:add(n) self.v = self.v + n return self end
function obj.inner.deep.f(...) return select("#", ...) end
function obj.inner.deep:g() return self == obj.inner.deep end
print(obj:add(2):add(3).v, obj.inner.deep.f(1, 2), obj.inner.deep:g())
-- shadowing and scope
local s = 1
do local s = s + 1 print(s) end
print(s)
local s = s + 10
print(s)
-- long if chains
local function grade(n)
  if n > 90 then return "A" elseif n > 80 then return "B" elseif n > 70 then return "C" else return "F" end
end
print(grade(95), grade(85), grade(75), grade(5))
-- _ENV
do
  local _ENV = { print = print }
  y = 5
  print(y, _ENV.y)
end
local function sandbox(_ENV) z = 3 return z end
local env = {}
print(sandbox(env), env.z, z)

-- Strings that read as numbers bound numeric loops.
for i = "3", "1", "-1" do io.write(i, " ", math.type(i), ";") end
for i = 1, "2" do io.write(i, " ", math.type(i), ";") end
print(pcall(load("for i = 1, 'x' do end")), (pcall(load("for i = 1, 2, {} do end"))))

-- Errors while variables are closed.
do
  local function closing(name, log, err)
    return setmetatable({}, { __close = function(_, e)
      log[#log + 1] = name .. ":" .. tostring(e)
      log[#log + 1] = tostring(debug.getinfo(2, "n").name)
      collectgarbage()
      if err then error(err, 0) end
    end })
  end
  local log = {}
  print(pcall(function()
    local a <close> = closing("a", log)
    local b <close> = closing("b", log, "from b")
    local c <close> = closing("c", log, "from c")
    error("first", 0)
  end))
  print(table.concat(log, " "))
end
