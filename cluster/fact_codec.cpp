// Facts to protobuf and back; a decoder takes nothing on trust.
#include "base/text.hpp"
#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"
#include "cluster/state.pb.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>

namespace weir::cluster {

namespace {

using limit = fact_limits;

/// Further from 1970 than this, a time in milliseconds would overflow as nanoseconds.
constexpr std::int64_t wall_ms_max = std::int64_t{9'000'000'000'000};

template <class Array>
std::string bytes_of(const Array& from) {
  return {from.begin(), from.end()};
}

std::int64_t ms_of(wall_time at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// Reads fields into a fact and remembers whether all of them were fit to be kept.
class field_reader {
public:
  bool good() const { return good_; }

  void need(bool holds) { good_ = good_ && holds; }

  std::string raw(const std::string& from, std::size_t most) {
    need(from.size() <= most);
    return good_ ? from : std::string();
  }
  std::string text(const std::string& from, std::size_t most) {
    need(from.size() <= most && !find_invalid_utf8(from));
    return good_ ? from : std::string();
  }
  std::string filled(const std::string& from, std::size_t most) {
    need(!from.empty());
    return text(from, most);
  }
  /// All bytes of an id or a hash; none at all if `optional`.
  template <class Id>
  Id exact(const std::string& from, bool optional = false) {
    Id out;
    if (optional && from.empty()) return out;
    need(from.size() == out.bytes.size());
    if (good_)
      std::ranges::transform(from, out.bytes.begin(),
                             [](char c) { return static_cast<std::uint8_t>(c); });
    return out;
  }
  wall_time time(std::int64_t ms) {
    need(ms >= -wall_ms_max && ms <= wall_ms_max);
    return good_ ? wall_time(std::chrono::milliseconds(ms)) : wall_time{};
  }
  stamp made(const state::Stamp& from) {
    return {text(from.by(), limit::author_bytes), time(from.at_ms())};
  }

private:
  bool good_ = true;
};

void write(const stamp& from, state::Stamp& out) {
  out.set_by(from.by);
  out.set_at_ms(ms_of(from.at));
}

// -- cluster, members -----------------------------------------------------------------------------

void write(const cluster_fact& from, state::Cluster& out) {
  out.set_id(bytes_of(from.id.bytes));
  out.set_name(from.name);
  out.set_founded_ms(ms_of(from.founded));
}
void read(const state::Cluster& from, cluster_fact& out, field_reader& in) {
  out.id = in.exact<node_id>(from.id());
  out.name = in.text(from.name(), limit::name_bytes);
  out.founded = in.time(from.founded_ms());
}

void write(const epoch_fact& from, state::Epoch& out) {
  out.set_epoch(from.epoch);
}
void read(const state::Epoch& from, epoch_fact& out, field_reader&) {
  out.epoch = from.epoch();
}

void write(const member_fact& from, state::Member& out) {
  out.set_id(bytes_of(from.id.bytes));
  out.set_name(from.name);
  out.set_address(from.address);
  out.set_standing(static_cast<std::uint32_t>(from.state));
  out.set_since_epoch(from.since_epoch);
  out.set_since_ms(ms_of(from.since));
}
void read(const state::Member& from, member_fact& out, field_reader& in) {
  out.id = in.exact<node_id>(from.id());
  out.name = in.filled(from.name(), limit::name_bytes);
  out.address = in.filled(from.address(), limit::address_bytes);
  in.need(from.standing() >= static_cast<std::uint32_t>(standing::joining) &&
          from.standing() <= static_cast<std::uint32_t>(standing::revoked));
  if (in.good()) out.state = static_cast<standing>(from.standing());
  out.since_epoch = from.since_epoch();
  out.since = in.time(from.since_ms());
}

void write(const token_fact& from, state::Token& out) {
  out.set_expires_ms(ms_of(from.expires));
  out.set_uses(from.uses);
  out.set_name(from.name);
  write(from.made, *out.mutable_made());
}
void read(const state::Token& from, token_fact& out, field_reader& in) {
  out.expires = in.time(from.expires_ms());
  in.need(from.uses() >= 1 && from.uses() <= limit::token_uses);
  out.uses = from.uses();
  out.name = in.text(from.name(), limit::name_bytes);
  out.made = in.made(from.made());
}

void write(const secret_fact& from, state::Secret& out) {
  out.set_generation(from.generation);
  out.set_since_ms(ms_of(from.since));
  out.set_sealed(from.sealed);
}
void read(const state::Secret& from, secret_fact& out, field_reader& in) {
  out.generation = from.generation();
  out.since = in.time(from.since_ms());
  out.sealed = in.raw(from.sealed(), limit::sealed_bytes);
}

void write(const leader_fact& from, state::Leader& out) {
  out.set_node(bytes_of(from.node.bytes));
}
void read(const state::Leader& from, leader_fact& out, field_reader& in) {
  out.node = in.exact<node_id>(from.node());
}

// -- configuration --------------------------------------------------------------------------------

void write(const head_fact& from, state::ConfigHead& out) {
  out.set_version(from.version);
  out.set_digest(bytes_of(from.digest.bytes));
}
void read(const state::ConfigHead& from, head_fact& out, field_reader& in) {
  out.version = from.version();
  out.digest = in.exact<content_hash>(from.digest());
}

void write(const version_fact& from, state::ConfigVersion& out) {
  out.set_version(from.version);
  out.set_parent(from.parent);
  out.set_digest(bytes_of(from.digest.bytes));
  write(from.made, *out.mutable_made());
  out.set_note(from.note);
  out.set_restores(from.restores);
  for (const auto& each : from.files) {
    auto* file = out.add_files();
    file->set_path(each.path);
    file->set_hash(bytes_of(each.hash.bytes));
    file->set_bytes(each.bytes);
    file->set_sealed(each.sealed);
  }
  out.set_nonce(bytes_of(from.nonce.bytes));
}
void read(const state::ConfigVersion& from, version_fact& out, field_reader& in) {
  out.version = from.version();
  out.parent = from.parent();
  out.digest = in.exact<content_hash>(from.digest());
  out.made = in.made(from.made());
  out.note = in.text(from.note(), limit::note_bytes);
  out.restores = from.restores();
  in.need(from.files_size() <= static_cast<int>(limit::files));
  for (const auto& each : from.files()) {
    if (!in.good()) return;
    out.files.push_back({in.filled(each.path(), limit::path_bytes),
                         in.exact<content_hash>(each.hash()), each.bytes(), each.sealed()});
  }
  out.nonce = in.exact<node_id>(from.nonce());
}

void write(const proposal_fact& from, state::Proposal& out) {
  write(from.candidate, *out.mutable_candidate());
  out.set_proposer(bytes_of(from.proposer.bytes));
}
void read(const state::Proposal& from, proposal_fact& out, field_reader& in) {
  read(from.candidate(), out.candidate, in);
  out.proposer = in.exact<node_id>(from.proposer());
}

void write(const vote_fact& from, state::Vote& out) {
  out.set_nonce(bytes_of(from.nonce.bytes));
  out.set_accepted(from.accepted);
  out.set_reason(from.reason);
}
void read(const state::Vote& from, vote_fact& out, field_reader& in) {
  out.nonce = in.exact<node_id>(from.nonce());
  out.accepted = from.accepted();
  out.reason = in.text(from.reason(), limit::reason_bytes);
}

void write(const blob_fact& from, state::Blob& out) {
  out.set_bytes(from.bytes);
}
void read(const state::Blob& from, blob_fact& out, field_reader&) {
  out.bytes = from.bytes();
}

// -- live orders ----------------------------------------------------------------------------------

void write(const drained_fact& from, state::Drained& out) {
  write(from.made, *out.mutable_made());
}
void read(const state::Drained& from, drained_fact& out, field_reader& in) {
  out.made = in.made(from.made());
}

void write(const server_fact& from, state::ServerOrder& out) {
  out.set_upstream(from.upstream);
  out.set_server(from.server);
  out.set_disabled(from.disabled);
  if (from.weight) out.set_weight(*from.weight);
  write(from.made, *out.mutable_made());
}
void read(const state::ServerOrder& from, server_fact& out, field_reader& in) {
  out.upstream = in.filled(from.upstream(), limit::label_bytes);
  in.need(out.upstream.find('/') == std::string::npos);
  out.server = in.filled(from.server(), limit::server_bytes);
  out.disabled = from.disabled();
  in.need(!from.has_weight() || from.weight() <= limit::weight);
  if (from.has_weight()) out.weight = from.weight();
  out.made = in.made(from.made());
}

void write(const maintenance_fact& from, state::Maintenance& out) {
  out.set_site(from.site);
  for (const auto& each : from.allowed) {
    auto* network = out.add_allowed();
    network->set_address(bytes_of(each.address));
    network->set_prefix_bits(each.prefix_bits);
  }
  write(from.made, *out.mutable_made());
}
void read(const state::Maintenance& from, maintenance_fact& out, field_reader& in) {
  out.site = in.filled(from.site(), limit::label_bytes);
  in.need(from.allowed_size() <= static_cast<int>(limit::networks));
  for (const auto& each : from.allowed()) {
    config::cidr network;
    in.need(each.address().size() == network.address.size() && each.prefix_bits() <= 128);
    if (!in.good()) return;
    std::ranges::transform(each.address(), network.address.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    network.prefix_bits = static_cast<std::uint8_t>(each.prefix_bits());
    out.allowed.push_back(network);
  }
  out.made = in.made(from.made());
}

/// The fields numbered above `known`, as they stand in `bytes`. REQUIRES: they parse.
later_fields later_than(int known, std::string_view bytes) {
  using google::protobuf::internal::WireFormatLite;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  later_fields out;
  for (;;) {
    const auto begin = in.CurrentPosition();
    const auto tag = in.ReadTag();
    if (tag == 0 || !WireFormatLite::SkipField(&in, tag)) return out;
    if (WireFormatLite::GetTagFieldNumber(tag) > known)
      out += bytes.substr(static_cast<std::size_t>(begin),
                          static_cast<std::size_t>(in.CurrentPosition() - begin));
  }
}

template <class Wire, class Fact>
std::string encode_as(const Fact& fact) {
  Wire out;
  write(fact, out);
  return out.SerializeAsString() + fact.later;
}

template <class Wire, class Fact>
result<Fact> decode_as(int known, std::string_view bytes) {
  if (bytes.size() > limit::record_bytes) return errc::out_of_range;
  Wire from;
  if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return errc::malformed;
  Fact out;
  field_reader in;
  read(from, out, in);
  out.later = in.raw(later_than(known, bytes), limit::later_bytes);
  if (!in.good()) return errc::out_of_range;
  return out;
}

} // namespace

// With the highest field that this version knows.
#define WEIR_FACT(fact, wire, last)                                                                \
  template <>                                                                                      \
  std::string encode_fact(const fact& from) {                                                      \
    return encode_as<state::wire>(from);                                                           \
  }                                                                                                \
  template <>                                                                                      \
  result<fact> decode_fact(std::string_view bytes) {                                               \
    return decode_as<state::wire, fact>(state::wire::k##last##FieldNumber, bytes);                 \
  }

WEIR_FACT(cluster_fact, Cluster, FoundedMs)
WEIR_FACT(epoch_fact, Epoch, Epoch)
WEIR_FACT(member_fact, Member, SinceMs)
WEIR_FACT(token_fact, Token, Made)
WEIR_FACT(secret_fact, Secret, Sealed)
WEIR_FACT(leader_fact, Leader, Node)
WEIR_FACT(head_fact, ConfigHead, Digest)
WEIR_FACT(version_fact, ConfigVersion, Nonce)
WEIR_FACT(proposal_fact, Proposal, Proposer)
WEIR_FACT(vote_fact, Vote, Reason)
WEIR_FACT(blob_fact, Blob, Bytes)
WEIR_FACT(drained_fact, Drained, Made)
WEIR_FACT(server_fact, ServerOrder, Made)
WEIR_FACT(maintenance_fact, Maintenance, Made)

#undef WEIR_FACT

} // namespace weir::cluster
