// The listing of a folder as a page.
#pragma once

#include "base/unique_fd.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net {

/// A listing is read on the shard: this many entries are looked at, the rest is said to be more.
inline constexpr std::size_t listing_entries_max = 2000;

/// Lists the folder: sub-folders first, by name; dotfiles are left out, and so is what is neither
/// file nor folder. `path` is the decoded path of the request, for the title. Nothing: the folder
/// cannot be read. Every name is escaped, in text and in links.
std::optional<std::string> list_folder(unique_fd folder, std::string_view path);

} // namespace weir::net
