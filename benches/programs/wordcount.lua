-- Counting words: a generated text, gmatch, a table of counts, and a sort by count and word.
local n = tonumber((...)) or 100000

local state = 42
local function random(limit)
  state = state * 16807 % 2147483647
  return state % limit + 1
end

-- A vocabulary of made-up words; small numbers are drawn more often than large ones.
local syllables = { "ka", "lo", "mi", "ne", "ru", "sha", "to", "vi", "wen", "zu" }
local vocabulary = {}
for i = 1, 400 do
  local word = {}
  for j = 1, i % 3 + 1 do word[j] = syllables[random(#syllables)] end
  vocabulary[i] = table.concat(word)
end

local words = {}
for i = 1, n do
  local word = vocabulary[random(random(#vocabulary))]
  if i % 12 == 0 then word = word .. ".\n" elseif i % 5 == 0 then word = word .. "," end
  words[i] = word
end
local text = table.concat(words, " ")

local counts, distinct = {}, {}
for word in text:gmatch("%a+") do
  local count = counts[word]
  if not count then
    distinct[#distinct + 1] = word
    count = 0
  end
  counts[word] = count + 1
end

table.sort(distinct, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)

print(#text, #distinct)
for i = 1, 10 do print(distinct[i], counts[distinct[i]]) end
