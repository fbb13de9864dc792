-- wrk … -s wrk.lua -- PATHS MODE SALT
-- PATHS: a file with the path of one request a line. MODE: "fresh" ends each with a comment that no request
-- before it had, "same" sends the first path again and again. The result is one line of JSON.

local paths, number, mode, salt = {}, 0, "same", ""

function init(arguments)
	for line in io.lines(arguments[1]) do
		paths[#paths + 1] = line
	end
	mode, salt = arguments[2], arguments[3]
end

function request()
	if mode == "same" then
		return wrk.format("GET", paths[1])
	end
	number = number + 1
	return wrk.format("GET", paths[(number - 1) % #paths + 1] .. "%0A%23" .. salt .. "-" .. number)
end

function done(summary, latency)
	local failed = summary.errors
	io.write(string.format(
		'\nRESULT {"requests": %d, "microseconds": %d, "median": %d, "p99": %d, "failed": %d}\n',
		summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
		failed.connect + failed.read + failed.write + failed.status + failed.timeout
	))
end
