// Three libraries behind one interface.
#include "net/encode/encoder.hpp"

#include "net/encode/block_recycler.hpp"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace weir::net {

namespace {

class gzip_encoder final : public encoder {
public:
  gzip_encoder() : encoder(content_coding::gzip) {}
  ~gzip_encoder() override {
    if (made_) deflateEnd(&state_);
  }

  bool begin(std::uint32_t level, std::optional<std::uint64_t>) override {
    const int wanted = static_cast<int>(level);
    if (!made_) {
      constexpr int gzip_window = 15 + 16; // 32 KiB, with a gzip header
      constexpr int memory_level = 8;
      made_ = deflateInit2(&state_, wanted, Z_DEFLATED, gzip_window, memory_level,
                           Z_DEFAULT_STRATEGY) == Z_OK;
      return made_;
    }
    return deflateReset(&state_) == Z_OK &&
           deflateParams(&state_, wanted, Z_DEFAULT_STRATEGY) == Z_OK;
  }

  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override {
    constexpr int modes[] = {Z_NO_FLUSH, Z_SYNC_FLUSH, Z_FINISH};
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(out.size());
    const int result = deflate(&state_, modes[static_cast<int>(ask)]);
    transform_step did{in.size() - state_.avail_in, out.size() - state_.avail_out};
    // Z_BUF_ERROR: there was nothing to do, or no room.
    did.failed = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
    did.complete = ask == transform_ask::finish ? result == Z_STREAM_END
                                                : state_.avail_in == 0 && state_.avail_out != 0;
    return did;
  }

private:
  z_stream state_{};
  bool made_ = false;
};

class brotli_encoder final : public encoder {
public:
  explicit brotli_encoder(block_recycler& memory) : encoder(content_coding::br), memory_(memory) {}
  ~brotli_encoder() override { end(); }

  bool begin(std::uint32_t level, std::optional<std::uint64_t> length) override {
    end();
    state_ = BrotliEncoderCreateInstance(
        [](void* memory, std::size_t size) {
          return static_cast<block_recycler*>(memory)->take(size);
        },
        [](void* memory, void* block) { static_cast<block_recycler*>(memory)->give_back(block); },
        &memory_);
    if (state_ == nullptr) return false;
    int window = encoder_window_bits;
    if (length && *length < (std::uint64_t{1} << encoder_window_bits))
      window = std::max(BROTLI_MIN_WINDOW_BITS, static_cast<int>(std::bit_width(*length)));
    set(BROTLI_PARAM_QUALITY, level);
    set(BROTLI_PARAM_LGWIN, static_cast<std::uint32_t>(window));
    if (length)
      set(BROTLI_PARAM_SIZE_HINT,
          static_cast<std::uint32_t>(std::min<std::uint64_t>(*length, 1u << 30)));
    return true;
  }

  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override {
    constexpr BrotliEncoderOperation modes[] = {BROTLI_OPERATION_PROCESS, BROTLI_OPERATION_FLUSH,
                                                BROTLI_OPERATION_FINISH};
    auto left = in.size(), room = out.size();
    auto* from = reinterpret_cast<const std::uint8_t*>(in.data());
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    transform_step did;
    did.failed = BrotliEncoderCompressStream(state_, modes[static_cast<int>(ask)], &left, &from,
                                             &room, &to, nullptr) == BROTLI_FALSE;
    did.consumed = in.size() - left;
    did.produced = out.size() - room;
    did.complete = ask == transform_ask::finish
                       ? BrotliEncoderIsFinished(state_) == BROTLI_TRUE
                       : left == 0 && BrotliEncoderHasMoreOutput(state_) == BROTLI_FALSE;
    return did;
  }

private:
  void set(BrotliEncoderParameter which, std::uint32_t value) {
    BrotliEncoderSetParameter(state_, which, value);
  }
  void end() {
    if (state_ != nullptr) BrotliEncoderDestroyInstance(std::exchange(state_, nullptr));
  }

  block_recycler& memory_;
  BrotliEncoderState* state_ = nullptr;
};

class zstd_encoder final : public encoder {
public:
  zstd_encoder() : encoder(content_coding::zstd), state_(ZSTD_createCCtx()) {}
  ~zstd_encoder() override { ZSTD_freeCCtx(state_); }

  bool begin(std::uint32_t level, std::optional<std::uint64_t> length) override {
    if (state_ == nullptr) return false;
    const auto good = [](std::size_t code) { return ZSTD_isError(code) == 0; };
    return good(ZSTD_CCtx_reset(state_, ZSTD_reset_session_and_parameters)) &&
           good(ZSTD_CCtx_setParameter(state_, ZSTD_c_compressionLevel, static_cast<int>(level))) &&
           good(ZSTD_CCtx_setParameter(state_, ZSTD_c_windowLog, encoder_window_bits)) &&
           good(ZSTD_CCtx_setPledgedSrcSize(state_, length.value_or(ZSTD_CONTENTSIZE_UNKNOWN)));
  }

  transform_step step(std::string_view in, transform_ask ask, std::span<char> out) override {
    constexpr ZSTD_EndDirective modes[] = {ZSTD_e_continue, ZSTD_e_flush, ZSTD_e_end};
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const auto left = ZSTD_compressStream2(state_, &to, &from, modes[static_cast<int>(ask)]);
    transform_step did{from.pos, to.pos};
    did.failed = ZSTD_isError(left) != 0;
    did.complete =
        from.pos == from.size && !did.failed && (ask == transform_ask::process || left == 0);
    return did;
  }

private:
  ZSTD_CCtx* state_;
};

} // namespace

std::unique_ptr<encoder> make_encoder(content_coding coding, block_recycler& memory) {
  switch (coding) {
  case content_coding::br:
    return std::unique_ptr<encoder>(new (std::nothrow) brotli_encoder(memory));
  case content_coding::zstd:
    return std::unique_ptr<encoder>(new (std::nothrow) zstd_encoder());
  case content_coding::gzip:
    break;
  }
  return std::unique_ptr<encoder>(new (std::nothrow) gzip_encoder());
}

} // namespace weir::net
