// The MetaStore of a cluster: etcd's members, spoken to over their JSON gateway.
#pragma once

#include "base/meta_store.hpp"
#include "net/etcd/etcd_client.hpp"

#include <memory>

namespace weir::net {
class control_loop;
}

namespace weir::net::etcd {

/// Keeps the contract on any number of members: whatever may be asked twice is asked of another one
/// when a member does not answer; what may have been done is `unknown` and never asked again. Its
/// work is done on the loop it is given, where handlers are called too; the loop outlives it and
/// its watches. Large reads are parsed there: let it not be the loop of the peer links.
class etcd_meta_store final : public meta_store {
public:
  etcd_meta_store(control_loop& loop, etcd_options options);
  ~etcd_meta_store() override;

  void read(std::string prefix, handler<meta_snapshot> then) override;
  void commit(meta_transaction what, handler<meta_outcome> then) override;
  void grant(std::chrono::seconds ttl, handler<std::uint64_t> then) override;
  void keep_alive(std::uint64_t lease, handler<void> then) override;
  void revoke(std::uint64_t lease, handler<void> then) override;
  std::unique_ptr<meta_watch> watch(std::string prefix, std::uint64_t from,
                                    handler<std::vector<meta_event>> then) override;

private:
  class core;
  template <class T, class Decode>
  void ask(etcd_call what, handler<T> then, Decode decode);

  control_loop& loop_;
  std::shared_ptr<core> core_;
};

} // namespace weir::net::etcd
