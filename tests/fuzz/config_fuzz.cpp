// Whatever stands in a config file: it is read or refused, nothing is told of a secret, and the
// same text means the same twice.
#include "config/diff.hpp"
#include "config/load.hpp"
#include "tests/support/config_text.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  constexpr std::string_view secret = "correct-horse-battery";
  static const auto world = [&] {
    test::invented_world invented;
    invented.variables = {{"E", std::string(secret)}};
    invented.files["/srv/weir/f"] = secret;
    return invented;
  }();

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = config::parse_settings(text, world.surroundings());
  const bool told = text.find(secret) != std::string_view::npos;
  bool errors = false;
  for (const auto& finding : first.findings) {
    errors = errors || finding.level == config::severity::error;
    if (!told && finding.message.find(secret) != std::string::npos) std::abort();
  }
  if (first.ok == errors) std::abort();
  const auto second = config::parse_settings(text, world.surroundings());
  if (second.findings != first.findings) std::abort();
  if (first.values != second.values) std::abort();
  if (first.ok && !config::compare(first.values, second.values).empty()) std::abort();
  return 0;
}
