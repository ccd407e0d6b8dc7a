// Access log lines: their JSON, and what happens when a file is rotated or a shard is faster than
// the disk.
#include "base/access_log.hpp"

#include "base/text_escape.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace weir {
namespace {

using nlohmann::json;
using testing::HasSubstr;

access_record sample() {
  access_record record;
  record.started = wall_time{} + std::chrono::milliseconds{1'700'000'000'123};
  record.total = 1500us;
  record.first_byte = 1ms;
  record.status = 200;
  record.bytes_in = 80;
  record.bytes_out = 1024;
  record.client = "192.0.2.1";
  record.method = "GET";
  record.target = "/a?b=c";
  record.upstream = "api";
  record.attempts = 1;
  return record;
}

std::string line_of(const access_record& record) {
  std::string line;
  append_access_json(line, record);
  return line;
}

TEST(access_record, a_line_holds_what_came_to_pass_and_nothing_else) {
  EXPECT_EQ(line_of(sample()),
            R"({"time":"2023-11-14T22:13:20.123Z","status":200,"bytes_in":80,"bytes_out":1024,)"
            R"("duration_ms":1.500,"first_byte_ms":1.000,"client":"192.0.2.1","method":"GET",)"
            R"("target":"/a?b=c","upstream":"api","attempts":1,"connection_reused":false})"
            "\n");
}

TEST(access_record, the_node_stands_on_the_line_when_there_is_one) {
  std::string line;
  append_access_json(line, sample(), false, "edge1");
  EXPECT_EQ(json::parse(line)["node"], "edge1");
}

TEST(access_record, any_bytes_in_a_target_give_one_line_of_valid_json) {
  std::mt19937 random{7};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 40, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    auto record = sample();
    record.target = bytes;
    const auto line = line_of(record);
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    ASSERT_TRUE(json::accept(line)) << line;
  }
}

TEST(access_record, valid_text_survives_json_unchanged) {
  const std::string text = "/\"quoted\" \\ \t Straße \xF0\x9F\x8C\x8A";
  std::string out;
  append_json_string(out, text);
  EXPECT_EQ(json::parse(out).get<std::string>(), text);
}

TEST(access_record, packing_keeps_every_field) {
  auto record = sample();
  record.user_agent = "curl/7.88";
  std::vector<std::byte> bytes(packed_size(record));
  pack(record, bytes);
  bool clipped = true;
  EXPECT_EQ(line_of(unpack(bytes, clipped)), line_of(record));
  EXPECT_FALSE(clipped);
}

TEST(access_record, long_text_is_clipped_and_the_line_says_so) {
  const std::string target(100'000, 'x');
  auto record = sample();
  record.target = target;
  std::vector<std::byte> bytes(packed_size(record));
  pack(record, bytes);
  bool clipped = false;
  auto seen = unpack(bytes, clipped);
  EXPECT_EQ(seen.target.size(), access_text_max);
  std::string line;
  append_access_json(line, seen, clipped);
  EXPECT_THAT(line, HasSubstr("\"clipped\":true"));
}

class access_log_files : public testing::Test {
protected:
  access_log_files() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-log-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~access_log_files() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::size_t lines_in(const std::string& file) {
    std::ifstream in{file};
    std::size_t count = 0;
    for (std::string line; std::getline(in, line);)
      if (json::accept(line)) ++count;
    return count;
  }
  std::filesystem::path folder_;
};

TEST_F(access_log_files, everything_pushed_is_written_before_the_log_ends) {
  {
    auto log = access_log::open({.path = path("a.log"), .channels = 2}).value();
    for (int i = 0; i < 1000; ++i)
      log->channel_of(static_cast<std::size_t>(i % 2)).push(sample());
  }
  EXPECT_EQ(lines_in(path("a.log")), 1000u);
}

TEST_F(access_log_files, a_full_ring_drops_records_and_counts_them) {
  metrics_writer out;
  {
    auto log = access_log::open({.path = path("a.log"), .ring_bytes = 4096, .poll = 1h}).value();
    for (int i = 0; i < 100; ++i)
      log->channel_of(0).push(sample());
    log->collect(out);
  }
  const auto written = lines_in(path("a.log"));
  EXPECT_LT(written, 100u);
  EXPECT_GT(written, 0u);
  EXPECT_THAT(out.text(), HasSubstr("weir_access_log_dropped_total{reason=\"queue_full\"} " +
                                    std::to_string(100 - written)));
}

TEST_F(access_log_files, a_file_that_was_renamed_is_known_as_moved_and_opened_anew) {
  auto file = log_file::open(path("a.log")).value();
  EXPECT_FALSE(file.moved_away());
  std::filesystem::rename(path("a.log"), path("a.log.1"));
  EXPECT_TRUE(file.moved_away());
  ASSERT_FALSE(file.reopen());
  ASSERT_FALSE(file.write("{}\n", std::chrono::steady_clock::now() + 1s));
  EXPECT_EQ(lines_in(path("a.log")), 1u);
  EXPECT_EQ(lines_in(path("a.log.1")), 0u);
}

TEST_F(access_log_files, a_log_that_cannot_be_opened_is_an_error) {
  EXPECT_FALSE(access_log::open({.path = path("no/such/folder/a.log")}));
}

TEST_F(access_log_files, a_pipe_that_nobody_reads_ends_in_a_timeout) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = ::open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  auto file = log_file::open(path("pipe")).value();
  const std::string line(1023, 'x');
  error_code failed;
  for (int i = 0; i < 1000 && !failed; ++i)
    failed = file.write(line + "\n", std::chrono::steady_clock::now());
  EXPECT_EQ(failed, boost::system::errc::timed_out);
  ::close(reader);
}

} // namespace
} // namespace weir
