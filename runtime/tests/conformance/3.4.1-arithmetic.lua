-- Arithmetic, bitwise operators, conversions: tables of results over edge values, computed and constant.
local values = { 0, 1, -1, 2, -2, 3, 7, -7, 64, math.maxinteger, math.mininteger, 0.0, -0.0, 0.5, -0.5, 1.0, 2.0, -3.0, 1e15, 2.0 ^ 53, 2.0 ^ 63, -(2.0 ^ 63), math.huge, -math.huge, "10", "0x10", " 5 ", "1e1", "-3", "abc", "" }
local names = { "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>" }
local function show(v) if v ~= v then return "nan" end if math.type(v) == "float" then return string.format("%.17g", v) .. (v == v // 1 and "." or "") end return tostring(v) end
for _, op in ipairs(names) do
  local f = load("local a, b = ... return a " .. op .. " b")
  local digest, count = 0, 0
  for i, a in ipairs(values) do
    local row = {}
    for j, b in ipairs(values) do
      local ok, r = pcall(f, a, b)
      row[#row + 1] = ok and show(r) or (r:gsub("^.-:1: ", ""):gsub("attempt to ", ""))
    end
    print(op, show(a), table.concat(row, " "))
  end
end
for _, op in ipairs({ "-", "~" }) do local f = load("local a = ... return " .. op .. "a") for _, a in ipairs(values) do local ok, r = pcall(f, a) io.write(ok and show(r) or (r:gsub("^.-:1: ", "")), " ") end print() end
-- constants fold to what is computed
for _, text in ipairs({ "7 // 0.0", "-7 // 0.0", "0.0 / 0", "1 / 0", "-1 / 0", "5 % math.huge", "-5 % math.huge", "5 % -math.huge", "5.5 % 2", "-5.5 % 2", "5.5 % -2", "5 % 3", "-5 % 3", "5 % -3", "-5 % -3", "7 // 2", "-7 // 2", "7 // -2", "7.0 // 2", "-7 // 2.0", "2 ^ 10", "2 ^ -1", "(-2) ^ 2", "-2 ^ 2", "2 ^ 0.5", "10 / 2", "3 | 4.0", "1 << 63", "1 << 64", "1 << -1", "1 >> 1", "-1 >> 63", "-1 >> 64", "-1 << 64", "1 << 62 << 1", "~0", "~5.0", "5 ~ 3", "5 & 3.0", "2^53 | 0", "0x7fffffffffffffff + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2", "math.mininteger // -1", "math.mininteger % -1", "1e308 + 1e308", "3 - -3", "- - 3", "not nil == true", "1 .. 2 .. 3", "2 ^ 3 ^ 2", "2 * 3 % 4", "1 + 2 << 3", "1 << 2 + 3", "5 & 6 == 6", "1 | 2 ~ 3 & 4", "'5' + 0", "'0x10' * 1", "' 1 ' + ' 2 '", "'1e1' // 1", "10 .. ''", "1.0 .. ''", "-0.0 .. ''", "2^63 .. ''", "1e100 .. ''", "0.1 .. ''", "1e15 .. ' ' .. 1e14 .. ' ' .. 123456789012345.0" }) do
  local ok, r = pcall(load("return " .. text)) print(text, ok and show(r) or r)
end
for _, bad in ipairs({ "1 // 0", "1 % 0", "'1' // 0", "'1' % '0'", "1 & 1.5", "1 | 2^63", "1 ~ '1.5'", "1 << {}", "'a' | 1", "1 & nil", "{} + 1", "1 + {}", "nil + 1", "1 - true", "'a' + 1", "1 + 'a'", "'a' + {}", "{} .. 'x'", "1 .. {}", "nil .. 1", "-{}", "-'a'", "~1.5", "~'a'", "~{}", "#5", "#nil", "1 < '1'", "{} < {}", "nil < 1", "'a' <= 1", "true < false", "print < print", "1e100 & 1", "(0/0) | 0", "math.huge << 1" }) do
  print(bad, pcall(load("return " .. bad, "=b")))
end
-- variables in messages
local t = { n = nil, s = "x" } local up = {} u1 = {}
for _, f in ipairs({ function(a) return a + 1 end, function(a) return 1 + a end, function(a) return t.n + 1 end, function(a) return t.n * t.n end, function() return up + 1 end, function() return u1 - 1 end, function() return t.s.q.z end, function(a) return a .. "x" end, function(a) return "x" .. a .. "y" end, function() return t.n .. "x" end, function() return -t.n end, function() return #t.n end, function(a) return a & 1 end, function(a) return t.s | 1 end, function(a) return 1.5 | 1 end, function(a) local f = 1.5 return f | 1 end, function(a) local f = 1.5 return 1 | f end, function(a) local f <const> = 1.5 return 1 | f end, function(a) return t.s + 1 end, function(a) return ("x") + 1 end, function(a) return a < 1 end, function(a) return {} < 1 end, function() return u1.x + 1 end, function() return t[1] + 1 end, function() local i = 1 return t[i] + 1 end, function() local k = "key" return t[k] + 1 end, function() return t["a b"] + 1 end, function() return (t.n) + 1 end, function(...) return ... + 1 end, function() return (function() end)() + 1 end, function() return t:x() + 1 end, function() return t.s:upper() + 1 end, function() return 2 ^ {} end, function() return {} // 1 end, function(a) a = a + 1 end, function() t.n = t.n + 1 end, function() u2 = u2 + 1 end }) do print(select(2, pcall(f, nil))) end
