-- Arithmetic, bitwise, relational, logical operators; coercions; precedence.
print(1 + 2, 1 + 2.0, "10" + 5, "0x10" + 0, "1e1" + 0, 10 .. 20, -"2", - -2)
print(7 // 2, -7 // 2, 7 // -2, 7.0 // 2, -7 // 2.0, 1 // 0.0, -1 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0)
print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, -5.5 % 2, 5.5 % -2, 1 % math.huge, -1 % math.huge, 1 % -math.huge)
print(1 / 2, 3 / 1, 2 ^ 10, 2 ^ 0.5, -2 ^ 2, 2 ^ -1, 2 ^ 3 ^ 2)
print(pcall(function() return 1 // 0 end))
print(pcall(function() return 1 % 0 end))
print(math.maxinteger + 1 == math.mininteger, math.mininteger - 1 == math.maxinteger, math.maxinteger * 2)
print(math.mininteger // -1, math.mininteger % -1)
print(5 & 3, 5 | 3, 5 ~ 3, ~5, 1 << 62, 1 << 63, 1 << 64, 1 >> 1, -1 >> 1, -1 >> 63, 1 << -1, 2 >> -1, 1 << 1000, 1 >> -1000)
print(3.0 | 0, 2.0 << 1, pcall(load("return \"3\" & 1")))
print(1 == 1.0, "1" == 1, 0.0 == -0.0, 1 < 1.5, "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a")
print(math.maxinteger < math.maxinteger + 0.0, math.maxinteger + 0.0 == 2 ^ 63, math.maxinteger == 2 ^ 63)
print(math.mininteger == -2 ^ 63, math.mininteger <= -2 ^ 63, 2 ^ 53 == 2 ^ 53 + 1, (2 ^ 53 | 0) + 1 == 2 ^ 53)
print(nil == false, not nil, not 0, not "", nil and 1, false or nil, 1 and 2, nil or "d", false and error("x"))
print(1 or error("never"), nil == nil, {} == {})
print("a" .. "b" .. 1 .. 2.0 .. "c", 1.5 .. "", -0.0 .. "", 2 ^ 63 .. "", 1e100 .. "")
print(#"abc", #"", #{ 1, 2, 3 }, #{ n = 1 })
print(2 + 3 * 4, (2 + 3) * 4, 2 * 3 % 4, 1 .. 2 + 3, "x" .. 1 + 2, 1 << 2 + 1, 5 & 3 | 8, 5 & 3 == 1 and "eq first" or "band")
print(not 1 == 2, not (1 == 2), -3 ^ 2, 2 - -2, 2 ^ 3 ^ 0)
print(1 < 2 == true, "abc" < "abd" and "yes" or "no", 1 <= 1, 1 >= 2, 1 ~= 1.0)
print(0x7fffffffffffffff, 0xffffffffffffffff, 0x1p4, 0x.8, 0xA.8p1, 1e2, .5, 3., 3e-2, 0x10, 1E+2)
print(9007199254740993, 9223372036854775807, 9223372036854775808, -9223372036854775808, 1e308 * 10, -1e308 * 10)
print(100000000000000, 1e14, 1e15, 1e16, 123456789012345678)
print(3.14159265358979, 0.1, 1 / 3, 1e-10, 123.456e10, 5e-324, 2 ^ 1023)
print("\65\066\x41\u{48}\u{20AC}\z
       tail", 'single\'s', "tab\tq\"", [[long
string]], [==[with ]] inside]==], "a\
b")
print(#"\u{7FFFFFFF}", #"\0\00\000", "\x41\x7a")
-- order and number of evaluations
local trace = {}
local function t(name, value) trace[#trace + 1] = name return value end
local r = t("a", 1) + t("b", 2) * t("c", 3)
print(r, table.concat(trace, ","))
-- multiple results adjusted
local function mr() return 1, 2, 3 end
print(mr(), mr())
print((mr()))
print(({ mr(), mr() })[4], #{ mr(), nil }, #{ (mr()) }, select("#", mr(), nil))
local x, y, z, w = mr()
print(x, y, z, w)
local t1 = { mr(), n = 5, [10] = "ten", mr() }
print(#t1, t1.n, t1[10], t1[4])
-- varargs
local function va(...)
  local a, b = ...
  return select("#", ...), a, b, ...
end
print(va()) print(va(nil)) print(va(1, nil, nil)) print((va(1, 2)))
local function count(...) return #{ ... }, select("#", ...) end
print(count(1, 2, 3)) print(count())
-- comparison of mixed types is an error
print(pcall(function() return 1 < "2" end))
print(pcall(function() return {} < 1 end))
print(pcall(function() return nil > 1 end))
print(pcall(function() return "a" + 1 end))
print(pcall(function() return "10" + {} end))
print(pcall(function() return true .. "" end))
print(pcall(function() local s = "x" return s.y.z end))
print(pcall(function() return undefinedglobal.x end))
print(pcall(function() undefinedfunction() end))
print(pcall(function() local t = {} t.a.b = 1 end))
print(pcall(function() local t = {} t:method() end))
print(pcall(function() local t = {} t[nil] = 1 end))
print(pcall(function() local t = {} t[0 / 0] = 1 end))
print(pcall(function() return 1.5 // 0, 1.5 % 0 end))
print(pcall(function() return 1 << 1.5 end))
print(pcall(function() return math.huge | 0 end))
-- float keys normalise
local k = {}
k[1.0] = "a" k[2] = "b" k[2 ^ 53] = "c"
print(k[1], k[2.0], k[2 ^ 53 | 0], next({ [3.0] = 1 }))
print(math.type(next({ [3.0] = 1 })))
