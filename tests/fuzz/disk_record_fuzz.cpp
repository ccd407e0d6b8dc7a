// Whatever is on disk: a record decodes to parts of itself, or to nothing.
#include "storage/disk_record.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::storage;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto facts = decode_facts(bytes)) check(encode_facts(*facts) == bytes);
  if (const auto key = decode_facts_key(bytes)) check(facts_key(*key) == bytes);
  if (size >= 8)
    if (const auto segment = decode_segment(bytes, 1)) check(segment->size() == size - 8);
  const auto head = decode_head(bytes);
  if (!head) return 0;
  // An inline body: the whole record comes out again as it was.
  if (head->body_bytes > inline_body_max) return 0;
  const stored_object object({.key_text = std::string(head->key_text),
                              .meta = std::string(head->meta),
                              .body = blocks_of(std::string(head->body)),
                              .expires = head->expires});
  std::string scratch;
  std::string again;
  for (const auto piece : encode_head(object, head->stamp, scratch))
    again += piece;
  check(again == bytes);
  return 0;
}
