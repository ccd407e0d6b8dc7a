// From a request to the key it is counted by.
#include "net/limit/limit_keys.hpp"

#include "base/hash.hpp"
#include "base/text.hpp"
#include "net/http/authority.hpp"
#include "net/route/pair_list.hpp"

#include <array>
#include <cstring>

namespace weir::net {

namespace {

using config::limit_key_kind;

constexpr std::size_t parts_max = 8;

std::optional<std::string_view> cookie(const request_head& head, std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& each : head.fields) {
    if (each.id != field_id::cookie) continue;
    const auto is_it = [&](std::string_view key, std::string_view value) {
      if (trim(key) != name) return false;
      found = trim(value);
      return true;
    };
    if (any_pair(each.value, ';', is_it)) break;
  }
  return found;
}

} // namespace

std::string_view limit_keys::decoded(std::string_view raw) {
  scratch_.clear();
  each_form_byte(raw, [this](char byte) {
    scratch_ += byte;
    return true;
  });
  return scratch_;
}

std::string_view limit_keys::lower(std::string_view text) {
  scratch_.assign(text);
  for (auto& c : scratch_)
    c = to_lower(c);
  return scratch_;
}

std::optional<std::string_view> limit_keys::value(const config::limit_key_part& part,
                                                  const limit_subject& subject) {
  switch (part.kind) {
  case limit_key_kind::ip:
  case limit_key_kind::all:
    break;
  case limit_key_kind::path:
    return subject.path;
  case limit_key_kind::host: {
    host_port authority;
    split_authority(subject.head.authority, authority);
    return lower(authority.host);
  }
  case limit_key_kind::header:
    if (const auto* field = subject.head.find(part.name)) return field->value;
    return std::nullopt;
  case limit_key_kind::cookie:
    return cookie(subject.head, part.name);
  case limit_key_kind::query: {
    std::optional<std::string_view> found;
    any_pair(subject.head.query, '&', [&](std::string_view name, std::string_view value) {
      if (decoded(name) != part.name) return false;
      found = decoded(value);
      return true;
    });
    return found;
  }
  }
  return std::string_view{};
}

std::optional<std::uint64_t> limit_keys::hash(const request_limit& limit,
                                              const limit_subject& subject) {
  // Each part adds whole words, so that no two lists of values look alike.
  std::array<std::uint64_t, 1 + 2 * parts_max> words;
  std::size_t count = 0;
  words[count++] = limit.id;
  bool any = false;
  for (const auto& part : limit.settings.key) {
    if (part.kind == limit_key_kind::ip) {
      const auto customer = subject.client.customer();
      std::memcpy(&words[count], customer.bytes().data(), customer.bytes().size());
      count += 2;
      any = true;
      continue;
    }
    const auto found = value(part, subject);
    any = any || found;
    words[count++] = found ? sip_hash(secret_, *found).low : 0;
  }
  if (!any) return std::nullopt;
  return hash_of({words.data(), count});
}

std::uint64_t limit_keys::hash(std::uint64_t id, const ip_address& client) const {
  std::array<std::uint64_t, 3> words{id};
  const auto customer = client.customer();
  std::memcpy(&words[1], customer.bytes().data(), customer.bytes().size());
  return hash_of(words);
}

std::uint64_t limit_keys::hash_of(std::span<const std::uint64_t> words) const {
  const auto hash =
      sip_hash(secret_, {reinterpret_cast<const char*>(words.data()), words.size_bytes()}).low;
  return hash == 0 ? 1 : hash;
}

std::string limit_keys::masked(std::string_view value) const {
  constexpr std::size_t digits = 12;
  return "#" + hex_prefix(sip_hash(secret_, value).low, digits);
}

limit_key_text limit_keys::text(const request_limit& limit, const limit_subject& subject) {
  limit_key_text out;
  const auto& parts = limit.settings.key;
  if (parts.size() == 1 && parts.front().kind == limit_key_kind::ip) {
    out.is_address = true;
    out.address = subject.client.customer();
    return out;
  }
  for (const auto& part : parts) {
    if (!out.text.empty()) out.text += '|';
    const auto found = value(part, subject);
    switch (part.kind) {
    case limit_key_kind::ip:
      out.text += subject.client.customer().text();
      break;
    case limit_key_kind::all:
      out.text += '*';
      break;
    case limit_key_kind::host:
    case limit_key_kind::path:
      out.text += *found;
      break;
    case limit_key_kind::header:
    case limit_key_kind::cookie:
    case limit_key_kind::query:
      if (found) out.text += masked(*found);
      break;
    }
  }
  return out;
}

} // namespace weir::net
