-- A graph of objects with a class whose edges change all the time.
local n = tonumber((...)) or 20000

local Node = {}
Node.__index = Node

function Node.new(id) return setmetatable({ id = id, edges = {}, degree = 0 }, Node) end

function Node:connect(other, weight)
  self.degree = self.degree + 1
  self.edges[self.degree] = { to = other, weight = weight }
end

function Node:forget()
  if self.degree > 0 then
    self.edges[self.degree] = nil
    self.degree = self.degree - 1
  end
end

local nodes = {}
for i = 1, n do nodes[i] = Node.new(i) end
local seed, sum = 7, 0
local function random(limit)
  seed = (seed * 1103515245 + 12345) % 2147483648
  return seed % limit + 1
end
for i = 1, 20 * n do
  local from, to = nodes[random(n)], nodes[random(n)]
  from:connect(to, i)
  if from.degree > 6 then
    for _ = 1, 5 do from:forget() end
  end
  if i % 32 == 0 then
    local id = random(n)
    local fresh = Node.new(id)
    for e = 1, nodes[id].degree do fresh:connect(nodes[id].edges[e].to, e) end
    nodes[id] = fresh
  end
  sum = (sum + to.id * to.degree) % 1000003
end
print(sum)
