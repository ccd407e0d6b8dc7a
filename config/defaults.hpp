// Every default of the configuration, with its unit in the name or the type and the reason for it.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir::config::defaults {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

// -- client side ----------------------------------------------------------------------------------

/// The ports of the web; used where `listen` is not given.
inline constexpr std::uint16_t http_port = 80;
inline constexpr std::uint16_t https_port = 443;

/// Memory, not taste: an idle connection costs a few KiB, so this stays below about 1 GiB.
inline constexpr std::uint64_t connections = 100'000;
/// Far above a browser (6 per host) and a carrier's NAT in practice, far below one flooding host.
inline constexpr std::uint32_t connections_per_ip = 200;
/// nginx takes 4 x 8 KiB, HAProxy 16 KiB: large cookies and tokens fit.
inline constexpr std::uint32_t header_bytes = 32 * 1024;
/// Browsers send about 20; 100 is what nginx's and Apache's neighbours settled on.
inline constexpr std::uint32_t headers = 100;
/// Forms and photographs fit; a site that takes films says so.
inline constexpr std::uint64_t body_bytes = 10u << 20;

/// A header is one packet; ten seconds is a very bad mobile network, and slow-loris is kept short.
inline constexpr milliseconds header_timeout = 10s;
/// Between two reads of a body: progress, not length.
inline constexpr milliseconds body_timeout = 30s;
/// Bytes a second that a request's body keeps on average (Apache's mod_reqtimeout): below the
/// slowest mobile network, far above a client that sends a byte now and then to hold a connection.
inline constexpr std::uint32_t body_rate = 500;
/// Keep-alive: longer than a reader's pause between two pages is rarely reused.
inline constexpr milliseconds idle_timeout = 60s;
/// Between two successful writes: a client that takes nothing for this long is gone.
inline constexpr milliseconds write_timeout = 30s;
/// A tunnel (WebSocket) in which nobody says a word, not even a ping. A peer that vanished is
/// noticed much earlier, by the kernel's probes; this frees what was forgotten. HAProxy's guides
/// say 1 h too.
inline constexpr milliseconds tunnel_timeout = 1h;
/// Until the response's header. Reports and exports may compute for minutes.
inline constexpr milliseconds request_timeout = 5min;

// -- upstreams ------------------------------------------------------------------------------------

inline constexpr std::uint32_t weight = 1;
/// Per server and node: enough to fill a many-threaded origin, little enough not to drown it.
inline constexpr std::uint32_t max_connections = 256;
/// A burst of a few seconds of a busy site; more waiting than this is a refusal that came late.
inline constexpr std::uint32_t queue_size = 1024;
/// People reload after about five seconds, and then the work is done twice.
inline constexpr milliseconds queue_timeout = 5s;

/// An origin that is reached at all answers a SYN within one retransmission (1 s).
inline constexpr milliseconds connect_timeout = 2s;
/// Gunicorn's own worker timeout: after it the origin has given up as well.
inline constexpr milliseconds first_byte_timeout = 30s;
/// Idle upstream connections; an origin that closes earlier costs no request.
inline constexpr milliseconds upstream_idle_timeout = 60s;

/// A dead server is noticed within 10 s, and 5 s costs an origin nothing.
inline constexpr milliseconds health_every = 5s;
inline constexpr milliseconds health_timeout = 2s;
/// One lost packet must not take a server out; one lucky answer must not bring it back.
inline constexpr std::uint32_t health_fail = 2;
inline constexpr std::uint32_t health_pass = 2;
inline constexpr std::uint16_t health_expect_from = 200;
inline constexpr std::uint16_t health_expect_to = 399;

/// Envoy's figure: five in a row are no coincidence.
inline constexpr std::uint32_t outlier_failures = 5;
inline constexpr milliseconds outlier_eject = 10s;
/// Half the servers stay in whatever happens: ejecting all of them is an outage of our own making.
inline constexpr std::uint32_t outlier_max_percent = 50;

/// Envoy's figures: fewer requests say nothing, and what was ten seconds ago is over.
inline constexpr std::uint32_t outlier_requests = 100;
inline constexpr milliseconds outlier_window = 10s;

/// A record that says "do not keep me" must not become a flood of questions, and one that says "for
/// a day" must not keep an address that is gone.
inline constexpr milliseconds resolve_min = 5s;
inline constexpr milliseconds resolve_max = 5min;
/// Two tries of the second that a resolver on the same continent never needs.
inline constexpr milliseconds resolve_timeout = 2s;

/// The first try included: one other server gets a chance.
inline constexpr std::uint32_t retry_attempts = 2;
/// Of the live requests: retries never double the load of an origin that is failing already.
inline constexpr std::uint32_t retry_budget_percent = 20;

