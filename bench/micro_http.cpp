// What reading and forwarding one head costs (design: everything Weir adds to a request fits in 3
// us).
#include "net/http/forwarded.hpp"
#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"
#include "net/http/target_path.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <string>

namespace weir::net {
namespace {

const std::string wrk_request = "GET /index.html HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

const std::string browser_request =
    "GET /static/css/site.css?v=12 HTTP/1.1\r\nHost: www.example.com\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n"
    "Referer: https://www.example.com/\r\nConnection: keep-alive\r\n"
    "Cookie: sessionid=abcdefghijklmnopqrstuvwxyz0123456789; csrftoken=abcdefghijklmnopqrstu\r\n"
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n\r\n";

const std::string origin_response =
    "HTTP/1.1 200 OK\r\nServer: gunicorn\r\nDate: Sun, 22 Nov 2026 08:00:00 GMT\r\n"
    "Content-Type: text/html; charset=utf-8\r\nContent-Length: 1024\r\nConnection: keep-alive\r\n"
    "Vary: Cookie\r\nX-Frame-Options: DENY\r\n\r\n";

void read_request(benchmark::State& state, const std::string& text) {
  request_head head;
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(parse_request(text, {}, scanned, head));
  }
}
BENCHMARK_CAPTURE(read_request, wrk, wrk_request);
BENCHMARK_CAPTURE(read_request, browser, browser_request);

void read_response(benchmark::State& state) {
  response_head head;
  for (auto _ : state) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(parse_response(origin_response, {}, scanned, http_method::get, head));
  }
}
BENCHMARK(read_response);

void forward_browser_request(benchmark::State& state) {
  request_head head;
  std::size_t scanned = 0;
  parse_request(browser_request, {}, scanned, head);
  forwarding peer{ip_address::v4(192, 0, 2, 7), true, 443};
  std::array<char, 4096> out;
  for (auto _ : state) {
    const forward_request how{.forwarded_lines = peer.lines(head, {})};
    benchmark::DoNotOptimize(write_request_head(out, head, how));
  }
}
BENCHMARK(forward_browser_request);

void forward_origin_response(benchmark::State& state) {
  response_head head;
  std::size_t scanned = 0;
  parse_response(origin_response, {}, scanned, http_method::get, head);
  std::array<char, 4096> out;
  const forward_response how{.framing = head.framing};
  for (auto _ : state)
    benchmark::DoNotOptimize(write_response_head(out, head, how));
}
BENCHMARK(forward_origin_response);

void normalize(benchmark::State& state, std::string_view path) {
  std::string scratch;
  for (auto _ : state)
    benchmark::DoNotOptimize(normalize_path(path, scratch));
}
BENCHMARK_CAPTURE(normalize, clean, "/static/css/site.css");
BENCHMARK_CAPTURE(normalize, encoded, "/static//css/./%73ite.css");

} // namespace
} // namespace weir::net

BENCHMARK_MAIN();
