// Words for what a MetaStore could not do.
#include "base/meta_store.hpp"

namespace weir {

namespace {

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.meta"; }
  std::string message(int value) const override {
    switch (static_cast<meta_errc>(value)) {
    case meta_errc::unavailable:
      return "the cluster has no quorum";
    case meta_errc::unknown:
      return "no answer in time: it may have been done";
    case meta_errc::busy:
      return "too many requests are waiting";
    case meta_errc::too_large:
      return "too large for the cluster's store";
    case meta_errc::compacted:
      return "the revision is no longer kept";
    case meta_errc::no_lease:
      return "the lease has ended";
    case meta_errc::denied:
      return "the cluster's store refuses this node";
    case meta_errc::closed:
      return "the store is shutting down";
    }
    return "unknown error of the cluster's store";
  }
};

} // namespace

error_code make_error_code(meta_errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

} // namespace weir
