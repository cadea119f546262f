-- A numeric loop over floats: the series of Leibniz for pi and one step of the logistic map per turn.
local n = tonumber((...)) or 10000000

local sum, sign, x = 0.0, 1.0, 0.25
for i = 0.0, n - 1.0 do
  sum = sum + sign / (2.0 * i + 1.0)
  sign = -sign
  x = 3.75 * x * (1.0 - x)
end

print(string.format("%.12f %s", 4.0 * sum, x > 0.0 and x < 1.0))
