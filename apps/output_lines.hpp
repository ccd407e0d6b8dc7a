// Cuts an app's output into lines of bounded length at a bounded rate, for our log.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weir::apps {

/// One pipe's bytes in, whole lines out. Pure; one per stream.
///
/// A line longer than `line_bytes_max` is cut there and the rest of it dropped; empty lines are
/// passed over. More than `lines_burst` lines at once, or `lines_per_second` for long, are dropped
/// and counted, and the first line after that is preceded by one that says how many.
class output_lines {
public:
  static constexpr std::size_t line_bytes_max = 8 * 1024;
  static constexpr std::uint32_t lines_per_second = 1'000;
  static constexpr std::uint32_t lines_burst = 5'000;

  using sink = std::function<void(std::string_view line)>;

  void feed(std::string_view bytes, steady_time now, const sink& out);
  /// The stream has ended: a last line without its newline is one too.
  void finish(steady_time now, const sink& out);
  std::uint64_t dropped() const { return dropped_; }

private:
  void emit(std::string_view line, steady_time now, const sink& out);
  bool admit(steady_time now);

  std::string partial_;
  double allowance_ = lines_burst;
  steady_time last_{};
  std::uint64_t dropped_ = 0;
  std::uint64_t untold_ = 0; // dropped and not yet told
};

} // namespace weir::apps
