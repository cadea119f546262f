-- Metatables and metamethods.
local log = {}
local function show(...) print(...) end

local V = {}
V.__index = V
local function vec(x, y) return setmetatable({ x = x, y = y }, V) end
function V.__add(a, b)
  if type(a) == "number" then a = vec(a, a) end
  if type(b) == "number" then b = vec(b, b) end
  return vec(a.x + b.x, a.y + b.y)
end
function V.__sub(a, b) return vec(a.x - b.x, a.y - b.y) end
function V.__mul(a, b) return type(b) == "number" and vec(a.x * b, a.y * b) or a.x * b.x + a.y * b.y end
function V.__div(a, b) return vec(a.x / b, a.y / b) end
function V.__mod(a, b) return "mod" end
function V.__pow(a, b) return "pow" end
function V.__unm(a) return vec(-a.x, -a.y) end
function V.__idiv(a, b) return "idiv" end
function V.__band(a, b) return "band" end
function V.__bor(a, b) return "bor" end
function V.__bxor(a, b) return "bxor" end
function V.__shl(a, b) return "shl" end
function V.__shr(a, b) return "shr" end
function V.__bnot(a) return "bnot" end
function V.__concat(a, b) return "concat" end
function V.__len(a) return 2 end
function V.__eq(a, b) return a.x == b.x and a.y == b.y end
function V.__lt(a, b) return a.x < b.x end
function V.__le(a, b) return a.x <= b.x end
function V.__tostring(a) return "(" .. a.x .. ", " .. a.y .. ")" end
function V.__call(self, ...) return "called", select("#", ...), ... end

local a, b = vec(1, 2), vec(3, 4)
show(tostring(a + b), tostring(a + 1), tostring(1 + a), tostring(b - a), a * b, tostring(a * 2), tostring(b / 2))
show(a % b, a ^ b, tostring(-a), a // b, a & b, a | 1, 1 ~ a, a << 1, 1 >> a, ~a)
show(a .. b, a .. "s", "s" .. a, 1 .. a, #a)
show(a == b, a == vec(1, 2), a ~= vec(1, 2), a < b, a <= b, a > b, a >= b, not (a < b))
show(a(), a(1, nil), rawequal(a, vec(1, 2)), rawlen(a))

-- __index and __newindex chains
local base = { inherited = "yes" }
local mid = setmetatable({}, { __index = base })
local leaf = setmetatable({}, { __index = mid, __newindex = function(t, k, v) rawset(t, k, v and v * 2) end })
show(leaf.inherited, leaf.missing)
leaf.n = 21
show(rawget(leaf, "n"), leaf.n)
leaf.n = 5
show(leaf.n)
local store = {}
local proxy = setmetatable({}, { __index = function(_, k) return "no " .. k end, __newindex = store })
proxy.a = 1
show(rawget(proxy, "a"), store.a, proxy.zzz, proxy[1])

-- __index on missing array elements, with integer and float keys
local defaults = setmetatable({ 10, 20 }, { __index = function(_, k) return k * 100 end })
show(defaults[1], defaults[2.0], defaults[3], defaults[2.5])

-- metatables of strings
show(("x").len == string.len, #"abc", ("abc"):upper(), pcall(function() return ("x").y.z end))

-- protected metatables
local p = setmetatable({}, { __metatable = "locked" })
show(getmetatable(p), pcall(setmetatable, p, {}))
show(getmetatable("").__index == string)

-- __eq is not tried for different types or for the same object
local count = 0
local E = { __eq = function() count = count + 1 return true end }
local e1, e2 = setmetatable({}, E), setmetatable({}, E)
show(e1 == e2, e1 == e1, e1 == 1, e1 ~= e2, count)

-- __lt for mixed operands; results become booleans
local L = setmetatable({}, { __lt = function() return 1 end, __le = function() return nil end })
show(L < 1, 1 < L, L <= 1, 1 >= L)

-- __close
do
  local function closer(name) return setmetatable({}, { __close = function(_, err) show("close", name, err) end }) end
  do
    local x <close> = closer("x")
    local y <close> = closer("y")
    local z <close> = nil
    show("body")
  end
  show(pcall(function()
    local x <close> = closer("in error")
    error("boom", 0)
  end))
  local function f()
    local x <close> = closer("at return")
    return "value"
  end
  show(f())
  for i = 1, 2 do
    local x <close> = closer("loop" .. i)
    if i == 2 then break end
  end
  show(pcall(function() local x <close> = 42 end))
end

-- __pairs, __name, __tostring misuse
for k, v in pairs(setmetatable({}, { __pairs = function(t) return function(_, k) if not k then return 1, 2 end end, t, nil end })) do
  show(k, v)
end
show((tostring(setmetatable({}, { __name = "My.Type" })):gsub("0x%x+", "PTR")))
show(pcall(tostring, setmetatable({}, { __tostring = function() return 1 end })))

-- __call chains
local inner = setmetatable({}, { __call = function(self, a) return "inner", a end })
show(select(2, pcall(setmetatable({}, { __call = inner }), "arg")))
-- __index depth
local loop = {}
setmetatable(loop, { __index = loop })
show(pcall(function() return loop.x end))
local newloop = {}
setmetatable(newloop, { __newindex = newloop })
show(pcall(function() newloop.x = 1 end))
-- __div by zero results, __idiv kept
show(pcall(function() return {} + 1 end))
show(pcall(function() return 1 < {} end))
show(pcall(function() return {} < {} end))
show(pcall(function() return #nil end))
show(pcall(function() return -{} end))
show(pcall(function() return {} .. "x" end))
show(pcall(function() return 1 & 1.5 end))
show(pcall(function() return "a" | 1 end))
show(pcall(function() return 2^63 | 1 end))

-- Without __le, `a <= b` is `not (b < a)`, as in the reference built with its default options.
local Less = setmetatable({}, { __lt = function(a, b) print("lt", type(a), type(b)) return type(a) == "table" end })
print(Less <= 1, 1 <= Less, Less >= 1, 1 >= Less)
