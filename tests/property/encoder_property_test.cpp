// decode(encode(x)) == x for every coding, whatever the pieces, the flushes and the room; and after
// a flush everything so far can be decoded.
#include "base/random.hpp"
#include "net/encode/body_encoder.hpp"

#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>
#include <vector>

namespace weir::net {
namespace {

/// What a client can read of `coded` so far; `whole` says whether the coding ended.
struct decoded {
  std::string text;
  bool whole = false;
};

decoded gunzip(std::string_view coded) {
  z_stream state{};
  EXPECT_EQ(inflateInit2(&state, 15 + 16), Z_OK);
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  state.avail_in = static_cast<uInt>(coded.size());
  decoded out;
  std::vector<char> room(1 << 16);
  for (int result = Z_OK; result == Z_OK;) {
    state.next_out = reinterpret_cast<Bytef*>(room.data());
    state.avail_out = static_cast<uInt>(room.size());
    result = inflate(&state, Z_SYNC_FLUSH);
    out.text.append(room.data(), room.size() - state.avail_out);
    out.whole = result == Z_STREAM_END;
  }
  inflateEnd(&state);
  return out;
}

decoded unbrotli(std::string_view coded) {
  auto* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  auto left = coded.size();
  auto* in = reinterpret_cast<const std::uint8_t*>(coded.data());
  decoded out;
  std::vector<std::uint8_t> room(1 << 16);
  for (auto result = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
       result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT || BrotliDecoderHasMoreOutput(state);) {
    auto space = room.size();
    auto* to = room.data();
    result = BrotliDecoderDecompressStream(state, &left, &in, &space, &to, nullptr);
    EXPECT_NE(result, BROTLI_DECODER_RESULT_ERROR);
    out.text.append(reinterpret_cast<char*>(room.data()), room.size() - space);
    out.whole = result == BROTLI_DECODER_RESULT_SUCCESS;
  }
  BrotliDecoderDestroyInstance(state);
  return out;
}

decoded unzstd(std::string_view coded) {
  auto* state = ZSTD_createDCtx();
  // RFC 9659: a client need not take a larger window than 8 MiB; ours is far below.
  EXPECT_FALSE(ZSTD_isError(ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, 17)));
  ZSTD_inBuffer in{coded.data(), coded.size(), 0};
  decoded out;
  std::vector<char> room(1 << 16);
  for (;;) {
    ZSTD_outBuffer to{room.data(), room.size(), 0};
    const auto result = ZSTD_decompressStream(state, &to, &in);
    EXPECT_FALSE(ZSTD_isError(result)) << ZSTD_getErrorName(result);
    out.text.append(room.data(), to.pos);
    out.whole = result == 0;
    if (ZSTD_isError(result) || (in.pos == in.size && to.pos < to.size)) break;
  }
  ZSTD_freeDCtx(state);
  return out;
}

decoded decode(content_coding coding, std::string_view coded) {
  switch (coding) {
  case content_coding::br:
    return unbrotli(coded);
  case content_coding::zstd:
    return unzstd(coded);
  case content_coding::gzip:
    break;
  }
  return gunzip(coded);
}

class encoder_property : public testing::TestWithParam<content_coding> {
protected:
  std::uint64_t upto(std::uint64_t n) { return random.below(n + 1); }

  /// Text with repeats, or noise.
  std::string content(std::size_t size) {
    std::string out;
    const bool noise = upto(3) == 0;
    while (out.size() < size) {
      if (!noise && out.size() > 100 && upto(2) != 0)
        out += out.substr(out.size() - 1 - upto(99), 1 + upto(50));
      else
        out += static_cast<char>(noise ? upto(255) : 'a' + upto(25));
    }
    out.resize(size);
    return out;
  }

  /// Asks until it is complete, with little room at a time.
  void ask(encoder& with, std::string_view in, transform_ask what, std::string& coded) {
    std::string room;
    for (int rounds = 0; rounds < 1'000'000; ++rounds) {
      room.resize(1 + upto(upto(1) == 0 ? 10 : 5000));
      const auto step = with.step(in, what, room);
      ASSERT_FALSE(step.failed);
      coded.append(room, 0, step.produced);
      in.remove_prefix(step.consumed);
      if (step.complete) break;
    }
    ASSERT_TRUE(in.empty());
  }

