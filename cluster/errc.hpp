// What can go wrong between nodes once bytes have arrived.
#pragma once

#include "base/result.hpp"

namespace weir::cluster {

enum class errc {
  truncated = 1,       // shorter than a frame header
  unknown_type,        // a message this version does not know: skipped, not an offence
  unsupported_version, // neither our protocol version nor the one before
  malformed,           // the payload does not parse
  out_of_range,        // a field holds what it must not
  unknown_member,      // no such node in the member list
  not_linked,          // the node cannot be reached from here
  timed_out,           // no answer in time
  busy,                // too many such requests are waiting
  refused,             // the other node could not do it
  conflict,            // somebody else changed it in the meantime: look again
  bad_token,           // no such token, used up, expired, or made for another name
  name_taken,          // another member has this name
  id_taken,            // a member has or had this id
  wrong_identity,      // the certificate asked for is not for the node that asks
  wrong_state,         // what the member is does not allow it
  last_member,         // nobody would be left to serve
  too_many,            // a limit of the cluster is reached
  no_cluster,          // nothing is agreed yet: the cluster has not been founded
  unknown_version,     // no such version of the configuration is kept
  isolated,            // this node does not reach a majority of the members
};

error_code make_error_code(errc value);

} // namespace weir::cluster

template <>
struct boost::system::is_error_code_enum<weir::cluster::errc> : std::true_type {};
