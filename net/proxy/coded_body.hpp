// A file of ours on its way through an encoder.
#pragma once

#include "net/encode/coded_file_cache.hpp"
#include "net/encode/encoder_pool.hpp"
#include "net/io/stream.hpp"
#include "net/proxy/body_pump.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Reads a file as if it came from an origin. Never blocks on more than the disk.
class file_source final : public stream {
public:
  explicit file_source(open_file_ptr file) : file_(std::move(file)) {}

  io_result handshake() override { return {}; }
  io_result read(std::span<char> into) override;
  io_result write(std::span<const iovec>) override { return unsupported(); }
  io_result send_file(int, off_t&, std::size_t) override { return unsupported(); }
  bool drained() const override { return false; }
  void shutdown_write() override {}
  int fd() const override { return file_->fd.get(); }
  bool encrypted() const override { return false; }

private:
  static io_result unsupported();
  open_file_ptr file_;
  off_t at_ = 0;
};

/// One answer's body: encodes a file piece by piece, and keeps what came out for the next client.
/// Lives on its session's shard.
class coded_body final : public body_transform {
public:
  coded_body(shard_services& shard, open_file_ptr file, encoder_ptr encoder, bool chunked);
  ~coded_body();

  /// What goes out before the body: the head.
  gather& out() { return pump_.out(); }
  pump_state run(channel& client);
  std::uint64_t written_bytes() const { return pump_.written_bytes(); }

private:
  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override;

  shard_services& shard_;
  open_file_ptr file_;
  encoder_ptr encoder_;
  channel from_;
  buffer in_;
  body_pump pump_;
  std::string copy_;
  bool copying_ = true;
};

} // namespace weir::net
