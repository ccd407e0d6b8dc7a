// Bodies by length, in chunks and until close; what of the chunked coding is refused (RFC 9112
// 6, 7.1).
#include "net/http/body.hpp"
#include "net/http/chunk_encoder.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <string>

namespace weir::net {
namespace {

struct decoded {
  body_status status = body_status::more;
  std::size_t consumed = 0;
  std::string content;
  std::string trailers;
};

decoded decode(std::string_view in, std::size_t piece = std::string_view::npos,
               body_decoder decoder = {body_framing::chunked, 0}) {
  decoded out;
  while (out.status == body_status::more && out.consumed < in.size()) {
    const auto next = decoder.step(in.substr(out.consumed, piece));
    out.status = next.status;
    out.consumed += next.consumed;
    out.content += next.content;
  }
  out.trailers = decoder.trailers();
  return out;
}

TEST(body_decoder, nothing_is_done_at_once) {
  EXPECT_TRUE(body_decoder{}.done());
  EXPECT_TRUE((body_decoder{body_framing::none, 7}.done()));
  EXPECT_TRUE((body_decoder{body_framing::length, 0}.done()));
  EXPECT_FALSE((body_decoder{body_framing::chunked, 0}.done()));
}

TEST(body_decoder, a_length_takes_exactly_that_much) {
  body_decoder body{body_framing::length, 5};
  EXPECT_EQ(body.step("ab").content, "ab");
  EXPECT_EQ(body.remaining(), 3u);
  const auto last = body.step("cdeGET /");
  EXPECT_EQ(last.content, "cde");
  EXPECT_EQ(last.consumed, 3u);
  EXPECT_EQ(last.status, body_status::done);
  EXPECT_EQ(body.content_bytes(), 5u);
  EXPECT_EQ(body.step("more").consumed, 0u);
}

TEST(body_decoder, closing_ends_only_what_lasts_until_close) {
  body_decoder until_close{body_framing::until_close, 0};
  EXPECT_EQ(until_close.step("abc").content, "abc");
  EXPECT_EQ(until_close.finish(), body_status::done);
  body_decoder length{body_framing::length, 5};
  EXPECT_EQ(length.finish(), body_status::failed);
  body_decoder chunked{body_framing::chunked, 0};
  chunked.step("3\r\nabc\r\n");
  EXPECT_EQ(chunked.finish(), body_status::failed);
}

TEST(chunk_decoder, one_step_takes_a_short_body_with_its_end) {
  body_decoder body{body_framing::chunked, 0};
  const auto all = body.step("5\r\nhello\r\n0\r\n\r\nGET /");
  EXPECT_EQ(all.content, "hello");
  EXPECT_EQ(all.consumed, 15u);
  EXPECT_EQ(all.status, body_status::done);
}

TEST(chunk_decoder, a_step_yields_one_run_of_content) {
  body_decoder body{body_framing::chunked, 0};
  const std::string in = "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n";
  const auto first = body.step(in);
  EXPECT_EQ(first.content, "a");
  EXPECT_EQ(first.status, body_status::more);
  const auto second = body.step(std::string_view{in}.substr(first.consumed));
  EXPECT_EQ(second.content, "bc");
  EXPECT_EQ(second.status, body_status::done);
  EXPECT_EQ(body.content_bytes(), 3u);
}

TEST(chunk_decoder, sizes_may_be_upper_or_lower_case_and_zero_padded) {
  EXPECT_EQ(decode("00A\r\n0123456789\r\n0\r\n\r\n").content, "0123456789");
  EXPECT_EQ(decode("a\r\n0123456789\r\n0\r\n\r\n").content, "0123456789");
  EXPECT_EQ(decode("0000000000000001\r\nx\r\n000\r\n\r\n").status, body_status::done);
}

TEST(chunk_decoder, extensions_are_dropped) {
  const auto out = decode("1;a\r\nx\r\n1 ; a = b;c=\"q;\\\"\r\"\r\n");
  EXPECT_EQ(out.status, body_status::failed); // CR inside quotes
  EXPECT_EQ(decode("1;a;b=c ; d=\"e \\\" ; \t\"\r\nx\r\n0;last\r\n\r\n").content, "x");
}

struct bad_body {
  const char* name;
  std::string text;
};

void PrintTo(const bad_body& b, std::ostream* out) {
  *out << b.name;
}

const bad_body bad_bodies[] = {
    {"no_size", "\r\nabc"},
    {"no_digits_before_an_extension", ";a\r\n"},
    {"a_hex_prefix", "0x5\r\nhello\r\n"},
    {"a_sign", "+5\r\nhello\r\n"},
    {"a_leading_space", " 5\r\nhello\r\n"},
    {"a_space_after_the_size", "5 \r\nhello\r\n"},
    {"seventeen_digits", "00000000000000001\r\nx\r\n"},
    {"an_underscore", "1_0\r\nx\r\n"},
    {"bare_lf_after_the_size", "5\nhello\r\n"},
    {"bare_cr_after_the_size", "5\rhello\r\n"},
    {"bare_lf_after_content", "5\r\nhello\n0\r\n\r\n"},
    {"content_longer_than_its_size", "5\r\nhello!\r\n"},
    {"bare_lf_in_an_extension", "5;a\nhello\r\n"},
    {"an_extension_without_name", "5;\r\nhello\r\n"},
    {"an_extension_without_value", "5;a=\r\nhello\r\n"},
    {"junk_after_a_quoted_value", "5;a=\"b\"c\r\nhello\r\n"},
    {"two_words_in_an_extension", "5;a b\r\nhello\r\n"},
    {"nul_in_an_extension", std::string{"5;a=\"\0\"\r\n", 9}},
    {"too_many_extension_bytes", "5;" + std::string(17 * 1024, 'a') + "\r\nhello\r\n"},
    {"a_folded_trailer", "0\r\nA: b\r\n c\r\n\r\n"},
    {"a_trailer_with_bare_lf", "0\r\nA: b\n\r\n"},
    {"a_trailer_without_colon", "0\r\nA\r\n\r\n"},
    {"a_trailer_with_space_before_colon", "0\r\nA : b\r\n\r\n"},
    {"a_trailer_with_nul", std::string{"0\r\nA: \0\r\n\r\n", 11}},
    {"bare_lf_at_the_end", "0\r\n\n"},
    {"too_large_trailers", "0\r\nA: " + std::string(17 * 1024, 'a') + "\r\n\r\n"},
};

class bad_chunks : public testing::TestWithParam<bad_body> {};

TEST_P(bad_chunks, fail_whole_and_byte_by_byte) {
  EXPECT_EQ(decode(GetParam().text).status, body_status::failed);
  EXPECT_EQ(decode(GetParam().text, 1).status, body_status::failed);
}
constexpr auto name_of_case = [](const auto& info) { return std::string{info.param.name}; };
INSTANTIATE_TEST_SUITE_P(body, bad_chunks, testing::ValuesIn(bad_bodies), name_of_case);

TEST(chunk_decoder, more_than_a_hundred_trailers_are_refused) {
  std::string text = "0\r\n";
  for (int i = 0; i < 101; ++i)
    text += "A: b\r\n";
  EXPECT_EQ(decode(text + "\r\n").status, body_status::failed);
}

TEST(chunk_decoder, small_extensions_add_up_to_the_limit) {
  std::string text;
  for (int i = 0; i < 9000; ++i)
    text += "1;a\r\nx\r\n";
  EXPECT_EQ(decode(text).status, body_status::failed);
}

TEST(chunk_decoder, trailers_are_kept_but_for_those_that_may_not_be_there) {
  const std::string text =
      "1\r\nx\r\n0\r\nX-Sum:  1 \r\nContent-Length: 5\r\nhost: b\r\n"
      "Authorization: c\r\nTransfer-Encoding: chunked\r\nServer-Timing: db\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, text.size()}) {
    const auto out = decode(text, piece);
    EXPECT_EQ(out.status, body_status::done);
    EXPECT_EQ(out.trailers, "X-Sum:  1 \r\nServer-Timing: db\r\n");
    EXPECT_EQ(out.consumed, text.size());
  }
}

TEST(chunk_encoder, writes_what_the_decoder_reads) {
  EXPECT_EQ(chunk_header{1}.text(), "1\r\n");
  EXPECT_EQ(chunk_header{255}.text(), "ff\r\n");
  EXPECT_EQ(chunk_header{UINT64_MAX}.text(), "ffffffffffffffff\r\n");
  std::string text{chunk_header{5}.text()};
  text.append("hello")
      .append(chunk_end)
      .append(last_chunk_line)
      .append("A: b\r\n")
      .append(trailers_end);
  const auto out = decode(text);
  EXPECT_EQ(out.content, "hello");
  EXPECT_EQ(out.trailers, "A: b\r\n");
  EXPECT_EQ(out.status, body_status::done);
}

} // namespace
} // namespace weir::net
