-- Strings: concatenation, comparison, coercions, the library, and strings as keys.
local s = ""
for i = 1, 100 do s = s .. i .. (i % 2 == 0 and "," or ";") end
print(#s, s:sub(1, 20), s:sub(-5))

local count = 0
for i = 1, 100 do
  if ("k" .. i) < "k5" then count = count + 1 end
  if "10" + i == 10 + i then count = count + 1 end
  if i .. "" == tostring(i) then count = count + 1 end
end
print(count, "10" * 2, "3" + 4.0, 10 .. 20, 1.5 .. "|", -0.0 .. "", 2^63 .. "", 1e100 .. "")

for _, case in ipairs {
  { "hello world", "o", 1, true }, { "hello", "l+" }, { "key = value", "(%w+)%s*=%s*(%w+)" }, { "abc", "()b()" },
  { "[[nested]]", "%[(%b[])%]" }, { "THE (quick) fox", "%((%a+)%)" }, { "x", "^$" }, { "aaa", "a-", 2 },
} do print(string.find(table.unpack(case))) end
print(("hello world from here"):gsub("(%w+)", "<%1>"), ("abc"):gsub("", "-"), ("abc"):gsub("%w", { a = "1", b = "2", c = false }))
print(("hello"):gsub("l", function(c) return c:upper() end, 1), ("$name is $age"):gsub("%$(%w+)", { name = "X", age = 5 }))
local words = {}
for k, v in ("a=1, b=22, c=333"):gmatch("(%w+)=(%w+)") do words[#words + 1] = k .. v end
print(table.concat(words, "+"))

print(string.format("%5d|%-5d|%05d|%+d|%x|%X|%o|%c|%q|%s|%10.3s|%%", 42, 42, 42, 42, 255, 255, 8, 65, "a\n\"b\"\0", true, "abcdef"))
print(string.format("%.3f|%10.2f|%e|%g|%g|%a|%i", 3.14159, 2.5, 12345.678, 1e20, 0.1, 1.0, 3.0))
print(string.format("%q|%q|%q", 1 / 3, math.mininteger, 10))
print(("abc"):byte(1, -1), ("x"):byte(5), string.char(72, 105), ("abc"):rep(3, "-"), ("abc"):reverse(), ("MiX"):lower(), ("MiX"):upper())
print(("abcdef"):sub(2, 4), ("abcdef"):sub(-3), ("abcdef"):sub(0), ("abcdef"):sub(10), ("abcdef"):sub(-100, 2), #"\0\1\2", "\x41\u{48}\z
  \065")
print(tonumber("0x1p4"), tonumber("  12  "), tonumber("1e"), tonumber("z", 36), tonumber("8", 8), tonumber(""), tonumber("0x"), tonumber("1 2"))
print(tostring(1e15), tostring(1e16), tostring(123456.789e3), 2^53, 1e15 // 1, 7 // 2.0, -7 // 2, -7 % 3, 7 % -3, -7.5 % 2)
print(math.type(1), math.type(1.0), math.type("1"), math.tointeger(3.0), math.tointeger(3.5), 3 | 0, math.ult(1, -1))
print(#"long" .. "er", ("x"):len(), "a" < "b", "a" < "B", "" < "a", "a\0b" < "a\0c", "Z" < "a")

local keys, hits = {}, 0
for i = 1, 300 do keys["key" .. i % 50] = (keys["key" .. i % 50] or 0) + i end
for i = 0, 49 do hits = hits + keys["key" .. i] end
print(hits, keys.key0, keys.key49)
