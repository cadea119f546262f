-- Building strings: concatenation, tables of pieces, upper/sub/byte/rep/format, and string keys made on the way.
local n = tonumber((...)) or 200000

local pieces, seen, distinct = {}, {}, 0
for i = 1, n do
  local key = "k" .. i % 997
  if not seen[key] then
    seen[key] = true
    distinct = distinct + 1
  end
  pieces[#pieces + 1] = key:upper() .. ":" .. i
end
local joined = table.concat(pieces, ",")

local checksum = 0
for i = 1, #joined, 7 do checksum = (checksum * 33 + joined:byte(i)) % 16777213 end

local line = ""
for i = 1, n do
  line = line .. string.char(97 + i % 26)
  if #line == 64 then
    checksum = (checksum + #line:rep(3, "-") + line:byte(-1)) % 16777213
    line = line:sub(33)
  end
end

print(#joined, distinct, checksum, string.format("%s|%5d|%x", joined:sub(1, 20), distinct, checksum))
