// Formats of the access log: what they make of a record, and what is no format.
#include "base/access_line.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

access_record sample() {
  access_record record;
  record.started = wall_time{} + std::chrono::milliseconds{1'700'000'000'123};
  record.total = 1500us;
  record.status = 200;
  record.bytes_in = 80;
  record.bytes_out = 1024;
  record.client = "192.0.2.1";
  record.method = "GET";
  record.target = "/a?b=c";
  record.protocol = "HTTP/1.1";
  record.user_agent = "curl/8";
  return record;
}

std::string line_of(std::string_view format, const access_record& record,
                    std::string_view node = {}) {
  std::string problem;
  const auto made = access_line::make(format, problem);
  EXPECT_TRUE(made) << problem;
  std::string out;
  if (made) made->append(out, record, false, node);
  return out;
}

std::string problem_of(std::string_view format) {
  std::string problem;
  EXPECT_FALSE(access_line::make(format, problem));
  return problem;
}

TEST(access_line, common_and_combined_are_those_of_other_servers) {
  EXPECT_EQ(line_of("common", sample()),
            "192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a?b=c HTTP/1.1\" 200 1024\n");
  EXPECT_EQ(line_of("combined", sample()),
            "192.0.2.1 - - [14/Nov/2023:22:13:20 +0000] \"GET /a?b=c HTTP/1.1\" 200 1024 \"-\" "
            "\"curl/8\"\n");
}

TEST(access_line, a_text_is_filled_in) {
  EXPECT_EQ(line_of("$node $time ${duration_ms}ms $$5 $first_byte_ms", sample(), "edge1"),
            "edge1 2023-11-14T22:13:20.123Z 1.500ms $5 -\n");
}

TEST(access_line, json_is_one_too) {
  std::string wanted;
  append_access_json(wanted, sample());
  EXPECT_EQ(line_of("json", sample()), wanted);
}

TEST(access_line, no_client_can_break_a_line_or_leave_its_quotes) {
  auto record = sample();
  record.target = "/\"\n\\\xff";
  record.user_agent = "\x1b[2J";
  EXPECT_EQ(line_of("\"$request\" $user_agent", record),
            "\"GET /\\x22\\x0A\\x5C\\xFF HTTP/1.1\" \\x1B[2J\n");
}

TEST(access_line, a_client_that_went_before_the_answer_has_the_status_that_nginx_gives_it) {
  auto record = sample();
  record.status = 0;
  EXPECT_EQ(line_of("$status", record), "499\n");
}

TEST(access_line, a_request_that_never_became_one_is_a_dash) {
  EXPECT_EQ(line_of("\"$request\"", {}), "\"-\"\n");
}

TEST(access_line, every_variable_can_be_written) {
  for (const auto& name : access_line::variables())
    EXPECT_FALSE(line_of("${" + name + "}", sample(), "n").empty()) << name;
}

TEST(access_line, what_is_no_format_says_why) {
  EXPECT_EQ(problem_of("$nothing"), "has no variable $nothing");
  EXPECT_EQ(problem_of("${status"), "has a ${ without its }");
  EXPECT_EQ(problem_of("$ "), "has a $ without a name; $$ is a dollar");
  EXPECT_EQ(problem_of("jsn"), "is neither json, common, combined nor a text with $variables");
  EXPECT_EQ(problem_of("$status\n"), "has a control character");
  EXPECT_EQ(problem_of("$status" + std::string(5000, 'x')), "is longer than 4096 bytes");
}

} // namespace
} // namespace weir
