// etcd's command line.
#include "apps/etcd_plan.hpp"

#include <utility>

namespace weir::apps {

namespace {

constexpr auto heartbeat_ms = "150";
constexpr auto election_ms = "1000";
/// Entries between raft snapshots: all of them are held in memory.
constexpr auto snapshot_count = "10000";

/// etcd 3.4 starts on these only when it is told that we know.
constexpr auto untested_architecture =
#if defined(__aarch64__)
    "arm64";
#elif defined(__arm__)
    "arm";
#elif defined(__i386__)
    "386";
#elif defined(__s390x__)
    "s390x";
#else
    "";
#endif

std::string url_of(const etcd_settings& settings, const config::endpoint_address& address) {
  return (settings.files.certificate.empty() ? "http://" : "https://") + address.text();
}

std::string initial_cluster(const etcd_settings& settings) {
  std::string out;
  for (const auto& each : settings.members) {
    if (!out.empty()) out.push_back(',');
    out += each.name + "=" + url_of(settings, each.peer);
  }
  return out;
}

void add(std::vector<std::string>& argv, std::string flag, std::string value) {
  argv.push_back(std::move(flag));
  argv.push_back(std::move(value));
}

void add_certificates(std::vector<std::string>& argv, const etcd_files& files) {
  if (files.certificate.empty()) return;
  for (const std::string prefix : {"--", "--peer-"}) {
    argv.push_back(prefix + "client-cert-auth");
    add(argv, prefix + "trusted-ca-file", files.authority);
    add(argv, prefix + "cert-file", files.certificate);
    add(argv, prefix + "key-file", files.key);
  }
  // Otherwise it asks DNS whether the certificate's names are where a member dials from, which may
  // be any address of its machine. The authority certifies members and nobody else.
  argv.push_back("--experimental-peer-skip-client-san-verification");
}

} // namespace

guard_spec plan_etcd(const etcd_settings& settings) {
  guard_spec plan;
  auto& argv = plan.argv;
  argv.push_back(settings.program);
  add(argv, "--name", settings.self.name);
  add(argv, "--data-dir", settings.data_folder);
  add(argv, "--listen-peer-urls", url_of(settings, settings.self.peer));
  add(argv, "--initial-advertise-peer-urls", url_of(settings, settings.self.peer));
  add(argv, "--listen-client-urls", url_of(settings, settings.client));
  add(argv, "--advertise-client-urls", url_of(settings, settings.client));
  add(argv, "--initial-cluster", initial_cluster(settings));
  add(argv, "--initial-cluster-state", settings.existing ? "existing" : "new");
  add(argv, "--initial-cluster-token", settings.cluster);
  add_certificates(argv, settings.files);
  add(argv, "--heartbeat-interval", heartbeat_ms);
  add(argv, "--election-timeout", election_ms);
  argv.push_back("--pre-vote"); // a member that was cut off does not unseat the leader
  add(argv, "--snapshot-count", snapshot_count);
  add(argv, "--quota-backend-bytes", std::to_string(settings.quota_bytes));
  add(argv, "--auto-compaction-mode", "revision");
  add(argv, "--auto-compaction-retention", std::to_string(settings.history_revisions));
  // A watch without news hears from its member that often, and moves on from one that is frozen.
  add(argv, "--experimental-watch-progress-notify-interval", "1s");
  argv.push_back("--enable-v2=false");
  add(argv, "--logger", "zap");
  add(argv, "--log-outputs", "stderr");
  add(argv, "--log-level", settings.log_level);
  if (*untested_architecture != '\0')
    plan.env.push_back(std::string("ETCD_UNSUPPORTED_ARCH=") + untested_architecture);
  plan.cwd = "/";
  plan.mask = 0077;
  return plan;
}

guard_spec plan_etcd_restore(const etcd_settings& settings, const std::string& snapshot) {
  guard_spec plan;
  plan.argv = {settings.control_program, "snapshot", "restore", snapshot};
  add(plan.argv, "--name", settings.self.name);
  add(plan.argv, "--data-dir", settings.data_folder);
  add(plan.argv, "--initial-advertise-peer-urls", url_of(settings, settings.self.peer));
  add(plan.argv, "--initial-cluster", initial_cluster(settings));
  add(plan.argv, "--initial-cluster-token", settings.cluster);
  plan.env = {"ETCDCTL_API=3"};
  plan.cwd = "/";
  plan.mask = 0077;
  return plan;
}

} // namespace weir::apps
