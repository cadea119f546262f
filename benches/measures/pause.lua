-- Prints the longest and the total time, in milliseconds, that a program which allocates is held up while many objects live:
-- the longest time between two turns of its loop. Argument: how many objects live.
local N = tonumber((...)) or 1000000
local all = {}
for i = 1, N do all[i] = { id = i, next = all[i - 1] } end
collectgarbage()
collectgarbage("restart")
local clock = os.clock
local longest, last, start = 0, clock(), clock()
local seed = 1
for turn = 1, 300000 do
  for i = 1, 5 do
    seed = (seed * 1103515245 + 12345) % 2147483648
    local at = seed % N + 1
    all[at] = { id = turn, next = all[at].next }
  end
  local now = clock()
  if now - last > longest then longest = now - last end
  last = now
end
print("longest", longest * 1000)
print("total", (clock() - start) * 1000)
