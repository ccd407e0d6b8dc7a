// The blocks of the file, one function per table; root_block() in schema.hpp is the top.
#pragma once

#include "config/schema.hpp"

namespace weir::config {

const block& cluster_block();
const block& listen_block();
const block& admin_block();
const block& limits_block();
/// The limits that make sense once the site is known.
const block& site_limits_block();
const block& tls_block();
const block& log_block();
const block& health_block();
const block& upstream_block();
const block& app_block();
const block& site_block();

} // namespace weir::config
