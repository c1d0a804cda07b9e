-- Decide about one request in all its layers, and count it in all of them or in none.
--
-- KEYS  the epoch; the version of the rules; the stamp (the epoch again, where none is
--       asked for); each layer's
-- ARGV  a clock in ms ('' for the store's own); a text that was never used before, for a
--       new epoch; the stamp's wanted value ('' for none); '1' to count, '0' to look;
--       then each layer's terms, packed: algorithm, quota, window in ms, burst, whether
--       the request counts
-- Returns, packed: of each layer what remains, reset in ms, wait in ms; is_allowed;
--       is_stamp_good; the epoch, a line end and the version of the rules
--
-- What is kept of a layer are packed numbers: index, current, previous (quota, 'w');
-- moment, level (burst, 'b': in requests times window_ms, leaking quota each ms);
-- moments (exact, 'l'). All are whole and below 2^53, so the arithmetic is exact.
-- algorithms.py is the same in Python, and easier to read: here each line costs.

local W, B, PACKED = 119, 98, 8
local floor, ceil, pack, unpacked = math.floor, math.ceil, struct.pack, struct.unpack

local now
if ARGV[1] == '' then
  local time = redis.call('TIME')
  now = time[1] * 1000 + floor(time[2] / 1000)
else
  now = tonumber(ARGV[1])
end

local held = redis.call('MGET', unpack(KEYS))
local epoch = held[1]
if not epoch then
  epoch = ARGV[2]
  redis.call('SET', KEYS[1], epoch)
end
local is_stamp_good = ARGV[3] ~= '' and held[3] == ARGV[3]

-- What is used as of now, by algorithm: index, current, previous; moment, level; or
-- nothing, the number of moments, and they. A clock that was set back changes nothing.
local function used(kind, text, quota, window)
  if kind == W then
    local index = floor(now / window)
    if not text then return index, 0, 0 end
    local at, current, previous = unpacked('>ddd', text)
    if at >= index then return at, current, previous end
    return index, 0, at == index - 1 and current or 0
  elseif kind == B then
    if not text then return now, 0 end
    local at, level = unpacked('>dd', text)
    if at > now then return at, level end
    level = level - (now - at) * quota
    return now, level > 0 and level or 0
  end
  text = text or ''
  local first, size = 1, #text
  while first < size and unpacked('>d', text, first) <= now - window do
    first = first + PACKED
  end
  return 0, (size + 1 - first) / PACKED, string.sub(text, first)
end

-- From when on at most `room` are used.
local function moment(kind, at, a, b, quota, window, room)
  if kind == W then
    local left = (room - a) * window
    if left < 0 then -- not before the next window, where `a` is the last one's
      return (at + 2) * window - math.min(window, floor(room * window / a))
    elseif b == 0 then
      return at * window
    end
    return (at + 1) * window - math.min(window, floor(left / b))
  elseif kind == B then
    local excess = a - room * window
    return excess > 0 and at + ceil(excess / quota) or at
  elseif a <= room then
    return now
  end
  return unpacked('>d', b, (a - room - 1) * PACKED + 1) + window
end

-- How many more fit.
local function left_of(kind, at, a, b, window, most)
  if kind == W then
    local elapsed = now - at * window
    a = a + b * (window - (elapsed > 0 and elapsed or 0)) / window
  elseif kind == B then
    a = a / window
  end
  return a < most and floor(most - a) or 0
end

-- Pass 1: ask all.

local terms, states, is_allowed = {}, {}, true
for number = 4, #KEYS do
  local kind, quota, window, most, counts = unpacked('>BI4I4I4B', ARGV[number + 1])
  local at, a, b = used(kind, held[number], quota, window)
  local wait = moment(kind, at, a, b, quota, window, most - 1) - now
  if wait > 0 then is_allowed = false end
  terms[number] = { kind, quota, window, most, counts }
  states[number] = { at, a, b, wait }
end

-- Pass 2: count in all or in none, and tell what is left.

local is_taken = is_allowed and ARGV[4] == '1' and (ARGV[3] == '' or is_stamp_good)
local told = {}
for number = 4, #KEYS do
  local kind, quota, window, most, counts = unpack(terms[number])
  local at, a, b, wait = unpack(states[number])
  if is_taken and counts == 1 then
    local text, over_at -- from when on it says nothing
    if kind == W then
      a, over_at = a + 1, (at + 2) * window
      text = pack('>ddd', at, a, b)
    elseif kind == B then
      a = a + window
      over_at = at + ceil(a / quota)
      text = pack('>dd', at, a)
    else
      local latest = a > 0 and unpacked('>d', b, (a - 1) * PACKED + 1) or now
      if latest < now then latest = now end
      a, b, over_at = a + 1, b .. pack('>d', latest), latest + window
      text = b
    end
    redis.call('SET', KEYS[number], text, 'PX', over_at - now)
    wait = moment(kind, at, a, b, quota, window, most - 1) - now
  end
  local left, reset = left_of(kind, at, a, b, window, most), 0
  if left < most then
    reset = moment(kind, at, a, b, quota, window, most - left - 1) - now
  end
  told[number - 3] =
    pack('>I4I8I8', left, reset > 0 and reset or 0, wait > 0 and wait or 0)
end
told[#told + 1] = pack('BB', is_allowed and 1 or 0, is_stamp_good and 1 or 0)
told[#told + 1] = epoch .. '\n' .. (held[2] or '')
return table.concat(told)
