-- Every math function at the edges.
local function e(f, ...) print(select(2, pcall(f, ...))) end
local values = { 0, 1, -1, 7, math.maxinteger, math.mininteger, 0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, 3.0, 1e15, 2.0 ^ 53, 2.0 ^ 63, -(2.0 ^ 63), 1e300, 1 / 0, -1 / 0, "10", "1.5", "x" }
local function show(v) if v ~= v then return "nan" end return math.type(v) == "float" and ("%.12g"):format(v) .. "f" or tostring(v) end
for _, name in ipairs({ "abs", "ceil", "floor", "sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "deg", "rad", "tointeger", "type", "modf" }) do
  local row = {} for _, v in ipairs(values) do local r = table.pack(pcall(math[name], v)) for i = 2, r.n do r[i] = show(r[i]) end row[#row + 1] = table.concat(r, ",", 2) end print(name, table.concat(row, " "))
e(math[name])
e(math[name], {})
end
for _, name in ipairs({ "fmod", "max", "min", "ult", "atan", "log" }) do for _, a in ipairs(values) do local row = {} for _, b in ipairs(values) do local ok, r = pcall(math[name], a, b) row[#row + 1] = ok and show(r) or (r:gsub("bad argument ", "!"):gsub(" to '[%a.]+'", "")) end print(name, show(a), table.concat(row, " ")) end e(math[name])
e(math[name], 1, {}) end
print(math.log(8, 2), math.log(100, 10), math.log(27, 3), math.log(2, 0.5), math.max(1, 2.5, -1), math.min(3, 1, 2), math.max(1), math.max(1.0, 1), math.max(1, 1.0), math.min(-0.0, 0), math.fmod(-6, 4), math.fmod(6, -4), math.fmod(-6.5, 4), math.fmod(math.mininteger, -1), math.pi, math.huge, -math.huge, math.maxinteger, math.mininteger, math.ult(1, -1), math.ult(-1, 1))
math.randomseed(42) local a = { math.random(), math.random(10), math.random(-5, 5), math.random(0), math.random(math.mininteger, math.maxinteger), math.random(1 << 40), math.random(3, 3) } for i = 1, #a do io.write(show(a[i]), " ") end print() math.randomseed(42, 7)
print(math.random(1000), math.random(1000)) math.randomseed(1.0)
print(math.random(1000)) math.randomseed(0)
print(math.random(1 << 62))
e(math.random, 0.5)
e(math.random, 2, 1)
e(math.random, -1)
e(math.random, 1, 2, 3)
e(math.random, "x")
e(math.random, 1, {})
e(math.randomseed, "x")
e(math.randomseed, {}) do local seen = {} for i = 1, 1000 do seen[math.random(6)] = true end print(#seen) local lo, hi = 1, 0 for i = 1, 1000 do local r = math.random() lo, hi = math.min(lo, r), math.max(hi, r) end print(lo >= 0, hi < 1) end print(select("#", math.randomseed()))
