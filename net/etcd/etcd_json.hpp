// etcd 3.4's JSON: what it is asked and what it answers (etcd API v3, by its gRPC gateway).
#pragma once

#include "base/meta_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net::etcd {

/// Deeper JSON is refused before it is parsed; etcd's own has seven levels.
inline constexpr int json_depth_max = 16;

// -- requests, as bodies of a POST

std::string range_request(std::string_view prefix);    // /v3/kv/range
std::string txn_request(const meta_transaction& what); // /v3/kv/txn
std::string grant_request(std::chrono::seconds ttl);   // /v3/lease/grant
std::string lease_request(std::uint64_t lease);        // /v3/lease/keepalive, /v3/lease/revoke
/// All changes under `prefix` from revision `from` on; large answers come in fragments.
std::string watch_request(std::string_view prefix, std::uint64_t from); // /v3/watch

// -- answers; nothing when they are not what etcd sends

std::optional<meta_snapshot> decode_range(std::string_view json);
std::optional<meta_outcome> decode_txn(std::string_view json);
std::optional<std::uint64_t> decode_grant(std::string_view json);
/// The seconds left; 0: there is no such lease.
std::optional<std::uint64_t> decode_keep_alive(std::string_view json);

/// One message of a watch's stream.
struct watch_message {
  bool canceled = false;
  bool fragment = false;       // the events go on in the next message
  std::uint64_t compacted = 0; // not 0: this and what was before is gone
  std::vector<meta_event> events;
};
std::optional<watch_message> decode_watch(std::string_view json);

/// etcd's refusal: a gRPC status code and words.
struct failure {
  int code = 0;
  std::string message;
  bool operator==(const failure&) const = default;
};
/// Of an answer, or in a stream.
std::optional<failure> decode_failure(std::string_view json);

/// What a refusal means for who asked.
struct judgement {
  meta_errc error = meta_errc::unknown;
  bool elsewhere = false; // nothing was done, and another member may do it
  bool maybe_done = false;
};
judgement judge(const failure& what);

} // namespace weir::net::etcd
