// A folder of its own for one test, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::test {

class file_tree {
public:
  file_tree() {
    root_ = (std::filesystem::temp_directory_path() / "weir-test-XXXXXX").string();
    if (!::mkdtemp(root_.data())) throw std::runtime_error("no temporary folder");
  }
  ~file_tree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  file_tree(const file_tree&) = delete;
  file_tree& operator=(const file_tree&) = delete;

  const std::string& root() const { return root_; }
  std::string path(std::string_view name) const { return root_ + "/" + std::string(name); }

  void write(std::string_view name, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << content;
  }
  void link(std::string_view name, std::string_view to) const {
    std::filesystem::create_symlink(to, path(name));
  }

private:
  std::string root_;
};

} // namespace weir::test
