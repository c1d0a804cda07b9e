-- Decide about one request in all its layers, and count it in all of them or in none.
--
-- KEYS  the epoch; the stamp (the epoch again, where none is asked for); each layer's
-- ARGV  a clock in ms ('' for the store's own); a text that was never used before, for a
--       new epoch; the stamp's wanted value ('' for none); '1' to count, '0' to look;
--       then of each layer "algorithm quota window_ms burst", the algorithm in capitals
--       where the request counts
-- Returns, as one text: is_allowed is_stamp_good epoch, then of each layer
--       remaining reset_ms wait_ms
--
-- Each layer is one text: "index current previous" (quota), "level moment" (burst: the
-- level in requests times window_ms, leaking quota each ms), or moments of 13 digits
-- (exact). Every number is a whole one below 2^53, so the arithmetic is exact.
-- algorithms.py is the same in Python.

local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
else
  now = tonumber(ARGV[1])
end
local floor, max, format = math.floor, math.max, string.format

local held = redis.call('MGET', unpack(KEYS))
local epoch = held[1]
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', KEYS[1], epoch)
end
local is_stamp_good = ARGV[3] ~= '' and held[2] == ARGV[3]

-- What is used, as of now: layers carry (at, a, b), by algorithm.

local function read_window(layer, text)
  local index = floor(now / layer.window)
  layer.at, layer.a, layer.b = index, 0, 0
  if not text then return end
  local at, current, previous = string.match(text, '(%d+) (%d+) (%d+)')
  at, current, previous = tonumber(at), tonumber(current), tonumber(previous)
  if at >= index then -- a clock that was set back counts on in the newest window
    layer.at, layer.a, layer.b = at, current, previous
  elseif at == index - 1 then
    layer.b = current
  end
end

local function read_burst(layer, text)
  layer.at, layer.a = now, 0
  if not text then return end
  local level, at = string.match(text, '(%d+) (%d+)')
  level, at = tonumber(level), tonumber(at)
  if at > now then
    layer.at, layer.a = at, level
  else
    layer.a = max(0, level - (now - at) * layer.quota)
  end
end

local function read_log(layer, text)
  text = text or ''
  local oldest, first = now - layer.window, 1
  while first <= #text and tonumber(string.sub(text, first, first + 12)) <= oldest do
    first = first + 13
  end
  layer.log = string.sub(text, first)
end

-- The moment from which at most `room` are used.

local function window_moment(layer, room)
  local start, width = layer.at * layer.window, layer.window
  local left = (room - layer.a) * width
  if left >= 0 then
    if layer.b == 0 then return start end
    return start + max(0, width - floor(left / layer.b))
  end
  return start + width + max(0, width - floor(room * width / layer.a))
end

local function burst_moment(layer, room)
  local excess = layer.a - room * layer.window
  return layer.at + math.ceil(max(0, excess) / layer.quota)
end

local function log_moment(layer, room)
  local surplus = #layer.log / 13 - room
  if surplus <= 0 then return now end
  local from = (surplus - 1) * 13 + 1
  return tonumber(string.sub(layer.log, from, from + 12)) + layer.window
end

local function window_used(layer)
  local elapsed = max(0, now - layer.at * layer.window)
  return layer.a * layer.window + layer.b * (layer.window - elapsed)
end

local function remaining(layer)
  local used
  if layer.kind == 'W' then
    used = window_used(layer)
  elseif layer.kind == 'B' then
    used = layer.a
  else
    used = #layer.log / 13 * layer.window
  end
  return max(0, floor((layer.most * layer.window - used) / layer.window))
end

local read = { W = read_window, B = read_burst, L = read_log }
local moment = { W = window_moment, B = burst_moment, L = log_moment }

-- One more, and how it is kept: until it could not be told from nothing.

local function count(layer, key)
  local text, until_ms
  if layer.kind == 'W' then
    layer.a = layer.a + 1
    text = format('%.0f %.0f %.0f', layer.at, layer.a, layer.b)
    until_ms = (layer.at + 2) * layer.window
  elseif layer.kind == 'B' then
    layer.a = layer.a + layer.window
    text = format('%.0f %.0f', layer.a, layer.at)
    until_ms = burst_moment(layer, 0)
  else
    local latest = tonumber(string.sub(layer.log, -13)) or 0
    latest = max(now, latest)
    layer.log = layer.log .. format('%013.0f', latest)
    text = layer.log
    until_ms = latest + layer.window
  end
  redis.call('SET', key, text, 'PX', format('%.0f', max(1, until_ms - now)))
end

-- First all are asked, then all are counted.

local layers, is_allowed = {}, true
for number = 1, #KEYS - 2 do
  local kind, quota, window, burst =
    string.match(ARGV[4 + number], '(%a) (%d+) (%d+) (%d+)')
  local layer = {
    kind = string.upper(kind),
    quota = tonumber(quota),
    window = tonumber(window),
    most = tonumber(burst),
    counts = kind == string.upper(kind),
  }
  read[layer.kind](layer, held[2 + number])
  layer.wait = max(0, moment[layer.kind](layer, layer.most - 1) - now)
  is_allowed = is_allowed and layer.wait == 0
  layers[number] = layer
end

local is_taken = is_allowed and ARGV[4] == '1' and (ARGV[3] == '' or is_stamp_good)
local told = { is_allowed and 1 or 0, is_stamp_good and 1 or 0, epoch }
for number, layer in ipairs(layers) do
  if is_taken and layer.counts then
    count(layer, KEYS[2 + number])
    layer.wait = max(0, moment[layer.kind](layer, layer.most - 1) - now)
  end
  local left, reset = remaining(layer), 0
  if left < layer.most then
    reset = max(0, moment[layer.kind](layer, layer.most - left - 1) - now)
  end
  told[#told + 1] = format('%.0f %.0f %.0f', left, reset, layer.wait)
end
return table.concat(told, ' ')
