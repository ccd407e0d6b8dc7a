// Calls to etcd's members: kept connections, failover, deadlines, and honesty about what may have
// been done.
#pragma once

#include "base/backoff.hpp"
#include "base/meta_store.hpp"
#include "net/etcd/etcd_connection.hpp"
#include "net/etcd/etcd_json.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace weir::net::etcd {

struct etcd_options {
  /// Members' client addresses, the one to be preferred first. REQUIRES: one at least.
  std::vector<config::endpoint_address> endpoints;
  etcd_connection::tls_context tls; // null: plain
  std::size_t connections_max = 16; // at once; further calls wait
  duration connect_max = std::chrono::seconds(1);
  /// A member that has not begun to answer by then: another is asked what may be asked twice.
  duration first_byte_max = std::chrono::seconds(1);
  /// A watch that hears nothing for so long is made anew with another member. Our own members say
  /// every second that nothing has happened (apps/etcd_plan), others by default every ten minutes.
  duration watch_silence_max = std::chrono::seconds(5);
  std::uint64_t seed = 1; // of the back-off's jitter
};

struct etcd_call {
  std::string path;
  std::string body = {};   // empty: a GET
  bool repeatable = false; // asking twice does no harm
  duration within = meta_store::answer_max;
  std::size_t answer_max = std::size_t{1} << 20;
  bool needs_leader = true;
  std::optional<config::endpoint_address> only = {}; // ask this one or nobody
};

/// An answer's body, or why there is none; then `text` is what etcd said, if it said anything.
struct etcd_answer {
  error_code error;
  std::string text;
};

/// On its context's thread, and only there. Every call is answered once, with a meta_errc.
class etcd_client : public std::enable_shared_from_this<etcd_client> {
public:
  etcd_client(boost::asio::io_context& context, etcd_options options);

  void call(etcd_call what, std::function<void(etcd_answer)> then);

  /// A stream's messages, one a line. Ends with `end`, whose answer is empty if etcd has ended it
  /// in order, and is never called if `stop` was.
  class stream;
  struct stream_handlers {
    std::function<void(std::string_view line)> message;
    std::function<void(etcd_answer)> end;
  };
  std::shared_ptr<stream> open_stream(etcd_call what, stream_handlers handlers,
                                      std::size_t line_max);

  /// Answers whatever is under way, `closed` or `unknown`, and everything from now on.
  void close();

private:
  struct pending;
  using pending_ptr = std::shared_ptr<pending>;
  enum class step { again, over };

  boost::asio::awaitable<void> run(pending_ptr call);
  boost::asio::awaitable<step> attempt(pending_ptr call);
  step judge_reply(pending& call, http_reply reply);
  void finish(const pending_ptr& call, etcd_answer answer);
  void start_next();
  std::shared_ptr<etcd_connection> take_idle(const config::endpoint_address& from);
  void keep(const config::endpoint_address& to, std::shared_ptr<etcd_connection> connection);
  const config::endpoint_address& endpoint() const;
  void leave(const config::endpoint_address& failed);

  boost::asio::io_context& context_;
  etcd_options options_;
  random_source random_;
  std::size_t preferred_ = 0;
  std::deque<pending_ptr> waiting_;
  std::set<pending_ptr> running_;
  struct idle_connection {
    config::endpoint_address to;
    std::shared_ptr<etcd_connection> connection;
  };
  std::vector<idle_connection> idle_;
  std::set<std::shared_ptr<stream>> streams_;
  bool closed_ = false;
};

class etcd_client::stream : public std::enable_shared_from_this<stream> {
public:
  /// Ends it without a word.
  void stop();
  /// Gives its member up: it ends as if the connection had broken.
  void abandon();

private:
  friend class etcd_client;
  boost::asio::awaitable<etcd_answer> run(etcd_call what, config::endpoint_address to,
                                          etcd_options options);
  bool take(std::string_view bytes);

  boost::asio::io_context* context_ = nullptr;
  std::shared_ptr<etcd_connection> connection_;
  stream_handlers handlers_;
  std::size_t line_max_ = 0;
  std::string line_;
  bool too_long_ = false;
  bool stopped_ = false;
};

} // namespace weir::net::etcd
