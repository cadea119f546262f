-- Integers and floats through every operator, in loops that become hot with one kind and then meet another.
local values = { 0, 1, -1, 2, 7, -7, 63, 64, 2.5, -2.5, 0.0, -0.0, 1e15, 1e100, 2^53, 2^63, -2^63, math.maxinteger,
  math.mininteger, math.huge, -math.huge, 0 / 0, "10", "0x10", "1e1", " 5 ", "abc", true, {} }

local function name(x)
  if x ~= x then return "nan" end
  if type(x) == "table" then return "table" end
  return math.type(x) == "float" and string.format("%a", x) or tostring(x)
end

local operations = {
  { "+", function(a, b) return a + b end },
  { "-", function(a, b) return a - b end },
  { "*", function(a, b) return a * b end },
  { "/", function(a, b) return a / b end },
  { "//", function(a, b) return a // b end },
  { "%", function(a, b) return a % b end },
  { "&", function(a, b) return a & b end },
  { "|", function(a, b) return a | b end },
  { "~", function(a, b) return a ~ b end },
  { "<<", function(a, b) return a << b end },
  { ">>", function(a, b) return a >> b end },
  { "<", function(a, b) return a < b end },
  { "<=", function(a, b) return a <= b end },
  { ">", function(a, b) return a > b end },
  { ">=", function(a, b) return a >= b end },
  { "==", function(a, b) return a == b end },
  { "~=", function(a, b) return a ~= b end },
  { "-x", function(a) return -a end },
  { "~x", function(a) return ~a end },
  { "+K", function(a) return a + 3 end },
  { "-K", function(a) return a - 0.5 end },
  { "*K", function(a) return a * -2 end },
  { "/K", function(a) return a / 4 end },
  { "//K", function(a) return a // 3 end },
  { "%K", function(a) return a % -3 end },
  { "%Kf", function(a) return a % 2.5 end },
  { "&K", function(a) return a & 0xff end },
  { "<<K", function(a) return a << 3 end },
  { ">>K", function(a) return a >> 3 end },
  { "<K", function(a) return a < 3 end },
  { ">=K", function(a) return a >= 2.5 end },
  { "==K", function(a) return a == 1 end },
}

for _, operation in ipairs(operations) do
  local out = {}
  for _, a in ipairs(values) do
    for _, b in ipairs(#operation[1] > 1 and operation[1]:find("[Kx]") and { 0 } or values) do
      local ok, result = pcall(operation[2], a, b)
      out[#out + 1] = ok and name(result) or (result:gsub("^.-:%d+: ", ""):gsub(" %(.*%)$", ""))
    end
  end
  local sum = 0
  local text = table.concat(out, ";")
  for i = 1, #text do sum = (sum * 31 + text:byte(i)) % 2147483647 end
  print(operation[1], #text, sum, text:sub(1, 200))
end

-- One loop, its values changing from integers to floats and past the range of integers.
local x = 1
for i = 1, 80 do
  x = x * 3 + i
  if i == 70 then x = x + 0.5 end
end
print(name(x))

local k = math.maxinteger - 20
local sum = 0
for i = 1, 40 do
  k = k + 1
  sum = sum ~ k
end
print(k, sum)
