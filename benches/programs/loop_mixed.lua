-- A numeric loop where integers and floats meet: float accumulators fed by integer counters, a while loop inside.
local n = tonumber((...)) or 4000000

local mean, steps = 0.0, 0
for i = 1, n do
  mean = mean + (i % 1000 - mean) / i
  local k = i % 16
  while k > 0 do
    k = (k - k % 2) / 2
    steps = steps + 1
  end
end

print(string.format("%.9f %d", mean, steps))
