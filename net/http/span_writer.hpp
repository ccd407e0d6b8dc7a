// Text put together in a buffer of fixed size that says how much room would have been needed.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace weir::net {

/// Appends to a span, and goes on counting when that is full; then what was written is of no use.
class span_writer {
public:
  explicit span_writer(std::span<char> out) : out_{out} {}

  /// Texts and unsigned numbers (in decimal).
  template <class... Parts>
  void put(const Parts&... parts) {
    (append(parts), ...);
  }
  std::size_t size() const { return size_; }

private:
  void append(std::string_view text) {
    if (size_ <= out_.size() && text.size() <= out_.size() - size_ && !text.empty())
      std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append(std::uint64_t number) {
    std::array<char, 20> digits{}; // set: gcc's optimizer does not see that to_chars does it
    const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    append(std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  std::span<char> out_;
  std::size_t size_ = 0;
};

} // namespace weir::net
