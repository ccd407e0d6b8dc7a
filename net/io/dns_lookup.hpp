// Host names to addresses and how long they hold, asked of DNS.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace weir::net {

/// What a name stands for at the moment.
struct dns_answer {
  std::vector<ip_address> addresses; // sorted; IPv6 only when there is no IPv4; empty: see problem
  std::chrono::seconds ttl{0}; // the shortest of the records'; 0: not to be kept, or not known
  std::string problem;         // in words, when there is no address
};

struct dns_options {
  std::vector<std::string> servers; // "address:port"; empty: the system's
  duration timeout{};               // for all of it
};

/// Asks for all `hosts` at once and returns as many answers in their order. /etc/hosts counts too.
/// Blocks for at most `timeout`: for slow threads only. Any thread.
std::vector<dns_answer> look_up(const std::vector<std::string>& hosts, const dns_options& options);

} // namespace weir::net