/// "The Tail at Scale": who waits longer than 95 of 100 others gets a second attempt, so that only
/// one request in twenty costs twice.
inline constexpr std::uint32_t hedge_percentile = 95;
/// The grain of the shard's timers: sooner than this nothing is noticed.
inline constexpr milliseconds hedge_after_min = 10ms;
/// Twice what the percentile asks for: when everything becomes slow at once, a second attempt helps
/// nobody.
inline constexpr std::uint32_t hedge_max_percent = 10;

// -- apps -----------------------------------------------------------------------------------------

/// A large Django project imports for half a minute on a small machine.
inline constexpr milliseconds app_start = 60s;
/// As long as a request may take at the usual app server.
inline constexpr milliseconds app_graceful = 30s;

// -- compression ----------------------------------------------------------------------------------

/// Below it a coding saves no packet, and costs as much as elsewhere.
inline constexpr std::uint64_t compress_min_bytes = 1024;
/// For on-the-fly work, where a core has other things to do: half of the gain for a tenth of the
/// time that the highest levels take.
inline constexpr std::uint32_t br_level = 4;
inline constexpr std::uint32_t zstd_level = 3;
inline constexpr std::uint32_t gzip_level = 5;
/// Memory: a stream's encoder takes up to about 1 MiB.
inline constexpr std::uint32_t encoders = 128;

// -- sites ----------------------------------------------------------------------------------------

/// Permanent, and the method stays what it was (RFC 9110 15.4.9).
inline constexpr std::uint16_t redirect_code = 308;
inline constexpr std::uint16_t respond_status = 200;

/// What a small virtual machine can spare; used only as far as there is something to keep.
inline constexpr std::uint64_t cache_memory = 256u << 20;
/// Weeks of a site's pages and pictures; the floor below keeps it from filling a small disk.
inline constexpr std::uint64_t cache_disk = std::uint64_t{20} << 30;
/// A cache leaves this much of its file system to others.
inline constexpr std::uint64_t cache_free_floor = std::uint64_t{1} << 30;
/// An error that `ttl` applies to is believed for this long: long enough to take the load of a
/// missing file, short enough for whoever has just published it.
inline constexpr std::chrono::seconds cache_negative_ttl{10};
/// Photographs, archives and short films; collecting a body takes memory while it comes.
inline constexpr std::uint64_t cache_object_bytes = 64u << 20;

// -- rate limits ----------------------------------------------------------------------------------

/// RFC 6585 4.
inline constexpr std::uint16_t limit_reject = 429;
/// 458,752 keys; pages are only used when keys come.
inline constexpr std::uint64_t rate_limit_memory = 32u << 20;
/// Who is refused so often in a minute does not read the answers.
inline constexpr std::uint32_t ban_after = 20;
inline constexpr milliseconds ban_within = 1min;
/// Long enough to be felt, short enough for an address that has a new owner tomorrow.
inline constexpr milliseconds ban_time = 1h;

// -- access ---------------------------------------------------------------------------------------

/// Whoever turns tracing on wants to see traces; a busy site turns this down.
inline constexpr std::uint32_t trace_sample_percent = 100;
/// Without any, browsers ask again after 5 s; a change of the rules is seen within ten minutes.
inline constexpr std::chrono::seconds cors_max_age = 10min;
/// A good password hash takes 50 to 100 ms of a core: the usual request must not pay it, and a
/// password that was taken back is refused at once anyway, since the users' file is read anew.
inline constexpr std::chrono::seconds login_memory = 5min;
/// Per shard; an entry has 24 bytes.
inline constexpr std::uint32_t logins_remembered = 4096;
/// Passwords that wait to be verified, per node: some seconds of work, longer nobody waits.
inline constexpr std::uint32_t login_queue = 64;
/// Of them, from one address and on one shard: guessing must not fill the queue.
inline constexpr std::uint32_t login_queue_per_address = 4;

/// Half of what a person waits for: who asks has an answer, or a 503 that says so.
inline constexpr milliseconds auth_timeout = 5s;
/// A login page that carries its own style; what is larger belongs behind a redirect.
inline constexpr std::uint64_t auth_body_bytes = 64 * 1024;
/// Certificates between a client's own and one of `client_ca`: two are common.
inline constexpr int client_chain_depth = 4;
/// All that a client shows: four certificates with large keys. Paid for before we know who it is.
inline constexpr std::uint32_t client_chain_bytes = 16 * 1024;

// -- node and cluster -----------------------------------------------------------------------------

/// Unassigned at IANA next to nothing well known.
inline constexpr std::uint16_t peer_port = 7400;
/// The name of the only node of a file without `nodes`; its data folder is called so.
inline constexpr auto node_name = "node1";
inline constexpr auto cluster_name = "weir";
/// Relative: inside the node's data folder, so that several nodes of one machine never collide.
inline constexpr auto admin_socket = "weir.sock";
/// Where a daemon that root started keeps its state (FHS 3.0, 5.8).
inline constexpr auto root_store = "/var/lib/weir";

} // namespace weir::config::defaults
