// What is written down of a response, and how a 304 changes it (RFC 9111 3.1, 3.2).
#include "net/cache/stored_response.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::made_response;

const cache_time arrived{std::chrono::hours(500'000)};

stored_response full() {
  stored_response r;
  r.status = 404;
  r.minor_version = 0;
  r.no_cache = r.shared_lifetime = r.varies = true;
  r.response_time = arrived;
  r.initial_age = std::chrono::milliseconds(1234);
  r.lifetime = 3600s;
  r.stale_if_error = 0s;
  r.owner = 0x123456789abcdef0;
  r.body_id = 0xfedcba9876543210;
  r.reason = "Not Found";
  r.selecting = "accept,x-a";
  r.tags = "a b";
  r.field_section = "ETag: \"x\"\r\nX-A: 1\r\n";
  return r;
}

TEST(stored_response, is_read_as_it_was_written) {
  const auto text = encode_stored(full());
  stored_response r;
  ASSERT_TRUE(decode_stored(text, r));
  EXPECT_EQ(encode_stored(r), text);
  EXPECT_EQ(r.status, 404);
  EXPECT_TRUE(r.no_cache && r.shared_lifetime && r.varies);
  EXPECT_FALSE(r.must_revalidate || r.assumed_lifetime);
  EXPECT_EQ(r.initial_age, std::chrono::milliseconds(1234));
  EXPECT_FALSE(r.stale_while_revalidate);
  EXPECT_EQ(r.stale_if_error, 0s);
  EXPECT_EQ(r.tags, "a b");
  EXPECT_EQ(r.body_id, 0xfedcba9876543210);
}

TEST(stored_response, what_is_coded_has_no_head_of_its_own) {
  stored_response coded;
  coded.kind = stored_kind::coded;
  coded.body_id = 7;
  stored_response r;
  ASSERT_TRUE(decode_stored(encode_stored(coded), r));
  EXPECT_EQ(r.kind, stored_kind::coded);
  EXPECT_EQ(r.body_id, 7u);
}

TEST(stored_response, what_is_cut_or_longer_is_not_one) {
  const auto text = encode_stored(full());
  stored_response r;
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(decode_stored(std::string_view(text).substr(0, size), r)) << size;
  EXPECT_FALSE(decode_stored(text + "x", r));
  auto other_form = text;
  other_form[0] = 99;
  EXPECT_FALSE(decode_stored(other_form, r));
}

TEST(stored_response, its_head_has_the_stored_fields_and_the_bodys_length) {
  const auto stored = full();
  response_head head;
  make_head(stored, 17, head);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.framing, body_framing::length);
  EXPECT_EQ(head.content_length, 17u);
  ASSERT_EQ(head.fields.size(), 2u);
  EXPECT_EQ(head.find(field_id::etag)->value, "\"x\"");
}

TEST(stored_response, keeps_what_is_not_for_this_hop_and_gets_a_date) {
  const auto head = made_response(200, {{"X-A", "1"},
                                        {"Age", "5"},
                                        {"Set-Cookie", "a=b"},
                                        {"Transfer-Encoding", "chunked"},
                                        {"Cache-Control", "public, max-age=60"}});
  const auto directives = read_cache_control(head);
  const response_facts facts{head, directives, false, arrived, arrived};
  std::string section;
  const auto kept = describe(facts, {60s, freshness_source::max_age}, {}, section);
  EXPECT_EQ(section, "X-A: 1\r\nCache-Control: public, max-age=60\r\n"
                     "Date: Fri, 15 Jan 2027 08:00:00 GMT\r\n");
  EXPECT_EQ(kept.initial_age, 5s);
  EXPECT_FALSE(kept.assumed_lifetime);
}

TEST(stored_response, a_304_replaces_fields_but_none_of_the_body) {
  const auto before = made_response(200, {{"ETag", "\"x\""},
                                          {"X-A", "1"},
                                          {"X-A", "2"},
                                          {"X-Old", "kept"},
                                          {"Content-Type", "text/plain"},
                                          {"Content-Encoding", "gzip"}});
  const auto with = made_response(304, {{"X-A", "3"},
                                        {"X-New", "n"},
                                        {"Content-Type", "text/html"},
                                        {"Content-Encoding", "br"},
                                        {"Content-Length", "99"},
                                        {"Set-Cookie", "c=d"},
                                        {"Connection", "close"}});
  std::string section;
  freshen_section(before, with, read_cache_control(with), section);
  EXPECT_EQ(section, "ETag: \"x\"\r\nX-Old: kept\r\nContent-Type: text/plain\r\n"
                     "Content-Encoding: gzip\r\nX-A: 3\r\nX-New: n\r\n");
}

TEST(stored_response, is_kept_as_long_as_it_may_be_of_use) {
  stored_response r;
  r.response_time = arrived;
  r.lifetime = 10s;
  const auto base = std::chrono::duration_cast<std::chrono::seconds>(arrived.time_since_epoch());
  EXPECT_EQ(expiry_of(r, {}, false), (base + 10s).count());
  r.initial_age = 4s;
  EXPECT_EQ(expiry_of(r, {}, false), (base + 6s).count());
  r.stale_if_error = 100s;
  EXPECT_EQ(expiry_of(r, {}, false), (base + 106s).count());
  EXPECT_GT(expiry_of(r, {}, true), (base + 3600s).count()) << "its validator saves a body";
}

} // namespace
} // namespace weir::net
