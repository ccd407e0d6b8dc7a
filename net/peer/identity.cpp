// Loading an identity folder, and the roster's text form.
#include "net/peer/identity.hpp"

#include "base/atomic_file.hpp"
#include "base/text.hpp"
#include "net/tls/pki_errc.hpp"

#include <algorithm>
#include <filesystem>

namespace weir::net {

namespace {

result<std::string> read_part(const std::string& folder, const char* file) {
  auto bytes = read_small_file(folder + "/" + file);
  if (!bytes) return pki_errc::unreadable;
  return bytes;
}

/// Fills in what the certificate itself says.
result<void> take_names(node_identity& identity) {
  const auto names = pki::peer_name_of(identity.own.certificate);
  const auto cluster = pki::cluster_of(identity.authority);
  identity.name = pki::dns_name_of(identity.own.certificate);
  if (!names || !cluster || identity.name.empty()) return pki_errc::bad_certificate;
  if (names->cluster != *cluster) return pki_errc::foreign;
  identity.cluster = names->cluster;
  identity.node = names->node;
  return {};
}

} // namespace

std::optional<node_id> node_identity::find(std::string_view member) const {
  auto it = std::ranges::find(roster, member, &roster_entry::name);
  if (it == roster.end()) return std::nullopt;
  return it->id;
}

std::string identity_folder(const std::string& data_folder) {
  return data_folder + "/identity";
}

result<node_identity> load_identity(const std::string& data_folder, wall_time now) {
  const auto folder = identity_folder(data_folder);
  std::error_code ignored;
  if (!std::filesystem::exists(folder + "/" + identity_files::certificate, ignored))
    return pki_errc::no_identity;
  node_identity identity;
  auto take = [&](const char* file, std::string& into) -> error_code {
    auto bytes = read_part(folder, file);
    if (!bytes) return bytes.error();
    into = std::move(*bytes);
    return {};
  };
  std::string roster;
  for (auto [file, into] : {std::pair{identity_files::authority, &identity.authority},
                            std::pair{identity_files::certificate, &identity.own.certificate},
                            std::pair{identity_files::key, &identity.own.key},
                            std::pair{identity_files::roster, &roster}})
    if (auto failed = take(file, *into)) return failed;
  if (auto named = take_names(identity); !named) return named.error();
  if (auto good = pki::check(identity.authority, identity.own, now); !good) return good.error();
  auto entries = read_roster(roster);
  if (!entries) return entries.error();
  identity.roster = std::move(*entries);
  return identity;
}

std::string write_roster(const std::vector<roster_entry>& roster) {
  std::string out;
  for (const auto& entry : roster)
    out += entry.id.text() + " " + entry.name + "\n";
  return out;
}

result<std::vector<roster_entry>> read_roster(std::string_view text) {
  std::vector<roster_entry> out;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto parts = split(line, ' ');
    const auto id = node_id::parse(parts.front());
    if (parts.size() != 2 || !id || parts[1].empty()) return pki_errc::bad_roster;
    out.push_back({std::string(parts[1]), *id});
  }
  return out;
}

} // namespace weir::net
