-- What all programs of a batch share, and the loop that runs them. `...` is the text of the batch.
local tostring, type, format, sort, concat = tostring, type, string.format, table.sort, table.concat
local mathtype, rawget, next, pack, getmetatable = math.type, rawget, next, table.pack, debug.getmetatable

-- A text of any value that shows no address and no order of keys.
local function show(v, depth)
  local t = mathtype(v) or type(v)
  if t == "integer" or t == "nil" or t == "boolean" then
    return tostring(v)
  elseif t == "float" then
    if v ~= v then return "nan" end
    return format("%.14g", v) .. (v == v // 1 and "." or "")
  elseif t == "string" then
    if #v > 90 then v = v:sub(1, 80) .. #v end
    return format("%q", v)
  elseif t == "table" then
    depth = depth or 0
    if depth > 2 then return "{...}" end
    local keys = {}
    for k in next, v do keys[#keys + 1] = k end
    sort(keys, function(a, b)
      local x, y = type(a), type(b)
      if x ~= y then return x < y end
      if x == "number" or x == "string" then return a < b end
      return x == "boolean" and b and not a
    end)
    local out = { getmetatable(v) and "M" or nil }
    for i = 1, #keys do
      local k = keys[i]
      if #out > 14 then out[#out + 1] = "..." break end
      local tk = type(k)
      if tk == "number" or tk == "string" or tk == "boolean" then
        out[#out + 1] = show(k) .. "=" .. show(rawget(v, k), depth + 1)
      else
        out[#out + 1] = tk
      end
    end
    return "{" .. concat(out, ",") .. "}"
  end
  return t
end

local log, count
local function note(...)
  count = count + 1
  if count > 600 then return end
  local values = pack(...)
  for i = 1, values.n do values[i] = show(values[i]) end
  local line = concat(values, " ")
  if line ~= log[#log] then log[#log + 1] = line end
end

-- Conversions, for where an operand has to be of a type.
local function int(v)
  if mathtype(v) == "integer" then return v end
  if mathtype(v) == "float" then return mathtype(v // 1) == "float" and math.tointeger(v // 1) or 7 end
  return #type(v)
end
local function num(v) if type(v) == "number" then return v end return #type(v) + 0.5 end
local function str(v)
  local t = type(v)
  if t == "string" then return #v > 60 and v:sub(1, 60) or v end
  if t == "number" and v == v then return tostring(v) end
  return t
end
local function clip(v)
  if type(v) == "string" and #v > 60 then return v:sub(1, 60) end
  if v ~= v and type(v) == "number" then return 0.5 end
  return v
end
local function arr(v)
  if type(v) ~= "table" or getmetatable(v) or #v >= 200 then return { 1, 2, 3 } end
  -- With a hole its length would be left open.
  local n = 0
  for k in next, v do if mathtype(k) == "integer" then n = n + 1 end end
  for i = 1, n do if v[i] == nil then return { 1, 2, 3 } end end
  return v
end

local function environment()
  local env = {}
  for k, v in next, _G do env[k] = v end
  env._G = env
  env.note, env.show, env.int, env.num, env.str, env.clip, env.arr = note, show, int, num, str, clip, arr
  return env
end

local write = io.write
for name, text in (...):gmatch("%-%-@(%d+)\n(.-)%-%-@end\n") do
  log, count = {}, 0
  write("@", name, "\n")
  local f, message = load(text, "@p", "t", environment())
  if not f then
    note("syntax", message)
  else
    note("end", pcall(f))
  end
  write(concat(log, "\n"), "\n")
end
