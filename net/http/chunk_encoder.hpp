// Writing the chunked transfer coding around runs of content (RFC 9112 7.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::net {

/// What goes before one chunk's content: the size in hex and a CRLF. After the content goes
/// `chunk_end`. Lives on the stack, for writev.
class chunk_header {
public:
  /// REQUIRES: size > 0, since an empty chunk ends the body.
  explicit chunk_header(std::uint64_t size) {
    text_[--begin_] = '\n';
    text_[--begin_] = '\r';
    do {
      text_[--begin_] = "0123456789abcdef"[size & 0xf];
      size >>= 4;
    } while (size != 0);
  }

  std::string_view text() const { return {text_.data() + begin_, text_.size() - begin_}; }

private:
  std::array<char, 18> text_; // 16 digits, CRLF
  std::size_t begin_ = text_.size();
};

inline constexpr std::string_view chunk_end = "\r\n";
/// Ends a body without trailers.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// Ends a body with trailers: this, the lines of body_decoder::trailers(), and `trailers_end`.
inline constexpr std::string_view last_chunk_line = "0\r\n";
inline constexpr std::string_view trailers_end = "\r\n";

} // namespace weir::net
