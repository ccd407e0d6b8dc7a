// Runs a fuzz driver without libFuzzer: over each file of the given folders, and over its
// beginnings.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

/// Outside bytes end anywhere: a file is also cut in this many places.
constexpr std::size_t cuts_max = 64;

void run(const std::vector<std::uint8_t>& bytes, std::size_t size) {
  // A copy of the exact size, so that the sanitizer sees a read past the end.
  auto copy = std::make_unique<std::uint8_t[]>(size);
  std::copy_n(bytes.begin(), size, copy.get());
  LLVMFuzzerTestOneInput(copy.get(), size);
}

void replay(const fs::path& file) {
  std::printf("%s\n", file.c_str()); // printed first: the last line names the input that crashed
  std::fflush(stdout);
  std::ifstream in{file, std::ios::binary};
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>{in}, {}};
  run(bytes, bytes.size());
  const auto step = bytes.size() / cuts_max + 1;
  for (std::size_t size = 0; size < bytes.size(); size += step)
    run(bytes, size);
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::recursive_directory_iterator{folder})
      if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

} // namespace

/// Exit code 1 if there is nothing to replay: a driver without a corpus tests nothing.
int main(int argc, char** argv) try {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& file : files_of(argv[i])) {
      replay(file);
      ++count;
    }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
