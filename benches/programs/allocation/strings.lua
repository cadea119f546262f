-- Strings: short ones that are new, long ones that grow, pieces and replacements.
local n = tonumber((...)) or 60000

local length, last = 0, ""
for i = 1, n do
  local key = "key" .. i
  local line = key .. "=" .. i * 2 .. ";" .. string.rep("-", i % 50)
  length = length + #line + #string.sub(line, 2, 5)
  if i % 16 == 0 then last = string.upper(line) .. string.sub(last, 1, 200) end
  if i % 64 == 0 then length = length + #(string.gsub(last, "-", "+")) end
end
print(length, #last)
