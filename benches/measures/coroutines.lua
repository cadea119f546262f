-- Prints what a coroutine costs: nanoseconds of a resume with its yield, of a whole short life (create, one yield, end),
-- of the start and the end of one while many wait, and bytes of memory (resident, page tables included) of one that waits.
-- Argument: how many wait.
local N = tonumber((...)) or 100000
local TURNS, LIVES = 3000000, 300000

local function memory()
  local file = io.open("/proc/self/status")
  if not file then return 0 / 0 end
  local text = file:read("a")
  file:close()
  local kib = 0
  for _, name in ipairs { "VmRSS", "VmPTE" } do kib = kib + tonumber(text:match(name .. ":%s*(%d+)")) end
  return kib * 1024
end

local function body(x)
  local y = coroutine.yield(x)
  return x + y
end

local function nanoseconds(count, run)
  local start = os.clock()
  run(count)
  return (os.clock() - start) / count * 1e9
end

local function lives(count)
  for i = 1, count do
    local co = coroutine.create(body)
    coroutine.resume(co, i)
    coroutine.resume(co, i)
  end
end

local turn = coroutine.wrap(function() while true do coroutine.yield() end end)
print("switch", nanoseconds(TURNS, function(count) for _ = 1, count do turn() end end))
print("life", nanoseconds(LIVES, lives))

local waiting = {}
for i = 1, N do waiting[i] = false end
collectgarbage()
local before = memory()
print("start", nanoseconds(N, function(count)
  for i = 1, count do
    local co = coroutine.create(body)
    coroutine.resume(co, i)
    waiting[i] = co
  end
end))
collectgarbage()
print("memory", (memory() - before) / N)
print("finish", nanoseconds(N, function(count)
  for i = 1, count do assert(coroutine.resume(waiting[i], i)) end
end))
waiting = nil
collectgarbage()
print("left", (memory() - before) / N)
