// Moves one message body from one connection to another, re-framed, through one bounded buffer.
#pragma once

#include "net/http/body.hpp"
#include "net/http/chunk_encoder.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/proxy/body_filter.hpp"
#include "net/proxy/channel.hpp"
#include "net/proxy/gather.hpp"

#include <boost/container/static_vector.hpp>

#include <cstdint>
#include <optional>
#include <utility>

namespace weir::net {

/// Why a pump stopped for now, or for good.
enum class pump_state : std::uint8_t {
  source_blocked,   // wait until the source is readable
  sink_blocked,     // wait until the sink is writable
  yielded,          // moved its share of this turn: call again soon
  done,             // the whole body, with its last chunk and trailers, is written
  source_failed,    // the source's connection broke
  source_ended,     // the source closed before the body's end
  malformed,        // the source broke the framing rules
  too_large,        // the content exceeds `limit`
  sink_failed,      // the sink's connection broke
  transform_failed, // the transform cannot go on
};

/// One direction of an exchange. Back-pressure is inherent: it reads only when everything read
/// before has been written. Lives on one shard, within one exchange.
class body_pump {
public:
  /// Content moved in one call before the pump yields to other connections of the shard.
  static constexpr std::uint64_t turn_bytes_max = 128 * 1024;
  /// The same for content that is transformed: a slow coding takes some 1 to 2 ms for it.
  static constexpr std::uint64_t transform_turn_bytes_max = 64 * 1024;

  /// Begins a body. `limit` bounds its content (0: none). With `chunked_out` the sink gets it in
  /// chunks, else as it is. The filters see its content; with a transform, trailers are dropped,
  /// since they may speak of what was transformed.
  void start(body_decoder from, bool chunked_out, std::uint64_t limit, body_filter filter = {});

  /// What is to be written before the body: the head. Its memory must stay until `done` or the
  /// first blocked read.
  gather& out() { return out_; }
  const gather& out() const { return out_; }
  /// Forgets what is being written, and its filters: the exchange has failed, or gets an answer of
  /// our own instead.
  void clear();

  /// Moves what can be moved. `in` holds bytes of the source that were already read; the pump
  /// consumes them, and reads more into it.
  pump_state run(channel& from, buffer& in, channel& to);

  bool done() const { return finished_ && out_.empty(); }
  /// The source's body was read to its end (it may not be written yet).
  bool source_done() const { return decoder_.done(); }
  std::uint64_t content_bytes() const { return decoder_.content_bytes(); }
  std::uint64_t remaining() const { return decoder_.remaining(); }
  std::uint64_t written_bytes() const { return written_; }
  /// Whether it read from the source: then what was there before is no longer all of the body so
  /// far.
  bool refilled() const { return refilled_; }
  /// Bytes moved since the last call: tells progress apart from a stall.
  bool take_progress() { return std::exchange(progress_, false); }

private:
  static constexpr std::size_t chunks_per_write = 4;

  enum class decoded : std::uint8_t { need_more, full, end, malformed, too_large };
  decoded decode(std::string_view in);
  /// Reads more of the source; a state when that stops the pump.
  std::optional<pump_state> refill(channel& from, buffer& in);
  pump_state run_transformed(channel& from, buffer& in, channel& to);
  std::optional<pump_state> transform_some(channel& from, buffer& in, std::uint64_t& moved);
  std::optional<pump_state> next_content(channel& from, buffer& in);
  void note_written(std::size_t bytes);
  void add_content(std::string_view content);
  void add_end();
  void end_tap();

  body_decoder decoder_;
  gather out_;
  boost::container::static_vector<chunk_header, chunks_per_write> lines_;
  std::size_t decoded_ = 0; // bytes of the input that `out_` still refers to
  std::uint64_t limit_ = 0;
  std::uint64_t written_ = 0;
  bool chunked_out_ = false;
  bool finished_ = true;
  bool progress_ = false;
  bool refilled_ = false;

  body_filter filter_;
  std::string_view content_; // decoded, not yet transformed
  bool framed_ = false;      // `filter_.out` is part of `out_`
  bool unflushed_ = false;   // the transform may hold content back
  bool flushing_ = false;    // it has not given all of it yet
};

} // namespace weir::net
