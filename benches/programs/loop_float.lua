-- A numeric loop over floats: the series of Leibniz for pi, and the midpoint rule for a polynomial.
local n = tonumber((...)) or 10000000

local sum, sign, area = 0.0, 1.0, 0.0
local step = 1.0 / n
for i = 0.0, n - 1.0 do
  sum = sum + sign / (2.0 * i + 1.0)
  sign = -sign
  local x = (i + 0.5) * step
  area = area + ((x - 1.5) * x + 2.0) * x * x - 0.25 * x
end

print(string.format("%.9f %.9f", 4.0 * sum, area * step))
