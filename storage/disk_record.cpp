// Records: fixed fields big-endian, then texts, then the body's bytes.
#include "storage/disk_record.hpp"

#include "storage/key_layout.hpp"

#include <algorithm>

namespace weir::storage {

namespace {

constexpr std::size_t key_bytes = 16;
constexpr std::size_t facts_bytes = 8 * 3 + 1;
/// Stamp, expiry, body length, key length, meta length.
constexpr std::size_t head_fields = 5;
constexpr std::size_t head_bytes = 8 * head_fields;
/// What RocksDB adds to a record: lengths, sequence number, checksum, its part of an index block.
constexpr std::uint64_t record_overhead = 48;

/// Takes numbers from the front. REQUIRES: the caller has checked the length.
std::uint64_t take_number(std::string_view& bytes) {
  const auto value = *decode_number(bytes.substr(0, 8));
  bytes.remove_prefix(8);
  return value;
}

/// The body's bytes [from, from + count) as views of its blocks.
void append_body(const stored_object& object, std::uint64_t from, std::uint64_t count,
                 std::vector<std::string_view>& out) {
  for (const auto& block : object.body()) {
    if (count == 0) return;
    if (from >= block.size()) {
      from -= block.size();
      continue;
    }
    const auto piece = block.view().substr(from, count);
    out.push_back(piece);
    count -= piece.size();
    from = 0;
  }
}

std::uint8_t segments_of(std::uint64_t body) {
  if (body <= inline_body_max) return 0;
  return static_cast<std::uint8_t>((body + segment_bytes - 1) / segment_bytes);
}

} // namespace

std::string encode_facts(const disk_facts& facts) {
  return encode_number(facts.stamp) + encode_number(facts.bytes) +
         encode_number(static_cast<std::uint64_t>(facts.expires)) +
         static_cast<char>(facts.segments);
}

std::optional<disk_facts> decode_facts(std::string_view bytes) {
  if (bytes.size() != facts_bytes) return std::nullopt;
  disk_facts facts;
  facts.stamp = take_number(bytes);
  facts.bytes = take_number(bytes);
  facts.expires = static_cast<std::int64_t>(take_number(bytes));
  facts.segments = static_cast<std::uint8_t>(bytes[0]);
  return facts;
}

std::string facts_key(const cache_key& key) {
  return encode_number(key.high) + encode_number(key.low);
}

std::optional<cache_key> decode_facts_key(std::string_view bytes) {
  if (bytes.size() != key_bytes) return std::nullopt;
  const auto high = take_number(bytes);
  return cache_key{take_number(bytes), high};
}

std::string record_key(const cache_key& key, std::uint8_t segment) {
  return facts_key(key) + static_cast<char>(segment);
}

disk_facts facts_of(const stored_object& object, std::uint64_t stamp) {
  disk_facts facts{stamp, 0, object.expires(), segments_of(object.body_bytes())};
  const std::uint64_t records = 2u + facts.segments; // facts, head, segments
  facts.bytes = facts_bytes + head_bytes + object.key_text().size() + object.meta().size() +
                object.body_bytes() + records * (key_bytes + 1 + record_overhead);
  return facts;
}

std::vector<std::string_view> encode_head(const stored_object& object, std::uint64_t stamp,
                                          std::string& scratch) {
  scratch = encode_number(stamp) + encode_number(static_cast<std::uint64_t>(object.expires())) +
            encode_number(object.body_bytes()) + encode_number(object.key_text().size()) +
            encode_number(object.meta().size());
  std::vector<std::string_view> pieces{scratch, object.key_text(), object.meta()};
  if (segments_of(object.body_bytes()) == 0) append_body(object, 0, object.body_bytes(), pieces);
  return pieces;
}

std::optional<disk_head> decode_head(std::string_view bytes) {
  if (bytes.size() < head_bytes) return std::nullopt;
  disk_head head;
  head.stamp = take_number(bytes);
  head.expires = static_cast<std::int64_t>(take_number(bytes));
  head.body_bytes = take_number(bytes);
  const auto key_size = take_number(bytes);
  const auto meta_size = take_number(bytes);
  if (key_size > bytes.size() || meta_size > bytes.size() - key_size) return std::nullopt;
  head.key_text = bytes.substr(0, key_size);
  head.meta = bytes.substr(key_size, meta_size);
  head.body = bytes.substr(key_size + meta_size);
  const auto inlined = head.body_bytes <= inline_body_max ? head.body_bytes : 0;
  if (head.body.size() != inlined || head.body_bytes > disk_body_max) return std::nullopt;
  return head;
}

std::vector<std::string_view> encode_segment(const stored_object& object, std::uint8_t number,
                                             std::uint64_t stamp, std::string& scratch) {
  scratch = encode_number(stamp);
  std::vector<std::string_view> pieces{scratch};
  append_body(object, (number - 1u) * std::uint64_t{segment_bytes}, segment_bytes, pieces);
  return pieces;
}

std::optional<std::string_view> decode_segment(std::string_view bytes, std::uint64_t stamp) {
  if (bytes.size() < 8 || bytes.size() > 8 + segment_bytes) return std::nullopt;
  if (take_number(bytes) != stamp) return std::nullopt;
  return bytes;
}

} // namespace weir::storage
