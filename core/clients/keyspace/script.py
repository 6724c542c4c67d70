"""The one script that may be sent: it reads many small records in one command. Text only.

It runs by EVAL_RO, which lets no script write. While it runs nobody else is served, so it stops
itself: a record that may be large is left out before any of it is read, and after so much work the
rest is left for the next time.
"""

MAX_KEYS = 50
"""Records in one command."""
NOT_REACHED, NOT_SMALL = 0, 1
"""What stands in place of a record: there was no room left for it; it must be read with care."""

SMALL_RECORDS = """
local MOST_COST, MEMBER_COST, SMALL_BYTES = 65536, 32, 16384
local MOST_FIELDS, MOST_MEMBERS, EDGE, SPARSE_BYTES = 64, 128, 8, 1024
local NOT_REACHED, NOT_SMALL = 0, 1
local cost = 0

local function bytes_of(key, samples)
  local bytes = redis.pcall('MEMORY', 'USAGE', key, 'SAMPLES', samples)
  return type(bytes) == 'number' and bytes or nil
end

local function is_compact(key)
  local encoding = redis.pcall('OBJECT', 'ENCODING', key)
  return encoding == 'listpack' or encoding == 'ziplist'
end

local function is_small(key, length, most)
  if length > most then return false end
  cost = cost + length * MEMBER_COST
  local bytes = bytes_of(key, 0)
  return bytes ~= nil and bytes <= SMALL_BYTES
end

local function append(record, words)
  for _, word in ipairs(words) do
    cost = cost + #word
    record[#record + 1] = word
  end
end

local function read_hash(key, record)
  local length = redis.pcall('HLEN', key)
  if type(length) ~= 'number' or not is_small(key, length, MOST_FIELDS) then return NOT_SMALL end
  local words = redis.pcall('HRANDFIELD', key, MOST_FIELDS, 'WITHVALUES')
  if words.err or #words ~= length * 2 then return NOT_SMALL end
  record[3], record[4] = length, is_compact(key) and 1 or 0
  append(record, words)
  return record
end

local function read_edges(key, record, count, range, ...)
  local length = redis.pcall(count, key)
  if type(length) ~= 'number' or not is_small(key, length, MOST_MEMBERS) then return NOT_SMALL end
  record[3], record[4] = length, 0
  if not is_compact(key) then
    local bytes = bytes_of(key, 5)
    if not bytes or bytes > SPARSE_BYTES * math.max(1, length) then return record end
  end
  local first = redis.pcall(range, key, 0, EDGE - 1, ...)
  if first.err then return NOT_SMALL end
  append(record, first)
  local tail = math.min(EDGE, length - EDGE)
  if tail > 0 then
    local last = redis.pcall(range, key, -tail, -1, ...)
    if last.err then return NOT_SMALL end
    append(record, last)
  end
  return record
end

local function read_string(key, record)
  local length = redis.pcall('STRLEN', key)
  local text = redis.pcall('GETRANGE', key, 0, SMALL_BYTES - 1)
  if type(length) ~= 'number' or type(text) ~= 'string' then return NOT_SMALL end
  record[3], record[4] = length, 0
  append(record, {text})
  return record
end

local function read_length(key, record, count)
  local length = redis.pcall(count, key)
  if type(length) ~= 'number' then return NOT_SMALL end
  record[3], record[4] = length, 0
  return record
end

local function read(key)
  local kind = redis.call('TYPE', key).ok
  local record = {kind, redis.call('PTTL', key)}
  cost = cost + MEMBER_COST
  if kind == 'hash' then return read_hash(key, record) end
  if kind == 'string' then return read_string(key, record) end
  if kind == 'list' then return read_edges(key, record, 'LLEN', 'LRANGE') end
  if kind == 'zset' then return read_edges(key, record, 'ZCARD', 'ZRANGE', 'WITHSCORES') end
  if kind == 'set' then return read_length(key, record, 'SCARD') end
  if kind == 'stream' then return read_length(key, record, 'XLEN') end
  return record
end

local found = {}
for at, key in ipairs(KEYS) do
  found[at] = cost < MOST_COST and read(key) or NOT_REACHED
end
return found
"""
