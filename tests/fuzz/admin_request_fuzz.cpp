// A request to the admin API: whatever method, path and token, it gets one answer, and nothing
// changes without trust.
#include "net/admin/admin_api.hpp"
#include "net/admin/admin_token.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/fake_node.hpp"

#include <optional>
#include <string>
#include <string_view>

using namespace weir::net;

namespace {

/// The text up to the next line break, which is taken away.
std::string line_of(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return std::string{line};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::optional<admin_token> token{"secret"};
  weir::testing_support::fake_node node;
  const auto routes = make_admin_routes(node);
  admin_request request;
  request.method = line_of(text);
  request.path = line_of(text);
  request.query = line_of(text);
  request.trust = trust_of(line_of(text), token);
  int answers = 0;
  routes.dispatch(request, [&](const admin_response& answer) {
    ++answers;
    check(answer.status >= 200 && answer.status < 600);
  });
  check(answers == 1);
  check(request.trust == admin_trust::full || node.asked_.empty());
  return 0;
}
