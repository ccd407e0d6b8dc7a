// The cluster error category.
#include "cluster/errc.hpp"

namespace weir::cluster {

namespace {

const char* text_of(errc value) {
  switch (value) {
  case errc::truncated:
    return "the frame is shorter than its header";
  case errc::unknown_type:
    return "the message type is not known here";
  case errc::unsupported_version:
    return "the protocol version is not spoken here";
  case errc::malformed:
    return "the payload does not parse";
  case errc::out_of_range:
    return "a field is out of its range";
  case errc::unknown_member:
    return "no such node in the member list";
  case errc::not_linked:
    return "the node cannot be reached from here";
  case errc::timed_out:
    return "the node did not answer in time";
  case errc::busy:
    return "too many requests of this kind are waiting";
  case errc::refused:
    return "the node could not do it";
  }
  return "unknown cluster error";
}

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.cluster"; }
  std::string message(int value) const override { return text_of(static_cast<errc>(value)); }
};

} // namespace

error_code make_error_code(errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

} // namespace weir::cluster
