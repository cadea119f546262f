-- Relational and logical operators.
local values = { 0, 1, -1, math.maxinteger, math.mininteger, 0.0, -0.0, 0.5, 1.0, 2.0 ^ 53, 2.0 ^ 53 + 2, 2 ^ 53 | 1, 2.0 ^ 63, -(2.0 ^ 63), math.huge, -math.huge, 0 / 0, math.maxinteger - 1, 9007199254740993, -9007199254740993.0 }
for _, op in ipairs({ "<", "<=", ">", ">=", "==", "~=" }) do
  local f = load("local a, b = ... return a " .. op .. " b")
  for _, a in ipairs(values) do local row = {} for _, b in ipairs(values) do row[#row + 1] = f(a, b) and "1" or "0" end print(op, table.concat(row)) end
end
local strings = { "", "a", "b", "A", "ab", "a\0", "a\0b", "a\1", "\255", "z", "10", "9", "é" }
for _, op in ipairs({ "<", "<=", "==" }) do local f = load("local a, b = ... return a " .. op .. " b") local row = {} for _, a in ipairs(strings) do for _, b in ipairs(strings) do row[#row + 1] = f(a, b) and "1" or "0" end end print(op, table.concat(row)) end
-- with constants
for _, v in ipairs(values) do io.write(v < 1 and "1" or "0", v <= 1 and "1" or "0", v > 1 and "1" or "0", v >= 1 and "1" or "0", 1 < v and "1" or "0", 1 <= v and "1" or "0", v == 1 and "1" or "0", v < 0.5 and "1" or "0", 0.5 <= v and "1" or "0", v > -1.5 and "1" or "0", v == 2 ^ 53 and "1" or "0", " ") end print()
print(1 == "1", "1" == 1, nil == false, 0 == false, {} == {}, "a" == "a", print == print, 1 == 1.0, -0.0 == 0)
for _, bad in ipairs({ "1 < 'x'", "'x' < 1", "{} < {}", "{} < 1", "1 <= {}", "nil < nil", "true < true", "print > print", "nil > 1", "{} >= 'x'", "1 < nil", "'a' < nil", "coroutine.create(print) < 1", "io.stdout < io.stdout" }) do print(bad, pcall(load("return " .. bad, "=b"))) end
print(pcall(function() local a, b = {}, 1 return a < b end))
print(pcall(function() return setmetatable({}, { __name = "My" }) < 1 end))
print(pcall(function() return setmetatable({}, { __name = "My" }) < setmetatable({}, { __name = "Other" }) end))
print(pcall(function() return setmetatable({}, { __name = 5 }) < 1 end))
-- and, or, not
local function v(x) io.write(tostring(x), ";") return x end
print(v(nil) and v(1), v(false) or v(2), v(1) and v(nil) or v(3), not v(nil), not not v(0))
print(v(1) and v(2) and v(3), v(nil) or v(false) or v(4), (v(nil) or v(5)) and v(6), v(false) and v(7) or v(8) and v(9))
print(nil and nil, nil and false, false and nil, false or nil, nil or false, 1 and nil, nil == (nil and 1), 10 or error("never"), nil and error("never"), 0 and 1, "" or 1) local x = nil print(x and x.y, x or "default", (x or {}).y) local a, b = 5 print(a and b or "c", a or b, not a, not b, not (a and b), a ~= b and a == 5 or b)
local function truth(...) return (...) and "t" or "f" end print(truth(nil), truth(false), truth(0), truth(""), truth({}))
-- in conditions
local out = {} for _, p in ipairs({ true, false }) do for _, q in ipairs({ true, false }) do for _, r in ipairs({ true, false }) do local s = "" if p and q or r then s = s .. "1" else s = s .. "0" end if p or q and r then s = s .. "1" else s = s .. "0" end if not (p and not q) == r then s = s .. "1" else s = s .. "0" end if (p or q) and (q or r) then s = s .. "1" else s = s .. "0" end while p and q do s = s .. "w" break end repeat local z = p or r until true out[#out + 1] = s end end end print(table.concat(out, " "))
-- a comparison is a value
print((1 < 2) == true, (1 < 2) == (2 > 1), not (1 > 2), 1 < 2 == true, ("x" == "x") ~= false) local t = { 1 < 2, 2 < 1, [1 == 1] = "key" }
print(t[1], t[2], t[true])
