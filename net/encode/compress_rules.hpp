// Whether an answer is compressed on its way, and how; pure (RFC 9110 8.4, 12.5.3;
// docs/compression.md).
#pragma once

#include "config/compress_settings.hpp"
#include "net/http/accept_encoding.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why an answer went as it was. Append only.
enum class compress_reason : std::uint8_t {
  coded,        // it did not: it was compressed
  not_accepted, // the client takes none of our codings, or likes identity better
  status,       // 1xx, 204, 206, 304: no body, or a part of one
  encoded,      // the origin did it: never twice
  no_transform, // Cache-Control of the request or the answer forbids it
  type,         // no media type that gains by it
  too_short,    // below `min`
  busy,         // too many encoders at once, or no memory
};
inline constexpr std::size_t compress_reason_count = 8;
std::string_view name_of(compress_reason reason);

struct compress_choice {
  compress_reason reason = compress_reason::type;
  content_coding coding = content_coding::gzip; // with `coded`
  /// Another client would have got another coding: Vary must say so.
  bool varies = false;
};

/// Decides about an answer to `request`. HEAD is decided as GET is, so that both heads agree.
compress_choice choose_compression(const config::compress_settings& settings,
                                   const request_head& request, const response_head& answer);

/// The same for an answer of our own with a body of `length` bytes.
compress_choice choose_compression(const config::compress_settings& settings,
                                   const request_head& request, std::uint16_t status,
                                   std::string_view content_type, std::uint64_t length);

/// Whether a media type (parameters are ignored) gains by compression: text, JSON, XML, script,
/// fonts that are not compressed themselves, and what `settings.types` adds.
bool is_compressible(std::string_view content_type, const config::compress_settings& settings);

/// A Cache-Control of the message lists no-transform.
bool forbids_transform(const message_head& head);

/// A 304 speaks of the representation that the client holds. If that is one we have compressed, its
/// entity-tag was made weak, and the origin's strong one would not match it.
bool names_weakened(const request_head& request, std::string_view etag);

} // namespace weir::net
