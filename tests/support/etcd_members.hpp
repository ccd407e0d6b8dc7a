// Real members of etcd for a test: free addresses, certificates of their own, no trace afterwards.
#pragma once

#include "apps/etcd_plan.hpp"
#include "base/process.hpp"
#include "net/client/control_loop.hpp"
#include "net/etcd/etcd_admin.hpp"
#include "net/etcd/etcd_meta_store.hpp"
#include "net/peer/identity.hpp"
#include "net/peer/peer_tls.hpp"
#include "tests/support/meta_client.hpp"
#include "tests/support/temp_folder.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace weir::test {

/// An address of this process alone, so that no other test can take a port of it.
inline std::string own_loopback() {
  const auto pid = static_cast<unsigned>(::getpid());
  return "127." + std::to_string(64 + (pid >> 16) % 64) + "." + std::to_string((pid >> 8) & 255) +
         "." + std::to_string(1 + (pid & 255) % 254);
}

inline config::endpoint_address free_address() {
  const unique_fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, own_loopback().c_str(), &address.sin_addr);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {own_loopback(), ntohs(address.sin_port), {}};
}

/// A cluster of members; each may be stopped, killed, frozen, started again.
class etcd_members {
public:
  explicit etcd_members(int count) {
    make_certificates();
    for (int i = 0; i < count; ++i)
      settings_.push_back(settings_of(std::string(1, static_cast<char>('a' + i))));
    std::vector<apps::etcd_peer> all;
    for (const auto& each : settings_)
      all.push_back(each.self);
    for (auto& each : settings_)
      each.members = all;
    children_.resize(settings_.size());
    for (std::size_t i = 0; i < settings_.size(); ++i)
      start(i);
    loop_.start();
    EXPECT_TRUE(serves()) << log_of(0);
  }
  ~etcd_members() {
    for (std::size_t i = 0; i < children_.size(); ++i)
      kill(i);
    loop_.stop();
  }

  net::control_loop& loop() { return loop_; }
  apps::etcd_settings& settings(std::size_t index) { return settings_[index]; }
  std::string folder() const { return root_.path(); }

  /// What a client needs; the member `first` is preferred.
  net::etcd::etcd_options options(std::size_t first = 0) const {
    net::etcd::etcd_options out;
    for (std::size_t i = 0; i < settings_.size(); ++i)
      out.endpoints.push_back(settings_[(first + i) % settings_.size()].client);
    out.tls = tls_;
    return out;
  }
  std::unique_ptr<meta_store> store(std::size_t first = 0) {
    return std::make_unique<net::etcd::etcd_meta_store>(loop_, options(first));
  }

  void start(std::size_t index) {
    const auto plan = apps::plan_etcd(settings_[index]);
    const unique_fd log(::open(log_path(index).c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    process_spec spec;
    spec.argv = plan.argv;
    spec.env = plan.env;
    spec.mask = plan.mask;
    spec.death_signal = SIGKILL; // also when the test crashes
    spec.fds = {{log.get(), 1}, {log.get(), 2}};
    auto child = spawn(spec);
    ASSERT_TRUE(child) << child.error().message();
    children_[index].emplace(std::move(*child));
  }
  void kill(std::size_t index) {
    if (!children_[index]) return;
    children_[index]->send_signal(SIGKILL);
    children_[index]->reap();
    children_[index].reset();
  }
  void freeze(std::size_t index) { children_[index]->send_signal(SIGSTOP); }
  void thaw(std::size_t index) { children_[index]->send_signal(SIGCONT); }

  /// A member with an address and a name of its own, which the others do not know yet.
  std::size_t add(const std::string& name) {
    auto fresh = settings_of(name);
    fresh.existing = true;
    settings_.push_back(std::move(fresh));
    children_.emplace_back();
    return settings_.size() - 1;
  }

  /// Waits until a commit is done, through the member `first` or another one.
  bool serves(std::size_t first = 0) {
    const auto through = store(first);
    for (int tries = 0; tries < 20; ++tries)
      if (read(*through, "")) return true;
    return false;
  }

  std::string log_of(std::size_t index) const {
    std::ifstream in(log_path(index));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  net::node_identity identity_of(const net::pki::certified_key& authority,
                                 const std::string& name) const {
    net::node_identity out;
    out.name = name;
    out.authority = authority.certificate;
    const auto now = system_clock().wall();
    const auto key = net::pki::make_key();
    const auto request = net::pki::make_request(*key, name);
    const auto certificate = net::pki::issue(
        authority, *request, {name, node_id{}, {*ip_address::parse(own_loopback())}}, now);
    out.own = {*certificate, *key};
    return out;
  }

private:
  void make_certificates() {
    const auto authority = net::pki::make_authority("test", node_id{}, system_clock().wall());
    ASSERT_TRUE(authority);
    const auto identity = identity_of(*authority, "node");
    tls_ = *net::make_peer_context(identity);
    files_ = {write("ca.pem", identity.authority), write("node.pem", identity.own.certificate),
              write("node.key", identity.own.key)};
  }
  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = root_.path() / name;
    std::ofstream(path) << text;
    return path;
  }
  apps::etcd_settings settings_of(const std::string& name) const {
    apps::etcd_settings out;
    out.self = {name, free_address()};
    out.client = free_address();
    out.data_folder = root_.path() / name;
    out.cluster = root_.path();
    out.files = files_;
    return out;
  }
  std::string log_path(std::size_t index) const {
    return root_.path() / (settings_[index].self.name + ".log");
  }

  temp_folder root_;
  apps::etcd_files files_;
  net::etcd::etcd_connection::tls_context tls_;
  std::vector<apps::etcd_settings> settings_;
  std::vector<std::optional<child_process>> children_;
  net::control_loop loop_;
};

} // namespace weir::test
