//! Programs that go as deep as they can.

/// Each returns the error that it came to; the second part has to be in its text.
pub const PROGRAMS: &[(&str, &str)] = &[
    // Calls.
    ("local function f() return 1 + f() end return pcall(f)", "stack overflow"),
    ("local function f(...) return 1 + f(...) end return pcall(f, 1, 2, 3)", "stack overflow"),
    ("local function f(a, b) local c, d = f(b, a) return c end return pcall(f, 1)", "stack overflow"),
    ("local f, g function f(n) return (g(n + 1)) end function g(n) return (f(n + 1)) end return pcall(f, 1)", "stack overflow"),
    ("local t = {} function t:m(n) local x = self:m(n + 1) return x end return pcall(t.m, t, 1)", "stack overflow"),
    ("local function f() for i = 1, 2 do f() end end return pcall(f)", "stack overflow"),
    ("local function f() for _ in f do end end return pcall(f)", "stack overflow"),
    ("local function f() return (function() return (f()) end)() end return pcall(function() return 1 + f() end)", "stack overflow"),
    ("local function f() local ok, e = pcall(f) error(e, 0) end return pcall(f)", "stack overflow"),
    ("local function f() return select(2, xpcall(f, function(e) return e end)) .. '' end return f()", "stack overflow"),
    // Metamethods.
    ("local t = setmetatable({}, {__index = function(t, k) return t[k] end}) return pcall(function() return t.x end)", "stack overflow"),
    ("local t = setmetatable({}, {}) getmetatable(t).__index = t return pcall(function() return t.x end)", "'__index' chain too long"),
    ("local t = setmetatable({}, {}) getmetatable(t).__newindex = t return pcall(function() t.x = 1 end)", "'__newindex' chain too long"),
    ("local t = setmetatable({}, {__newindex = function(t, k, v) t[k] = v end}) return pcall(function() t.x = 1 end)", "stack overflow"),
    ("local t = {} for i = 1, 1e5 do t = setmetatable({}, {__index = t}) end return pcall(function() return t.x end)", "'__index' chain too long"),
    ("local t = setmetatable({}, {__call = function(self) return 1 + self() end}) return pcall(t)", "stack overflow"),
    ("local t = setmetatable({}, {}) getmetatable(t).__call = t return pcall(t)", "stack overflow"),
    ("local t = setmetatable({}, {}) getmetatable(t).__call = t return pcall(function() return t() end)", "stack overflow"),
    ("local t = setmetatable({}, {__tostring = function(t) return tostring(t) end}) return pcall(tostring, t)", "stack overflow"),
    ("local t = setmetatable({}, {__tostring = function(t) return ('%s'):format(t) end}) return pcall(string.format, '%s', t)", "stack overflow"),
    ("local t = setmetatable({}, {__tostring = function(t) return ('%10.5s'):format(t) end}) return pcall(tostring, t)", "stack overflow"),
    ("local t = setmetatable({}, {__concat = function(a, b) return a .. b end}) return pcall(function() return t .. 'x' end)", "stack overflow"),
    ("local m = {__eq = function(a, b) return a == b end} local a, b = setmetatable({}, m), setmetatable({}, m) return pcall(function() return a == b end)", "stack overflow"),
    ("local m = {__lt = function(a, b) return a < b end} local a, b = setmetatable({}, m), setmetatable({}, m) return pcall(function() return a < b end)", "stack overflow"),
    ("local m = {__le = function(a, b) return a <= b end} local a, b = setmetatable({}, m), setmetatable({}, m) return pcall(function() return a <= b end)", "stack overflow"),
    ("local t = setmetatable({}, {__len = function(t) return #t end}) return pcall(function() return #t end)", "stack overflow"),
    ("local t = setmetatable({}, {__unm = function(t) return -t end}) return pcall(function() return -t end)", "stack overflow"),
    ("local t = setmetatable({}, {__bnot = function(t) return ~t end}) return pcall(function() return ~t end)", "stack overflow"),
    ("local t = setmetatable({}, {__add = function(a, b) return a + b end}) return pcall(function() return t + 1 end)", "stack overflow"),
    ("local t = setmetatable({}, {__shl = function(a, b) return a << b end}) return pcall(function() return 1 << t end)", "stack overflow"),
    ("local t = setmetatable({}, {__pairs = function(t) return pairs(t) end}) return pcall(pairs, t)", "stack overflow"),
    ("local function f() local x <close> = setmetatable({}, {__close = f}) end return pcall(f)", "stack overflow"),
    ("local function f() local x <close> = setmetatable({}, {__close = f}) error('x') end return pcall(f)", "stack overflow"),
    // The library.
    ("local function f() table.sort({3, 2, 1}, function(a, b) f() return a < b end) end return pcall(f)", "stack overflow"),
    ("local function f(s) return (s:gsub('.', f)) end return pcall(f, 'abc')", "stack overflow"),
    ("local function f() return ('abc'):gsub('.', setmetatable({}, {__index = f})) end return pcall(f)", "stack overflow"),
    ("local t = setmetatable({}, {__len = function() return 3 end}) getmetatable(t).__index = function() return table.concat(t) end return pcall(table.concat, t)", "stack overflow"),
    ("local t = setmetatable({}, {}) getmetatable(t).__index = function() return (table.unpack(t, 1, 3)) end return pcall(table.unpack, t, 1, 3)", "stack overflow"),
    ("local function f() local _, e = load(f) error(e, 0) end return pcall(f)", "stack overflow"),
    ("S = 'return (string.gsub(\"x\", \"x\", load(S)))' return pcall(load(S))", "stack overflow"),
    ("package.preload.x = function() package.loaded.x = nil return (require 'x') end return pcall(require, 'x')", "stack overflow"),
    ("return pcall(table.unpack, {}, 1, 1e7)", "too many results to unpack"),
    ("return pcall(string.byte, ('x'):rep(1e7), 1, -1)", "string slice too long"),
    // Many values below many calls, and variables to be closed far above the frame that closes them.
    ("local function f() return 1 + f() end local function g(n, ...) if n == 0 then return f() end return (g(n - 1, ...)), 1 end
      local e for n = 0, 60 do local ok, m = pcall(g, n, table.unpack({}, 1, 99e4)) e = m end return e", "stack overflow"),
    ("local function g(n, ...) return (g(n, ...)), 1 end return pcall(g, 1, table.unpack({}, 1, 3e5))", "stack overflow"),
    // (Few: each goes as deep again as is left.)
    ("local function f() return 1 + f() end
      local function g(n) if n % 3000 == 0 then local x <close> = setmetatable({}, {__close = f}) return (g(n + 1)) end return (g(n + 1)) end
      return pcall(g, 0)", "stack overflow"),
    // Coroutines.
    ("local function f() return coroutine.wrap(f)() end return pcall(f)", "stack overflow"),
    ("local function f() local ok, e = coroutine.resume(coroutine.create(f)) error(e, 0) end return pcall(f)", "stack overflow"),
    ("local function f() return 1 + f() end return coroutine.resume(coroutine.create(f))", "stack overflow"),
    ("local function f(n) if n > 0 then return (f(n - 1)) end return coroutine.wrap(f)(1000) end return pcall(f, 1000)", "stack overflow"),
    ("local function f() local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = f}) coroutine.yield() end)
      coroutine.resume(co) local ok, e = coroutine.close(co) if not ok then error(e, 0) end end return pcall(f)", "stack overflow"),
    ("local function f() return 1 + f() end local co = coroutine.create(function() local x <close> = setmetatable({}, {__close = f}) coroutine.yield() end)
      coroutine.resume(co) return coroutine.close(co)", "stack overflow"),
    // Handlers of errors.
    ("return xpcall(error, function(e) error(e) end, 'x')", "error in error handling"),
    ("local function f() return 1 + f() end return xpcall(f, function(e) return f() end)", "error in error handling"),
    ("local function f() return 1 + f() end return xpcall(f, function(e) return e end)", "stack overflow"),
    ("local function f() return 1 + f() end local function g(n) if n == 0 then return f() end pcall(f) return 1 + g(n - 1) end return pcall(g, 30)", "stack overflow"),
    // Hooks.
    ("debug.sethook(function() end, 'l') local function f() return 1 + f() end local ok, e = pcall(f) debug.sethook() return ok, e", "stack overflow"),
    ("local function f() return 1 + f() end debug.sethook(function() debug.sethook() f() end, 'l') local ok, e = pcall(function() local x = 1 end) debug.sethook() return ok, e", "stack overflow"),
    // Patterns.
    ("return pcall(string.find, ('a'):rep(1e5), ('a?'):rep(1e5))", "pattern too complex"),
    ("return pcall(string.find, ('a'):rep(1e5), ('.-'):rep(1e4) .. 'b')", "pattern too complex"),
    ("return pcall(string.find, ('a'):rep(1e5), ('a*'):rep(1e4) .. 'b')", "pattern too complex"),
    ("return pcall(string.find, ('a'):rep(1e5), ('('):rep(1e5))", "too many captures"),
    ("return pcall(string.find, ('a'):rep(1e5), ('()'):rep(1e5))", "too many captures"),
    ("return pcall(string.rep, 'x', 1 << 40)", "resulting string too large"),
    // Source text.
    ("return load('x = ' .. ('('):rep(1e5) .. '1' .. (')'):rep(1e5))", "overflow"),
    ("return load('x = ' .. ('{'):rep(1e5) .. ('}'):rep(1e5))", "overflow"),
    ("return load(('do '):rep(1e5) .. ('end '):rep(1e5))", "overflow"),
    ("return load(('if x then else '):rep(1e5) .. ('end '):rep(1e5))", "overflow"),
    ("return load('x = ' .. ('function() return '):rep(1e5) .. '1' .. (' end'):rep(1e5))", "overflow"),
    ("return load('x = ' .. ('a .. '):rep(1e5) .. 'a')", "overflow"),
    ("return load('x = ' .. ('a ^ '):rep(1e5) .. 'a')", "overflow"),
    ("return load('x = ' .. ('- '):rep(1e5) .. 'a')", "overflow"),
    ("return load('x = ' .. ('not '):rep(1e5) .. 'a')", "overflow"),
    ("return load('x = ' .. ('f('):rep(1e5) .. (')'):rep(1e5))", "overflow"),
    ("return load('x = ' .. ('a['):rep(1e5) .. '1' .. (']'):rep(1e5))", "overflow"),
    ("return load('x = ' .. ('~'):rep(1e5))", "overflow"),
    ("return load(('while f(function() '):rep(1e5))", "overflow"),
    ("return load(('repeat '):rep(1e5) .. ('until x '):rep(1e5))", "overflow"),
    ("return load(('for i = 1, 2 do '):rep(1e5))", "overflow"),
    ("return load(('local function f() '):rep(1e5))", "overflow"),
    ("return load('goto l1 ' .. ('do '):rep(300))", "overflow"),
];

/// Programs that go deep and come back, with their results.
pub const SOUND: &[(&str, &str)] = &[
    ("local t for i = 1, 2e5 do t = {t} end collectgarbage() collectgarbage() local n = 0 while t do t = t[1] n = n + 1 end return n", "200000"),
    ("local t for i = 1, 2e5 do t = {next = t, [t or 1] = i} end collectgarbage() return type(t)", "table"),
    ("local f for i = 1, 2e5 do local g = f f = function() return g end end collectgarbage() return type(f)", "function"),
    ("local t for i = 1, 2e5 do t = setmetatable({}, t) end collectgarbage() return type(t)", "table"),
    ("local w = setmetatable({}, {__mode = 'k'}) local k = {} local first = k for i = 1, 2000 do local n = {} w[k] = n k = n end
      collectgarbage() local n = 0 while w[first] do first = w[first] n = n + 1 end return n", "2000"),
    ("local co for i = 1, 300 do local inner = co co = coroutine.create(function() return inner end) end collectgarbage() return type(co)", "thread"),
    ("local co for i = 1, 300 do local inner = co co = coroutine.wrap(function() coroutine.yield(inner) return inner end) co() end
      collectgarbage() return type(co)", "function"),
    ("for i = 1, 1000 do setmetatable({}, {__gc = function() setmetatable({}, {__gc = function() end}) end}) end
      collectgarbage() collectgarbage() return 'collected'", "collected"),
    ("x = 0 return load('x = x' .. (' + 1'):rep(2e4) .. ' return x')()", "20000"),
    ("return load('x = 1 if x == 0 then' .. (' elseif x == 2 then x = 3'):rep(5e3) .. ' else x = 4 end return x')()", "4"),
    ("return #load('return {' .. ('{1},'):rep(2e4) .. '}')()", "20000"),
    ("local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end return f(2500)", "2500"),
    ("local function f(n) if n == 0 then return 0 end return 1 + coroutine.wrap(f)(n - 1) end return f(150)", "150"),
    ("local function f(n) if n == 0 then return 0 end local ok, x = pcall(f, n - 1) return 1 + x end return f(150)", "150"),
    ("local n = 0 local function f(i) local x <close> = setmetatable({}, {__close = function() n = n + 1 end}) if i == 0 then error('x') end f(i - 1) end
      pcall(f, 1500) return n", "1501"),
    ("local t = {} for i = 1, 100 do t = setmetatable({}, {__call = t}) end return tostring((pcall(t)))", "false"),
    ("local s = ('a'):rep(150) return (s:find(('a?'):rep(150)))", "1"),
];
