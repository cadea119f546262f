-- Garbage collection as a script can observe it.
local weak = setmetatable({}, { __mode = "v" })
weak[1] = {} weak[2] = "string" weak.x = {}
local keep = {} weak.keep = keep
collectgarbage()
print(weak[1], weak[2], weak.x, weak.keep == keep)
local wk = setmetatable({}, { __mode = "k" })
wk[{}] = 1 wk[keep] = 2
collectgarbage()
local n = 0 for _ in pairs(wk) do n = n + 1 end
print(n, wk[keep])
-- ephemerons
local e = setmetatable({}, { __mode = "k" })
do local k = {} e[k] = { k } end
collectgarbage() collectgarbage()
print(next(e))
-- finalizers run in reverse order of marking
local order = {}
do
  local held = {}
  for i = 1, 3 do held[i] = setmetatable({}, { __gc = function() order[#order + 1] = i end }) end
end
collectgarbage()
print(table.concat(order, " "))
-- resurrection
local saved
do local x = setmetatable({ v = 42 }, { __gc = function(o) saved = o end }) end
collectgarbage()
print(saved and saved.v)
saved = nil collectgarbage()
print(saved)
-- dead locals do not keep objects
local w = setmetatable({}, { __mode = "v" })
do local big = {} w.big = big end
local function mk() w.tmp = {} return 1 end
mk()
collectgarbage()
print(w.tmp)
-- memory comes back
local before = collectgarbage("count")
do local t = {} for i = 1, 20000 do t[i] = { i } end end
collectgarbage() collectgarbage()
print(collectgarbage("count") < before + 500)
-- modes
collectgarbage("incremental")
print(collectgarbage("generational"), collectgarbage("incremental"), collectgarbage("incremental"))
print(collectgarbage("setpause", 200) ~= nil, collectgarbage("setstepmul", 200) ~= nil)
