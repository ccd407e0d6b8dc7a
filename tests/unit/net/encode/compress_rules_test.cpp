// When an answer is compressed, and what its head says then.
#include "net/encode/compress_rules.hpp"

#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::net {
namespace {

class compress_rules_test : public testing::Test {
protected:
  compress_choice choose(const std::string& answer_fields, const std::string& request_fields = "",
                         const std::string& status = "200 OK", const std::string& method = "GET") {
    request_text = method + " / HTTP/1.1\r\nHost: h\r\n" + request_fields +
                   (request_fields.find("Accept-Encoding") == std::string::npos
                        ? "Accept-Encoding: gzip, br\r\n\r\n"
                        : "\r\n");
    answer_text = "HTTP/1.1 " + status + "\r\n" + answer_fields + "\r\n";
    std::size_t scanned = 0;
    request = {};
    EXPECT_EQ(parse_request(request_text, {}, scanned, request).status, parse_status::complete);
    scanned = 0;
    answer = {};
    EXPECT_EQ(parse_response(answer_text, {}, scanned, request.method, answer).status,
              parse_status::complete);
    return choose_compression(settings, request, answer);
  }
  std::string written(const coded_fields& coded) {
    std::string out(4096, '\0');
    forward_response how;
    how.via = {};
    how.coded = coded;
    how.framing = coded.coding.empty() ? answer.framing : body_framing::chunked;
    out.resize(write_response_head(out, answer, how));
    return out;
  }

