// The host names among the servers: what each stood for last, and when to ask again.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/metrics.hpp"
#include "config/settings.hpp"
#include "net/io/dns_lookup.hpp"

#include <string>
#include <vector>

namespace weir::net {

/// A name and how it is looked up; two upstreams that ask the same servers share it.
struct watched_name {
  std::string host;
  config::resolve_settings how;
  bool operator==(const watched_name&) const = default;
};

/// Pure: told the time and the answers. A failure changes nothing but the time of the next
/// question: the last good addresses stay. One per node, used by one thread at a time.
class watched_names {
public:
  /// From now on these names; what is known of those that stay is kept.
  void watch(std::vector<watched_name> names);
  /// Whom to ask now: never asked, or their records' lifetime (within its bounds) is over.
  std::vector<watched_name> due(steady_time now) const;
  bool any_due(steady_time now) const;
  /// Takes an answer; true when the addresses are others than before.
  bool take(const watched_name& name, const dns_answer& answer, steady_time now);
  /// The last good addresses; empty: never had any, see `problem_of`.
  const std::vector<ip_address>& addresses_of(const watched_name& name) const;
  const std::string& problem_of(const watched_name& name) const;

  const counter& answered() const { return answered_; }
  const counter& failed() const { return failed_; }

private:
  struct entry {
    watched_name name;
    std::vector<ip_address> addresses;
    std::string problem; // of the last question; empty: it was answered
    steady_time ask_at;
  };
  const entry* find(const watched_name& name) const;
  std::vector<entry> entries_;
  counter answered_; // questions; read by a scrape
  counter failed_;
};

/// The names that the upstreams' servers have and that are to be watched, each once.
std::vector<watched_name> names_of(const std::vector<config::upstream_settings>& upstreams);

} // namespace weir::net