  random_source random{20260101};
  encoder_pool pool;
};

TEST_P(encoder_property, what_is_decoded_is_what_was_encoded) {
  for (int round = 0; round < 60; ++round) {
    const auto text = content(upto(round % 4 == 0 ? 300'000 : 3000));
    config::compress_settings settings;
    settings.br_level = static_cast<std::uint32_t>(upto(7));
    settings.zstd_level = 1 + static_cast<std::uint32_t>(upto(8));
    settings.gzip_level = 1 + static_cast<std::uint32_t>(upto(8));
    std::optional<std::uint64_t> length;
    if (upto(1) == 0) length = text.size();
    auto encoder = pool.take(GetParam(), settings, length);
    ASSERT_TRUE(encoder);
    std::string coded;
    for (std::size_t at = 0; at < text.size();) {
      const auto size = std::min<std::size_t>(text.size() - at, 1 + upto(20'000));
      ask(*encoder, std::string_view(text).substr(at, size), transform_ask::process, coded);
      at += size;
      if (upto(3) != 0) continue;
      ask(*encoder, {}, transform_ask::flush, coded);
      const auto so_far = decode(GetParam(), coded);
      ASSERT_TRUE(so_far.text == text.substr(0, at)) << "round " << round;
      ASSERT_FALSE(so_far.whole);
    }
    ask(*encoder, {}, transform_ask::finish, coded);
    const auto all = decode(GetParam(), coded);
    ASSERT_TRUE(all.text == text) << "round " << round;
    ASSERT_TRUE(all.whole) << "round " << round;
  }
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_P(encoder_property, an_encoder_that_was_left_in_the_middle_begins_anew) {
  const auto text = content(5000);
  std::string thrown;
  {
    auto left = pool.take(GetParam(), {}, std::nullopt);
    ask(*left, text, transform_ask::process, thrown);
  }
  auto again = pool.take(GetParam(), {}, std::nullopt);
  std::string coded;
  ASSERT_TRUE(encode_whole(*again, "hello", coded));
  EXPECT_EQ(decode(GetParam(), coded).text, "hello");
}

TEST_P(encoder_property, a_body_in_blocks_is_encoded_in_turns) {
  int done = 0;
  for (int round = 0; round < 40; ++round) {
    const auto text = content(1 + upto(round % 4 == 0 ? 300'000 : 3000));
    body_collector blocks;
    for (std::size_t at = 0; at < text.size();) {
      const auto piece = text.substr(at, 1 + upto(70'000));
      blocks.append(piece);
      at += piece.size();
    }
    const auto object = std::make_shared<const stored_object>(
        stored_object::parts{.key_text = "k", .body = blocks.take()});
    body_encoder work(object, pool.take(GetParam(), {}, text.size()));
    auto state = encode_state::more;
    while (state == encode_state::more)
      state = work.step(1 + upto(100'000));
    std::string whole;
    auto other = pool.take(GetParam(), {}, text.size());
    ASSERT_TRUE(encode_whole(*other, text, whole));
    if (state == encode_state::vain) {
      EXPECT_GE(whole.size() + 16, text.size()) << "round " << round;
      continue;
    }
    ++done;
    std::string coded;
    for (const auto& block : work.take())
      coded += block.view();
    EXPECT_LT(coded.size(), text.size());
    const auto back = decode(GetParam(), coded);
    ASSERT_TRUE(back.whole && back.text == text) << "round " << round;
  }
  EXPECT_GT(done, 10);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_P(encoder_property, only_so_many_at_once) {
  pool.set_limit(2);
  auto one = pool.take(GetParam(), {}, std::nullopt);
  auto two = pool.take(GetParam(), {}, std::nullopt);
  EXPECT_TRUE(one && two);
  EXPECT_FALSE(pool.take(GetParam(), {}, std::nullopt));
  two.reset();
  EXPECT_TRUE(pool.take(GetParam(), {}, std::nullopt));
}

INSTANTIATE_TEST_SUITE_P(codings, encoder_property,
                         testing::Values(content_coding::br, content_coding::zstd,
                                         content_coding::gzip),
                         [](const auto& each) { return std::string(name_of(each.param)); });

} // namespace
} // namespace weir::net
