// Whatever a client sends: keys of rate limits depend on nothing but what they name, and no value
// that may be a secret is shown.
#include "net/http/parser.hpp"
#include "net/limit/limit_keys.hpp"
#include "tests/fuzz/check.hpp"

namespace {

using namespace weir;
using namespace weir::net;
using config::limit_key_kind;

request_limit limit_by(std::vector<config::limit_key_part> key) {
  config::site_settings site;
  site.hosts = {"*"};
  site.policy.rate_limits.emplace(1).front().key = std::move(key);
  site.policy.rate_limits->front().per_key = rate{1, std::chrono::seconds(1)};
  return compile_limits(site, nullptr).front();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const request_limit all_parts = limit_by({{limit_key_kind::ip, ""},
                                                   {limit_key_kind::host, ""},
                                                   {limit_key_kind::header, "X-Key"},
                                                   {limit_key_kind::cookie, "sid"},
                                                   {limit_key_kind::query, "token"}});
  static const request_limit by_cookie = limit_by({{limit_key_kind::cookie, "sid"}});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  request_head head;
  std::size_t scanned = 0;
  if (parse_request(text, {}, scanned, head).status != parse_status::complete) return 0;
  const auto client = ip_address::v4(192, 0, 2, 1);
  const limit_subject subject{head, head.path, client};
  limit_keys one({1, 2});
  limit_keys other({1, 2});
  const auto key = one.hash(all_parts, subject);
  check(key && *key != 0 && key == other.hash(all_parts, subject));
  check(one.text(all_parts, subject).text.starts_with("192.0.2.1|"));
  const auto cookie = one.hash(by_cookie, subject);
  check(cookie.has_value() == (one.text(by_cookie, subject).text.size() == 13));
  return 0;
}
