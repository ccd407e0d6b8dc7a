// The field names Weir acts upon, recognised with one hash and one comparison.
#pragma once

#include "net/http/message.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::net {

inline constexpr std::size_t field_id_count = static_cast<std::size_t>(field_id::x_request_id) + 1;

/// Lower-case names in the order of field_id; `other` has none.
inline constexpr std::array<std::string_view, field_id_count> field_names = {
    "",
    "accept-encoding",
    "accept-ranges",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "location",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "server",
    "set-cookie",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-request-id",
};

constexpr std::string_view name_of(field_id id) {
  return field_names[static_cast<std::size_t>(id)];
}

/// A set of field_ids in one word.
class field_set {
public:
  constexpr field_set() = default;
  template <class... Ids>
  constexpr explicit field_set(Ids... ids) : bits_{(bit(ids) | ...)} {}

  constexpr bool has(field_id id) const { return (bits_ & bit(id)) != 0; }
  constexpr bool has_any(field_set ids) const { return (bits_ & ids.bits_) != 0; }
  constexpr void add(field_id id) { bits_ |= bit(id); }
  constexpr void remove(field_id id) { bits_ &= ~bit(id); }
  constexpr field_set operator|(field_set ids) const { return from(bits_ | ids.bits_); }
  constexpr field_set operator-(field_set ids) const { return from(bits_ & ~ids.bits_); }
  constexpr bool empty() const { return bits_ == 0; }

private:
  static_assert(field_id_count <= 64);
  static constexpr std::uint64_t bit(field_id id) {
    return std::uint64_t{1} << static_cast<unsigned>(id);
  }
  static constexpr field_set from(std::uint64_t bits) {
    field_set set;
    set.bits_ = bits;
    return set;
  }
  std::uint64_t bits_ = 0;
};

namespace known_fields {

inline constexpr std::size_t slots = 128;

/// Perfect for the names above (checked below): length, first and last letter but one tell them all
/// apart.
constexpr std::size_t slot_of(const char* name, std::size_t size) {
  const auto first = static_cast<unsigned char>(name[0] | 0x20);
  const auto penultimate = static_cast<unsigned char>(name[size - 2] | 0x20);
  return (size + 24u * first + 29u * penultimate) % slots;
}

consteval std::array<field_id, slots> make_slots() {
  std::array<field_id, slots> table{};
  for (std::size_t id = 1; id < field_id_count; ++id) {
    auto& slot = table[slot_of(field_names[id].data(), field_names[id].size())];
    if (slot != field_id::other) throw "two names share a slot: choose other factors";
    slot = static_cast<field_id>(id);
  }
  return table;
}
inline constexpr auto table = make_slots();

/// `name` but for its case is `lower`, which has the same size and only letters and '-'. REQUIRES:
/// no control byte in `name` (CR would pass for '-').
inline bool equal_but_for_case(const char* name, const char* lower, std::size_t size) {
  if (size >= 8) {
    const auto differs = [&](std::size_t at) {
      std::uint64_t a, b;
      std::memcpy(&a, name + at, 8);
      std::memcpy(&b, lower + at, 8);
      return (a | 0x2020202020202020u) != b;
    };
    for (std::size_t at = 0; at + 8 < size; at += 8)
      if (differs(at)) return false;
    return !differs(size - 8);
  }
  for (std::size_t at = 0; at < size; ++at)
    if ((name[at] | 0x20) != lower[at]) return false;
  return true;
}

} // namespace known_fields

/// The id of a field name, `other` if it is none of ours. REQUIRES: no control byte in `name`.
inline field_id identify_field(std::string_view name) {
  if (name.size() < 2) return field_id::other;
  const auto id = known_fields::table[known_fields::slot_of(name.data(), name.size())];
  const auto known = name_of(id);
  if (known.size() != name.size()) return field_id::other;
  return known_fields::equal_but_for_case(name.data(), known.data(), name.size()) ? id
                                                                                  : field_id::other;
}

} // namespace weir::net
