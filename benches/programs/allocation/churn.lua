-- A large table of objects that live long, some of which are replaced all the time.
local n = tonumber((...)) or 100000

local function make(id) return { id = id, name = "object" .. id % 1000, tags = { id, id + 1 }, next = false } end

local all = {}
for i = 1, n do all[i] = make(i) end
local seed, sum = 42, 0
for round = 1, 4 do
  for _ = 1, n do
    seed = (seed * 1103515245 + 12345) % 2147483648
    local at = seed % n + 1
    local old = all[at]
    local new = make(old.id + round)
    new.next = all[at % n + 1].tags
    all[at] = new
    sum = (sum + old.id + #old.name) % 1000003
  end
end
print(sum)
