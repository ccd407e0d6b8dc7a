// Opening, closing and measuring the admin server.
#include "net/admin/admin_server.hpp"

#include "net/admin/admin_core.hpp"

namespace weir::net {

admin_server::admin_server(control_loop& loop, std::shared_ptr<admin_core> core)
    : loop_(loop), core_(std::move(core)) {}

std::unique_ptr<admin_server> admin_server::open(control_loop& loop, node_view& node,
                                                 admin_server_options options, open_error& error) {
  auto core = std::make_shared<admin_core>(loop.context(), node, std::move(options));
  std::unique_ptr<admin_server> made{new admin_server{loop, core}};
  loop.run_and_wait([&] {
    for (const auto& address : core->options.listen) {
      error = {address.text(), core->listen(address)};
      if (error.code) return;
    }
  });
  if (error.code) made.reset();
  return made;
}

admin_server::~admin_server() {
  loop_.run_and_wait([this] { core_->close(); });
}

std::vector<std::string> admin_server::addresses() const {
  return core_->addresses;
}

void admin_server::collect(metrics_writer& out) const {
  for (std::size_t i = 1; i < core_->answers.size(); ++i)
    out.counter("weir_admin_requests_total", "Requests to the admin API, by status class.",
                {{"code", std::to_string(i) + "xx"}}, core_->answers[i]);
  out.counter("weir_admin_connections_refused_total",
              "Connections to the admin API over its limit.", {}, core_->refused);
  out.gauge("weir_admin_connections", "Open connections to the admin API.", {}, core_->connections);
}

} // namespace weir::net
