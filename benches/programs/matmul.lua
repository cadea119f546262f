-- The product of two n by n matrices of floats, as tables of row tables.
local n = tonumber((...)) or 200

local function make(seed)
  local m = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = ((i * seed + j * 3) % 17 - 8) / 4 end
    m[i] = row
  end
  return m
end

local function transpose(m)
  local t = {}
  for i = 1, n do
    local row = {}
    for j = 1, n do row[j] = m[j][i] end
    t[i] = row
  end
  return t
end

local function multiply(a, b)
  local bt, product = transpose(b), {}
  for i = 1, n do
    local row, arow = {}, a[i]
    for j = 1, n do
      local sum, bcolumn = 0.0, bt[j]
      for k = 1, n do sum = sum + arow[k] * bcolumn[k] end
      row[j] = sum
    end
    product[i] = row
  end
  return product
end

local p = multiply(make(5), make(7))
local trace, total = 0.0, 0.0
for i = 1, n do
  trace = trace + p[i][i]
  for j = 1, n do total = total + p[i][j] * (i - j) end
end
print(string.format("%.4f %.4f", trace, total))
