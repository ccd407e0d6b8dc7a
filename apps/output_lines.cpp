// A splitter and a token bucket.
#include "apps/output_lines.hpp"

#include <algorithm>

namespace weir::apps {

void output_lines::feed(std::string_view bytes, steady_time now, const sink& out) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto piece = bytes.substr(0, end);
    partial_.append(piece.substr(0, line_bytes_max - partial_.size()));
    if (end == std::string_view::npos) return;
    emit(partial_, now, out);
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
}

void output_lines::finish(steady_time now, const sink& out) {
  emit(partial_, now, out);
  partial_.clear();
}

void output_lines::emit(std::string_view line, steady_time now, const sink& out) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return;
  if (!admit(now)) {
    ++dropped_;
    ++untold_;
    return;
  }
  if (untold_ > 0) out("(" + std::to_string(untold_) + " lines dropped: too many at once)");
  untold_ = 0;
  out(line);
}

bool output_lines::admit(steady_time now) {
  auto passed =
      std::chrono::duration<double>(std::max(now - last_, steady_time::duration::zero())).count();
  allowance_ = std::min<double>(allowance_ + passed * lines_per_second, lines_burst);
  last_ = now;
  if (allowance_ < 1) return false;
  allowance_ -= 1;
  return true;
}

} // namespace weir::apps
