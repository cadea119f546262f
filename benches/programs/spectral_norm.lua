-- The spectral norm of an infinite matrix, approximated by the power method: float arithmetic and array reads.
local n = tonumber((...)) or 300

local function entry(i, j)
  local d = i + j
  return 1.0 / (d * (d + 1) * 0.5 + i + 1)
end

local function times(x, y)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(i, j) * x[j + 1] end
    y[i + 1] = sum
  end
end

local function times_transposed(x, y)
  for i = 0, n - 1 do
    local sum = 0.0
    for j = 0, n - 1 do sum = sum + entry(j, i) * x[j + 1] end
    y[i + 1] = sum
  end
end

local u, v, w = {}, {}, {}
for i = 1, n do u[i], v[i], w[i] = 1.0, 0.0, 0.0 end
for _ = 1, 10 do
  times(u, w)
  times_transposed(w, v)
  times(v, w)
  times_transposed(w, u)
end

local uv, vv = 0.0, 0.0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end
print(string.format("%.9f", math.sqrt(uv / vv)))
