// One watch on etcd that outlives its connections.
#pragma once

#include "base/meta_subscription.hpp"
#include "net/etcd/etcd_client.hpp"

#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::net::etcd {

/// On its context's thread. Asks every time from the revision before the one it wants: etcd 3.4 may
/// have lost a deletion at exactly the revision it was compacted to, and this way says `compacted`
/// then. Its progress notes only show that it lives: those of 3.4 may run ahead of events.
class etcd_watch : public std::enable_shared_from_this<etcd_watch> {
public:
  etcd_watch(boost::asio::io_context& context, std::shared_ptr<etcd_client> client,
             std::shared_ptr<meta_subscription> subscription, std::string prefix,
             std::uint64_t from, duration silence_max, std::uint64_t seed);

  void start();
  /// Ends it with a last word, or without.
  void end(error_code why = {});
  bool ended() const { return ended_; }

private:
  void dial();
  void on_message(std::string_view line);
  void on_events(watch_message message);
  void tell(std::vector<meta_event> events);
  void dial_later();
  void expect_word();

  std::shared_ptr<etcd_client> client_;
  std::shared_ptr<meta_subscription> subscription_;
  std::string prefix_;
  std::uint64_t next_;             // revision
  std::vector<meta_event> partly_; // told when the rest of the last revision has come
  std::shared_ptr<etcd_client::stream> stream_;
  const duration silence_max_;
  boost::asio::steady_timer pause_;
  boost::asio::steady_timer silence_;
  backoff waits_;
  random_source random_;
  steady_time dialled_{};
  bool ended_ = false;
};

} // namespace weir::net::etcd