  config::compress_settings settings;
  std::string request_text, answer_text;
  request_head request;
  response_head answer;
};

const std::string html = "Content-Type: text/html; charset=utf-8\r\n";
const std::string chunked = "Transfer-Encoding: chunked\r\n";

TEST_F(compress_rules_test, text_is_compressed_and_images_are_not) {
  EXPECT_EQ(choose(html + chunked).reason, compress_reason::coded);
  EXPECT_EQ(choose(html + chunked).coding, content_coding::br);
  for (const auto* type : {"TEXT/CSS", "application/json", "application/problem+json;x=1",
                           "image/svg+xml", "text/event-stream", "application/wasm"})
    EXPECT_EQ(is_compressible(type, settings),
              std::string_view(type).find("problem") == std::string_view::npos)
        << type;
  for (const auto* type : {"image/png", "image/jpeg", "application/zip", "font/woff2", "video/mp4",
                           "application/octet-stream", "application/pdf", "", "text"})
    EXPECT_FALSE(is_compressible(type, settings)) << type;
  EXPECT_EQ(choose("Content-Type: image/png\r\n" + chunked).reason, compress_reason::type);
  EXPECT_EQ(choose(chunked).reason, compress_reason::type);
}

TEST_F(compress_rules_test, more_types_may_be_named) {
  settings.types = {"model/*", "application/x-log"};
  EXPECT_TRUE(is_compressible("model/obj", settings));
  EXPECT_TRUE(is_compressible("Application/X-Log", settings));
  EXPECT_FALSE(is_compressible("application/x-logs", settings));
}

TEST_F(compress_rules_test, never_twice) {
  EXPECT_EQ(choose(html + chunked + "Content-Encoding: gzip\r\n").reason, compress_reason::encoded);
  EXPECT_EQ(choose(html + chunked + "Content-Encoding: identity\r\n").reason,
            compress_reason::coded);
}

TEST_F(compress_rules_test, short_bodies_go_as_they_are_when_their_length_is_known) {
  EXPECT_EQ(choose(html + "Content-Length: 1023\r\n").reason, compress_reason::too_short);
  EXPECT_EQ(choose(html + "Content-Length: 1024\r\n").reason, compress_reason::coded);
}

TEST_F(compress_rules_test, head_is_decided_as_get_is) {
  const auto decide = [&](const std::string& fields) {
    return choose(html + fields, "", "200 OK", "HEAD").reason;
  };
  EXPECT_EQ(decide("Content-Length: 1024\r\n"), compress_reason::coded);
  EXPECT_EQ(decide("Content-Length: 10\r\n"), compress_reason::too_short);
  EXPECT_EQ(decide(""), compress_reason::coded);
}

TEST_F(compress_rules_test, parts_and_bodiless_answers_stay) {
  for (const auto* status : {"204 No", "205 Reset", "206 Part", "304 Same"})
    EXPECT_EQ(choose(html, "", status).reason, compress_reason::status) << status;
  EXPECT_EQ(choose(html + chunked + "Content-Range: bytes 0-1/2\r\n").reason,
            compress_reason::status);
  EXPECT_EQ(choose(html + chunked, "", "404 No").reason, compress_reason::coded);
}

TEST_F(compress_rules_test, no_transform_is_obeyed_on_both_sides) {
  EXPECT_EQ(choose(html + chunked + "Cache-Control: max-age=1, No-Transform\r\n").reason,
            compress_reason::no_transform);
  EXPECT_EQ(choose(html + chunked, "Cache-Control: no-transform\r\n").reason,
            compress_reason::no_transform);
}

TEST_F(compress_rules_test, vary_is_said_also_to_who_gets_it_as_it_is) {
  const auto plain = choose(html + chunked, "Accept-Encoding: deflate\r\n");
  EXPECT_EQ(plain.reason, compress_reason::not_accepted);
  EXPECT_TRUE(plain.varies);
  EXPECT_FALSE(choose("Content-Type: image/png\r\n" + chunked).varies);
}

TEST_F(compress_rules_test, a_coded_head_names_the_coding_and_nothing_that_is_no_longer_true) {
  choose(html + "Content-Length: 5000\r\nETag: \"a\"\r\nAccept-Ranges: bytes\r\n"
                "Content-MD5: x\r\nRepr-Digest: y\r\nVary: Cookie\r\n");
  const auto head = written({"br", true, true});
  EXPECT_NE(head.find("Content-Encoding: br\r\n"), head.npos);
  EXPECT_NE(head.find("Vary: Accept-Encoding\r\n"), head.npos);
  EXPECT_NE(head.find("Vary: Cookie\r\n"), head.npos);
  EXPECT_NE(head.find("ETag: W/\"a\"\r\n"), head.npos);
  for (const auto* gone :
       {"Content-Length", "Accept-Ranges", "Content-MD5", "Repr-Digest", "ETag: \"a\""})
    EXPECT_EQ(head.find(gone), head.npos) << gone;
}

TEST_F(compress_rules_test, vary_is_not_said_twice_and_a_weak_tag_stays_one) {
  choose(html + chunked + "ETag: W/\"a\"\r\nVary: Cookie, accept-encoding\r\n");
  const auto head = written({"gzip", true, true});
  EXPECT_EQ(head.find("Vary: Accept-Encoding"), head.npos);
  EXPECT_NE(head.find("ETag: W/\"a\"\r\n"), head.npos);
  choose(html + chunked + "Vary: *\r\n");
  EXPECT_EQ(written({"gzip", true, true}).find("Accept-Encoding"), std::string::npos);
}

TEST_F(compress_rules_test, a_head_that_is_not_coded_is_not_changed) {
  choose(html + "Content-Length: 5000\r\nETag: \"a\"\r\nContent-MD5: x\r\n");
  const auto head = written({});
  for (const auto* kept : {"Content-Length: 5000", "ETag: \"a\"", "Content-MD5: x"})
    EXPECT_NE(head.find(kept), head.npos) << kept;
  EXPECT_EQ(head.find("Vary"), head.npos);
}

TEST_F(compress_rules_test, a_304_for_what_we_compressed_is_known_by_its_weak_tag) {
  choose("ETag: \"a\"\r\n", "If-None-Match: \"b\", W/\"a\"\r\n", "304 Same");
  EXPECT_TRUE(names_weakened(request, "\"a\""));
  EXPECT_FALSE(names_weakened(request, "\"b\""));
  EXPECT_FALSE(names_weakened(request, "W/\"a\""));
  EXPECT_FALSE(names_weakened(request, ""));
}

} // namespace
} // namespace weir::net
