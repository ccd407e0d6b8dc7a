// The command of a node.
#include "actors/node_launcher.hpp"

#include "net/client/http_client.hpp"

#include <unistd.h>

namespace weir::actors {

namespace {
constexpr std::chrono::milliseconds readiness_timeout{2'000};
}

node_launcher::node_launcher(net::control_loop& loop, std::string program, std::string config_file,
                             local_node node)
    : loop_(loop), program_(std::move(program)), config_file_(std::move(config_file)),
      node_(std::move(node)) {}

std::optional<apps::launch_plan> node_launcher::prepare(apps::generation, std::string&) {
  apps::launch_plan plan;
  plan.command.argv = {program_, "run", "-c", config_file_, "--node", node_.name};
  for (auto** variable = environ; *variable; ++variable)
    plan.command.env.emplace_back(*variable);
  if (node_.admin.port == 0 && !node_.admin.is_unix()) return plan;
  net::http_call call;
  call.to = node_.admin;
  call.target = "/readyz";
  call.timeout = readiness_timeout;
  call.read_body = false;
  plan.probe = [&loop = loop_, call](std::function<void(bool)> answer) {
    net::fetch_async(loop, call, [answer = std::move(answer)](result<net::http_answer> got) {
      answer(got && got->status == 200);
    });
  };
  return plan;
}

} // namespace weir::actors
