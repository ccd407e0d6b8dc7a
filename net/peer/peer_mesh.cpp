// The mesh: one acceptor, one link per member, a table of outboxes for senders on other threads.
#include "net/peer/peer_mesh.hpp"

#include "base/log.hpp"
#include "net/peer/peer_acceptor.hpp"
#include "net/peer/peer_errc.hpp"
#include "net/peer/peer_link.hpp"
#include "net/peer/peer_tls.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <mutex>

namespace weir::net {

namespace asio = boost::asio;

/// What lives on the control thread; the mesh itself may be destroyed on any.
class peer_mesh::core : public std::enable_shared_from_this<core> {
public:
  core(asio::io_context& context, mesh_events events)
      : context_(context), events_(std::move(events)), random_(0), linger_(context) {}

  error_code start(mesh_options options);
  void set_members(std::vector<peer_address> members);
  send_result send(const node_id& peer, lane which, std::string message, std::uint64_t key);
  void stop(duration flush);
  void close();
  bool stopping() const { return stopped_; }
  void post(std::function<void(core&)> work);

  peer_metrics metrics;
  std::uint16_t port = 0;

private:
  using outbox_key = std::pair<node_id, lane>;

  void wrap_events();
  void publish(const node_id& peer, lane which);
  error_code admit(const node_id& peer, const peer_hello& hello) const;
  bool is_member_address(const ip_address& address) const;

  asio::io_context& context_;
  mesh_events events_;  // the owner's
  mesh_events noticed_; // ours around them
  peer_self self_;
  random_source random_;
  std::shared_ptr<peer_acceptor> acceptor_;
  std::map<node_id, std::shared_ptr<peer_link>> links_;
  asio::steady_timer linger_;
  bool stopped_ = false;
  std::mutex mutex_; // guards outboxes_ only
  std::map<outbox_key, std::shared_ptr<lane_outbox>> outboxes_;
};

error_code peer_mesh::core::start(mesh_options options) {
  auto tls = make_peer_context(options.identity);
  if (!tls) return tls.error();
  self_ = {{options.identity.cluster, options.identity.node},
           options.incarnation,
           options.protocol,
           std::move(*tls)};
  random_ = random_source(options.seed);
  wrap_events();
  error_code failed;
  const auto address = options.listen_host.empty()
                           ? asio::ip::address(asio::ip::address_v6::any())
                           : asio::ip::make_address(options.listen_host, failed);
  if (failed) return failed;
  acceptor_ = std::make_shared<peer_acceptor>(
      context_.get_executor(), self_, metrics,
      peer_acceptor::events{
          [this](const node_id& peer, const peer_hello& hello) { return admit(peer, hello); },
          [this](const ip_address& from) { return is_member_address(from); },
          [this](peer_greeting greeting) {
            const auto link = links_.find(greeting.peer);
            if (link != links_.end() && !stopped_) link->second->adopt(std::move(greeting));
          }});
  failed = acceptor_->listen({address, options.listen_port});
  if (!failed) port = acceptor_->port();
  return failed;
}

/// Keeps the senders' table in step with the lanes.
void peer_mesh::core::wrap_events() {
  noticed_.on_message = events_.on_message;
  noticed_.on_up = [this](const node_id& peer, lane which, std::uint64_t incarnation,
                          std::uint16_t version) {
    publish(peer, which);
    events_.on_up(peer, which, incarnation, version);
  };
  noticed_.on_down = [this](const node_id& peer, lane which, std::uint64_t incarnation,
                            error_code why) {
    publish(peer, which);
    log::event("peer_lane_closed",
               {{"peer", peer.text()}, {"lane", rules_of(which).name}, {"reason", why}},
               log::level::debug);
    events_.on_down(peer, which, incarnation, why);
  };
}

void peer_mesh::core::publish(const node_id& peer, lane which) {
  const auto link = links_.find(peer);
  auto outbox = link == links_.end() ? nullptr : link->second->outbox(which);
  const std::lock_guard lock(mutex_);
  if (outbox)
    outboxes_[{peer, which}] = std::move(outbox);
  else
    outboxes_.erase({peer, which});
}

void peer_mesh::core::set_members(std::vector<peer_address> members) {
  if (stopped_) return;
  std::map<node_id, std::shared_ptr<peer_link>> old;
  old.swap(links_);
  for (auto& member : members) {
    if (member.id == self_.name.node) continue;
    const auto found = old.find(member.id);
    if (found != old.end() && found->second->address() == member) {
      links_.insert(old.extract(found));
      continue;
    }
    const peer_link::surroundings around{context_.get_executor(), self_, noticed_, metrics,
                                         random_};
    links_.emplace(member.id, std::make_shared<peer_link>(around, std::move(member)));
  }
  for (auto& [id, link] : old)
    link->close(peer_errc::removed);
  for (auto& [id, link] : links_)
    link->start();
}

send_result peer_mesh::core::send(const node_id& peer, lane which, std::string message,
                                  std::uint64_t key) {
  std::shared_ptr<lane_outbox> outbox;
  {
    const std::lock_guard lock(mutex_);
    const auto found = outboxes_.find({peer, which});
    if (found == outboxes_.end()) return send_result::no_link;
    outbox = found->second;
  }
  return outbox->push(std::move(message), key);
}

void peer_mesh::core::stop(duration flush) {
  if (stopped_) return;
  stopped_ = true;
  // The owner may be gone before the last byte is.
  linger_.expires_after(flush + 100ms);
  linger_.async_wait([self = shared_from_this()](error_code) { self->close(); });
  if (acceptor_) acceptor_->stop();
  for (auto& [id, link] : links_)
    link->finish(flush);
}

void peer_mesh::core::close() {
  stopped_ = true;
  if (acceptor_) acceptor_->stop();
  for (auto& [id, link] : links_)
    link->close(peer_errc::stopping);
}

void peer_mesh::core::post(std::function<void(core&)> work) {
  asio::post(context_, [self = shared_from_this(), work = std::move(work)] { work(*self); });
}

error_code peer_mesh::core::admit(const node_id& peer, const peer_hello& hello) const {
  if (stopped_) return peer_errc::stopping;
  const auto link = links_.find(peer);
  if (link == links_.end()) return peer_errc::not_a_member;
  return link->second->admit(hello);
}

bool peer_mesh::core::is_member_address(const ip_address& address) const {
  const auto text = address.text();
  for (const auto& [id, link] : links_)
    if (link->address().host == text) return true;
  return false;
}

peer_mesh::peer_mesh(asio::io_context& context, mesh_events events)
    : core_(std::make_shared<core>(context, std::move(events))) {}

// What is under way on the control thread must not meet a dead owner: all of it ends there first.
peer_mesh::~peer_mesh() {
  core_->post([](core& mesh) {
    if (!mesh.stopping()) mesh.close();
  });
}

error_code peer_mesh::start(mesh_options options) {
  return core_->start(std::move(options));
}

std::uint16_t peer_mesh::port() const {
  return core_->port;
}

void peer_mesh::set_members(std::vector<peer_address> members) {
  core_->post([members = std::move(members)](core& mesh) { mesh.set_members(members); });
}

send_result peer_mesh::send(const node_id& peer, lane which, std::string message,
                            std::uint64_t key) {
  return core_->send(peer, which, std::move(message), key);
}

void peer_mesh::stop(duration flush) {
  core_->post([flush](core& mesh) { mesh.stop(flush); });
}

const peer_metrics& peer_mesh::metrics() const {
  return core_->metrics;
}

} // namespace weir::net
