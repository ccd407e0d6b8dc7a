// What a content coding of ours changes in a response's head (RFC 9110 8.4, 8.8.3, 12.5.5).
#pragma once

#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"
#include "net/http/span_writer.hpp"

#include <string_view>

namespace weir::net {

struct field_changes; // net/route/policy.hpp

struct coded_fields {
  std::string_view coding = {}; // Content-Encoding; empty: the content goes as it came
  bool varies = false;          // Vary names Accept-Encoding, unless it does already
  bool weaken = false;          // a strong ETag becomes weak: other bytes, the same meaning

  bool changes() const { return varies || weaken; }
};

/// Fields that go when the content is coded: its length, its ranges, and the ETag where it is
/// written anew.
field_set replaced_by(const coded_fields& coded);

/// Digests of the bytes as they were (RFC 9530, RFC 3230, RFC 1864): they are no longer true.
bool is_digest(const field& f);

/// Writes Content-Encoding, Vary and ETag; what the operator sets or removes himself is left out,
/// but for the coding, which is needed to read the content.
void put_coded(span_writer& out, const response_head& head, const coded_fields& coded,
               const field_changes* changes);

} // namespace weir::net
