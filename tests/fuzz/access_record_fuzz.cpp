// A line of the access log: whatever bytes a client sends, it is one line of JSON that says the
// same after packing.
#include "base/access_record.hpp"
#include "tests/fuzz/check.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  weir::access_record record;
  record.method = bytes.substr(0, size / 3);
  record.target = bytes;
  record.user_agent = bytes.substr(size / 2);
  std::vector<std::byte> packed(weir::packed_size(record));
  weir::pack(record, packed);
  bool clipped = false;
  const auto seen = weir::unpack(packed, clipped);
  check(clipped || seen.target == record.target);
  std::string line;
  weir::append_access_json(line, seen, clipped);
  check(line.find('\n') == line.size() - 1);
  check(nlohmann::json::accept(line));
  return 0;
}
