-- Bodies under gravity, each an object with float fields; the pairwise inner loop reads and writes fields only.
local n = tonumber((...)) or 500000

local sqrt = math.sqrt
local G = 4.0 * math.pi * math.pi

-- A star and planets on circles around it, at the given distances (astronomical units) and masses (of the star).
local function make_system()
  local planets = { { 0.7, 2e-6, 0.01 }, { 1.0, 3e-6, 0.0 }, { 5.2, 1e-3, 0.02 }, { 9.5, 3e-4, 0.04 } }
  local bodies = { { x = 0.0, y = 0.0, z = 0.0, vx = 0.0, vy = 0.0, vz = 0.0, mass = 1.0 } }
  for i, p in ipairs(planets) do
    local r, mass, tilt = p[1], p[2], p[3]
    local speed = sqrt(G / r)
    if i % 2 == 0 then r, speed = -r, -speed end
    bodies[#bodies + 1] = { x = r, y = 0.0, z = 0.0, vx = 0.0, vy = speed, vz = speed * tilt, mass = mass }
  end
  -- The star takes up the momentum of the planets, so the centre of mass rests.
  local star = bodies[1]
  for i = 2, #bodies do
    local b = bodies[i]
    star.vx = star.vx - b.vx * b.mass
    star.vy = star.vy - b.vy * b.mass
    star.vz = star.vz - b.vz * b.mass
  end
  return bodies
end

local function energy(bodies)
  local e = 0.0
  for i, a in ipairs(bodies) do
    e = e + 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      e = e - G * a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz)
    end
  end
  return e
end

local function advance(bodies, dt)
  local count = #bodies
  for i = 1, count do
    local a = bodies[i]
    local ax, ay, az, amass = a.x, a.y, a.z, a.mass
    local vx, vy, vz = a.vx, a.vy, a.vz
    for j = i + 1, count do
      local b = bodies[j]
      local dx, dy, dz = ax - b.x, ay - b.y, az - b.z
      local d2 = dx * dx + dy * dy + dz * dz
      local pull = G * dt / (d2 * sqrt(d2))
      local pa, pb = pull * amass, pull * b.mass
      vx = vx - dx * pb
      vy = vy - dy * pb
      vz = vz - dz * pb
      b.vx = b.vx + dx * pa
      b.vy = b.vy + dy * pa
      b.vz = b.vz + dz * pa
    end
    a.vx, a.vy, a.vz = vx, vy, vz
  end
  for i = 1, count do
    local a = bodies[i]
    a.x = a.x + dt * a.vx
    a.y = a.y + dt * a.vy
    a.z = a.z + dt * a.vz
  end
end

local bodies = make_system()
print(string.format("%.9e", energy(bodies)))
for _ = 1, n do advance(bodies, 0.001) end
print(string.format("%.9e", energy(bodies)))
