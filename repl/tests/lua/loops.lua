-- Every kind of loop, with limits at the edges.
local function count(first, limit, step)
  local turns, sum = 0, 0
  for i = first, limit, step or 1 do
    turns = turns + 1
    sum = sum + i
    if turns == 100 then break end
  end
  return turns, sum
end

print(count(1, 10))
print(count(10, 1))
print(count(10, 1, -3))
print(count(1, 10.7))
print(count(1.0, 3))
print(count(0, 1, 0.125))
print(count(1, math.huge))
print(count(1, -math.huge))
print(count(math.maxinteger - 3, math.maxinteger))
print(count(math.mininteger + 3, math.mininteger, -1))
print(count(math.mininteger, math.maxinteger, math.maxinteger))
print(count(1, 3.9999))
print(count(-1, -3.5, -1))
print(pcall(count, 1, 10, 0))
print(pcall(count, "a", 10))
print(pcall(count, 1, {}))
print(pcall(count, 1, 10, "x"))
print(pcall(count, 1.5, 10, 0))

-- Nested, with the inner limit depending on the outer variable.
local triangles = 0
for i = 1, 60 do
  for j = i, 60 do
    for k = j, 60 do
      if i * i + j * j == k * k then triangles = triangles + 1 end
    end
  end
end
print(triangles)

-- while, repeat with a local in the condition, goto as continue, break from nested loops.
local n, steps = 27, 0
while n ~= 1 do
  if n % 2 == 0 then n = n // 2 else n = 3 * n + 1 end
  steps = steps + 1
end
print(steps)

local i = 0
repeat
  local done = i >= 75
  i = i + 1
until done
print(i)

local odd = 0
for value = 1, 100 do
  if value % 2 == 0 then goto continue end
  odd = odd + value
  ::continue::
end
print(odd)

local found
for a = 1, 100 do
  for b = 1, 100 do
    if a * b == 391 then
      found = a .. "*" .. b
      goto out
    end
  end
end
::out::
print(found)

-- Generic loops: pairs, ipairs, next, a closure, a stateless function, __pairs, a hole.
local t = { 10, 20, 30, nil, 50, x = 1 }
local sum, seen = 0, 0
for k, v in pairs(t) do
  seen = seen + 1
  sum = sum + v
end
print(seen, sum)
seen = 0
for index, v in ipairs(t) do seen = seen + index * v end
print(seen)

local function range(limit, control)
  if control < limit then return control + 1, control * control end
end
local squares = 0
for _, square in range, 90, 0 do squares = squares + square end
print(squares)

local function letters(s)
  local at = 0
  return function()
    at = at + 1
    if at <= #s then return s:sub(at, at) end
  end
end
local joined = {}
for letter in letters("a closure as iterator") do joined[#joined + 1] = letter end
print(table.concat(joined, "."))

local proxy = setmetatable({}, { __pairs = function() return range, 5, 0 end })
for k, v in pairs(proxy) do io.write(k, "=", v, " ") end
print()

-- Fields may be assigned and cleared while a table is traversed.
local many = {}
for index = 1, 200 do many["k" .. index] = index end
for k, v in pairs(many) do
  if v % 2 == 0 then many[k] = nil else many[k] = v + 1 end
end
local left, total = 0, 0
for _, v in pairs(many) do
  left = left + 1
  total = total + v
end
print(left, total)
