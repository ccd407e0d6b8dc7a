// The copy loop of a body that is transformed on its way: decode, transform, frame, write.
#include "net/proxy/body_pump.hpp"

namespace weir::net {

pump_state body_pump::run_transformed(channel& from, buffer& in, channel& to) {
  for (std::uint64_t moved = 0; moved < transform_turn_bytes_max;) {
    std::optional<pump_state> stop;
    if (!framed_ && !finished_) stop = transform_some(from, in, moved);
    if (stop && *stop != pump_state::source_blocked) return *stop;
    if (!out_.empty()) {
      const auto wrote = out_.flush(to);
      note_written(wrote.bytes);
      if (wrote.status == io_status::again) return pump_state::sink_blocked;
      if (wrote.status != io_status::ok) return pump_state::sink_failed;
    }
    if (framed_) {
      framed_ = false;
      lines_.clear();
      filter_.out.clear();
    }
    if (finished_) return pump_state::done;
    if (stop) return *stop;
  }
  return pump_state::yielded;
}

/// Goes on until there is something to write, or its share of the turn is used up (nothing), or
/// until it cannot go on (the state that stops the pump).
std::optional<pump_state> body_pump::transform_some(channel& from, buffer& in,
                                                    std::uint64_t& moved) {
  while (moved < transform_turn_bytes_max) {
    auto ask = transform_ask::process;
    if (flushing_) { // begun, and to be ended before anything else
      ask = transform_ask::flush;
    } else if (const auto stop = next_content(from, in)) {
      // What the source's silence would hold back goes out: the client may be waiting for it.
      if (*stop != pump_state::source_blocked || !unflushed_) return stop;
      ask = transform_ask::flush;
    } else if (content_.empty()) {
      ask = transform_ask::finish;
    }
    auto& out = filter_.out;
    const auto step = filter_.transform->step(content_, ask, out.free_space());
    if (step.failed) return pump_state::transform_failed;
    const bool stuck = !step.complete && step.consumed == 0 && step.produced == 0;
    if (stuck && out.empty()) return pump_state::transform_failed;
    out.commit(step.produced);
    content_.remove_prefix(step.consumed);
    moved += step.consumed;
    unflushed_ = ask == transform_ask::process || !step.complete;
    flushing_ = ask == transform_ask::flush && !step.complete;
    const bool asked_for = step.complete && ask != transform_ask::process;
    if (!asked_for && !stuck && !out.free_space().empty()) continue;
    if (!out.empty()) {
      add_content(out.view());
      framed_ = true;
    }
    if (asked_for && ask == transform_ask::finish) add_end();
    return std::nullopt;
  }
  return std::nullopt;
}

/// Sees to it that `content_` is not empty, reading if need be; it is when the body has ended. It
/// lies in `in`, which keeps still until it is used up.
std::optional<pump_state> body_pump::next_content(channel& from, buffer& in) {
  while (content_.empty()) {
    in.consume(std::exchange(decoded_, 0));
    if (decoder_.done()) return end_tap(), std::nullopt;
    if (in.empty()) {
      in.clear();
      const auto got = from.read(in.free_space());
      if (got.status == io_status::again) return pump_state::source_blocked;
      if (got.status == io_status::error) return pump_state::source_failed;
      if (got.status == io_status::eof) {
        if (decoder_.finish() != body_status::done) return pump_state::source_ended;
        continue;
      }
      in.commit(got.bytes);
      progress_ = refilled_ = true;
    }
    const auto step = decoder_.step(in.view());
    decoded_ = step.consumed;
    if (step.status == body_status::failed) return pump_state::malformed;
    content_ = step.content;
    if (filter_.tap && !content_.empty()) filter_.tap->on_content(content_);
  }
  return std::nullopt;
}

} // namespace weir::net
