// The local MetaStore's records as bytes: numbers are eight bytes, big-endian; texts follow their
// length.
#include "storage/meta_record.hpp"

#include "storage/key_layout.hpp"

namespace weir::storage {

namespace {

constexpr std::size_t number_bytes = 8;

/// Takes fields off the front; `whole` says whether all of them were there.
class reader {
public:
  explicit reader(std::string_view bytes) : left_(bytes) {}

  std::string_view take(std::uint64_t count) {
    if (count > left_.size()) whole_ = false;
    if (!whole_) return {};
    const auto out = left_.substr(0, count);
    left_.remove_prefix(count);
    return out;
  }
  std::uint64_t number() { return decode_number(take(number_bytes)).value_or(0); }
  std::string text() { return std::string(take(number())); }
  bool empty() const { return left_.empty(); }
  bool whole() const { return whole_; }

private:
  std::string_view left_;
  bool whole_ = true;
};

void append_text(std::string& out, std::string_view text) {
  out.append(encode_number(text.size())).append(text);
}

} // namespace

std::string make_meta_key(meta_field field) {
  return {static_cast<char>(meta_space::field), static_cast<char>(field)};
}

std::string make_meta_key(meta_space space, std::string_view rest) {
  return std::string(1, static_cast<char>(space)).append(rest);
}

std::string make_meta_key(meta_space space, std::uint64_t number) {
  return make_meta_key(space, encode_number(number));
}

std::optional<std::uint64_t> number_of_meta_key(std::string_view key) {
  return key.empty() ? std::nullopt : decode_number(key.substr(1));
}

std::string encode_entry(const meta_entry& entry) {
  return encode_number(entry.created)
      .append(encode_number(entry.modified))
      .append(encode_number(entry.lease))
      .append(entry.value);
}

std::optional<meta_entry> decode_entry(std::string key, std::string_view bytes) {
  reader from(bytes);
  meta_entry out{std::move(key), {}, from.number(), from.number(), from.number()};
  if (!from.whole()) return std::nullopt;
  out.value = bytes.substr(3 * number_bytes);
  return out;
}

std::string encode_events(const std::vector<meta_event>& events) {
  std::string out;
  for (const auto& event : events) {
    out.push_back(event.erased ? 1 : 0);
    out.append(encode_number(event.entry.created)).append(encode_number(event.entry.lease));
    append_text(out, event.entry.key);
    append_text(out, event.entry.value);
  }
  return out;
}

std::optional<std::vector<meta_event>> decode_events(std::uint64_t revision,
                                                     std::string_view bytes) {
  std::vector<meta_event> out;
  reader from(bytes);
  while (!from.empty()) {
    const auto flag = from.take(1);
    if (flag != std::string_view("\0", 1) && flag != "\1") return std::nullopt;
    auto& event = out.emplace_back();
    event.erased = flag == "\1";
    event.entry.created = from.number();
    event.entry.modified = revision;
    event.entry.lease = from.number();
    event.entry.key = from.text();
    event.entry.value = from.text();
    if (!from.whole()) return std::nullopt;
  }
  return out;
}

} // namespace weir::storage
