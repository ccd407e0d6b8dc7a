// How a stored object looks on disk, as bytes: its facts, its head record and the segments of a
// long body.
#pragma once

#include "base/stored_object.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::storage {

/// The layout this program writes. A cache with another number is thrown away.
inline constexpr std::uint64_t cache_format = 1;

/// A body up to this long stands in the head record; a longer one in segments.
inline constexpr std::size_t inline_body_max = 256u << 10;
inline constexpr std::size_t segment_bytes = 1u << 20;
/// The segment's number is one byte of its key.
inline constexpr std::uint64_t disk_body_max = 255 * std::uint64_t{segment_bytes};

/// What the index keeps of an object, read for all objects at a start.
struct disk_facts {
  std::uint64_t stamp = 0; // grows with every write; which write a record belongs to
  std::uint64_t bytes = 0; // on disk, keys included
  std::int64_t expires = 0;
  std::uint8_t segments = 0; // beside the head record
  bool operator==(const disk_facts&) const = default;
};

std::string encode_facts(const disk_facts& facts);
std::optional<disk_facts> decode_facts(std::string_view bytes);

std::string facts_key(const cache_key& key);
std::optional<cache_key> decode_facts_key(std::string_view bytes);
/// Segment 0 is the head record, 1 to 255 are the body's.
std::string record_key(const cache_key& key, std::uint8_t segment);

/// What a write of `object` will be: REQUIRES body_bytes() <= disk_body_max.
disk_facts facts_of(const stored_object& object, std::uint64_t stamp);

/// A head record as decoded: views into its bytes.
struct disk_head {
  std::uint64_t stamp = 0;
  std::int64_t expires = 0;
  std::uint64_t body_bytes = 0;
  std::string_view key_text;
  std::string_view meta;
  std::string_view body; // empty when the body is in segments
};

/// The pieces of the record in order; `scratch` holds what is not the object's own.
std::vector<std::string_view> encode_head(const stored_object& object, std::uint64_t stamp,
                                          std::string& scratch);
/// Nothing unless every length fits, whatever the bytes are.
std::optional<disk_head> decode_head(std::string_view bytes);

/// The same for segment `number`, from 1.
std::vector<std::string_view> encode_segment(const stored_object& object, std::uint8_t number,
                                             std::uint64_t stamp, std::string& scratch);
/// The segment's part of the body, if it belongs to that write.
std::optional<std::string_view> decode_segment(std::string_view bytes, std::uint64_t stamp);

} // namespace weir::storage
