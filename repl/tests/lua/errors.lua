-- Errors from hot code: caught, passed on, with positions and values.
local function risky(i)
  if i % 7 == 0 then error("seven at " .. i) end
  if i % 11 == 0 then error({ code = i }) end
  if i % 13 == 0 then return nil + i end
  return i
end

local sums, messages, codes = 0, 0, 0
local last
for i = 1, 200 do
  local ok, result = pcall(risky, i)
  if ok then sums = sums + result
  elseif type(result) == "table" then codes = codes + result.code
  else
    messages = messages + 1
    last = result
  end
end
print(sums, messages, codes)
print(last)

-- An operation that fails only after it has become hot with good values.
local function field(o) return o.value.inner end
local function add(a, b) return a + b end
local function call(f) return f() end
local function index(t, i) return t[i] end
local function assign(t, k, v) t[k] = v end
local function less(a, b) return a < b end
local function concat(a, b) return a .. b end
local function length(x) return #x end
local function negate(x) return -x end
local function bits(a, b) return a & b end
for i = 1, 100 do
  field { value = { inner = i } }
  add(i, 1)
  call(function() return i end)
  index({ 1, 2, 3 }, i)
  assign({}, i, i)
  less(i, 5)
  concat(i, "x")
  length("abc")
  negate(i)
  bits(i, 7)
end
print(pcall(field, { value = 5 }))
print(pcall(field, {}))
print(pcall(field, nil))
print(pcall(add, 1, {}))
print(pcall(add, "x", 1))
print(pcall(add, nil, 1))
print(pcall(call, nil))
print(pcall(call, "text"))
print(pcall(index, nil, 1))
print(pcall(assign, nil, 1, 1))
print(pcall(assign, {}, nil, 1))
print(pcall(less, 1, "x"))
print(pcall(less, {}, {}))
print(pcall(concat, nil, "x"))
print(pcall(length, 5))
print(pcall(negate, {}))
print(pcall(bits, 1.5, 1))
print(pcall(bits, "a", 1))

-- Handlers, levels, nesting, rethrowing.
print(xpcall(risky, function(m) return "handled: " .. m end, 7))
print(select("#", xpcall(function() return 1, 2, 3 end, print)))
local function level1() error("level 1", 1) end
local function level2() error("level 2", 2) end
print(pcall(level1))
print(pcall(function()
  level2()
end))
print(pcall(pcall, error, "inner"))
print(pcall(function()
  local ok, e = pcall(error, "first", 0)
  error(e .. " again", 0)
end))
print(pcall(error))
print(pcall(error, nil))
print(select(2, pcall(error, setmetatable({}, { __tostring = function() return "object" end }))))

-- The stack's end is an error like others.
local function endless(n) return 1 + endless(n + 1) end
local ok, message = pcall(endless, 1)
print(ok, message:match("stack overflow"))
print(pcall(string.rep, "x", -1), pcall(string.rep))

-- Effects before an error stay.
local done = {}
pcall(function()
  for i = 1, 100 do
    done[i] = i
    if i == 77 then error("stop") end
  end
end)
print(#done)
