// The chunked transfer coding, read strictly and without copying (RFC 9112 7.1).
#include "net/http/chunk_decoder.hpp"

#include "net/http/char_class.hpp"
#include "net/http/field_lexer.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::uint8_t size_digits_max = 16; // all that 64 bits hold; more could only be zeros
constexpr std::uint32_t extension_bytes_max = 16 * 1024; // of a whole body: nobody reads them
constexpr std::uint32_t trailer_bytes_max = 16 * 1024;
constexpr std::uint16_t trailer_fields_max = 100;

/// RFC 9110 6.5.1: fields that frame, route, authenticate, modify the request or say how to read
/// the content come too late in a trailer; a hop further on they could be taken for the head's.
constexpr field_set forbidden_in_trailers{field_id::authorization,
                                          field_id::cache_control,
                                          field_id::connection,
                                          field_id::content_encoding,
                                          field_id::content_length,
                                          field_id::content_range,
                                          field_id::content_type,
                                          field_id::cookie,
                                          field_id::date,
                                          field_id::expect,
                                          field_id::forwarded,
                                          field_id::host,
                                          field_id::if_match,
                                          field_id::if_modified_since,
                                          field_id::if_none_match,
                                          field_id::if_range,
                                          field_id::if_unmodified_since,
                                          field_id::keep_alive,
                                          field_id::location,
                                          field_id::max_forwards,
                                          field_id::proxy_authenticate,
                                          field_id::proxy_authorization,
                                          field_id::proxy_connection,
                                          field_id::range,
                                          field_id::set_cookie,
                                          field_id::te,
                                          field_id::trailer,
                                          field_id::transfer_encoding,
                                          field_id::upgrade,
                                          field_id::vary,
                                          field_id::via,
                                          field_id::x_forwarded_for,
                                          field_id::x_forwarded_host,
                                          field_id::x_forwarded_port,
                                          field_id::x_forwarded_proto,
                                          field_id::strict_transport_security};

/// RFC 9110 5.6.4: what may stand between quotes, or after a backslash.
bool is_quotable(char c) {
  return is_in(c, char_class::field_text);
}

} // namespace

body_step chunk_decoder::step(std::string_view in) {
  body_step out;
  while (out.consumed < in.size()) {
    const auto rest = in.substr(out.consumed);
    if (state_ == state::content) {
      if (!out.content.empty()) break;
      out.content = rest.substr(0, std::min<std::uint64_t>(rest.size(), chunk_left_));
      chunk_left_ -= out.content.size();
      out.consumed += out.content.size();
      if (chunk_left_ == 0) state_ = state::content_cr;
    } else if (state_ == state::trailer_line) {
      out.consumed += take_trailer(rest);
    } else if (state_ == state::done || state_ == state::failed) {
      break;
    } else {
      state_ = on_byte(rest.front());
      ++out.consumed;
    }
  }
  if (state_ == state::done) out.status = body_status::done;
  if (state_ == state::failed) out.status = body_status::failed;
  return out;
}

chunk_decoder::state chunk_decoder::on_byte(char c) {
  switch (state_) {
  case state::size_first:
    return hex_value(c) < 0 ? state::failed : on_size(c);
  case state::size:
    return on_size(c);
  case state::size_lf:
    return c == '\n' ? end_of_size() : state::failed;
  case state::content_cr:
    return c == '\r' ? state::content_lf : state::failed;
  case state::content_lf:
    size_digits_ = 0;
    return c == '\n' ? state::size_first : state::failed;
  default:
    return count_extension(on_extension(c));
  }
}

chunk_decoder::state chunk_decoder::on_size(char c) {
  if (const int digit = hex_value(c); digit >= 0) {
    if (++size_digits_ > size_digits_max) return state::failed;
    chunk_left_ = chunk_left_ << 4 | static_cast<unsigned>(digit);
    return state::size;
  }
  if (c == '\r') return state::size_lf;
  if (c == ';') return state::ext_name_first;
  return is_blank(c) ? state::before_semicolon : state::failed;
}

/// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
chunk_decoder::state chunk_decoder::on_extension(char c) {
  const bool token = is_in(c, char_class::token);
  switch (state_) {
  case state::before_semicolon:
    if (is_blank(c)) return state_;
    return c == ';' ? state::ext_name_first : state::failed;
  case state::ext_name_first:
    if (is_blank(c)) return state_;
    return token ? state::ext_name : state::failed;
  case state::ext_name:
    if (token) return state_;
    if (c == '=') return state::ext_value_first;
    if (c == ';') return state::ext_name_first;
    if (is_blank(c)) return state::ext_name_blank;
    return c == '\r' ? state::size_lf : state::failed;
  case state::ext_name_blank:
    if (is_blank(c)) return state_;
    if (c == '=') return state::ext_value_first;
    return c == ';' ? state::ext_name_first : state::failed;
  case state::ext_value_first:
    if (is_blank(c)) return state_;
    if (c == '"') return state::ext_quoted;
    return token ? state::ext_token : state::failed;
  case state::ext_token:
    return token ? state_ : after_value(c);
  case state::ext_quoted:
    if (c == '"') return state::ext_value_end;
    if (c == '\\') return state::ext_escaped;
    return is_quotable(c) ? state_ : state::failed;
  case state::ext_escaped:
    return is_quotable(c) ? state::ext_quoted : state::failed;
  case state::ext_value_end:
    return after_value(c);
  default:
    return state::failed;
  }
}

chunk_decoder::state chunk_decoder::after_value(char c) {
  if (c == '\r') return state::size_lf;
  if (c == ';') return state::ext_name_first;
  return is_blank(c) ? state::before_semicolon : state::failed;
}

chunk_decoder::state chunk_decoder::count_extension(state next) {
  return ++extension_bytes_ > extension_bytes_max ? state::failed : next;
}

chunk_decoder::state chunk_decoder::end_of_size() const {
  return chunk_left_ == 0 ? state::trailer_line : state::content;
}

/// Takes the rest of the current line, or what there is of it.
std::size_t chunk_decoder::take_trailer(std::string_view in) {
  const auto lf = in.find('\n');
  const auto taken = lf == in.npos ? in.size() : lf + 1;
  if (taken > trailer_bytes_max - trailer_bytes_) {
    state_ = state::failed;
    return 0;
  }
  trailer_bytes_ += static_cast<std::uint32_t>(taken);
  line_.append(in.substr(0, taken));
  if (lf != in.npos) state_ = end_of_line();
  return taken;
}

chunk_decoder::state chunk_decoder::end_of_line() {
  if (line_ == "\r\n") return state::done;
  if (++trailer_fields_ > trailer_fields_max) return state::failed;
  field_list fields;
  field_set seen;
  cursor line{line_};
  // The line's own end is not the section's: an incomplete section of exactly one field is what is
  // wanted.
  const auto status = lex_fields(line, 1, fields, seen);
  if (status != parse_status::incomplete || line.at != line.end || fields.empty())
    return state::failed;
  if (!forbidden_in_trailers.has(fields.front().id)) trailers_ += line_;
  line_.clear();
  return state::trailer_line;
}

} // namespace weir::net
