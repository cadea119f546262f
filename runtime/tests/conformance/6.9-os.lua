-- Operating system facilities.
print(os.time({ year = 2020, month = 1, day = 1, hour = 12 }) - os.time({ year = 2019, month = 12, day = 31, hour = 12 }))
print(os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%c", 86400), os.date("!%x %X %p %A %B %j", 1e9), os.date("!%D %F %T %y %a %b %d %e|%I|%M|%S|%%|%n|%t|%u|%w|%U|%W|%V|%G|%g|%C|%h|%R|%r", 1e9))
local d = os.date("!*t", 1000000000)
print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
print(pcall(os.date, "%Ez", 0), pcall(os.date, "%Q", 0), pcall(os.date, "%", 0), pcall(os.date, "%E", 0))
print(pcall(os.time, { year = 2020 }), pcall(os.time, { year = 2020, month = "x", day = 1 }), pcall(os.time, { year = 2020, month = 1.5, day = 1 }), pcall(os.time, { year = 1e18 // 1 | 0, month = 1, day = 1 }))
local t = { year = 2021, month = 14, day = -3, hour = 0 }
os.time(t)
print(t.year, t.month, t.day, t.yday, t.wday, t.hour, t.min, t.sec)
print(os.getenv("HOME") ~= nil, os.getenv("NO_SUCH_VARIABLE_EVER"), math.type(os.time()), math.type(os.clock()), os.difftime(10, 5), pcall(os.difftime))
print(os.setlocale(), os.setlocale("C"), os.setlocale(nil, "all"), os.setlocale("nowhere_XX"), pcall(os.setlocale, "C", "bad"))
print(os.execute() ~= nil, os.execute("exit 3"), os.execute("true"))
