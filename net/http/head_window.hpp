// Runs a head parser over a buffer that grows, in linear time and within the limit on a head's
// bytes.
#pragma once

#include "net/http/field_lexer.hpp"
#include "net/http/parser.hpp"

#include <cstring>
#include <string_view>

namespace weir::net {

/// True when the bytes from `from` on end a head, well or badly: an empty line, or an LF without
/// its CR.
inline bool ends_head(std::string_view in, std::size_t from) {
  while (from < in.size()) {
    const auto* hit =
        static_cast<const char*>(std::memchr(in.data() + from, '\n', in.size() - from));
    if (!hit) return false;
    const auto lf = static_cast<std::size_t>(hit - in.data());
    if (lf < 1 || in[lf - 1] != '\r') return true;
    if (lf >= 2 && in[lf - 2] == '\n') return true;
    from = lf + 1;
  }
  return false;
}

/// The first look at a head parses at once, since most heads arrive whole; after an incomplete one,
/// only the new bytes are searched until the head's end is there. `parse(cursor&)` returns a
/// parse_status.
template <class Parse>
parse_result parse_growing(std::string_view in, const head_limits& limits, std::size_t& scanned,
                           Parse&& parse) {
  const bool full = in.size() >= limits.bytes;
  in = in.substr(0, limits.bytes);
  if (scanned > 0 && !full && !ends_head(in, scanned)) {
    scanned = in.size();
    return {};
  }
  cursor at{in};
  auto status = parse(at);
  if (status == parse_status::incomplete && !full) {
    scanned = in.size();
    return {};
  }
  scanned = 0;
  if (status == parse_status::incomplete) status = at.fail(parse_error::head_too_large);
  return {status, at.error, static_cast<std::size_t>(at.at - in.data())};
}

} // namespace weir::net
