// Making ids, believing them, and continuing traces.
#include "net/proxy/correlation.hpp"

#include "base/random.hpp"
#include "base/text.hpp"
#include "net/http/char_class.hpp"
#include "net/http/known_fields.hpp"
#include "net/route/policy.hpp"

#include <algorithm>
#include <cstring>

namespace weir::net {

namespace {

bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > correlation::id_bytes_max) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_in(c, char_class::unreserved) ||
           std::string_view(":+/=@").find(c) != std::string_view::npos;
  });
}

std::size_t size_of_all(const request_head& head, std::string_view name) {
  std::size_t size = 0;
  for (const auto& f : head.fields)
    if (iequals(f.name, name)) size += f.value.size();
  return size;
}

} // namespace

wide_hash unique_ids::next() {
  ++count_;
  std::array<char, sizeof count_> bytes;
  std::memcpy(bytes.data(), &count_, sizeof count_);
  return sip_hash(secret_, {bytes.data(), bytes.size()});
}

unique_ids unique_ids_from_system() {
  return unique_ids({seed_from_system(), seed_from_system()});
}

void correlation::begin(const config::tracing_settings& settings, request_head& head, bool trusted,
                        unique_ids& ids) {
  if (settings.request_id != config::request_id_mode::off) {
    constexpr auto id = field_id::x_request_id;
    take_id(head.find_only(id), trusted, ids);
    if (head.find(id) != nullptr) head.remove(name_of(id));
  }
  if (settings.traceparent) take_trace(settings, head, ids);
}

void correlation::take_id(const field* sent, bool trusted, unique_ids& ids) {
  if (trusted && sent != nullptr && is_request_id(sent->value)) {
    std::copy(sent->value.begin(), sent->value.end(), id_.begin());
    id_size_ = static_cast<std::uint8_t>(sent->value.size());
    return;
  }
  const auto made = ids.next();
  write_hex(id_.data(), made.high);
  write_hex(id_.data() + 16, made.low);
  id_size_ = 32;
}

void correlation::take_trace(const config::tracing_settings& settings, request_head& head,
                             unique_ids& ids) {
  const auto* sent = head.find_only("traceparent");
  const auto parent = sent != nullptr ? parse_traceparent(sent->value) : std::nullopt;
  const auto made = ids.next();
  const auto span = made.low | 1; // 0 is no id
  if (parent) {
    write_traceparent(parent_, parent->trace_id, span, parent->sampled);
  } else {
    std::array<char, 32> trace;
    const auto fresh = ids.next();
    write_hex(trace.data(), fresh.high);
    write_hex(trace.data() + 16, fresh.low | 1);
    const bool sampled = made.high % 100 < settings.sample_percent;
    write_traceparent(parent_, {trace.data(), trace.size()}, span, sampled);
  }
  traced_ = true;
  if (head.find("traceparent") != nullptr) head.remove("traceparent");
  // It belongs to the trace it came with (3.3, 4.2).
  const auto state = size_of_all(head, "tracestate");
  if (!parent || state > tracestate_bytes_max) head.remove("tracestate");
}

void correlation::add_request_lines(std::string& out, const field_changes& changes) const {
  if (id_size_ != 0 && !changes.drops("x-request-id"))
    out.append("X-Request-Id: ").append(request_id()).append("\r\n");
  if (traced_ && !changes.drops("traceparent"))
    out.append("traceparent: ").append(traceparent()).append("\r\n");
}

} // namespace weir::net
