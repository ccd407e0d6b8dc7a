// HTTP/1 messages made at random: what is written is read back, in one piece or in many, and what
// is damaged is refused or still means one thing only.
#include "base/random.hpp"
#include "net/http/body.hpp"
#include "net/http/chunk_encoder.hpp"
#include "net/http/head_writer.hpp"
#include "net/http/parser.hpp"
#include "net/http/target_path.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace weir::net {
namespace {

constexpr std::uint64_t seed = 20'261'122;

class message_maker {
public:
  explicit message_maker(std::uint64_t with) : random_{with} {}

  std::size_t below(std::size_t bound) { return random_.below(bound); }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  std::string text(std::string_view alphabet, std::size_t size_min, std::size_t size_max) {
    std::string out(size_min + below(size_max - size_min + 1), '\0');
    for (char& c : out)
      c = alphabet[below(alphabet.size())];
    return out;
  }

  struct request {
    std::string method, target, host;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string wire;
  };

  request make_request() {
    request made;
    made.method = text("ABCDEFGHIJKLMNOPQRSTUVWXYZabc-!", 1, 12);
    if (made.method == "CONNECT") made.method = "GET";
    made.target = "/" + text("abcdefghij0123456789-._~!$&'()*+,;=:@/?|[]{}%20", 0, 60);
    made.host = text("abcdefghijklmnopqrstuvwxyz0123456789-._", 1, 30);
    if (chance(3)) made.host += ":" + std::to_string(below(65536));
    made.wire = made.method + " " + made.target + " HTTP/1.1\r\nHost: " + made.host + "\r\n";
    for (auto left = below(20); left > 0; --left) {
      auto& [name, value] = made.fields.emplace_back();
      name = "X" + text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ-_.!#$%&'*+^`|~0123456789", 1, 30);
      value = text("abcdefghij ,;=\"\\\t()<>@/[]?{}\x80\xff"
                   "0123456789",
                   0, 60);
      const auto begin = value.find_first_not_of(" \t");
      value =
          begin == value.npos ? "" : value.substr(begin, value.find_last_not_of(" \t") - begin + 1);
      made.wire += name + ":" + text(" \t", 0, 2) + value + text(" \t", 0, 2) + "\r\n";
    }
    made.wire += "\r\n";
    return made;
  }

