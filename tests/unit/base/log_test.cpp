// Log lines: their form, their levels, and what happens when there are too many.
#include "base/log.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/ostream_sink.h>

#include <condition_variable>
#include <mutex>
#include <sstream>

namespace weir {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(log, an_event_is_its_name_and_its_fields) {
  EXPECT_EQ(log::render("upstream_down",
                        {{"upstream", "api"}, {"failures", 3}, {"ratio", 0.5}, {"up", false}}),
            "upstream_down upstream=api failures=3 ratio=0.5 up=false");
}

TEST(log, a_value_that_is_not_a_plain_word_is_quoted) {
  EXPECT_EQ(log::render("e", {{"a", "two words"}, {"b", ""}, {"c", "x=y"}, {"d", "q\"q"}}),
            R"(e a="two words" b="" c="x=y" d="q\"q")");
}

TEST(log, no_byte_of_a_value_breaks_the_line_or_reaches_the_terminal_raw) {
  EXPECT_EQ(log::render("e", {{"a", "1\n2\r\x1b[31m"}, {"b", "\xff"}, {"c", "\xc2\x9b"}}),
            "e a=\"1\\n2\\r\\u001b[31m\" b=\"\\u00ff\" c=\"\\u009b\"");
}

TEST(log, text_beyond_ascii_is_kept) {
  EXPECT_EQ(log::render("e", {{"a", "Straße"}}), "e a=\"Straße\"");
}

TEST(log, levels_below_the_threshold_are_not_written) {
  std::ostringstream out;
  log::start({.threshold = log::level::warning,
              .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out)});
  log::event("quiet");
  log::event("loud", {}, log::level::error);
  log::stop();
  EXPECT_THAT(out.str(), Not(HasSubstr("quiet")));
  EXPECT_THAT(out.str(), EndsWith("Z error loud\n"));
}

TEST(log, lines_carry_the_name_of_the_node) {
  std::ostringstream out;
  log::start({.node = "edge1", .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out)});
  log::event("started", {{"shards", 2}});
  log::stop();
  EXPECT_THAT(out.str(), EndsWith(" info started shards=2 node=edge1\n"));
}

/// A sink that stands still until it is opened, as a terminal under Ctrl-S does.
class stuck_sink : public spdlog::sinks::base_sink<std::mutex> {
public:
  void open() {
    std::lock_guard lock{gate_};
    open_ = true;
    changed_.notify_all();
  }

private:
  void sink_it_(const spdlog::details::log_msg&) override {
    std::unique_lock lock{gate_};
    changed_.wait(lock, [this] { return open_; });
  }
  void flush_() override {}

  std::mutex gate_;
  std::condition_variable changed_;
  bool open_ = false;
};

TEST(log, a_stuck_terminal_costs_lines_but_never_blocks_the_caller) {
  auto sink = std::make_shared<stuck_sink>();
  log::start({.queue_lines = 4, .sink = sink});
  for (int i = 0; i < 100; ++i)
    log::event("line", {{"i", i}});
  EXPECT_GE(log::dropped_lines(), 90u);
  sink->open();
  log::stop();
}

TEST(log, a_level_has_a_name_and_the_name_a_level) {
  for (auto value : {log::level::debug, log::level::info, log::level::warning, log::level::error})
    EXPECT_EQ(log::parse_level(log::to_string(value)), value);
  EXPECT_EQ(log::parse_level("loud"), std::nullopt);
}

} // namespace
} // namespace weir
