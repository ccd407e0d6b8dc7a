// Names, identities and fields of limits.
#include "net/limit/request_limit.hpp"

#include "base/hash.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// A policy's name in a field: short, and nothing that would end the string (RFC 9651 3.3.3).
std::string quoted(std::string_view name) {
  constexpr std::size_t most = 64;
  std::string out = "\"";
  for (const char c : name.substr(0, most))
    out += c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
  return out + '"';
}

std::string identity(const request_limit& limit) {
  std::string text = limit.name;
  for (const auto& part : limit.settings.key)
    text.append("\n").append(std::to_string(static_cast<int>(part.kind))).append(part.name);
  return text.append("\n")
      .append(std::to_string(limit.interval.count()))
      .append("\n")
      .append(std::to_string(limit.burst));
}

request_limit compile(const config::rate_limit_settings& settings, std::string name) {
  request_limit out;
  out.settings = settings;
  out.name = settings.name.empty() ? std::move(name) : settings.name;
  out.methods = method_set(settings.methods);
  const auto policy = quoted(out.name);
  if (settings.per_key) {
    const auto& rate = *settings.per_key;
    const auto count = static_cast<std::int64_t>(rate.count);
    // Rounded up: the rate is never exceeded.
    out.interval = (duration(rate.per) + duration(count - 1)) / count;
    out.burst = settings.burst.value_or(rate.count);
    // What a full bucket holds comes back in that time.
    const auto window = std::chrono::ceil<std::chrono::seconds>(out.interval * out.burst).count();
    out.rate_fields = "RateLimit-Policy: " + policy + ";q=" + std::to_string(out.burst) +
                      ";w=" + std::to_string(window) + "\r\nRateLimit: " + policy + ";r=0;t=";
  }
  if (settings.concurrency) {
    out.concurrency = *settings.concurrency;
    out.concurrency_fields = "RateLimit-Policy: " + policy +
                             ";q=" + std::to_string(out.concurrency) +
                             ";qu=\"concurrent-requests\"\r\nRateLimit: " + policy + ";r=0\r\n";
  }
  out.id = fnv1a64(identity(out));
  return out;
}

void add(std::vector<request_limit>& to, const config::policy_settings& policy,
         const std::string& place) {
  if (!policy.rate_limits) return;
  const auto& limits = *policy.rate_limits;
  for (std::size_t i = 0; i < limits.size(); ++i)
    to.push_back(
        compile(limits[i], limits.size() == 1 ? place : place + "#" + std::to_string(i + 1)));
}

} // namespace

std::vector<request_limit> compile_limits(const config::site_settings& site,
                                          const config::route_settings* route) {
  std::vector<request_limit> out;
  const bool off =
      route != nullptr && route->policy.rate_limits && route->policy.rate_limits->empty();
  if (!off) add(out, site.policy, site.name());
  if (route != nullptr) add(out, route->policy, site.name() + route->path);
  return out;
}

} // namespace weir::net
