// The storage error category.
#include "storage/errc.hpp"

namespace weir::storage {

namespace {

class category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.storage"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
    case errc::locked:
      return "another process uses this data folder";
    case errc::no_folder:
      return "the data folder cannot be made or entered";
    case errc::disk_full:
      return "no space left on the data folder's disk";
    case errc::corrupt:
      return "the store is damaged";
    case errc::newer_format:
      return "the store was written by another version of weir";
    case errc::io_error:
      return "the store's disk failed";
    }
    return "unknown storage error";
  }
};

} // namespace

error_code make_error_code(errc value) {
  static const category instance;
  return {static_cast<int>(value), instance};
}

} // namespace weir::storage
