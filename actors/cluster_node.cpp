// Putting store, identity, links and keeper together.
#include "actors/cluster_node.hpp"

#include "actors/cluster_keeper.hpp"
#include "actors/cluster_metrics.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "cluster/frame.hpp"
#include "config/surroundings.hpp"
#include "net/peer/peer_mesh.hpp"
#include "net/tls/pki_errc.hpp"
#include "storage/state_store.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace weir::actors {

namespace {

/// How long the goodbye may take to leave the socket buffers.
constexpr duration farewell_flush = 500ms;

std::string address_text(const config::node_settings& node) {
  return config::endpoint_address{node.address, node.peer, {}}.text();
}

/// The peer port is bound to the node's own address where that is one of this machine's: fewer
/// places to knock at.
std::string listen_host(const config::node_settings& self) {
  const auto address = ip_address::parse(self.address);
  if (!address) return {};
  const auto local = config::local_addresses();
  const bool ours = address->is_loopback() || std::ranges::find(local, *address) != local.end();
  return ours ? self.address : std::string{};
}

node_id random_id() {
  node_id id;
  for (std::size_t half = 0; half < 2; ++half) {
    auto bits = seed_from_system();
    for (std::size_t i = 0; i < 8; ++i, bits >>= 8)
      id.bytes[half * 8 + i] = static_cast<std::uint8_t>(bits);
  }
  return id;
}

} // namespace

/// Shared with the callbacks of links and keeper, so that whichever ends last finds everything
/// still there.
class cluster_node::parts : public std::enable_shared_from_this<cluster_node::parts> {
public:
  parts(caf::actor_system& actors, net::control_loop& control, cluster_options given)
      : system(actors), loop(control), options(std::move(given)) {}

  std::string open_store();
  std::string load_identity();
  std::string make_members();
  std::string open_port();
  void open_links();
  void spawn_keeper();
  void leave();

  caf::actor_system& system;
  net::control_loop& loop;
  cluster_options options;
  std::unique_ptr<storage::state_store> store;
  storage::node_facts facts;
  std::optional<net::node_identity> identity; // none: a single node
  cluster::member_list members;
  std::shared_ptr<cluster_board> board = std::make_shared<cluster_board>();
  std::unique_ptr<net::peer_mesh> mesh;
  cluster_keeper_actor keeper;
  std::atomic<bool> left{false};

private:
  net::mesh_events events();
};

std::string cluster_node::parts::load_identity() {
  if (!options.cluster.clustered()) return {};
  auto loaded = net::load_identity(options.data_folder, system_clock().wall());
  if (loaded) {
    identity = std::move(*loaded);
    if (identity->name == options.self.name) return {};
    return "the identity in " + net::identity_folder(options.data_folder) + " is that of node " +
           identity->name + ", not of " + options.self.name;
  }
  const auto advice = "; `weir cluster up " + options.config_file +
                      "` makes one for every node of the file that lives on this machine";
  if (loaded.error() == net::pki_errc::no_identity)
    return options.config_file + " describes a cluster of " +
           std::to_string(options.cluster.nodes.size()) + " nodes, and node " + options.self.name +
           " has no identity in " + net::identity_folder(options.data_folder) + advice;
  return "the identity in " + net::identity_folder(options.data_folder) +
         " cannot be used: " + loaded.error().message() + advice;
}

std::string cluster_node::parts::open_store() {
  const auto folder = options.data_folder + "/state";
  auto opened = storage::state_store::open(folder);
  if (!opened) return folder + ": " + opened.error().message();
  store = std::move(*opened);
  auto began =
      store->begin_life(identity ? std::optional(identity->node) : std::nullopt, random_id());
  if (!began) return folder + ": " + began.error().message();
  facts = *began;
  return {};
}

/// The file says who and where, the roster which id that is.
std::string cluster_node::parts::make_members() {
  if (!identity) {
    members.members.push_back({facts.id, options.self.name, {}});
    return {};
  }
  for (const auto& node : options.cluster.nodes) {
    const auto id = identity->find(node.name);
    if (!id)
      return "node " + node.name + " of " + options.config_file +
             " has no certificate yet; `weir cluster up " + options.config_file + "` makes it";
    members.members.push_back({*id, node.name, address_text(node)});
  }
  return {};
}

std::string cluster_node::parts::open_port() {
  if (!identity) return {};
  mesh = std::make_unique<net::peer_mesh>(loop.context(), events());
  error_code failed;
  loop.run_and_wait([&] {
    failed = mesh->start({*identity, facts.incarnation, cluster::protocol_version,
                          listen_host(options.self), options.self.peer, seed_from_system()});
  });
  return failed ? "peer port " + address_text(options.self) + ": " + failed.message()
                : std::string{};
}

