// A body that lies in memory as a whole, encoded in turns.
#pragma once

#include "base/stored_object.hpp"
#include "net/encode/encoder_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::net {

enum class encode_state : std::uint8_t {
  more, // call again
  done, // `take` what came out
  vain, // it does not become shorter, or the encoder failed
};

/// Holds the object and the encoder as long as it lives. Lives on the encoder's shard.
class body_encoder {
public:
  body_encoder(stored_object_ptr from, encoder_ptr with)
      : from_(std::move(from)), encoder_(std::move(with)) {}

  /// Encodes about `bytes` of the body.
  encode_state step(std::size_t bytes);
  /// The encoded body. REQUIRES: done.
  std::vector<shared_bytes> take() { return out_.take(); }

  const stored_object& from() const { return *from_; }

private:
  std::string_view next_input(std::size_t at_most) const;
  void consume(std::size_t bytes);

  stored_object_ptr from_;
  encoder_ptr encoder_;
  std::size_t block_ = 0;
  std::size_t used_ = 0; // of that block
  body_collector out_;
};

} // namespace weir::net
