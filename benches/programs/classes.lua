-- A small class hierarchy: methods found through chains of __index, overriding, calls to the superclass.
local n = tonumber((...)) or 1000000

local function class(parent)
  local c = {}
  c.__index = c
  if parent then setmetatable(c, { __index = parent }) end
  return c
end

local Shape = class()
function Shape:scale(factor) self.size = self.size * factor end
function Shape:area() return 0.0 end
function Shape:describe() return self.name .. " " .. string.format("%.3f", self:area()) end

local Square = class(Shape)
function Square.new(size) return setmetatable({ name = "square", size = size }, Square) end
function Square:area() return self.size * self.size end

local Circle = class(Shape)
function Circle.new(size) return setmetatable({ name = "circle", size = size }, Circle) end
function Circle:area() return 3.0 * self.size * self.size end

-- A square that counts how often it was scaled, and asks its superclass to do it.
local Counted = class(Square)
function Counted.new(size) return setmetatable({ name = "counted", size = size, count = 0 }, Counted) end
function Counted:scale(factor)
  self.count = self.count + 1
  Square.scale(self, factor)
end

local shapes = { Square.new(1.0), Circle.new(2.0), Counted.new(3.0) }
local total = 0.0
for i = 1, n do
  local shape = shapes[i % 3 + 1]
  shape:scale(i % 2 == 0 and 1.25 or 0.8)
  total = total + shape:area()
  if i % 10 == 0 then total = total + Square.new(i % 5):area() end
end

for _, shape in ipairs(shapes) do print(shape:describe()) end
print(shapes[3].count, string.format("%.3f", total))
