// Renders events and hands the lines to spdlog's writer thread.
#include "base/log.hpp"

#include "base/text_escape.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cmath>

namespace weir::log {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};

constexpr std::array<spdlog::level::level_enum, 4> spdlog_levels{
    spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};

std::shared_ptr<spdlog::sinks::sink> formatted(std::shared_ptr<spdlog::sinks::sink> sink) {
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v",
                                                                  spdlog::pattern_time_type::utc));
  return sink;
}

std::shared_ptr<spdlog::sinks::sink> standard_error() {
  return formatted(std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

/// The process's one log. Its threads are the callers' until `start()` gives it a writer.
struct process_log {
  std::atomic<level> threshold{level::info};
  std::string suffix;
  std::shared_ptr<spdlog::details::thread_pool> writer;
  std::shared_ptr<spdlog::logger> logger = direct(standard_error());

  static std::shared_ptr<spdlog::logger> direct(std::shared_ptr<spdlog::sinks::sink> sink) {
    auto made = std::make_shared<spdlog::logger>("weir", std::move(sink));
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }
};

process_log& the_log() {
  static process_log instance;
  return instance;
}

} // namespace

std::string_view to_string(level value) {
  return level_names[static_cast<std::size_t>(value)];
}

std::optional<level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < level_names.size(); ++i)
    if (level_names[i] == name) return static_cast<level>(i);
  return std::nullopt;
}

field::field(std::string_view key, double value)
    : key_(key), owned_(std::isfinite(value) ? fmt::format("{:.6g}", value) : "nan") {}

std::string render(std::string_view name, fields values) {
  std::string line{name};
  for (const auto& one : values) {
    line += ' ';
    line += one.key();
    line += '=';
    append_logfmt_value(line, one.value());
  }
  return line;
}

void start(log_options options) {
  auto& log = the_log();
  log.threshold = options.threshold;
  log.suffix =
      options.node.empty() ? std::string{} : " " + render("", {{"node", options.node}}).substr(1);
  log.writer = std::make_shared<spdlog::details::thread_pool>(options.queue_lines, 1);
  auto sink = options.sink ? formatted(std::move(options.sink)) : standard_error();
  log.logger = std::make_shared<spdlog::async_logger>(
      "weir", std::move(sink), log.writer, spdlog::async_overflow_policy::overrun_oldest);
  log.logger->set_level(spdlog::level::trace);
  log.logger->flush_on(spdlog::level::trace);
}

void stop() {
  auto& log = the_log();
  if (!log.writer) return;
  auto sinks = log.logger->sinks();
  log.logger.reset();
  log.writer.reset(); // joins the writer, which empties the queue first
  log.logger = process_log::direct(sinks.front());
}

void set_threshold(level value) {
  the_log().threshold.store(value, std::memory_order_relaxed);
}

bool enabled(level value) {
  return value >= the_log().threshold.load(std::memory_order_relaxed);
}

void event(std::string_view name, fields values, level severity) {
  if (!enabled(severity)) return;
  auto& log = the_log();
  auto line = render(name, values) + log.suffix;
  log.logger->log(spdlog_levels[static_cast<std::size_t>(severity)], line);
}

std::uint64_t dropped_lines() {
  auto& log = the_log();
  return log.writer ? log.writer->overrun_counter() : 0;
}

} // namespace weir::log
