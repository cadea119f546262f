//! Programs that once said something else in some mode, cut down, by what was wrong.

pub const PROGRAMS: &[(&str, &str)] = &[
    (
        "an exit in a callee, then one in its caller, before the first is completed",
        r#"
local object = setmetatable({}, {})
local function callee(a, b, c)
  if type(object) == 'table' then object(c[0]) end
end
local function caller(a, b)
  callee({}, missing, b)
end
for i = 1, 12 do
  if i == 6 then print(pcall(caller)) else print(pcall(caller, {}, i)) end
end
"#,
    ),
    (
        "operands of commutative operations keep their order for metamethods",
        r#"
local function what(a, b) return type(a) .. type(b) end
local object = setmetatable({}, { __add = what, __mul = what, __band = what, __bor = what, __bxor = what, __sub = what })
for i = 1, 100 do
  local t = { 2 + object, object + 2, 2 * object, object * 2, 2 & object, object & 2 }
  local u = { 2 | object, object | 2, 2 ~ object, object ~ 2, 2 - object, object - 2 }
  if i % 33 == 0 then print(table.concat(t, ' '), table.concat(u, ' ')) end
end
print(pcall(function(s) return 3 * s end, 'abc'))
"#,
    ),
    (
        "`next` complains without a position; `math.max` compares anything",
        r#"
print(pcall(next, {}, 1))
for i = 1, 100 do
  local ok, message = pcall(function() for k in next, {}, 3 do end end)
  if i % 40 == 0 then print(ok, message) end
end
print(pcall(math.max, true, false), math.max('a', 'b'), pcall(math.max))
"#,
    ),
];
