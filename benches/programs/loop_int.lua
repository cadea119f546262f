-- A numeric loop over integers: a running sum of remainders and a linear congruential sequence.
local n = tonumber((...)) or 10000000

local sum, state = 0, 1
for i = 1, n do
  state = (state * 16807 + i) % 2147483647
  sum = sum + i % 7
  if state % 3 == 0 then sum = sum - 1 end
end

print(sum, state)
