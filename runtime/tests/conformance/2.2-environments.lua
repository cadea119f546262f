-- Environments: free names are fields of _ENV.
x = 1
print(_ENV == _G, _ENV.x, _G.x, _G._G == _G)
do local _ENV = { print = print } y = 2 print(y, x, _ENV.y) end
print(y)
local function sandbox(_ENV) z = 3 return z end
local env = {} print(sandbox(env), env.z, z)
do local _ENV <const> = { print = print, n = 5 } print(n) n = 6 print(n) end
-- closures capture the _ENV of their place
local get, set
do local _ENV = { v = 1 } function get() return v end function set(x) v = x end end
set(7) print(get(), v)
-- load: the first upvalue is the environment
local chunk = load("a = 1; b = (b or 0) + 1; return b")
print(chunk(), chunk(), a, b)
local own = {} print(load("a = 10; return _ENV", "c", "t", own)() == own, own.a)
print(pcall(load("return a.b.c", "=chunk", "t", {})))
print(pcall(load("x = 1", "=chunk", "t", setmetatable({}, { __newindex = function(_, k, v) error("no " .. k .. v, 0) end }))))
print(load("return x", "=c", "t", setmetatable({}, { __index = function(_, k) return k .. "!" end }))())
-- an environment that is no table
print(pcall(function() local _ENV = nil return foo end))
print(pcall(function() local _ENV = 5 foo = 1 end))
print(load("local _ENV = 'str' return len")() == string.len)
-- functions declared as globals are fields too
function _G.declared() return "d" end print(declared())
-- changing the global environment
_G.print2 = print print2("print2")
setmetatable(_G, { __index = function(_, k) return "undefined " .. k end }) print(nothing, rawget(_G, "nothing")) setmetatable(_G, nil) print(nothing)
-- setupvalue on a chunk changes its environment
local f = load("return name") debug.setupvalue(f, 1, { name = "by setupvalue" }) print(f())
