// The node's log: named events with fields, one line each, written off the calling thread.
#pragma once

#include "base/result.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace spdlog::sinks {
class sink;
}

namespace weir::log {

enum class level : std::uint8_t { debug, info, warning, error };

std::string_view to_string(level value);
/// The level with this name; none when there is no such level.
std::optional<level> parse_level(std::string_view name);

/// One `key=value` of an event. Numbers and booleans are rendered at once, text is only viewed: a
/// field lives no longer than the call of `event()` it stands in.
class field {
public:
  field(std::string_view key, std::string_view value) : key_(key), text_(value) {}
  field(std::string_view key, const char* value) : field(key, std::string_view{value}) {}
  field(std::string_view key, const std::string& value) : field(key, std::string_view{value}) {}
  field(std::string_view key, bool value)
      : field(key, std::string_view{value ? "true" : "false"}) {}
  field(std::string_view key, const error_code& value) : key_(key), owned_(value.message()) {}
  template <std::integral T>
  field(std::string_view key, T value) : key_(key), owned_(std::to_string(value)) {}
  field(std::string_view key, double value);

  std::string_view key() const { return key_; }
  std::string_view value() const { return text_.empty() ? std::string_view{owned_} : text_; }

private:
  std::string_view key_;
  std::string_view text_;
  std::string owned_;
};

using fields = std::initializer_list<field>;

/// The line of an event without time and level: `name key=value key="with spaces"`. Whatever the
/// bytes of a value, the result is one line of printable ASCII or UTF-8 text.
std::string render(std::string_view name, fields values);

struct log_options {
  level threshold = level::info;
  std::size_t queue_lines = 8192; // more than this waiting: the oldest are dropped and counted
  std::string node{};             // not empty: each line ends in node=<this>
  std::shared_ptr<spdlog::sinks::sink> sink{}; // null: standard error
};

/// Starts the writer thread. Before it, and after `stop()`, events are written by the caller's own
/// thread. Call from the main thread while no other thread logs.
void start(log_options options);
/// Writes what is queued and ends the writer thread. The same condition as `start`.
void stop();

/// Changes what is written from now on. Any thread.
void set_threshold(level value);
/// Whether an event of this level would be written: guards fields that cost something to make. Any
/// thread.
bool enabled(level value);
/// Writes one line. Any thread; never waits for the disk or the terminal. Names are snake_case, in
/// the past tense or a state: `upstream_down`, `config_rejected`.
void event(std::string_view name, fields values = {}, level severity = level::info);

/// Lines dropped because the queue was full, since `start()`.
std::uint64_t dropped_lines();

} // namespace weir::log
