// Accepts clients on one socket of one shard.
#pragma once

#include "base/unique_fd.hpp"
#include "net/io/event_loop.hpp"
#include "net/io/socket.hpp"

#include <cstdint>
#include <string>

namespace weir::net {

struct listener_facts {
  std::string address;    // as bound
  std::uint16_t port = 0; // as bound
  bool secure = false;
};

class connection_sink {
public:
  virtual void on_connection(unique_fd socket, const socket_address& peer,
                             const listener_facts& listener) = 0;
  /// A connection waits, but the process is out of descriptors.
  virtual void on_out_of_descriptors() = 0;

protected:
  ~connection_sink() = default;
};

/// One of a port's SO_REUSEPORT sockets. Accepts at most `batch_max` connections a turn; when the
/// process is out of descriptors it rests for `rest`, so that the loop does not spin. Lives on its
/// shard.
class listener final : public io_handler, public timer_target {
public:
  static constexpr int batch_max = 64;
  static constexpr duration rest = 100ms;

  listener(event_loop& loop, unique_fd socket, const listener_facts& facts, connection_sink& sink);
  ~listener();

  const std::string& address() const { return facts_.address; }
  /// Begins to accept.
  error_code start();
  /// Closes the socket: the kernel refuses whoever comes now, or gives it to another shard's.
  void stop();

private:
  void on_io(io_events events) override;
  void on_timer(timer& which) override;

  event_loop& loop_;
  unique_fd socket_;
  listener_facts facts_;
  connection_sink& sink_;
  timer timer_{*this};
  bool watched_ = false;
};

} // namespace weir::net
