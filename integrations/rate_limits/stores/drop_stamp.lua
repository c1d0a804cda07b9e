-- Delete a stamp and let nobody put one for a while.
-- KEYS stamp, block; ARGV how long, in ms. Returns '1'.
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[1])
return '1'
