-- Store a stamp, unless the store was emptied since `epoch` was read or a block stands.
-- KEYS epoch, stamp, block; ARGV the epoch that was read, the value. Returns '1' or '0'.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('EXISTS', KEYS[3]) == 1 then
  return '0'
end
redis.call('SET', KEYS[2], ARGV[2])
return '1'