/// From now on links can be: the keeper must be there to hear of them.
void cluster_node::parts::open_links() {
  if (!identity) return;
  std::vector<net::peer_address> others;
  for (const auto& node : options.cluster.nodes)
    if (const auto id = *identity->find(node.name); id != facts.id)
      others.push_back({id, node.name, node.address, node.peer});
  mesh->set_members(std::move(others));
}

net::mesh_events cluster_node::parts::events() {
  // Weakly: the mesh is one of the parts.
  auto tell = [weak = weak_from_this()](const node_id& peer, net::lane which,
                                        std::uint64_t incarnation, bool up, error_code why) {
    const auto self = weak.lock();
    if (!self || which != net::lane::ctl) return;
    log::event(up ? "peer_linked" : "peer_unlinked",
               {{"peer", peer.text()}, {"reason", why ? why.message() : ""}}, log::level::debug);
    caf::anon_send(self->keeper,
                   std::make_shared<const link_change>(link_change{peer, incarnation, up, why}));
  };
  return {[tell](const node_id& peer, net::lane which, std::uint64_t incarnation, std::uint16_t) {
            tell(peer, which, incarnation, true, {});
          },
          [tell](const node_id& peer, net::lane which, std::uint64_t incarnation, error_code why) {
            tell(peer, which, incarnation, false, why);
          },
          [weak = weak_from_this()](net::peer_message_ptr message) {
            const auto self = weak.lock();
            if (self && message->which == net::lane::ctl)
              caf::anon_send(self->keeper, std::move(message));
          }};
}

void cluster_node::parts::spawn_keeper() {
  cluster_keeper_options keeping;
  keeping.self = facts.id;
  keeping.name = options.self.name;
  keeping.incarnation = facts.incarnation;
  keeping.seed = seed_from_system();
  keeping.drained = facts.drained;
  keeping.source = std::make_shared<cluster::static_members>(members);
  keeping.board = board;
  keeping.facts = options.facts;
  keeping.on_drain = options.on_drain;
  // Strongly: what the keeper uses stays until it ends, also when the handle is gone before the
  // goodbye is sent.
  keeping.send = [self = shared_from_this()](const node_id& peer, std::string message) {
    return self->mesh &&
           self->mesh->send(peer, net::lane::ctl, std::move(message)) == net::send_result::queued;
  };
  keeping.remember_drained = [self = shared_from_this()](bool drained) {
    const auto written = self->store->set_drained(drained);
    return written ? error_code{} : written.error();
  };
  keeping.on_left = [self = shared_from_this()] {
    if (self->mesh) self->mesh->stop(farewell_flush);
  };
  // Readable at once, before the keeper has had its first turn.
  const cluster::membership first(facts.id, facts.incarnation, keeping.source->current(), {}, 0,
                                  std::chrono::steady_clock::now());
  board->view =
      std::make_shared<const cluster::member_view>(first.view(std::chrono::steady_clock::now()));
  keeper = system.spawn(cluster_keeper, std::move(keeping));
}

void cluster_node::parts::leave() {
  if (left.exchange(true)) return;
  caf::anon_send(keeper, cluster_leave_atom::value);
}

cluster_node::cluster_node(std::shared_ptr<parts> made) : parts_(std::move(made)) {}

cluster_node::~cluster_node() {
  leave();
}

cluster::member_view_ptr cluster_node::members() const {
  return parts_->board->view;
}

void cluster_node::drain(std::string node, bool on, drain_handler then) {
  caf::anon_send(
      parts_->keeper, cluster_drain_atom::value,
      std::make_shared<const drain_order>(drain_order{std::move(node), on, std::move(then)}));
}

bool cluster_node::drained_before() const {
  return parts_->facts.drained;
}

const node_id& cluster_node::id() const {
  return parts_->facts.id;
}

std::uint64_t cluster_node::incarnation() const {
  return parts_->facts.incarnation;
}

caf::strong_actor_ptr cluster_node::keeper() const {
  return caf::actor_cast<caf::strong_actor_ptr>(parts_->keeper);
}

std::shared_ptr<storage::state_store> cluster_node::store() const {
  return {parts_, parts_->store.get()};
}

void cluster_node::leave() {
  parts_->leave();
}

void cluster_node::collect(metrics_writer& out) const {
  collect_members(*parts_->board, out);
  if (parts_->mesh) collect_links(parts_->mesh->metrics(), out);
}

cluster_start_result start_cluster(caf::actor_system& system, net::control_loop& loop,
                                   cluster_options options) {
  auto made = std::make_shared<cluster_node::parts>(system, loop, std::move(options));
  using step = std::string (cluster_node::parts::*)();
  for (const step next : {&cluster_node::parts::load_identity, &cluster_node::parts::open_store,
                          &cluster_node::parts::make_members, &cluster_node::parts::open_port})
    if (auto problem = (made.get()->*next)(); !problem.empty())
      return {nullptr, std::move(problem)};
  made->spawn_keeper();
  made->open_links();
  return {std::unique_ptr<cluster_node>(new cluster_node(std::move(made))), {}};
}

} // namespace weir::actors
