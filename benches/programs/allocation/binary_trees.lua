-- Binary trees: many short-lived ones beside a long-lived one.
local depth = tonumber((...)) or 14

local function tree(d)
  if d == 0 then return {} end
  return { tree(d - 1), tree(d - 1) }
end

local function count(t)
  if not t[1] then return 1 end
  return 1 + count(t[1]) + count(t[2])
end

local long = tree(depth)
for d = 4, depth, 4 do
  local turns, sum = 2 ^ (depth - d + 4), 0
  for _ = 1, turns do sum = sum + count(tree(d)) end
  print(d, string.format("%d", sum))
end
print(string.format("%d", count(long)))
