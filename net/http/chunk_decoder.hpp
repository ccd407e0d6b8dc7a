// The chunked transfer coding, read strictly and without copying (RFC 9112 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

enum class body_status : std::uint8_t { more, done, failed };

/// One step of decoding: `consumed` bytes of the input are used up; `content` (a view into them) is
/// what to pass on, maybe empty.
struct body_step {
  body_status status = body_status::more;
  std::size_t consumed = 0;
  std::string_view content;
};

/// Reads one chunked body; a state per byte of framing, whole runs of content. Once done or failed
/// it stays so.
class chunk_decoder {
public:
  /// Consumes up to the end of `in`, or up to the second run of content, or up to the body's end.
  body_step step(std::string_view in);
  std::string_view trailers() const { return trailers_; }

private:
  enum class state : std::uint8_t {
    size_first,       // the first digit must be here
    size,             // more digits, or what ends them
    before_semicolon, // after blanks: only an extension may follow
    ext_name_first,
    ext_name,
    ext_name_blank, // blanks after a name
    ext_value_first,
    ext_token,
    ext_quoted,
    ext_escaped,   // after a backslash
    ext_value_end, // after the closing quote
    size_lf,
    content,
    content_cr,
    content_lf,
    trailer_line,
    done,
    failed,
  };

  state on_byte(char c);
  state on_size(char c);
  state on_extension(char c);
  state after_value(char c);
  state end_of_size() const;
  state count_extension(state next);
  std::size_t take_trailer(std::string_view in);
  state end_of_line();

  state state_ = state::size_first;
  std::uint8_t size_digits_ = 0;
  std::uint16_t trailer_fields_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::uint64_t chunk_left_ = 0;
  std::string line_; // of the trailer section, until its LF is here
  std::string trailers_;
};

} // namespace weir::net
