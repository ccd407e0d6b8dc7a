// PCRE2 calls: compile with JIT, match within limits.
#include "net/route/route_regex.hpp"

#include <pcre2.h>

namespace weir::net {

namespace {

/// Enough for every sane pattern on an 8 KiB path; a runaway one ends within milliseconds
/// (tests/unit/net/route_regex_test).
constexpr std::uint32_t match_limit = 20'000;
constexpr std::uint32_t depth_limit = 1'000;
constexpr std::uint32_t heap_limit_kib = 256;

/// What one thread needs to match any pattern: PCRE2 writes into it, so it cannot be shared.
struct match_memory {
  pcre2_match_data* data = pcre2_match_data_create(regex_captures::max, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);

  match_memory() {
    if (!context) return;
    pcre2_set_match_limit(context, match_limit);
    pcre2_set_depth_limit(context, depth_limit);
    pcre2_set_heap_limit(context, heap_limit_kib);
  }
  ~match_memory() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
  match_memory(const match_memory&) = delete;
  match_memory& operator=(const match_memory&) = delete;
};

std::string message_of(int code) {
  std::array<PCRE2_UCHAR, 160> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

} // namespace

std::optional<route_regex> route_regex::compile(const std::string& pattern, std::string& error) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  constexpr std::uint32_t options = PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF |
                                    PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
  auto* raw = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                            &code, &offset, nullptr);
  if (!raw) {
    error = message_of(code) + " at offset " + std::to_string(offset);
    return std::nullopt;
  }
  route_regex out;
  out.code_ = {raw, [](const pcre2_code* c) { pcre2_code_free(const_cast<pcre2_code*>(c)); }};
  pcre2_pattern_info(raw, PCRE2_INFO_CAPTURECOUNT, &out.groups_);
  if (out.groups_ >= regex_captures::max) {
    error = "it has " + std::to_string(out.groups_) + " groups, at most " +
            std::to_string(regex_captures::max - 1) + " are possible";
    return std::nullopt;
  }
  // Where the kernel forbids writable code there is no JIT; the interpreter obeys the same limits.
  pcre2_jit_compile(raw, PCRE2_JIT_COMPLETE);
  return out;
}

regex_outcome route_regex::match(std::string_view path, regex_captures& captures) const {
  thread_local const match_memory memory;
  if (!memory.data || !memory.context) return regex_outcome::limit;
  const int found = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(path.data()), path.size(),
                                0, 0, memory.data, memory.context);
  if (found == PCRE2_ERROR_NOMATCH) return regex_outcome::no_match;
  if (found <= 0) return regex_outcome::limit;

  const auto* bounds = pcre2_get_ovector_pointer(memory.data);
  captures.count = static_cast<std::size_t>(found);
  for (std::size_t i = 0; i < captures.count; ++i) {
    const auto from = bounds[2 * i], to = bounds[2 * i + 1];
    // \K inside a lookahead can put the end before the start.
    captures.groups[i] =
        from == PCRE2_UNSET || to < from ? std::string_view{} : path.substr(from, to - from);
  }
  return regex_outcome::match;
}

std::uint32_t route_regex::group(const std::string& name) const {
  const int number =
      pcre2_substring_number_from_name(code_.get(), reinterpret_cast<PCRE2_SPTR>(name.c_str()));
  return number > 0 ? static_cast<std::uint32_t>(number) : 0;
}

} // namespace weir::net
