// Why one request would go where it would go: plain values for the admin API (docs/explain.md).
// Words are the stable names of the enums that decided.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::net {

/// Who asks for what, as Weir understands it.
struct explained_subject {
  std::string method;
  std::string host;
  std::string path;    // decoded and normalised: what routes are matched by
  std::string client;  // by the trusted-proxy rule
  bool secure = false; // by the same rule
};

struct explained_site {
  std::string name;
  std::string host_rule;  // the pattern that the host was found by
  std::uint32_t line = 0; // of the file; 0: not known
};

struct explained_route {
  std::string path;
  std::string kind; // prefix, exact, regex
  std::uint32_t line = 0;
  std::string fate;    // chosen, or why not: route_fate
  std::string differs; // the name of the field, parameter or cookie
};

/// One rule about who may and how, in the order they are asked.
struct explained_check {
  std::string check;   // request, ban, host, deny, allow, https, canonical, cors, login, route, ...
  std::string outcome; // passed, refused, redirected, answered, not_asked
  std::string detail;
};

struct explained_limit {
  std::string name;
  std::string count;             // all, misses
  std::string outcome;           // admits, refuses, would_refuse (dry_run), or why it is not asked
  std::string key;               // as `weir limit ls` shows it; empty: the request has none
  std::int64_t remaining = 0;    // requests that the key has left; meaningful with a burst
  std::uint64_t burst = 0;       // 0: no rate
  std::uint32_t concurrency = 0; // 0: any number
  duration retry_after{};        // over the rate: until one is admitted
};

struct explained_cache {
  std::string outcome;     // hit, stale, miss, bypass; of a validation: miss
  std::string reason;      // bypass_reason, or why the origin is asked: uri-miss, vary-miss, ...
  std::string key;         // the URL's
  std::string selected_by; // request fields that select among its variants
  std::string found;       // nothing, memory, disk (only a read would show what)
  std::optional<std::int64_t> age_seconds;
  std::optional<std::int64_t> fresh_seconds; // negative: since when it is stale
  bool refresh = false;                      // it is fetched anew behind the answer
  std::string fetch; // lead, wait (another request fetches it), alone; empty: none
};

struct explained_server {
  std::string address;
  std::string health;
  bool ejected = false;
  bool warming = false;
  bool backup = false;
  bool full = false;
  std::uint32_t in_flight = 0;
  std::uint32_t weight = 1;
  bool candidate = false; // among those that the policy chooses from
};

struct explained_upstream {
  std::string name;
  bool app = false;
  std::string balance;
  std::string chosen_by; // cookie, key, or the policy: then any candidate may be it
  std::string server;    // where cookie or key lead; empty: any candidate
  std::string placement; // chosen, busy, pending, down
  bool panic = false;
  std::uint32_t waiting = 0; // requests of the node in its queue
  std::vector<explained_server> servers;
};

/// What answers, or is to answer.
struct explained_target {
  std::string kind;     // proxy, files, respond, redirect, refuse
  std::string target;   // proxy: what the origin receives as its target
  std::string root;     // files
  std::string file;     // files: what was found, if anything
  std::string reason;   // files: file_reason
  std::string location; // redirect
  std::optional<explained_upstream> upstream;
};

/// Fields that Weir sets and takes out. Values only where a client sees them anyway.
struct explained_fields {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> removed;
};

struct explained_verdict {
  std::string by;           // weir, cache, upstream
  std::uint16_t status = 0; // 0: the origin's to say
  std::string reason;
  std::string detail;
  std::string text; // all of it in a few words
};

struct explanation {
  std::uint64_t config_version = 0;
  std::string config_digest;
  std::string config_file;
  explained_subject request;
  std::optional<explained_site> site;
  std::vector<explained_route> routes; // in the file's order
  std::vector<explained_check> checks;
  std::vector<explained_limit> limits;
  std::optional<explained_cache> cache;
  std::optional<explained_target> target;
  explained_fields request_fields; // values left out: they may be secrets
  explained_fields response_fields;
  std::vector<std::string> assumed; // sentences: what only doing it could show
  explained_verdict verdict;
};

} // namespace weir::net
