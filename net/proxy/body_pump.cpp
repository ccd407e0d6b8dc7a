// The copy loop of an exchange: decode, write, read, in this order, until something blocks.
#include "net/proxy/body_pump.hpp"

namespace weir::net {

void body_pump::start(body_decoder from, bool chunked_out, std::uint64_t limit,
                      body_filter filter) {
  decoder_ = std::move(from);
  lines_.clear();
  decoded_ = 0;
  limit_ = limit;
  written_ = 0;
  chunked_out_ = chunked_out;
  finished_ = refilled_ = false;
  filter_ = std::move(filter);
  content_ = {};
  framed_ = unflushed_ = flushing_ = false;
  if (decoder_.done() && filter_.transform == nullptr) add_end();
}

void body_pump::clear() {
  out_.clear();
  if (filter_.tap) filter_.tap->on_cut();
  filter_ = {};
}

void body_pump::end_tap() {
  if (auto* tap = std::exchange(filter_.tap, nullptr)) tap->on_end();
}

pump_state body_pump::run(channel& from, buffer& in, channel& to) {
  if (filter_.transform != nullptr) return run_transformed(from, in, to);
  for (std::uint64_t moved = 0; moved < turn_bytes_max;) {
    const auto found = finished_ ? decoded::end : decode(in.view());
    if (found == decoded::malformed) return pump_state::malformed;
    if (found == decoded::too_large) return pump_state::too_large;
    if (!out_.empty()) {
      const auto wrote = out_.flush(to);
      note_written(wrote.bytes);
      moved += wrote.bytes;
      if (wrote.status == io_status::again) return pump_state::sink_blocked;
      if (wrote.status != io_status::ok) return pump_state::sink_failed;
    }
    in.consume(std::exchange(decoded_, 0));
    lines_.clear();
    if (finished_) return pump_state::done;
    if (found == decoded::need_more) {
      if (const auto stop = refill(from, in)) return *stop;
    }
  }
  return pump_state::yielded;
}

std::optional<pump_state> body_pump::refill(channel& from, buffer& in) {
  if (in.empty()) in.clear();
  const auto got = from.read(in.free_space());
  switch (got.status) {
  case io_status::again:
    return pump_state::source_blocked;
  case io_status::error:
    return pump_state::source_failed;
  case io_status::ok:
    in.commit(got.bytes);
    progress_ = refilled_ = true;
    return std::nullopt;
  case io_status::eof:
    break;
  }
  if (decoder_.finish() != body_status::done) return pump_state::source_ended;
  add_end();
  return std::nullopt;
}

body_pump::decoded body_pump::decode(std::string_view in) {
  while (decoded_ < in.size()) {
    // Three pieces for this chunk and two for the end of the body.
    if (lines_.size() == chunks_per_write || !out_.room_for(5)) return decoded::full;
    const auto step = decoder_.step(in.substr(decoded_));
    decoded_ += step.consumed;
    if (step.status == body_status::failed) return decoded::malformed;
    if (limit_ != 0 && decoder_.content_bytes() > limit_) return decoded::too_large;
    if (filter_.tap && !step.content.empty()) filter_.tap->on_content(step.content);
    add_content(step.content);
    if (step.status == body_status::done) {
      add_end();
      return decoded::end;
    }
  }
  return decoded::need_more;
}

void body_pump::add_content(std::string_view content) {
  if (content.empty()) return;
  if (!chunked_out_) return out_.add(content);
  out_.add(lines_.emplace_back(content.size()).text());
  out_.add(content);
  out_.add(chunk_end);
}

void body_pump::add_end() {
  finished_ = true;
  end_tap();
  if (!chunked_out_) return;
  out_.add(last_chunk_line);
  if (filter_.transform == nullptr && !filter_.drops_trailers) out_.add(decoder_.trailers());
  out_.add(trailers_end);
}

void body_pump::note_written(std::size_t bytes) {
  written_ += bytes;
  progress_ |= bytes > 0;
}

} // namespace weir::net
