-- Numeric loops over integers: the points with whole coordinates inside a circle, and two moments of them.
local n = tonumber((...)) or 3000

local count, moment, skew = 0, 0, 0
local limit = n * n
for x = -n, n do
  local rest = limit - x * x
  for y = -n, n do
    local square = y * y
    if square <= rest then
      local difference = x - y
      count = count + 1
      moment = moment + square
      skew = skew + difference * difference
    end
  end
end

print(count, string.format("%.0f %.0f", moment, skew))
