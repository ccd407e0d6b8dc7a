// Block by block through the encoder.
#include "net/encode/body_encoder.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

constexpr std::size_t piece = 16 * 1024;

} // namespace

encode_state body_encoder::step(std::size_t bytes) {
  std::array<char, piece> out;
  while (bytes > 0) {
    const auto in = next_input(bytes);
    const bool last = in.empty();
    const auto did = encoder_->step(in, last ? transform_ask::finish : transform_ask::process, out);
    const bool stuck = !did.complete && did.consumed == 0 && did.produced == 0;
    if (did.failed || stuck) return encode_state::vain;
    out_.append({out.data(), did.produced});
    if (out_.bytes() >= from_->body_bytes()) return encode_state::vain;
    if (last && did.complete) return encode_state::done;
    consume(did.consumed);
    bytes -= std::min(bytes, did.consumed);
  }
  return encode_state::more;
}

/// Empty at the body's end.
std::string_view body_encoder::next_input(std::size_t at_most) const {
  const auto& blocks = from_->body();
  return block_ == blocks.size() ? std::string_view{}
                                 : blocks[block_].view().substr(used_, at_most);
}

void body_encoder::consume(std::size_t bytes) {
  used_ += bytes;
  const auto& blocks = from_->body();
  while (block_ < blocks.size() && used_ >= blocks[block_].size()) {
    used_ = 0;
    ++block_;
  }
}

} // namespace weir::net
