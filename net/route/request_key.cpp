// Hashing the parts one behind the other.
#include "net/route/request_key.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "net/http/authority.hpp"
#include "net/route/pair_list.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Bytes of an IPv6 address that name its network: a client changes the rest as it likes.
constexpr std::size_t network_bytes = 8;

/// Whether a field's name is the wanted one; "_" stands for "-" too, as nginx's variables have it.
bool is_field(std::string_view name, std::string_view wanted) {
  const auto same = [](char a, char b) {
    return to_lower(a) == to_lower(b) || (a == '-' && b == '_');
  };
  return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), same);
}

std::string_view cookie(const request_head& head, std::string_view wanted) {
  std::string_view found;
  const auto take = [&](std::string_view name, std::string_view value) {
    if (trim(name) != wanted) return false;
    found = trim(value);
    return true;
  };
  for (const auto& f : head.fields)
    if (f.id == field_id::cookie && any_pair(f.value, ';', take)) break;
  return found;
}

std::string_view header(const request_head& head, std::string_view wanted) {
  for (const auto& f : head.fields)
    if (is_field(f.name, wanted)) return f.value;
  return {};
}

std::string_view parameter(const request_head& head, std::string_view wanted) {
  std::string_view found;
  any_pair(head.query, '&', [&](std::string_view name, std::string_view value) {
    if (name != wanted) return false;
    found = value;
    return true;
  });
  return found;
}

std::string_view network_of(const ip_address& client) {
  const auto& bytes = client.bytes();
  return {reinterpret_cast<const char*>(bytes.data()),
          client.is_v4() ? bytes.size() : network_bytes};
}

std::uint64_t hash_of_host(const request_head& head, std::uint64_t hash, bool& any) {
  host_port authority;
  split_authority(head.authority, authority);
  any = any || !authority.host.empty();
  for (const char c : authority.host) {
    const char small = to_lower(c);
    hash = fnv1a64({&small, 1}, hash);
  }
  return hash;
}

} // namespace

std::uint64_t request_key::of(const key_facts& request) const {
  std::uint64_t hash = fnv1a64({});
  bool any = false;
  const auto add = [&](std::string_view value) {
    any = any || !value.empty();
    hash = fnv1a64(value, hash);
  };
  for (const auto& part : parts_) {
    switch (part.source) {
    case config::key_source::text:
      hash = fnv1a64(part.name, hash);
      break;
    case config::key_source::cookie:
      add(cookie(request.head, part.name));
      break;
    case config::key_source::header:
      add(header(request.head, part.name));
      break;
    case config::key_source::query:
      add(parameter(request.head, part.name));
      break;
    case config::key_source::path:
      add(request.path);
      break;
    case config::key_source::ip:
      add(network_of(request.client));
      break;
    case config::key_source::host:
      hash = hash_of_host(request.head, hash, any);
      break;
    }
    hash = fnv1a64({"", 1}, hash); // "a" and "bc" are not "ab" and "c"
  }
  return any ? std::max<std::uint64_t>(mix64(hash), 1) : 0;
}

} // namespace weir::net
