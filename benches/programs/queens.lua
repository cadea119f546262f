-- All placings of n queens on an n by n board: recursion, integer arithmetic, small arrays used as sets.
local n = tonumber((...)) or 9

local columns, rising, falling = {}, {}, {}
for i = 1, n do columns[i] = false end
for i = 1, 2 * n do rising[i], falling[i] = false, false end

local function place(row)
  if row > n then return 1 end
  local solutions = 0
  for column = 1, n do
    local up, down = row + column - 1, row - column + n
    if not (columns[column] or rising[up] or falling[down]) then
      columns[column], rising[up], falling[down] = true, true, true
      solutions = solutions + place(row + 1)
      columns[column], rising[up], falling[down] = false, false, false
    end
  end
  return solutions
end

print(n, place(1))
