// The pieces of a file's body, one after another.
#include "net/proxy/file_sender.hpp"

#include <algorithm>

namespace weir::net {

void file_sender::start(const file_plan& plan) {
  plan_ = &plan;
  index_ = 0;
  sent_ = 0;
  yielded_ = false;
}

/// One piece, or two for each part and the delimiter behind them.
std::size_t file_sender::pieces() const {
  return plan_->parts.empty() ? 1 : 2 * plan_->parts.size() + 1;
}

file_sender::piece file_sender::at(std::size_t index) const {
  if (plan_->parts.empty()) return {{}, plan_->offset, plan_->length};
  if (index == 2 * plan_->parts.size()) return {plan_->after, 0, plan_->after.size()};
  const auto& part = plan_->parts[index / 2];
  if (index % 2 == 0) return {part.before, 0, part.before.size()};
  return {{}, part.offset, part.length};
}

io_result file_sender::advance(channel& client) {
  io_result total;
  yielded_ = false;
  while (index_ < pieces()) {
    const auto now = at(index_);
    if (sent_ == now.length) {
      ++index_;
      sent_ = 0;
      continue;
    }
    if (total.bytes >= turn_bytes_max) {
      yielded_ = true;
      return total;
    }
    io_result wrote;
    if (!now.text.empty()) {
      const auto left = now.text.substr(static_cast<std::size_t>(sent_));
      const iovec from{const_cast<char*>(left.data()), left.size()};
      wrote = client.write({&from, 1});
    } else {
      auto offset = now.offset + static_cast<off_t>(sent_);
      const auto count = std::min(now.length - sent_, turn_bytes_max - total.bytes);
      wrote = client.send_file(plan_->file->fd.get(), offset, static_cast<std::size_t>(count));
      if (wrote.status == io_status::ok && wrote.bytes == 0) wrote.status = io_status::error;
    }
    sent_ += wrote.bytes;
    total.bytes += wrote.bytes;
    if (wrote.status != io_status::ok) {
      total.status = wrote.status;
      total.error = wrote.error;
      return total;
    }
  }
  return total;
}

} // namespace weir::net
