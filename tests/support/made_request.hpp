// A request head made by hand, for tests of what comes after parsing.
#pragma once

#include "net/http/message.hpp"
#include "net/route/routing.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace weir::test {

/// Keeps the bytes that the head's views point to. Not movable, as views of it are handed out.
class made_request {
public:
  /// `target` in origin-form, or "*". The path for routing is the target's, unless `decoded` says
  /// another.
  explicit made_request(std::string target, std::string method = "GET", std::string decoded = {})
      : target_(std::move(target)), method_(std::move(method)), path_(std::move(decoded)) {
    head_.target = target_;
    const auto question = head_.target.find('?');
    head_.path = head_.target.substr(0, question);
    head_.has_query = question != std::string::npos;
    if (head_.has_query) head_.query = head_.target.substr(question + 1);
    head_.method_name = method_;
    head_.method = net::identify_method(method_);
    if (path_.empty()) path_ = head_.path;
  }
  made_request(const made_request&) = delete;
  made_request& operator=(const made_request&) = delete;

  made_request& field(std::string name, std::string value,
                      net::field_id id = net::field_id::other) {
    const std::string_view kept_name = texts_.emplace_back(std::move(name));
    const std::string_view kept_value = texts_.emplace_back(std::move(value));
    head_.fields.push_back({kept_name, kept_value, id});
    return *this;
  }

  const net::request_head& head() const { return head_; }
  net::request_head& head() { return head_; }

  net::routing_input input(std::string_view host) const {
    return {head_, host, path_, false, {}, 0};
  }

private:
  std::string target_, method_, path_;
  std::deque<std::string> texts_;
  net::request_head head_;
};

} // namespace weir::test
