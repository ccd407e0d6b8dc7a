// What a rate limit counts a request by.
#pragma once

#include "base/ip_address.hpp"
#include "base/sip_hash.hpp"
#include "net/http/message.hpp"
#include "net/limit/request_limit.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::net {

/// What is known of a request when it is limited.
struct limit_subject {
  const request_head& head;
  std::string_view path; // decoded and normalised
  const ip_address& client;
};

/// A key for a person to read.
struct limit_key_text {
  bool is_address = false; // then `address`, else `text`
  ip_address address;
  std::string text;
};

/// Turns requests into keys of limits: hashes with a secret of this process, so that nobody can
/// make keys that meet in the table. One per shard (it has scratch space); all of a node have the
/// same secret.
class limit_keys {
public:
  explicit limit_keys(const wide_hash& secret) : secret_(secret) {}

  /// The hash of the limit and its key; never 0. None: the request has nothing of what the limit
  /// counts by (of a composite key: none of its parts), so the limit does not concern it.
  std::optional<std::uint64_t> hash(const request_limit& limit, const limit_subject& subject);

  /// The hash of something else, known by `id`, that counts by the client's address.
  std::uint64_t hash(std::uint64_t id, const ip_address& client) const;

  /// The same key as text. Addresses, hosts and paths as they are; values of fields, cookies and
  /// parameters may be secrets, so only "#" and a part of their hash.
  limit_key_text text(const request_limit& limit, const limit_subject& subject);
  /// How a value that may be a secret is shown.
  std::string masked(std::string_view value) const;

private:
  /// One part's value, or none. May point into scratch_.
  std::optional<std::string_view> value(const config::limit_key_part& part,
                                        const limit_subject& subject);
  std::uint64_t hash_of(std::span<const std::uint64_t> words) const;
  std::string_view decoded(std::string_view raw);
  std::string_view lower(std::string_view text);

  wide_hash secret_;
  std::string scratch_;
};

} // namespace weir::net
