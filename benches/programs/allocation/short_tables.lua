-- Small tables that die at once: points, pairs, lists of three.
local n = tonumber((...)) or 300000

local function add(a, b) return { x = a.x + b.x, y = a.y + b.y } end
local function pair(a, b) return { a, b } end

local sum, at = 0, { x = 0, y = 0 }
for i = 1, n do
  at = add(at, { x = i % 7, y = i % 3 })
  local p = pair(i, i + 1)
  local l = { p[1], p[2], i }
  sum = sum + #l + p[2] - p[1]
  local named = {}
  named.first, named.second = i, l
  sum = sum + #named.second
end
print(at.x, at.y, sum)
