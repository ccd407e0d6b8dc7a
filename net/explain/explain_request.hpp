// A request that somebody wants explained: as it was typed, and as a client would send it.
#pragma once

#include "base/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::net {

/// Bytes of the URL, and of all fields together; the number of fields. Encoded for a query, all of
/// it fits into an admin request's header.
inline constexpr std::size_t explain_url_bytes_max = 4096;
inline constexpr std::size_t explain_fields_bytes_max = 6144;
inline constexpr std::size_t explain_fields_max = 50;

struct explain_wish {
  std::string method;
  std::string url;                 // "https://example.com/login?next=/"
  std::string from;                // an address; empty: 127.0.0.1
  std::vector<std::string> fields; // "Name: value"
};

/// The head of a message over HTTP/1.1, and whose connection it came on.
struct explain_request {
  std::string head;
  ip_address from;
  std::uint16_t port = 80; // of the listener
  bool secure = false;     // over TLS
};

/// What no client could send is refused: returns what is wrong, a sentence; empty: nothing. What a
/// client could send, but Weir would not serve, is none of this: that is for the explanation to
/// say.
std::string make_explain_request(const explain_wish& wish, explain_request& out);

} // namespace weir::net
