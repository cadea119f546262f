-- The Mandelbrot set on an n by n grid: float arithmetic on locals, a loop that leaves early.
local n = tonumber((...)) or 400

local LIMIT = 50

-- The turns until the orbit of (cr, ci) leaves the circle of radius 2; LIMIT if it has not by then.
local function escape_time(cr, ci)
  local zr, zi = 0.0, 0.0
  for turn = 1, LIMIT do
    local rr, ii = zr * zr, zi * zi
    if rr + ii > 4.0 then return turn end
    zr, zi = rr - ii + cr, 2.0 * zr * zi + ci
  end
  return LIMIT
end

local inside, checksum = 0, 0
for row = 0, n - 1 do
  local ci = 2.0 * row / n - 1.0
  for column = 0, n - 1 do
    local turns = escape_time(2.0 * column / n - 1.5, ci)
    if turns == LIMIT then inside = inside + 1 end
    checksum = (checksum * 31 + turns) % 1000003
  end
end

print(inside, checksum)
