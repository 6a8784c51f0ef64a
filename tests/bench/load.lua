-- What wrk sends and checks. Arguments: the file of requests, the file of tokens, the document's file, a seed.
-- A line of requests is the number of a token and the variables; a variable `@key@` becomes a fresh UUID each time.

local KEY = "00000000-0000-4000-8000-000000000000"
local CHECK_EVERY = 8

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

local function lines(path)
  local all = {}
  for line in io.lines(path) do all[#all + 1] = line end
  return all
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

function init(args)
  math.randomseed(tonumber(args[4]) * 1000 + number)
  local tokens = lines(args[2])
  local file = assert(io.open(args[3]))
  local document = quoted(file:read("*a"))
  file:close()
  heads, tails = {}, {}
  for at, line in ipairs(lines(args[1])) do
    local token, variables = line:match("^(%d+)\t(.*)$")
    variables = variables:gsub("@key@", KEY)
    local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. tokens[tonumber(token)]}
    local body = '{"query":' .. document .. ',"variables":' .. variables .. "}"
    local whole = wrk.format("POST", "/graphql", headers, body)
    local from, to = whole:find(KEY, 1, true)
    heads[at] = from and whole:sub(1, from - 1) or whole
    tails[at] = from and whole:sub(to + 1)
  end
  answers, faulty, fault = 0, 0, ""
end

local function uuid()
  local r = math.random
  return string.format("%04x%04x-%04x-4%03x-8%03x-%04x%04x%04x", r(0, 65535), r(0, 65535), r(0, 65535), r(0, 4095),
    r(0, 4095), r(0, 65535), r(0, 65535), r(0, 65535))
end

function request()
  local at = math.random(#heads)
  if tails[at] then return heads[at] .. uuid() .. tails[at] end
  return heads[at]
end

-- Every answer's status is looked at by wrk itself, of some the text as well.
function response(status, headers, body)
  answers = answers + 1
  if status ~= 200 or (answers % CHECK_EVERY == 0 and (body:find('"errors":[{', 1, true) or not body:find('"data":{', 1, true))) then
    faulty = faulty + 1
    fault = status .. " " .. body:sub(-600)
  end
end

function done(summary, latency)
  local faulty, fault = 0, ""
  for _, thread in ipairs(threads) do
    faulty = faulty + thread:get("faulty")
    if thread:get("fault") ~= "" then fault = thread:get("fault") end
  end
  local errors = summary.errors
  io.write(string.format('\nRESULT {"requests": %d, "micros": %d, "bytes": %d, "failed": %d, "faulty": %d, ' ..
    '"mean_ms": %.3f, "p50_ms": %.3f, "p99_ms": %.3f, "max_ms": %.3f, "fault": %s}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout, faulty,
    latency.mean / 1000, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, quoted(fault)))
end
