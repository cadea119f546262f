-- String functions.
print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(10), ("abc"):byte(1, -1))
print(string.char(), string.char(72, 105), pcall(string.char, -1))
print(("hello"):sub(2), ("hello"):sub(2, 3), ("hello"):sub(-3), ("hello"):sub(-3, -2), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(3, 2), ("hello"):sub(-100, 100), ("hello"):sub(math.mininteger, math.maxinteger))
print(("abc"):len(), ("abc"):upper(), ("ABC"):lower(), ("abc"):reverse(), (""):reverse(), ("x"):rep(3), ("x"):rep(3, ","), ("x"):rep(0), ("x"):rep(-1), (""):rep(100))
print(pcall(string.rep, "x", 1 << 40), pcall(string.rep, "abc", math.maxinteger))
-- find
print(("hello world"):find("o"), ("hello world"):find("o", 6), ("hello"):find("l", 1, true), ("a.b"):find(".", 1, true), ("a.b"):find("%."))
print(("hello"):find(""), ("hello"):find("", 10), ("hello"):find("", 6), ("hello"):find("xyz"), ("hello"):find("(l)(l)"), ("hello"):find("()"))
print(("hello"):find("h", -100), ("hello"):find("o", -1), ("hello"):find("^l"), ("hello"):find("^h"), ("hello"):find("o$"))
-- match
print(("key = value"):match("(%w+)%s*=%s*(%w+)"), ("2024-01-15"):match("(%d+)-(%d+)-(%d+)"), ("hello"):match("xyz"), ("hello"):match(".-(l+)(.*)"))
print(("  trim  "):match("^%s*(.-)%s*$") .. "|", ("[[x]]"):match("%[%[(.-)%]%]"), ("f(a(b)c)"):match("%b()"), ("THE (quick) fox"):find("%((%a+)%)"))
print(("hello"):match("()ll()"), ("hello"):match("h", 2), ("hello"):match("%a+", 3), ("x"):match("x*", 3))
print(("abc123"):match("%a+"), ("abc123"):match("%d+"), ("a,b"):match("[^,]*"), ("a-b"):match("[a%-]+"), ("]"):match("[]]"), ("^"):match("[%^]"), ("a^"):match("[a^]+"))
print(("0x1F"):match("^0[xX](%x+)$"), ("foo.bar"):match("^(.-)%.(.*)$"), ("aXb"):match("%u"), ("a b"):match("%S+$"), ("\0a"):match("%z"), ("a\0b"):match("a%zb") ~= nil)
print(("THE (quick) fox"):gsub("%f[%a]%a+", function(w) return w:lower() end))
-- gmatch
for w in ("one two  three"):gmatch("%a+") do io.write("<", w, ">") end print()
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, "->", v, " ") end print()
for p in ("abc"):gmatch("()") do io.write(p, " ") end print()
for m in ("aXbX"):gmatch("^a") do io.write("never") end
for m in ("abc"):gmatch("b*") do io.write("[", m, "]") end print()
for w in ("hello world"):gmatch("o", 6) do io.write(w) end print()
-- gsub
print(("hello"):gsub("l", "L"), ("hello"):gsub("l", "L", 1), ("hello"):gsub("l", "L", 0), ("hello"):gsub("", "-"), ("hello"):gsub("x*", "-"))
print(("hello world"):gsub("(%w+)", "<%1>"), ("hello"):gsub("(h)(e)", "%2%1"), ("abc"):gsub("%w", "%0%0"), ("abc"):gsub("%w", "%%"))
print(("$name is $age"):gsub("%$(%w+)", { name = "Bob", age = 42 }), ("abc"):gsub("%w", { a = "1", c = false }))
print(("abc"):gsub("%w", function(c) if c == "b" then return nil end return c:upper() end), ("abc"):gsub("(a)(b)", function(...) return select("#", ...) end))
print(("abc def"):gsub("^%a", string.upper), ("a b c"):gsub(" ", "", 1), ("äöü"):gsub("[\128-\255]", "?"))
print(pcall(string.gsub, "abc", "a", function() return {} end), pcall(string.gsub, "abc", "(", "x"), pcall(string.gsub, "abc", "a", "%2"), pcall(string.gsub, "abc", "a"))
print(pcall(string.gsub, "x", "x", "%"), pcall(string.find, "a", "[a"), pcall(string.find, "a", "%"), pcall(string.match, "a", "%f"), pcall(string.rep))
print(pcall(string.find, ("a"):rep(300), ("a?"):rep(300)), pcall(string.match, "x", "(x"), pcall(string.match, "x", "x)"), pcall(string.match, "x", "%1"))
print(("abc"):gsub("b", "%%1"), ("abc"):gsub(".", { b = 1.5 }), ("x y"):gsub("%s", "%%"))
-- format
print(string.format("%d %5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42, 42))
print(string.format("%i %u %c%c %x %X %#x %o %#o", 7, 8, 72, 105, 255, 255, 255, 8, 8))
print(string.format("%e %.2e %E|%f %.1f %10.2f %-10.2f|%g %g %g %g", 12345.678, 12345.678, 0.5, 1.5, 2.25, 3.14159, 2.5, 1e20, 0.1, 100, 1e-5))
print(string.format("%a %.2a %A", 1, 3.14159, 255.5))
print(string.format("%s %10s|%-10s|%.2s|%5.1s|", "str", "right", "left", "cut", "cut"))
print(string.format("%s %s %s %s", nil, true, 12, 1.5), string.format("%s", setmetatable({}, { __tostring = function() return "obj" end })))
print(string.format("%q", 'quote "this"\n\0 and \\ that\r'), string.format("%q %q %q", 1, 1.5, math.mininteger), string.format("%q", true), string.format("%q", nil))
print(string.format("%%"), string.format("%.3f", 2 / 3), string.format("%5.3d", 5), string.format("%.0f", 0.5), string.format("%.20f", 0.1), string.format("%5s", true))
print(string.format("%d", "10"), string.format("%d", 3.0), string.format("%s", 10), string.format("%.14g", 0.1), string.format("%.17g", 0.1), string.format("%x", -1))
print(string.format("%f %e %g", 1 / 0, -1 / 0, 1 / 0), string.format("%.3f", -0.0), string.format("%+.1f % .1f", 1, 1), string.format("%#.0f", 1))
for _, f in ipairs({ "%y", "%", "%10.123f", "%0100d", "%#d", "%10q", "%d", "%.3c", "%5" }) do print(f, pcall(string.format, f, "x")) end
print(pcall(string.format, "%d", 3.5), pcall(string.format, "%s"), pcall(string.format, "%c", {}), pcall(string.format, "%q", {}), pcall(string.format, "%5s", "a\0b"))
-- comparison and coercion through methods
print(("10"):rep(2) + 1, ("x"):rep(2.0), pcall(string.rep, "x", 1.5), string.len(12), string.upper(1.5), string.byte(7))
-- pack, unpack, packsize
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
print(hex(string.pack("<i4", 100)), hex(string.pack(">i4", -2)), hex(string.pack("<I2", 65535)), hex(string.pack("b", -1)), hex(string.pack(">I3", 0x010203)))
print(hex(string.pack("z", "hi")), hex(string.pack("s1", "hi")), hex(string.pack("<s2", "hi")), hex(string.pack("c5", "hi")), hex(string.pack("<d", 1.5)), hex(string.pack("<f", 0.5)), hex(string.pack("<n", -2)))
print(hex(string.pack("<!4 b i4", 1, 2)), hex(string.pack("<b Xi4 i4", 1, 2)), hex(string.pack("<!4 b Xi4", 1)), hex(string.pack("<bxb", 1, 2)), hex(string.pack("<j", math.mininteger)))
print(string.unpack("<i4", "\100\0\0\0"), string.unpack(">I2", "\1\2"), string.unpack("z", "hi\0rest"), string.unpack("s1", "\2hiX"), string.unpack("c3", "abcdef"), string.unpack("<i2 i2", "\1\0\2\0"))
print(string.unpack("<i3", "\255\255\255"), string.unpack("<I16", ("\1"):rep(1) .. ("\0"):rep(15)), string.unpack("<d", string.pack("<d", 0.1)), string.unpack("<f", string.pack("<f", 0.5)), string.unpack("b", "abc", -1))
print(string.packsize("i4i8"), string.packsize("!8i4i8"), string.packsize("bhlj"), string.packsize("c10"), string.packsize("<!4 i1 !2 i4"))
print(pcall(string.pack, "i1", 200), pcall(string.pack, "I1", -1), pcall(string.pack, "i17", 1), pcall(string.pack, "y", 1), pcall(string.pack, "c2", "abc"), pcall(string.pack, "z", "a\0b"))
print(pcall(string.unpack, "i4", "abc"), pcall(string.unpack, "z", "abc"), pcall(string.unpack, "<i16", ("\255"):rep(8) .. ("\1"):rep(8)), pcall(string.unpack, "i4", "abcd", 10), pcall(string.packsize, "s"), pcall(string.packsize, "z"))
print(pcall(string.pack, "i4", "x"), pcall(string.pack, "i4", 1.5), pcall(string.pack, "s1", ("x"):rep(300)), pcall(string.pack, "!3 i3", 1), pcall(string.pack, "X", 1), pcall(string.pack, "c", "x"))
-- dump
print(load(string.dump(function(a, b) return a + b end), "d", "b")(3, 4), pcall(string.dump, print))
print(pcall(string.rep, "ab", 1 << 30))
print(pcall(string.packsize, "c1" .. ("0"):rep(40)), pcall(string.packsize, "c2147483640"))
