// Whatever a path says: only files below the root are opened, in both ways of asking the kernel.
#include "net/files/static_files.hpp"

#include "tests/support/file_tree.hpp"

#include <cstdlib>
#include <set>
#include <utility>

namespace {

using namespace weir;
using namespace weir::net;

/// A root with links that try to leave it, and which inodes may be served.
struct fixture {
  test::file_tree tree;
  config::files_settings settings;
  std::set<ino_t> allowed;

  fixture() {
    tree.write("secret", "secret");
    for (const char* name :
         {"www/index.html", "www/a/index.html", "www/a/b", "www/.well-known/x"}) {
      tree.write(name, "x");
      struct stat info {};
      if (::stat(tree.path(name).c_str(), &info) != 0) std::abort();
      allowed.insert(info.st_ino);
    }
    tree.write("www/.env", "secret");
    tree.link("www/up", "../secret");
    tree.link("www/out", "..");
    tree.link("www/in", "a/b");
    settings.root = tree.path("www");
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fixture made;
  const std::string path = "/" + std::string(reinterpret_cast<const char*>(data), size);
  request_head head;
  head.path = "/x";
  static_files files{{.entries = 4, .valid_for = 1s}};
  file_plan plan;
  for (int i = 0; i < 2; ++i) {
    files.plan(made.settings, {head, path, {}, {}}, {}, plan);
    if (plan.status < 200 || (plan.status != 200 && plan.file)) std::abort();
    if (plan.file && !made.allowed.contains(plan.file->inode)) std::abort();
  }
  const auto plain = open_beneath(made.settings.root, path.substr(1), beneath_mode::plain);
  if (plain.status == lookup_status::file && path.find("/.") == std::string::npos &&
      path.find('\0') == std::string::npos && !made.allowed.contains(plain.info.st_ino))
    std::abort();
  return 0;
}
