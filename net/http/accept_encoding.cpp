// Accept-Encoding: weights, wildcard, preference.
#include "net/http/accept_encoding.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

namespace weir::net {

namespace {

/// "0", "0.5", "1.000" in thousandths (RFC 9110 12.4.2).
std::optional<std::uint16_t> read_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  unsigned value = text[0] == '1' ? 1000 : 0, place = 100;
  for (const char c : text.substr(text.size() > 1 ? 2 : 1)) {
    if (!is_in(c, char_class::digit)) return std::nullopt;
    value += static_cast<unsigned>(c - '0') * place;
    place /= 10;
  }
  if (value > 1000) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

/// What has been said so far; `any` is the weight of "*".
struct said {
  std::array<std::optional<std::uint16_t>, content_coding_count> of{};
  std::optional<std::uint16_t> identity, any;

  std::optional<std::uint16_t>* slot(std::string_view name) {
    if (iequals(name, "gzip") || iequals(name, "x-gzip"))
      return &of[static_cast<std::size_t>(content_coding::gzip)];
    if (iequals(name, "br")) return &of[static_cast<std::size_t>(content_coding::br)];
    if (iequals(name, "zstd")) return &of[static_cast<std::size_t>(content_coding::zstd)];
    if (iequals(name, "identity")) return &identity;
    return name == "*" ? &any : nullptr;
  }

  void member(std::string_view text) {
    const auto semicolon = text.find(';');
    auto* known = slot(trim(text.substr(0, semicolon)));
    if (known == nullptr) return;
    if (semicolon == text.npos) {
      *known = std::uint16_t{1000};
      return;
    }
    const auto parameter = trim(text.substr(semicolon + 1));
    if (parameter.size() < 3 || to_lower(parameter[0]) != 'q' || parameter[1] != '=') return;
    if (const auto weight = read_weight(parameter.substr(2))) *known = weight;
  }
};

} // namespace

std::string_view name_of(content_coding coding) {
  constexpr std::array<std::string_view, content_coding_count> names = {"br", "zstd", "gzip"};
  return names[static_cast<std::size_t>(coding)];
}

coding_weights read_accept_encoding(const message_head& head) {
  said heard;
  for (const auto& f : head.fields) {
    if (f.id != field_id::accept_encoding) continue;
    each_member(f.value, [&](std::string_view member) {
      heard.member(member);
      return true;
    });
  }
  coding_weights out;
  for (std::size_t i = 0; i < content_coding_count; ++i)
    out.of[i] = heard.of[i].value_or(heard.any.value_or(std::uint16_t{0}));
  // Unnamed, identity stays acceptable unless "*;q=0" rules it out, but comes after what is named.
  out.identity =
      heard.identity.value_or(heard.any == std::uint16_t{0} ? std::uint16_t{0} : std::uint16_t{1});
  return out;
}

std::optional<content_coding> choose_coding(const coding_weights& weights,
                                            std::span<const content_coding> offered) {
  std::optional<content_coding> best;
  std::uint16_t most = 0;
  for (const auto coding : offered) {
    if (weights[coding] <= most) continue;
    most = weights[coding];
    best = coding;
  }
  return most >= weights.identity ? best : std::nullopt;
}

} // namespace weir::net
