// These tests need a real etcd; where it is not installed they say so instead of failing.
#include <gtest/gtest.h>

#include <unistd.h>

namespace {

class etcd_environment : public testing::Environment {
public:
  void SetUp() override {
    if (::access("/usr/bin/etcd", X_OK) != 0)
      GTEST_SKIP() << "etcd is missing: packaging/install-packages run";
  }
};

[[maybe_unused]] const auto* const registered =
    testing::AddGlobalTestEnvironment(new etcd_environment);

} // namespace
