-- KEYS: the organization's hash, the call. ARGV: who calls whom, price, shortest and longest quota in seconds.
local known = redis.call('HMGET', KEYS[2], 'parties', 'granted_seconds', 'held_micros', 'final_unit')
if known[1] then
  if known[1] ~= ARGV[1] then return { -1, 0, 0 } end
  return { tonumber(known[2]), tonumber(known[3]), tonumber(known[4]) }
end
local price, shortest, longest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local books = redis.call('HMGET', KEYS[1], 'posted_micros', 'held_micros', 'live_calls')
local spendable = tonumber(books[1]) - tonumber(books[2])
local function fee(seconds) return math.floor((price * seconds * 2 + 60) / 120) end
local share = math.floor(spendable / (tonumber(books[3]) + 1) * 60 / price)
local granted = math.min(longest, math.max(share, shortest))
while granted > 0 and fee(granted) > spendable do granted = granted - 1 end
if granted == 0 then return { 0, 0, 1 } end
local final_unit = fee(granted + 1) > spendable and 1 or 0
redis.call('HSET', KEYS[2], 'parties', ARGV[1], 'granted_seconds', granted, 'held_micros', fee(granted), 'final_unit', final_unit)
redis.call('HINCRBY', KEYS[1], 'held_micros', fee(granted))
redis.call('HINCRBY', KEYS[1], 'live_calls', 1)
return { granted, fee(granted), final_unit }
