-- Closures and the variables they share.
local n = tonumber((...)) or 300000

local function counter(start)
  local value = start
  return function(by) value = value + by return value end, function() return value end
end

local function compose(f, g) return function(x) return f(g(x)) end end

local sum = 0
for i = 1, n do
  local add, get = counter(i)
  add(2)
  local twice = compose(add, function(x) return x * 2 end)
  sum = (sum + twice(3) + get()) % 1000003
end
print(sum)
