// Labels of keys, and what an operator sees and does.
#include "actors/node_limits.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weir::actors {

namespace {

enum class label_kind : std::uint8_t { text, address };

/// `2001:db8:1:2::/64` for what counts as one customer.
std::string network_text(const ip_address& customer) {
  return customer.is_v4() ? customer.text() : customer.text() + "/64";
}

} // namespace

cluster::limit_label node_limits::label_of(const net::limit_key_text& key) {
  cluster::limit_label out;
  if (key.is_address) {
    const auto& bytes = key.address.bytes();
    out.kind = static_cast<std::uint8_t>(label_kind::address);
    out.size = static_cast<std::uint8_t>(bytes.size());
    std::transform(bytes.begin(), bytes.end(), out.bytes.begin(),
                   [](std::uint8_t byte) { return static_cast<char>(byte); });
    return out;
  }
  out.kind = static_cast<std::uint8_t>(label_kind::text);
  out.size = static_cast<std::uint8_t>(std::min(key.text.size(), out.bytes.size()));
  std::copy_n(key.text.begin(), out.size, out.bytes.begin());
  return out;
}

std::string node_limits::text_of(const cluster::limit_label& label) {
  if (label.kind == static_cast<std::uint8_t>(label_kind::text))
    return {label.bytes.data(), label.size};
  ip_address::bytes_type bytes;
  std::transform(label.bytes.begin(), label.bytes.begin() + bytes.size(), bytes.begin(),
                 [](char byte) { return static_cast<std::uint8_t>(byte); });
  return network_text(ip_address(bytes));
}

std::vector<net::limited_key_status> node_limits::keys(const net::site_table& sites,
                                                       steady_time now, std::size_t most) const {
  std::unordered_map<std::uint32_t, const net::request_limit*> known;
  for (const auto* each : all_limits(sites))
    known.emplace(tag_of(*each), each);
  std::vector<net::limited_key_status> out;
  const auto emptier = [](const auto& a, const auto& b) { return a.full_in > b.full_in; };
  table_.each([&](const cluster::limit_entry& entry) {
    const auto limit = known.find(entry.key.limit);
    if (limit == known.end() || entry.bucket.is_as_new(now.time_since_epoch())) return;
    const auto seen =
        cluster::judge(entry.bucket, terms_of(*limit->second), now.time_since_epoch());
    out.push_back({limit->second->name, text_of(entry.label), seen.remaining,
                   entry.bucket.under_way, seen.full_in});
    // Kept small while the table is walked: it may have a million keys.
    if (out.size() < 2 * most) return;
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(most), out.end(),
                     emptier);
    out.resize(most);
  });
  std::sort(out.begin(), out.end(), emptier);
  out.resize(std::min(out.size(), most));
  return out;
}

std::size_t node_limits::reset(const net::site_table& sites, const std::string& key,
                               const std::string& limit) {
  std::unordered_set<std::uint32_t> chosen;
  for (const auto* each : all_limits(sites))
    if (limit.empty() || each->name == limit) chosen.insert(tag_of(*each));
  // An address counts as its customer.
  const auto address = ip_address::parse(key);
  const auto wanted = address ? network_text(address->customer()) : key;
  const auto masked = net::limit_keys(secret_).masked(key);
  const auto shown = text_of(label_of({false, {}, wanted})); // as long as a label can be
  return table_.reset([&](const cluster::limit_entry& entry) {
    if (!chosen.contains(entry.key.limit)) return false;
    const auto text = text_of(entry.label);
    return text == wanted || text == shown || text == masked;
  });
}

void node_limits::collect(metrics_writer& out) const {
  const auto& stats = table_.stats();
  const auto slots = [&](const char* state, std::uint64_t count) {
    out.gauge("weir_ratelimit_table_slots", "Places for keys of rate limits.", {{"state", state}},
              static_cast<double>(count));
  };
  const auto used = stats.used.load(std::memory_order_relaxed);
  slots("used", used);
  slots("free", table_.slots() - used);
  out.counter("weir_ratelimit_table_evictions_total",
              "Keys that were forgotten for others; nothing was due from them.", {},
              static_cast<double>(stats.evictions.load(std::memory_order_relaxed)));
  out.counter("weir_ratelimit_table_overflows_total",
              "Decisions about keys that found no place: too strict rather than too lenient.", {},
              static_cast<double>(stats.overflows.load(std::memory_order_relaxed)));
}

std::vector<const net::request_limit*> all_limits(const net::site_table& sites) {
  std::vector<const net::request_limit*> out;
  std::unordered_set<std::uint64_t> seen;
  const auto add = [&](const net::compiled_policy& policy) {
    for (const auto& each : policy.rate_limits)
      if (seen.insert(each.id).second) out.push_back(&each);
  };
  for (const auto& site : sites.sites()) {
    add(site.policy);
    for (const auto& route : site.routes)
      add(route.policy);
  }
  return out;
}

} // namespace weir::actors
