-- Calls: arguments and results of all counts, varargs, tail calls, recursion, closures and their variables.
local function none() end
local function one(a) return a end
local function many(...) return ... end
local function count(...) return select("#", ...) end

local total = 0
for i = 1, 100 do
  total = total + count(none()) + count((none())) + count(one(i), many(i, i)) + count(many(many(1, 2), many(3, nil, nil)))
end
print(total)

local function sum(...)
  local s = 0
  for i = 1, select("#", ...) do s = s + (select(i, ...) or 0) end
  return s
end
local function packed(...)
  local t = { ... }
  return #t, ...
end
total = 0
for i = 1, 80 do total = total + sum(i, 2, 3.5) + sum() + (packed(i, i, i)) end
print(total, packed(1, 2, 3))
print((many(1, 2, 3)), many(1, 2, 3), (many()))

-- Missing and surplus arguments.
local function defaults(a, b, c) return a or "a", b or "b", c or "c" end
for i = 1, 60 do
  local x, y, z = defaults(i, nil, i, i)
  if x ~= i or y ~= "b" or z ~= i then print("wrong") end
end
print(defaults(), defaults(1, 2, 3, 4))

-- Tail calls do not use stack; mutual recursion; deep recursion.
local function loop(n, acc)
  if n == 0 then return acc end
  return loop(n - 1, acc + n)
end
print(loop(100000, 0))
local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(50001), odd(50001))
local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
print(depth(5000))
local function ackermann(m, n)
  if m == 0 then return n + 1 end
  if n == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, n - 1))
end
print(ackermann(2, 6))

-- Closures: a variable a turn, shared variables, captured loop variables, counters.
local made = {}
for i = 1, 70 do
  local j = i * 2
  made[i] = { get = function() return i + j end, set = function(v) j = v end }
end
made[10].set(1000)
total = 0
for i = 1, 70 do total = total + made[i].get() end
print(total, made[10].get(), made[11].get())

local function counter()
  local n = 0
  return function(step) n = n + (step or 1) return n end
end
local a, b = counter(), counter()
for i = 1, 100 do a() b(i) end
print(a(), b())

-- A closure called with other functions at one place.
local function apply(f, x) return f(x) end
local functions = { math.abs, tostring, function(x) return x * 2 end, type, one }
local texts = {}
for i = 1, 100 do texts[i % 5 + 1] = apply(functions[i % 5 + 1], -i) end
for i = 1, 5 do io.write(tostring(texts[i]), " ") end
print()

-- Upvalues changed from outside while the inner function is hot.
local limit = 10
local function clipped(x) if x > limit then return limit end return x end
total = 0
for i = 1, 100 do
  if i == 50 then limit = 60.5 end
  total = total + clipped(i)
end
print(total)

-- Methods, string methods, calls through fields.
local account = { balance = 0 }
function account:deposit(v) self.balance = self.balance + v return self end
for i = 1, 100 do account:deposit(i):deposit(-1) end
print(account.balance, ("x"):rep(3), ("%d"):format(7), #("abc"):upper())
