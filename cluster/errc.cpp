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
  case errc::conflict:
    return "somebody else changed it in the meantime";
  case errc::bad_token:
    return "the token is unknown, used up, expired or made for another name";
  case errc::name_taken:
    return "another member has this name";
  case errc::id_taken:
    return "a member has or had this id";
  case errc::wrong_identity:
    return "the certificate asked for is not for this node";
  case errc::wrong_state:
    return "the member's state does not allow it";
  case errc::last_member:
    return "it is the last member that serves";
  case errc::too_many:
    return "a limit of the cluster is reached";
  case errc::no_cluster:
    return "the cluster has not been founded";
  case errc::unknown_version:
    return "that version of the configuration is not kept";
  case errc::isolated:
    return "this node does not reach a majority of the members";
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
