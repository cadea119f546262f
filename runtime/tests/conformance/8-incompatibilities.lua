-- What section 8 lists as changed since 5.3, where it can be seen.
print("10" + 1, math.type("10" + 1), "0x10" + 0, math.type("10" * "2"), "3.0" + 1, pcall(function() return "10" | 1 end) == false or "bitwise operators convert strings")
do local random = math.random math.randomseed(1) local a = random(1 << 30) math.randomseed(1) print(a == random(1 << 30), math.random(0) ~= nil) end
print(pcall(function() return setmetatable({}, { __lt = function() return true end }) <= 1 end))
for i = math.maxinteger - 1, math.maxinteger do io.write(i, " ") end print()
print(load("goto l ::l:: do ::l2:: end ::l3::") ~= nil, load("do ::l:: do ::l:: end end"))
local seen = {} setmetatable({}, { __gc = true }) print(pcall(setmetatable, {}, { __gc = 5 }))
print(utf8.len("\u{D800}"), utf8.len("\u{D800}", 1, -1, true), pcall(utf8.codepoint, "\u{110000}"), utf8.codepoint("\u{110000}", 1, 1, true))
print(type(coroutine.close), type(warn), debug.setcstacklimit and 1 or 1)
print(tostring(-0.0), 2^53 == 2^53 + 1, 1e15, 1e16, 3 // 0.0, -3 // 0.0, 0.0 / 0.0 ~= 0.0 / 0.0, pcall(load, "return 3 // 0"))
