// One trust for each set of files, and hosts to trusts.
#include "net/tls/client_rules.hpp"

#include "config/surroundings.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace weir::net {

namespace {

/// A certificate is about 2 KiB.
constexpr std::size_t ca_bytes_max = 4u << 20;
/// Lists of large authorities have tens of thousands of entries, each of some 40 bytes.
constexpr std::size_t crl_bytes_max = 32u << 20;

std::string read(const std::string& path, std::size_t bytes_max, client_rules_result& out) {
  auto text = config::read_regular_file(path, bytes_max);
  if (text) return std::move(*text);
  out.errors.push_back("client certificates: " + path + ": cannot read: " + text.error().message());
  return {};
}

client_trust_result load_trust(const config::site_tls_settings& files, wall_time now,
                               client_rules_result& out) {
  const auto before = out.errors.size();
  const auto ca = read(files.client_ca, ca_bytes_max, out);
  const auto crl =
      files.client_crl.empty() ? std::string{} : read(files.client_crl, crl_bytes_max, out);
  if (out.errors.size() > before) return {};
  return client_trust::make({files.client_ca, ca, files.client_crl, crl}, now);
}

} // namespace

client_rules_result client_rules::load(const config::settings& settings, wall_time now) {
  client_rules_result out;
  if (!settings.asks_clients()) return out;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const client_trust>> by_files;
  std::shared_ptr<client_rules> made(new client_rules);
  for (const auto& site : settings.sites) {
    const auto index = static_cast<std::uint32_t>(made->by_site_.size());
    auto& trust = made->by_site_.emplace_back();
    for (const auto& host : site.hosts)
      if (const auto pattern = host_index::pattern_of(host); !pattern.empty())
        made->hosts_.add(pattern, index);
    if (site.tls.client == config::client_mode::off) continue;
    const auto [known, is_new] = by_files.try_emplace({site.tls.client_ca, site.tls.client_crl});
    if (is_new) {
      auto loaded = load_trust(site.tls, now, out);
      known->second = std::move(loaded.trust);
      std::move(loaded.errors.begin(), loaded.errors.end(), std::back_inserter(out.errors));
      std::move(loaded.warnings.begin(), loaded.warnings.end(), std::back_inserter(out.warnings));
    }
    trust = known->second;
  }
  if (out.errors.empty()) out.rules = std::move(made);
  return out;
}

const client_trust* client_rules::of_host(std::string_view host) const {
  const auto site = hosts_.find(host);
  return site ? by_site_[*site].get() : nullptr;
}

} // namespace weir::net
