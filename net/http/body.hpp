// Where a message body ends and what of the bytes on the wire is content (RFC 9112 6 and 7).
#pragma once

#include "net/http/chunk_decoder.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Follows one body. Feed it what arrived, again and again until it is `done` or the input is used
/// up; each step yields at most one run of content, so nothing is copied. Strict: chunk sizes are
/// 1*HEXDIG of at most 16 digits, lines end in CRLF, extensions are parsed by the grammar and
/// dropped, at most 16 KiB of them a body; trailers obey the limits of a head and are kept for
/// forwarding, but for those that RFC 9110 6.5.1 forbids.
class body_decoder {
public:
  body_decoder() = default; // no body: done at once
  body_decoder(body_framing framing, std::uint64_t content_length);

  body_step step(std::string_view in);
  /// The peer closed: done for until_close, failed for anything unfinished.
  body_status finish();

  bool done() const { return status_ == body_status::done; }
  std::uint64_t content_bytes() const { return content_bytes_; } // so far
  /// Bytes of content still to come; known for framing `length` only.
  std::uint64_t remaining() const { return remaining_; }
  /// The trailer section as it was sent, "Name: value\r\n"..., checked field by field; empty when
  /// there was none.
  std::string_view trailers() const { return chunks_.trailers(); }

private:
  body_framing framing_ = body_framing::none;
  body_status status_ = body_status::done;
  std::uint64_t remaining_ = 0;
  std::uint64_t content_bytes_ = 0;
  chunk_decoder chunks_;
};

} // namespace weir::net
