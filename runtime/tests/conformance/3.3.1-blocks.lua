-- Blocks, chunks, assignment, control structures, goto.
do local x = 1 do local x = x + 1 print(x) end print(x) end
print(select("#", ...), ...)
print(load("return ...")(1, nil, 3)) print(load("local a, b = ... return b, a")(1, 2))
print(pcall(load, "return 1", "c", "x")) print(load("return 1 return 2")) print(load("do return end x = 1")()) print(load("return;")())
-- assignment
local i, a = 3, {} i, a[i] = i + 1, 20 print(i, a[3], a[4])
local x, y, z = 1, 2 x, y = y, x print(x, y, z) x, y, z = (function() return 1, 2, 3 end)()
print(x, y, z) x, y, z = (function() return 1, 2, 3 end)(), 10 print(x, y, z) x, y = ((function() return 1, 2 end)())
print(x, y)
local log = {} local function v(n) log[#log + 1] = n return n end
local t = setmetatable({}, { __newindex = function(t, k, val) log[#log + 1] = k .. "=" .. val rawset(t, k, val) end })
t[v(1)], t[v(2)], t[v(3)] = v(4), v(5), v(6) print(table.concat(log, " "))
do local a = { 1, 2, 3 } local i = 1 i, a[i], a[i + 1] = 2, "x", "y" print(i, a[1], a[2], a[3]) end
do local a = {} a.a, a = 1, { 2 } print(a[1], a.a) end
do local t = { 1, 2 } t[1], t[2] = t[2], t[1] print(t[1], t[2]) end
for _, bad in ipairs({ "1 = 2", "f() = 1", "a.b() = 1", "(a) = 1", "a, f() = 1, 2", "a, 1 = 1", "a", "a.b", "a + 1", "'x'", "a, b", "local a.b = 1", "local a, = 1", "a = ", "a = 1,", "a b = 1", "nil = 1", "... = 1", "a:b() = 1", "a:b = 1", "{} = 1", "(a).b, (c)[1] = 1 + ", "local function a.b() end", "function a:b.c() end", "local x <const> = 1 x = 2", "local x <close> = nil x = 2", "local x <const> = 1 function x() end", "local x <const> = 1 return function() x = 3 end", "local x <foo> = 1", "local x <const", "local x <close>, y <close> = 1", "for i = 1 do end", "for i do end", "for i, j = 1, 2 do end", "for 1 = 1, 2 do end", "for a.b in c do end", "for i in do end", "for i = 1, 2, 3, 4 do end", "if x end", "if x then", "if x then else elseif y then end", "while do end", "while x end", "repeat", "repeat until", "do", "end", "return 1, ", "break", "goto x", "::a:: ::a::", "do ::a:: end goto a", "goto a local x ::a:: print(x)", "goto a; do ::a:: end", "while true do local function f() break end end", "do goto l1 end local a ::l1:: ; a = 1", "repeat if x then goto cont end local z = 1 ::cont:: until z", "function f( end", "function f(a,) end", "function f(..., a) end", "function f(a b) end", "function() end", "local function() end", "return function f() end", "x = function end", "f(1, 2", "f(1 2)", "f{1, 2", "f[[", "a.1 = 2", "a[1 = 2", "a[] = 1", "x = {1, 2", "x = {,}", "x = {1,,2}", "x = {a = }", "x = {[1] 2}", "x = {[1 = 2}", "x = (1", "x = ()", "x = not", "x = 1 +", "x = + 1", "x = a.", "x = a:b", "x = a:", "x = ..1", "return ...", "function f() return ... end" }) do
  print(bad, (select(2, load(bad, "=s"))))
end
-- if, while, repeat
for n = 1, 4 do if n == 1 then io.write("one ") elseif n == 2 then io.write("two ") elseif n == 3 then else io.write("other ") end end print()
local n = 0 while n < 3 do n = n + 1 if n == 2 then break end end print(n)
n = 0 repeat local done = n >= 2 n = n + 1 until done print(n) repeat n = n - 1 if n == 1 then break end until false print(n)
while nil do print("never") end repeat until 0
-- goto: continue, nested break, retry, and fresh locals each time
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end if i == 3 then goto out end io.write(i, ",", j, " ") ::continue:: end end ::out:: print()
do local k = 0 ::again:: k = k + 1 if k < 5 then goto again end print(k) end
do local fs = {} local i = 1 ::top:: local c = i * 10 fs[i] = function() c = c + 1 return c end i = i + 1 if i <= 3 then goto top end print(fs[1](), fs[1](), fs[2](), fs[3]()) end
do goto last; local unused; ::last:: end print("label at the end of a block")
do local function f(x) if x then goto yes else goto no end ::yes:: do return "yes" end ::no:: return "no" end print(f(true), f(false)) end
for i = 1, 2 do do goto skip end print("skipped") ::skip:: ; end