  std::string damage(std::string wire) {
    static constexpr std::string_view bytes{"\0\r\n \t:;,\x7f\x80\xff"
                                            "0aZ%/",
                                            16};
    for (auto times = 1 + below(3); times > 0 && !wire.empty(); --times) {
      const auto at = below(wire.size());
      const auto byte = chance(2) ? bytes[below(bytes.size())] : static_cast<char>(below(256));
      if (chance(3))
        wire.erase(at, 1 + below(3));
      else if (chance(2))
        wire.insert(at, 1, byte);
      else
        wire[at] = byte;
    }
    return wire;
  }

private:
  random_source random_;
};

parse_result parse_whole(std::string_view wire, request_head& head) {
  std::size_t scanned = 0;
  return parse_request(wire, {}, scanned, head);
}

TEST(http_message_property, a_request_is_read_as_it_was_written) {
  message_maker make{seed};
  for (int round = 0; round < 2000; ++round) {
    const auto made = make.make_request();
    request_head head;
    const auto result = parse_whole(made.wire, head);
    ASSERT_EQ(result.status, parse_status::complete) << made.wire << name_of(result.error);
    EXPECT_EQ(result.head_bytes, made.wire.size());
    EXPECT_EQ(head.method_name, made.method);
    EXPECT_EQ(head.target, made.target);
    EXPECT_EQ(head.authority, made.host);
    ASSERT_EQ(head.fields.size(), made.fields.size() + 1);
    for (std::size_t i = 0; i < made.fields.size(); ++i) {
      EXPECT_EQ(head.fields[i + 1].name, made.fields[i].first);
      EXPECT_EQ(head.fields[i + 1].value, made.fields[i].second);
    }
  }
}

TEST(http_message_property, pieces_of_any_size_are_read_like_the_whole) {
  message_maker make{seed + 1};
  for (int round = 0; round < 3000; ++round) {
    auto wire = make.make_request().wire;
    if (make.chance(2)) wire = make.damage(wire);
    request_head head;
    std::size_t scanned = 0, size = 0;
    parse_result grown;
    while (grown.status == parse_status::incomplete && size < wire.size()) {
      size = std::min(wire.size(), size + 1 + (make.chance(2) ? 0 : make.below(40)));
      // A copy of its own, as a buffer that grows moves.
      const std::string arrived = wire.substr(0, size);
      grown = parse_request(arrived, {}, scanned, head);
    }
    request_head whole_head;
    const auto whole = parse_whole(std::string_view{wire}.substr(0, size), whole_head);
    // A damaged head without an end is refused at first sight only: later it has to be waited for.
    if (grown.status == parse_status::incomplete) {
      EXPECT_NE(whole.status, parse_status::complete) << wire;
    } else {
      EXPECT_EQ(grown.status, whole.status) << wire;
      EXPECT_EQ(grown.error, whole.error) << wire;
      EXPECT_EQ(grown.head_bytes, whole.head_bytes) << wire;
    }
  }
}

TEST(http_message_property, what_is_forwarded_means_what_was_received) {
  message_maker make{seed + 2};
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto wire = make.make_request().wire;
    static const std::vector<std::string> framings = {
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: close, x-a\r\nTE: trailers\r\n", ""};
    wire.insert(wire.size() - 2, framings[make.below(framings.size())]);
    if (make.chance(2)) wire = make.damage(wire);
    request_head head;
    if (parse_whole(wire, head).status != parse_status::complete) continue;
    if (head.authority.empty() || head.method == http_method::connect) continue;
    ++accepted;
    std::string out(8192, '?');
    out.resize(write_request_head(out, head, {}));
    request_head next;
    const auto result = parse_whole(out, next);
    ASSERT_EQ(result.status, parse_status::complete) << wire << "became\n"
                                                     << out << name_of(result.error);
    EXPECT_EQ(result.head_bytes, out.size());
    EXPECT_EQ(next.method_name, head.method_name);
    EXPECT_EQ(next.path, head.path);
    EXPECT_EQ(next.query, head.query);
    EXPECT_EQ(next.authority, head.authority);
    EXPECT_EQ(next.framing, head.framing);
    EXPECT_EQ(next.content_length, head.content_length);
  }
  EXPECT_GT(accepted, 5000);
}

TEST(http_message_property, chunks_of_any_size_arriving_in_any_pieces_give_the_content) {
  message_maker make{seed + 3};
  for (int round = 0; round < 2000; ++round) {
    std::string content, wire;
    for (auto chunks = make.below(8); chunks > 0; --chunks) {
      const auto chunk = make.text("abc\r\n0;", 1, 50);
      content += chunk;
      wire.append(chunk_header{chunk.size()}.text()).append(chunk).append(chunk_end);
    }
    wire.append(last_chunk);
    const auto body_size = wire.size();
    wire += "GET / HTTP/1.1\r\n";
    body_decoder body{body_framing::chunked, 0};
    std::string decoded;
    std::size_t at = 0;
    while (!body.done()) {
      ASSERT_LT(at, body_size);
      const auto step = body.step(std::string_view{wire}.substr(at, 1 + make.below(30)));
      ASSERT_NE(step.status, body_status::failed);
      decoded += step.content;
      at += step.consumed;
    }
    EXPECT_EQ(decoded, content);
    EXPECT_EQ(at, body_size);
    EXPECT_EQ(body.content_bytes(), content.size());
  }
}

std::string encoded(std::string_view path) {
  std::string out;
  for (const char c : path) {
    static constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/')
      out += c;
    else
      out.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return out;
}

TEST(http_message_property, a_normal_path_stays_as_it_is_and_holds_nothing_to_resolve) {
  message_maker make{seed + 4};
  for (int round = 0; round < 50'000; ++round) {
    const auto raw = "/" + make.text("a./%2eEfF5cC\\;b", 0, 16);
    std::string scratch, again;
    const auto result = normalize_path(raw, scratch);
    if (result.error != path_error::none) continue;
    const auto path = std::string{result.path} + "/";
    EXPECT_EQ(path.front(), '/') << raw;
    EXPECT_EQ(path.find("/./"), path.npos) << raw;
    EXPECT_EQ(path.find("/../"), path.npos) << raw;
    EXPECT_EQ(result.path.find("//"), result.path.npos) << raw;
    const auto re_encoded = encoded(result.path);
    EXPECT_EQ(normalize_path(re_encoded, again).path, result.path) << raw;
  }
}

} // namespace
} // namespace weir::net
