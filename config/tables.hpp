// The blocks of the file, one function per table; root_block() in schema.hpp is the top.
#pragma once

#include "config/reader.hpp"
#include "config/schema.hpp"
#include "config/settings.hpp"

#include <optional>

namespace weir::config {

const block& cluster_block();
const block& listen_block();
const block& admin_block();
const block& limits_block();
/// The limits that make sense once the site is known.
const block& site_limits_block();
const block& rate_limit_block();
const block& bans_block();
const block& tls_block();
const block& log_block();
const block& health_block();
const block& server_block();
/// Of `balance: {hash: …}`.
const block& hash_block();
const block& sticky_block();
const block& outlier_block();
const block& resolve_block();
const block& hedge_block();
/// A delay, or the block.
bool read_hedge(reader& r, const yaml_node& node, hedge_settings& out);
const block& upstream_block();
const block& app_block();
/// `cache` of a site or route.
const block& cache_block();
const block& site_block();
/// `tls` of a site.
const block& site_tls_block();
const block& compress_block();
const block& files_block();
const block& send_files_block();
/// `auto`, `off` or the block.
bool read_compress(reader& r, const yaml_node& node, std::optional<compress_settings>& out);
/// From status to file.
bool read_error_pages(reader& r, const yaml_node& node, std::vector<error_page_file>& out);
const block& tracing_block();

} // namespace weir::config
