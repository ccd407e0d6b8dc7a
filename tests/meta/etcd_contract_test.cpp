// The MetaStore over a real etcd keeps the contract.
#include "tests/support/etcd_members.hpp"
#include "tests/support/meta_contract.hpp"

namespace weir::test {

namespace {

/// Waits for real: etcd has its own clock.
class etcd_engine : public meta_engine {
public:
  etcd_engine() : store_(members_.store()), other_(members_.store()) {}

  meta_store& store() override { return *store_; }
  meta_store* other_store() override { return other_.get(); }
  void close() override { store_.reset(); }
  void compact() override {
    const auto now = read(*other_, "")->revision;
    net::etcd::etcd_admin admin(members_.loop(), members_.options());
    std::promise<error_code> done;
    admin.compact(now, [&](const auto& answer) {
      done.set_value(answer.value ? error_code{} : answer.value.error());
    });
    EXPECT_FALSE(done.get_future().get());
  }
  void pass(std::chrono::seconds time) override {
    std::promise<void> never;
    never.get_future().wait_for(time);
  }

private:
  etcd_members members_{1};
  std::unique_ptr<meta_store> store_;
  std::unique_ptr<meta_store> other_;
};

} // namespace

INSTANTIATE_TEST_SUITE_P(etcd, meta_contract,
                         testing::Values(meta_engine_kind{"etcd", [] {
                                                            return std::unique_ptr<meta_engine>(
                                                                std::make_unique<etcd_engine>());
                                                          }}));

} // namespace weir::test
