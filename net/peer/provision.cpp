// The authority in the first folder, certificates in all, one roster for everybody.
#include "net/peer/provision.hpp"

#include "base/atomic_file.hpp"
#include "net/peer/identity.hpp"
#include "net/tls/pki.hpp"
#include "net/tls/pki_errc.hpp"
#include "net/tls/secret.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace weir::net {

namespace {

/// A certificate with less left is replaced at the next start.
constexpr std::chrono::hours renew_before{24 * 365};

node_id random_id() {
  node_id id;
  RAND_bytes(id.bytes.data(), static_cast<int>(id.bytes.size()));
  return id;
}

std::string path_in(const node_place& place, const char* file) {
  return identity_folder(place.data_folder) + "/" + file;
}

provision_failure failed(const error_code& reason, std::string where) {
  return {reason, std::move(where)};
}

result<void> make_private_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool made = fs::create_directories(folder, error);
  if (!error && made) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return pki_errc::unwritable;
  return {};
}

result<void> write_part(const std::string& path, const std::string& bytes) {
  if (auto same = read_small_file(path); same && *same == bytes) return {};
  if (!write_file_atomically(path, bytes)) return pki_errc::unwritable;
  return {};
}

/// The file's bytes; empty if it cannot be read.
std::string read_or_nothing(const std::string& path) {
  auto bytes = read_small_file(path);
  return bytes ? std::move(*bytes) : std::string{};
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The authority in `folder`, made now if neither half of it is there. Half an authority is an
/// error: making a new one would throw every node out of the cluster.
result<pki::certified_key> open_authority(const std::string& cluster_name, const node_place& first,
                                          wall_time now, bool& made) {
  const auto certificate_path = path_in(first, identity_files::authority);
  const auto key_path = path_in(first, identity_files::authority_key);
  if (exists(key_path)) {
    auto certificate = read_small_file(certificate_path);
    auto key = read_small_file(key_path);
    if (!certificate || !key) return pki_errc::unreadable;
    pki::certified_key authority{std::move(*certificate), std::move(*key)};
    if (auto good = pki::check(authority.certificate, authority, now); !good) return good.error();
    return authority;
  }
  if (exists(certificate_path)) return pki_errc::key_mismatch;
  auto authority = pki::make_authority(cluster_name, random_id(), now);
  if (!authority) return authority.error();
  // The certificate first: a crash between the two leaves a folder that is refused, never a key
  // without its certificate.
  if (auto written = write_part(certificate_path, authority->certificate); !written)
    return written.error();
  if (auto written = write_part(key_path, authority->key); !written) return written.error();
  made = true;
  return authority;
}

/// Whether the certificate that is there can stay.
bool is_good(const pki::certified_key& authority, const pki::certified_key& own,
             const node_place& place, wall_time now) {
  const auto names = pki::peer_name_of(own.certificate);
  const auto end = pki::not_after(own.certificate);
  return names && names->cluster == pki::cluster_of(authority.certificate) &&
         pki::check(authority.certificate, own, now).has_value() && end &&
         *end > now + renew_before && pki::dns_name_of(own.certificate) == place.name &&
         pki::addresses_of(own.certificate) == place.addresses;
}

struct certified_node {
  node_id id;
  bool renewed = false;
};

result<certified_node> certify(const pki::certified_key& authority, const node_place& place,
                               wall_time now) {
  const auto certificate_path = path_in(place, identity_files::certificate);
  const auto key_path = path_in(place, identity_files::key);
  pki::certified_key own{read_or_nothing(certificate_path), read_or_nothing(key_path)};
  const auto old = pki::peer_name_of(own.certificate);
  if (old && is_good(authority, own, place, now)) {
    if (auto written = write_part(path_in(place, identity_files::authority), authority.certificate);
        !written)
      return written.error();
    return certified_node{old->node, false};
  }
  const node_id id = old ? old->node : random_id();
  auto request = pki::make_request(own.key, place.name);
  if (!request) { // no usable key yet
    auto key = pki::make_key();
    if (!key) return key.error();
    own.key = std::move(*key);
    request = pki::make_request(own.key, place.name);
    if (!request) return request.error();
  }
  auto certificate = pki::issue(authority, *request, {place.name, id, place.addresses}, now);
  if (!certificate) return certificate.error();
  const std::pair<std::string, std::string> parts[] = {
      {path_in(place, identity_files::authority), authority.certificate},
      {key_path, own.key},
      {certificate_path, *certificate}};
  for (const auto& [path, bytes] : parts)
    if (auto written = write_part(path, bytes); !written) return written.error();
  return certified_node{id, true};
}

} // namespace

provision_result provision(const std::string& cluster_name, const std::vector<node_place>& places,
                           wall_time now) {
  provision_report report;
  if (places.empty()) return report;
  for (const auto& place : places)
    for (const auto& folder : {place.data_folder, identity_folder(place.data_folder)})
      if (auto made = make_private_folder(folder); !made) return failed(made.error(), folder);
  auto authority = open_authority(cluster_name, places.front(), now, report.made_authority);
  if (!authority) return failed(authority.error(), identity_folder(places.front().data_folder));
  auto secret = open_secret(path_in(places.front(), identity_files::secret));
  if (!secret) return failed(secret.error(), path_in(places.front(), identity_files::secret));
  for (const auto& place : places)
    if (auto written = write_part(path_in(place, identity_files::secret), *secret + "\n"); !written)
      return failed(written.error(), path_in(place, identity_files::secret));
  std::vector<roster_entry> roster;
  for (const auto& place : places) {
    auto node = certify(*authority, place, now);
    if (!node) return failed(node.error(), identity_folder(place.data_folder));
    if (node->renewed) report.certified.push_back(place.name);
    roster.push_back({place.name, node->id});
  }
  for (const auto& place : places)
    if (auto written = write_part(path_in(place, identity_files::roster), write_roster(roster));
        !written)
      return failed(written.error(), path_in(place, identity_files::roster));
  return report;
}

void throw_exception_from_error(const provision_failure& failure, const boost::source_location&) {
  throw std::system_error(failure.reason, failure.where);
}

} // namespace weir::net
