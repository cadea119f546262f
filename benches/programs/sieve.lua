-- The sieve of Eratosthenes: booleans in the array part of a table.
local n = tonumber((...)) or 5000000

local composite = {}
for i = 1, n do composite[i] = false end

local count, last = 0, 0
for i = 2, n do
  if not composite[i] then
    count = count + 1
    last = i
    for j = i * i, n, i do composite[j] = true end
  end
end

print(count, last)
