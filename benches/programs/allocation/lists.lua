-- Linked lists: built, reversed, filtered, thrown away; and a queue that moves through memory.
local n = tonumber((...)) or 20000

local function build(count)
  local list = nil
  for i = count, 1, -1 do list = { value = i, next = list } end
  return list
end

local function reverse(list)
  local out = nil
  while list do out, list = { value = list.value, next = out }, list.next end
  return out
end

local function filter(list, divisor)
  local first = { value = 0, next = nil }
  local last = first
  while list do
    if list.value % divisor ~= 0 then
      last.next = { value = list.value, next = nil }
      last = last.next
    end
    list = list.next
  end
  return first.next
end

local sum = 0
for turn = 1, 10 do
  local list = filter(reverse(build(n)), turn + 1)
  while list do
    sum = (sum + list.value) % 1000003
    list = list.next
  end
end
local first, last, queue = 1, 0, {}
for i = 1, 20 * n do
  last = last + 1
  queue[last] = { i }
  if last - first > 1000 then
    sum = (sum + queue[first][1]) % 1000003
    queue[first] = nil
    first = first + 1
  end
end
print(sum)
