// What may stand between a body's decoding and its framing: an observer and a content coding.
#pragma once

#include "net/io/buffer_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::net {

class exchange;
struct response_head;

/// Sees a relayed answer's content as the origin sent it: decoded from its framing, before any
/// coding of ours. Lives on its exchange's shard and outlives the relay, or is unset before. After
/// `on_head` said true comes exactly one of `on_end` and `on_cut`.
class response_tap {
public:
  /// The final head, once. False: the rest is not wanted.
  virtual bool on_head(const exchange& x, const response_head& head) = 0;
  /// The next run of content; a view into a buffer that is used again after the call.
  virtual void on_content(std::string_view content) = 0;
  /// All of the content was seen; it may not have reached the client yet.
  virtual void on_end() = 0;
  /// There will be no more: the origin or the client has gone.
  virtual void on_cut() = 0;

protected:
  ~response_tap() = default;
};

enum class transform_ask : std::uint8_t {
  process, // take what comes; output may be held back
  flush,   // give all that was held back, so that a reader can decode everything so far
  finish,  // the content has ended: give the rest
};

struct transform_step {
  std::size_t consumed = 0; // of the input
  std::size_t produced = 0; // into the output
  bool complete = false;    // all input is consumed and nothing that was asked for is held back
  bool failed = false;      // of no more use
};

/// A streaming change of content: an encoder. Lives on one shard, for one body.
class body_transform {
public:
  /// Consumes and produces what it can. Neither consumed nor produced, and not `complete`, means
  /// that `out` has too little room: it is called with an empty buffer then.
  virtual transform_step step(std::string_view in, transform_ask ask, std::span<char> out) = 0;

protected:
  ~body_transform() = default;
};

/// The filters of one body, all optional. `out` is needed with a transform: its bounded output.
struct body_filter {
  response_tap* tap = nullptr;
  body_transform* transform = nullptr;
  buffer out = {};
  bool drops_trailers = false; // RFC 9110 6.5.1: anyone on the way may
};

} // namespace weir::net
