// Whatever answers in etcd's name: it is refused or read, and what is read keeps the store's rules.
#include "net/etcd/etcd_admin_json.hpp"
#include "net/etcd/etcd_base64.hpp"
#include "net/etcd/etcd_json.hpp"
#include "tests/fuzz/check.hpp"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::net::etcd;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto range = decode_range(text)) {
    check(range->revision != 0);
    for (const auto& entry : range->entries)
      check(!entry.key.empty() && entry.modified != 0);
  }
  if (const auto watch = decode_watch(text))
    for (const auto& event : watch->events)
      check(!event.entry.key.empty() && event.entry.modified != 0);
  if (const auto outcome = decode_txn(text)) check(outcome->revision != 0);
  if (const auto lease = decode_grant(text)) check(*lease != 0);
  (void)decode_keep_alive(text);
  (void)decode_members(text);
  (void)decode_added(text);
  (void)decode_status(text);
  (void)decode_alarms(text);
  (void)decode_health(text);
  (void)decode_snapshot_piece(text);
  if (const auto failure = decode_failure(text)) (void)judge(*failure);
  if (const auto bytes = decode_base64(text)) check(decode_base64(encode_base64(*bytes)) == *bytes);
  return 0;
}
