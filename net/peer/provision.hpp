// Making the identities of a file's nodes that live on this machine: what `weir cluster up` does
// before it starts them.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace weir::net {

/// One node of the file, in the file's order.
struct node_place {
  std::string name;
  std::string data_folder;
  std::vector<ip_address> addresses; // for the certificate's IP SANs
};

/// What provision() did, for the progress lines.
struct provision_report {
  bool made_authority = false;
  std::vector<std::string> certified; // names of the nodes that got a new certificate
};

/// Why it did not work, and where.
struct provision_failure {
  error_code reason;
  std::string where; // a folder or a file
};

/// What result::value() throws for it.
[[noreturn]] void throw_exception_from_error(const provision_failure& failure,
                                             const boost::source_location& where);

using provision_result = boost::system::result<provision_report, provision_failure>;

/// Gives every place an identity, and the cluster's secret, which is made in the first place's
/// folder once. The authority is kept in the first place's folder and made there
/// once; a node keeps its id, key and certificate as long as they are good (signed by this
/// authority, right name and addresses, a year left). Idempotent, so it runs at every start.
/// Folders are made with mode 0700, files with 0600, each written atomically. Several calls at once
/// on the same folders are not supported: the caller holds a lock or is alone.
provision_result provision(const std::string& cluster_name, const std::vector<node_place>& places,
                           wall_time now);

} // namespace weir::net
