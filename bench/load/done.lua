-- wrk's report as one line of JSON; nothing runs per request.
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n@@{"requests":%d,"secs":%.6f,"non2xx":%d,"errors":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
