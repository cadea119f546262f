-- Allocation in hot loops with collections in between: what is reachable stays, what is not goes.
local kept = {}
for i = 1, 3000 do
  local node = { value = i, next = kept[#kept], text = "node " .. i, call = function() return i end }
  if i % 10 == 0 then kept[#kept + 1] = node end
  if i % 1000 == 0 then collectgarbage() end
end
collectgarbage()
local sum = 0
for i = 1, #kept do
  local node = kept[i]
  if node.text ~= "node " .. node.value or node.call() ~= node.value then print("wrong", i) end
  if node.next ~= kept[i - 1] then print("wrong link", i) end
  sum = sum + node.value
end
print(#kept, sum)

-- A binary tree built and thrown away, many times.
local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1) }
end
local function check(t)
  if not t[1] then return 1 end
  return 1 + check(t[1]) + check(t[2])
end
local nodes = 0
for _ = 1, 20 do nodes = nodes + check(tree(7)) end
print(nodes)

-- Strings made and dropped; a long one kept.
local long = {}
for i = 1, 2000 do
  local text = ("x"):rep(i % 50) .. i
  if i % 100 == 0 then long[#long + 1] = text end
end
collectgarbage()
print(#table.concat(long), type(collectgarbage("count")))

-- What is held only by a variable that nothing reads any more is collected, in every mode.
do
  local collected, turns = false, 0
  local unread = setmetatable({}, { __gc = function() collected = true end })
  repeat
    local kept = turns
    unread = function() return kept end
    turns = turns + 1
  until collected or turns > 10000000
  print("unread", collected)
end
