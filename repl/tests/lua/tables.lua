-- Arrays, fields, and keys of all kinds; shapes that differ at one place of access.
local function read(o) return o.x + (o.y or 0) end

local objects = {
  { x = 1, y = 2 }, { y = 2, x = 1 }, { x = 1 }, { z = 0, x = 5, y = 1 }, { x = 1.5, y = 2 },
  setmetatable({}, { __index = { x = 100, y = 1 } }),
  setmetatable({ y = 7 }, { __index = function(_, k) return #k end }),
}
local total = 0
for i = 1, 210 do total = total + read(objects[i % #objects + 1]) end
print(total)

-- Fields added, removed and added again.
local o = {}
for i = 1, 100 do
  o.a = i
  if i % 3 == 0 then o.b = i end
  if i % 5 == 0 then o.a = nil end
  o["f" .. i % 40] = i
end
local keys = {}
for k in pairs(o) do keys[#keys + 1] = k end
table.sort(keys)
print(#keys, o.a, o.b, o.f0, o.f39, keys[1], keys[#keys])

-- The array part grows from both ends, and float keys with integer values are integer keys.
local t = {}
for i = 100, 1, -1 do t[i] = i end
print(#t, t[1], t[100], t[101], t[0])
for i = 1.0, 150.0 do t[i] = i end
print(#t, t[150], math.type(next({ [3.0] = 1 })))
t[2^53] = "large"
print(t[2^53 | 0], t[9007199254740992])
for i = #t, 51, -1 do t[i] = nil end
print(#t)

local keys2 = { [1] = "one", ["1"] = "text", [1.5] = "float", [true] = "yes", [print] = "function", [-1] = "negative" }
print(keys2[1], keys2["1"], keys2[1.5], keys2[true], keys2[print], keys2[-1], keys2[false])
print(pcall(function() keys2[nil] = 1 end))
print(pcall(function() keys2[0 / 0] = 1 end))
print(keys2[nil], keys2[0 / 0])

-- Constructors: positions and fields mixed, calls at the end, nested.
local function three() return 1, 2, 3 end
local c = { three(), three(), x = three(), [10] = "ten", three() }
print(#c, c[1], c[2], c[5], c.x, c[10])
local big = {}
for i = 1, 120 do big[i] = { i, i * 2, name = "n" .. i, { i } } end
local sum = 0
for i = 1, #big do sum = sum + big[i][1] + big[i][2] + big[i][3][1] + #big[i].name end
print(sum)

-- table.*
local list = {}
for i = 1, 60 do table.insert(list, (i * 37) % 61) end
table.insert(list, 1, -5)
print(table.remove(list), table.remove(list, 1), #list)
table.sort(list)
print(table.concat(list, " ", 1, 12))
table.sort(list, function(a, b) return a > b end)
print(table.concat(list, " ", 1, 12), select("#", table.unpack(list)))
print(table.unpack({ 1, 2, nil, 4 }, 1, 4))
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ","), table.pack(nil, nil).n)
print(rawlen({ 1, 2 }), rawequal(list, list), rawget(objects[6], "x"), next({}))
