-- What wrk asks, and its result as JSON: wrk … -s load.lua URL -- get|whole|ranges|submit [BYTES OF THE FILE|TOKEN]
local range_bytes = 1048576

function init(args)
	if args[1] == "ranges" then
		local last = tonumber(args[2]) - range_bytes
		request = function()
			local from = math.random(0, last)
			return wrk.format("GET", nil, { Range = "bytes=" .. from .. "-" .. from + range_bytes - 1 })
		end
	elseif args[1] == "submit" then
		wrk.method = "POST"
		wrk.headers["Content-Type"] = "application/json"
		if args[2] then wrk.headers["Authorization"] = "Bearer " .. args[2] end
		wrk.body = '{"prompt":"A calm piano piece in D major, 70 bpm"}'
	end
end

function done(summary)
	local e = summary.errors
	io.write(string.format('\n{"seconds":%f,"requests":%d,"bytes":%.0f,"errors":%d}\n', summary.duration / 1e6,
		summary.requests, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout))
end
