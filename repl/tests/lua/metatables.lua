-- Every metamethod, reached from hot code.
local Vector = {}
Vector.__index = Vector
local function vector(x, y) return setmetatable({ x = x, y = y }, Vector) end
Vector.__add = function(a, b) return vector(a.x + b.x, a.y + b.y) end
Vector.__sub = function(a, b) return vector(a.x - b.x, a.y - b.y) end
Vector.__mul = function(a, b)
  if type(a) == "number" then return vector(a * b.x, a * b.y) end
  if type(b) == "number" then return vector(a.x * b, a.y * b) end
  return a.x * b.x + a.y * b.y
end
Vector.__unm = function(a) return vector(-a.x, -a.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a.x < b.x end
Vector.__le = function(a, b) return a.x <= b.x end
Vector.__len = function(a) return 2 end
Vector.__tostring = function(a) return "(" .. a.x .. ", " .. a.y .. ")" end
Vector.__concat = function(a, b) return tostring(a) .. "~" .. tostring(b) end
Vector.__call = function(self, k, ...) return self[k], select("#", ...) end
function Vector:length2() return self * self end

local position, velocity = vector(0, 0), vector(1, 0.5)
for i = 1, 100 do
  position = position + velocity * 2 - vector(0.5, 0)
  if position < vector(10, 0) then position = position + 1 * velocity end
  if i % 10 == 0 then velocity = -velocity end
end
print(position, position:length2(), #position, position("x", 1, 2))
print(position == vector(position.x, position.y), position ~= velocity, position <= velocity, position >= velocity)
print(position .. velocity, "a" .. position, position .. 1)

-- The rest of the arithmetic, named.
local names = { "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr", "bnot" }
local meta = {}
for _, name in ipairs(names) do meta["__" .. name] = function(a, b) return name .. type(a):sub(1, 1) .. type(b):sub(1, 1) end end
local x = setmetatable({}, meta)
for _ = 1, 60 do local _ = x + 1, x // 2, 1 << x end
print(x + 1, 1 - x, x * x, x / 2, x % 2, x ^ 2, -x, x // 1, x & 1, 1 | x, x ~ 1, 1 << x, x >> 1, ~x)

-- __index and __newindex: tables, functions, chains.
local log = {}
local base = setmetatable({ deep = "d" }, { __index = function(_, k) return k .. "?" end })
local middle = setmetatable({ near = "n" }, { __index = base, __newindex = function(t, k, v)
  log[#log + 1] = k
  rawset(t, k, v)
end })
local top = setmetatable({}, { __index = middle, __newindex = middle })
for i = 1, 80 do
  top["k" .. i % 4] = i
  if top.near ~= "n" or top.deep ~= "d" or top.none ~= "none?" then print("wrong", i) end
end
print(#log, table.concat(log, ","), rawget(top, "k1"), rawget(middle, "k1"), top.k3)

-- A metatable changed while code that used it is hot.
local A, B = { v = 1 }, { v = 10 }
local changing = setmetatable({}, { __index = A })
local sum = 0
for i = 1, 100 do
  if i == 50 then getmetatable(changing).__index = B end
  if i == 75 then A.v, B.v = 1000, 20 end
  if i == 90 then changing.v = 3 end
  sum = sum + changing.v
end
print(sum)

-- Methods overridden on the way.
local Animal = {}
Animal.__index = Animal
function Animal:speak() return "..." end
local Dog = setmetatable({}, { __index = Animal })
Dog.__index = Dog
local rex, out = setmetatable({}, Dog), {}
for i = 1, 90 do
  if i == 30 then function Dog:speak() return "woof" end end
  if i == 60 then function rex:speak() return "rex" end end
  out[rex:speak()] = (out[rex:speak()] or 0) + 1
end
print(out["..."], out.woof, out.rex)

print(pcall(function() return setmetatable({}, { __index = function() error("in index") end }).x end))
print(pcall(setmetatable, setmetatable({}, { __metatable = "locked" }), {}), getmetatable(setmetatable({}, { __metatable = 1 })))
print(tostring(setmetatable({}, { __name = "Named" })):match("^Named: ") ~= nil)
do
  local closed = {}
  local ok, message = pcall(function()
    local a <close> = setmetatable({}, { __close = function(_, e) closed[#closed + 1] = "a:" .. tostring(e) end })
    local b <close> = setmetatable({}, { __close = function(_, e) closed[#closed + 1] = "b:" .. tostring(e) end })
    error("leaving", 0)
  end)
  print(ok, message, table.concat(closed, " "))
end
