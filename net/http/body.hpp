// Where a message body ends and what of the bytes on the wire is content (RFC 9112 6 and 7).
#pragma once

#include "net/http/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

enum class body_status : std::uint8_t { more, done, failed };

/// One step of decoding: `consumed` bytes of the input are used up; `content` (a view into them) is what to pass on, maybe empty.
struct body_step {
  body_status status = body_status::more;
  std::size_t consumed = 0;
  std::string_view content;
};

/// Follows one body. Feed it what arrived, again and again until it is `done` or the input is used up; each step yields at most one run
/// of content, so nothing is copied. Strict: chunk sizes are 1*HEXDIG of at most 16 digits, lines end in CRLF, extensions are
/// parsed by the grammar and dropped, at most 16 KiB of them a body; trailers obey the limits of a head and are kept for forwarding.
class body_decoder {
public:
  body_decoder() = default; // no body: done at once
  body_decoder(body_framing framing, std::uint64_t content_length);

  body_step step(std::string_view in);
  /// The peer closed: done for until_close, failed for anything unfinished.
  body_status finish();

  bool done() const;
  std::uint64_t content_bytes() const; // so far
  /// Bytes of content still to come; known for framing `length` only.
  std::uint64_t remaining() const;
  /// The trailer section as it was sent, "Name: value\r\n"..., checked field by field; empty when there was none.
  std::string_view trailers() const;
};

} // namespace weir::net
