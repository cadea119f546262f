-- A numeric loop where integers and floats meet: the rule of Simpson, an integer counter that chooses the weight of a
-- float, and a sum of squares of differences between the two.
local n = tonumber((...)) or 10000000

local width = 3.0 / n
local sum, odd, spread = 0.0, 0, 0.0
for i = 0, n do
  local x = i * width
  local weight = 2
  if i % 2 == 1 then
    weight = 4
    odd = odd + i
  end
  sum = sum + weight * (x * x - x + 1)
  local difference = x - i % 3
  spread = spread + difference * difference
end

print(string.format("%.6f %.0f %.6f", sum * width / 3, odd, spread / n))
