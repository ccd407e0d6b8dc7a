// How the local MetaStore's keys and values look on disk.
#pragma once

#include "base/meta_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::storage {

/// The first byte of every key. Append only: the numbers are on disk.
enum class meta_space : std::uint8_t {
  field = 1,   // the store about itself
  entry = 2,   // the rest of the key is the entry's
  history = 3, // the rest of the key is a revision
  lease = 4,   // the rest of the key is a lease's number; the value its seconds
};

/// Numbers about the store.
enum class meta_field : std::uint8_t {
  format = 1,
  revision = 2,
  kept_from = 3,  // the oldest revision from which on all history is kept
  last_lease = 4, // the highest number ever given out
  batches = 5,    // written so far: tells whether one that failed is there after all
};

inline constexpr std::uint64_t meta_format = 1;

std::string make_meta_key(meta_field field);
std::string make_meta_key(meta_space space, std::string_view rest);
std::string make_meta_key(meta_space space, std::uint64_t number);
/// The number at the end of such a key.
std::optional<std::uint64_t> number_of_meta_key(std::string_view key);

/// An entry without its key.
std::string encode_entry(const meta_entry& entry);
std::optional<meta_entry> decode_entry(std::string key, std::string_view bytes);

/// What one revision changed.
std::string encode_events(const std::vector<meta_event>& events);
std::optional<std::vector<meta_event>> decode_events(std::uint64_t revision,
                                                     std::string_view bytes);

} // namespace weir::storage
