-- Closures made in loops: each turn captures its own variable; counters share one; functions are passed and composed.
local n = tonumber((...)) or 400000

local function counter(step)
  local count = 0
  return function()
    count = count + step
    return count
  end, function() return count end
end

local function compose(f, g)
  return function(x) return f(g(x)) end
end

local function fold(items, f, start)
  local result = start
  for i = 1, #items do result = f(result, items[i]) end
  return result
end

local total = 0
local next_value, current = counter(3)
for i = 1, n do
  local scaled = compose(function(x) return x + i end, function(x) return x * 2 end)
  total = (total + scaled(next_value())) % 1000003
end
print(current(), total)

local adders = {}
for i = 1, 10 do adders[i] = function(x) return x + i end end
local folded = 0
for _ = 1, math.floor(n / 10) do
  folded = fold(adders, function(result, add) return add(result) end, folded) % 10007
end
print(folded)
