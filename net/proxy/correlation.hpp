// How a request is known by name: its id (X-Request-Id) and its trace (W3C Trace Context).
#pragma once

#include "base/sip_hash.hpp"
#include "config/access_settings.hpp"
#include "net/http/message.hpp"
#include "net/http/trace_context.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

struct field_changes;

/// Numbers that nobody can guess and nobody has had: a keyed hash of a count. One per shard.
class unique_ids {
public:
  explicit unique_ids(const wide_hash& secret) : secret_(secret) {}
  wide_hash next();

private:
  wide_hash secret_;
  std::uint64_t count_ = 0;
};

/// With a secret from the kernel.
unique_ids unique_ids_from_system();

/// The names of one exchange. Empty texts: it has none. Lives in its exchange and allocates
/// nothing.
class correlation {
public:
  /// A client's id is taken up to this size.
  static constexpr std::size_t id_bytes_max = 128;
  /// A longer tracestate goes no further; 512 are to be passed on (W3C 3.3.1.5).
  static constexpr std::size_t tracestate_bytes_max = 4096;

  /// Names the request and takes the fields that say so out of its head. An id is believed only of
  /// a trusted proxy, and only if it is 1 to 128 letters, digits and "-_.~:+/=@".
  void begin(const config::tracing_settings& settings, request_head& head, bool trusted,
             unique_ids& ids);
  void reset() {
    id_size_ = 0;
    traced_ = false;
  }

  std::string_view request_id() const { return {id_.data(), id_size_}; }
  std::string_view trace_id() const {
    return traced_ ? std::string_view(parent_.data() + 3, 32) : std::string_view{};
  }
  std::string_view traceparent() const {
    return traced_ ? std::string_view(parent_.data(), parent_.size()) : std::string_view{};
  }

  /// Appends the lines for the origin, but for those that the operator has taken over.
  void add_request_lines(std::string& out, const field_changes& changes) const;

private:
  void take_id(const field* sent, bool trusted, unique_ids& ids);
  void take_trace(const config::tracing_settings& settings, request_head& head, unique_ids& ids);

  std::array<char, id_bytes_max> id_;
  traceparent_text parent_;
  std::uint8_t id_size_ = 0;
  bool traced_ = false;
};

} // namespace weir::net
