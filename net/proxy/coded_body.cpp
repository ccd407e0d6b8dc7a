// Reading, encoding and remembering a file.
#include "net/proxy/coded_body.hpp"

#include <unistd.h>

#include <cerrno>

namespace weir::net {

io_result file_source::unsupported() {
  return {io_status::error, 0, ENOTSUP};
}

io_result file_source::read(std::span<char> into) {
  const auto got = ::pread(file_->fd.get(), into.data(), into.size(), at_);
  if (got < 0) return {io_status::error, 0, errno};
  if (got == 0) return {io_status::eof, 0, 0};
  at_ += got;
  return {io_status::ok, static_cast<std::size_t>(got), 0};
}

coded_body::coded_body(shard_services& shard, open_file_ptr file, encoder_ptr encoder, bool chunked)
    : shard_(shard), file_(std::move(file)), encoder_(std::move(encoder)),
      from_(std::make_unique<file_source>(file_)), in_(shard.buffers.acquire(block_size::small)) {
  body_filter filter;
  filter.transform = this;
  filter.out = shard.buffers.acquire(block_size::small);
  pump_.start(body_decoder(body_framing::length, file_->size), chunked, 0, std::move(filter));
}

coded_body::~coded_body() {
  pump_.clear();
}

pump_state coded_body::run(channel& client) {
  return pump_.run(from_, in_, client);
}

transform_step coded_body::step(std::string_view in, transform_ask ask, std::span<char> out) {
  const auto did = encoder_->step(in, ask, out);
  if (!copying_ || did.failed) return did;
  if (copy_.size() + did.produced > coded_file_cache::content_bytes_max) {
    copying_ = false;
    copy_.clear();
    copy_.shrink_to_fit();
    return did;
  }
  copy_.append(out.data(), did.produced);
  if (ask == transform_ask::finish && did.complete) {
    copying_ = false;
    shard_.coded_files.keep(file_, encoder_->coding(), std::move(copy_));
  }
  return did;
}

} // namespace weir::net
