-- The longest pancake flipping over all permutations of 1..n, and an alternating checksum of the flip counts.
local n = tonumber((...)) or 9

-- Reverses prefixes until the first pancake is 1; `p` is consumed. Returns the number of flips.
local function count_flips(p)
  local flips = 0
  local first = p[1]
  while first ~= 1 do
    local i, j = 1, first
    while i < j do
      p[i], p[j] = p[j], p[i]
      i, j = i + 1, j - 1
    end
    flips = flips + 1
    first = p[1]
  end
  return flips
end

local function search(size)
  local perm, work, turn = {}, {}, {}
  for i = 1, size do perm[i], turn[i] = i, 0 end
  local longest, checksum, parity = 0, 0, 1
  while true do
    if perm[1] ~= 1 then
      for i = 1, size do work[i] = perm[i] end
      local flips = count_flips(work)
      if flips > longest then longest = flips end
      checksum = checksum + parity * flips
    end
    parity = -parity
    -- The next permutation: rotate the shortest prefix that has rotations left.
    local k = 2
    while true do
      if k > size then return longest, checksum end
      local head = perm[1]
      for i = 1, k - 1 do perm[i] = perm[i + 1] end
      perm[k] = head
      turn[k] = turn[k] + 1
      if turn[k] < k then break end
      turn[k] = 0
      k = k + 1
    end
  end
end

local longest, checksum = search(n)
print(string.format("%d pancakes: %d flips, checksum %d", n, longest, checksum))
