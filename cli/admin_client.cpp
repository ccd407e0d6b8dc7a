// Calls with a deadline, and the first node that answers.
#include "cli/admin_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::cli {

std::string query_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string admin_answer::detail() const {
  if (body.is_object() && body.contains("detail") && body["detail"].is_string())
    return body["detail"].get<std::string>();
  return "the node answered with status " + std::to_string(status);
}

admin_client::admin_client(std::vector<target> targets, std::string token,
                           std::chrono::milliseconds timeout, fetcher fetch)
    : targets_(std::move(targets)), token_(std::move(token)), timeout_(timeout),
      fetch_(std::move(fetch)) {}

admin_answer admin_client::get(const std::string& path) {
  return call("GET", path, timeout_);
}

admin_answer admin_client::post(const std::string& path, std::chrono::milliseconds timeout) {
  return call("POST", path, timeout.count() > 0 ? timeout : timeout_);
}

void admin_client::prefer(std::string_view node) {
  std::stable_partition(targets_.begin(), targets_.end(),
                        [&](const auto& one) { return one.node == node; });
}

std::string admin_client::tried() const {
  std::string out;
  for (const auto& one : targets_)
    out += (out.empty() ? "" : ", ") + one.address.text();
  return out;
}

admin_answer admin_client::call(const std::string& method, const std::string& path,
                                std::chrono::milliseconds timeout) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    net::http_call call;
    call.to = targets_[i].address;
    call.method = method;
    call.target = path;
    call.timeout = timeout;
    call.body_max = 16u << 20;
    if (!token_.empty()) call.fields.emplace_back("Authorization", "Bearer " + token_);
    const auto answer = fetch_(std::move(call));
    if (!answer) {
      // A call that was sent may have been carried out: another node must not be asked to do it
      // again.
      if (method != "GET" && answer.error() != net::client_errc::connect_failed) return {};
      continue;
    }
    std::rotate(targets_.begin(), targets_.begin() + static_cast<std::ptrdiff_t>(i),
                targets_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    auto body = json_value::parse(answer->body, nullptr, false);
    if (body.is_discarded()) body = nullptr;
    return {answer->status, std::move(body), targets_.front().node};
  }
  return {};
}

} // namespace weir::cli
