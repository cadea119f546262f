-- Caches with weak values and weak keys beside the objects they are about.
local n = tonumber((...)) or 100000

local by_id = setmetatable({}, { __mode = "v" })
local notes = setmetatable({}, { __mode = "k" })

local function get(id)
  local object = by_id[id]
  if not object then
    object = { id = id }
    by_id[id] = object
    notes[object] = { about = object, text = id % 10 }
  end
  return object
end

local kept, sum = {}, 0
for i = 1, n do
  local object = get(i)
  if i % 10 == 0 then kept[i % 5000 + 1] = object end
  sum = (sum + notes[object].text + object.id) % 1000003
end
collectgarbage()
local alive = 0
for _, object in pairs(kept) do
  assert(by_id[object.id] == object and notes[object].about == object)
  alive = alive + 1
end
print(sum, alive)
