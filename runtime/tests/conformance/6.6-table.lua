-- Table functions.
print(table.concat({}), table.concat({ 1, 2, 3 }), table.concat({ 1, 2, 3 }, ", "), table.concat({ 1, 2, 3 }, "-", 2), table.concat({ 1, 2, 3 }, "-", 2, 2), table.concat({ 1, 2 }, "x", 3), table.concat({ 1.5, "s" }, " "))
print(pcall(table.concat, { 1, {}, 3 }), pcall(table.concat, { 1, nil, 3 }, ",", 1, 3), pcall(table.concat, 5), pcall(table.concat, { true }))
local t = {}
table.insert(t, "a") table.insert(t, 1, "b") table.insert(t, 2, "c") table.insert(t, #t + 1, "d")
print(table.concat(t, " "), pcall(table.insert, t, 10, "x"), pcall(table.insert, t, 0, "x"), pcall(table.insert, t), pcall(table.insert, t, 1, 2, 3), pcall(table.insert, nil, 1))
print(table.remove(t), table.remove(t, 1), table.concat(t, " "), table.remove({}), table.remove({}, 0), table.remove({ 1, 2 }, 3), pcall(table.remove, { 1, 2 }, 5), #t)
local z = { [0] = "zero" }
print(table.remove(z, 0), z[0], table.remove({ n = 1 }, #{}))
print(table.unpack({ 1, 2, 3 }), table.unpack({ 1, 2, 3 }, 2), table.unpack({ 1, 2 }, 1, 4), (table.unpack({ 1, 2 })), table.unpack({}, 1, 0))
print(pcall(table.unpack, {}, 1, 1e8), pcall(table.unpack, {}, math.mininteger, math.maxinteger), pcall(table.unpack))
local p = table.pack(1, nil, 3, nil)
print(p.n, p[1], p[2], p[3], table.pack().n)
print(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ","), table.concat(table.move({ 1, 2, 3 }, 2, 3, 1), ","), table.concat(table.move({ 1, 2, 3 }, 1, 3, 1, {}), ","), #table.move({}, 1, 0, 1), pcall(table.move, {}, 1, math.maxinteger, 2), pcall(table.move, {}, -1, math.maxinteger, 2))
-- sort
local function sorted(t, f) table.sort(t, f) return table.concat(t, " ") end
print(sorted({ 3, 1, 2 }), sorted({ "b", "a", "c" }), sorted({}), sorted({ 1 }), sorted({ 2, 1.5, -1 }), sorted({ 3, 1, 2 }, function(a, b) return a > b end))
local big = {}
local seed = 12345
for i = 1, 500 do seed = (seed * 1103515245 + 12345) % 2147483648 big[i] = seed % 100 end
table.sort(big)
local ok = true
for i = 2, #big do ok = ok and big[i - 1] <= big[i] end
table.sort(big, function(a, b) return a > b end)
for i = 2, #big do ok = ok and big[i - 1] >= big[i] end
print(ok)
print(pcall(table.sort, { 1, "x", 2 }), pcall(table.sort, { 1, 2, 3 }, 5), pcall(table.sort, { {}, {} }), pcall(table.sort, { 3, 2, 1 }, function() error("in cmp", 0) end))
for n = 1, 6 do
  local t = {}
  for i = 1, n do t[i] = i end
  print(n, pcall(table.sort, t, function() return true end))
end
local objs = {}
for i = 1, 50 do objs[i] = { key = (i * 37) % 50 } end
table.sort(objs, function(a, b) return a.key < b.key end)
for i = 2, #objs do ok = ok and objs[i - 1].key < objs[i].key end
print(ok)
-- metamethods are respected
local proxy = setmetatable({}, { __len = function() return 3 end, __index = function(_, i) return i * 10 end })
print(table.concat(proxy, ","), table.unpack(proxy))
local log = {}
local logged = setmetatable({}, { __newindex = function(t, k, v) log[#log + 1] = k .. "=" .. tostring(v) rawset(t, k, v) end })
table.insert(logged, "a") table.insert(logged, "b")
print(table.concat(log, " "), #logged)
local mt = setmetatable({ 3, 1, 2 }, { __lt = function() return false end })
print(sorted(mt))
print(pcall(table.insert, setmetatable({}, { __len = function() return "x" end }), 1))
-- length with border
print(#{ 1, 2, nil }, #{ nil }, #{ n = 1 }, #"abc")
local holes = { 1, 2, 3 }
holes[4] = 4 holes[5] = 5 holes[5] = nil
print(#holes)
local r = {}
for i = 10, 1, -1 do r[i] = i end
print(#r)
