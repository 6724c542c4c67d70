"""What a server does as a whole or not at all, as scripts of its own. Texts only.

Each looks first, and does nothing where something is not as its caller saw it. What they answer
begins with a word.
"""

MOVE = """
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return {'gone'} end
local kind = redis.call('TYPE', KEYS[2])['ok']
if kind ~= 'stream' and not (kind == 'none' and ARGV[2] == '1') then return {'target', kind} end
local id = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('XDEL', KEYS[1], ARGV[1])
return {'moved', id}
"""
"""Takes an entry out of one stream and adds a message to another.

KEYS: from, to. ARGV: id, `1` where a missing target may be made, names and values.
"""

_FIND = """
local function find(rows, name)
  for _, row in ipairs(rows) do
    local one = {}
    for at = 1, #row, 2 do one[row[at]] = row[at + 1] end
    if one['name'] == name then return one end
  end
end
"""

REMOVE_CONSUMER = f"""{_FIND}
local one = find(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1]), ARGV[2])
if not one then return {{'absent', 0}} end
if one['pending'] ~= tonumber(ARGV[3]) then return {{'other', one['pending']}} end
return {{'done', redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])}}
"""
"""KEYS: stream. ARGV: group, consumer, how many entries it must have pending."""

RESTORE_CONSUMER = f"""{_FIND}
local one = find(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1]), ARGV[2])
if one then return {{'other', one['pending']}} end
redis.call('XGROUP', 'CREATECONSUMER', KEYS[1], ARGV[1], ARGV[2])
local count = 0
for at = 3, #ARGV, 3 do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[at], ARGV[at], 1) == 0 then
    count = count + #redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at],
      'IDLE', ARGV[at + 1], 'RETRYCOUNT', ARGV[at + 2], 'FORCE', 'JUSTID')
  end
end
return {{'done', count}}
"""
"""Makes a consumer again, with what it had pending. What is gone from the stream stays gone.

KEYS: stream. ARGV: group, consumer, then id, idle time in ms and deliveries of each entry.
"""

SET_ID = f"""{_FIND}
local one = find(redis.call('XINFO', 'GROUPS', KEYS[1]), ARGV[1])
if not one then return {{'absent', ''}} end
if one['last-delivered-id'] ~= ARGV[2] then return {{'other', one['last-delivered-id']}} end
if ARGV[4] == '' then redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[3])
else redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[3], 'ENTRIESREAD', ARGV[4]) end
return {{'done', ARGV[3]}}
"""
"""KEYS: stream. ARGV: group, id that it must have, new id, entries read (empty: not known)."""

REMOVE_GROUP = f"""{_FIND}
local one = find(redis.call('XINFO', 'GROUPS', KEYS[1]), ARGV[1])
if not one then return {{'absent', ''}} end
if one['consumers'] > 0 or one['pending'] > 0 then return {{'used', one['last-delivered-id']}} end
if one['last-delivered-id'] ~= ARGV[2] then return {{'other', one['last-delivered-id']}} end
redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
return {{'done', ''}}
"""
"""KEYS: stream. ARGV: group, id that it must have. One with consumers or pending entries stays."""

SWAP = """
local function place(key, value)
  for from = 0, redis.call('LLEN', key) - 1, 500 do
    for at, one in ipairs(redis.call('LRANGE', key, from, from + 499)) do
      if one == value then return from + at - 1 end
    end
  end
end
local swaps = {}
for at = 1, #ARGV, 8 do
  local one = {key = KEYS[tonumber(ARGV[at])], kind = ARGV[at + 1], field = ARGV[at + 2],
    old = ARGV[at + 3] == '1' and ARGV[at + 4], new = ARGV[at + 5] == '1' and ARGV[at + 6],
    ttl = tonumber(ARGV[at + 7])}
  local kind, now = redis.call('TYPE', one.key)['ok'], false
  one.is_first = kind == 'none'
  if not one.is_first then
    if kind ~= one.kind then return {'other', kind} end
    if kind == 'string' then now = redis.call('GET', one.key)
    elseif kind == 'hash' then now = redis.call('HGET', one.key, one.field)
    else
      local wanted = one.old or one.new
      now = place(one.key, wanted) and wanted or false
    end
  end
  if now ~= one.old then return {'other', kind} end
  swaps[#swaps + 1] = one
end
for _, one in ipairs(swaps) do
  if one.kind == 'string' then
    if not one.new then redis.call('DEL', one.key)
    elseif redis.call('PTTL', one.key) < 0 then redis.call('SET', one.key, one.new)
    else redis.call('SET', one.key, one.new, 'KEEPTTL') end
  elseif one.kind == 'hash' then
    if one.new then redis.call('HSET', one.key, one.field, one.new)
    else redis.call('HDEL', one.key, one.field) end
  elseif not one.new then redis.call('LREM', one.key, 1, one.old)
  elseif one.old then redis.call('LSET', one.key, place(one.key, one.old), one.new)
  elseif one.field == 'head' then redis.call('LPUSH', one.key, one.new)
  else redis.call('RPUSH', one.key, one.new) end
  if one.is_first and one.ttl > 0 then redis.call('PEXPIRE', one.key, one.ttl) end
end
return {'done', #swaps}
"""
"""Puts values in the place of others, all or none of them, where those are still there.

KEYS: those that it is about. ARGV, for each: number of its key, kind, field, `1` where it has an
old value, that, `1` where it has a new one, that, ms to live of a new key (0: for good).
"""
