// Objects of one type in slabs of their own: when many have come and gone, their memory goes back
// to the system, which that of a heap they shared with what stays would not.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace weir {

/// Cells of one size, in slabs that are mapped when they are needed and unmapped when they are
/// empty; one empty one is kept. Cells are taken where most others are in use already. Not
/// thread-safe: one owner, as long as any cell lives.
class slab_cells {
public:
  /// Every cell has room for `bytes`, aligned for anything.
  explicit slab_cells(std::size_t bytes);
  ~slab_cells();
  slab_cells(const slab_cells&) = delete;
  slab_cells& operator=(const slab_cells&) = delete;

  /// Throws std::bad_alloc when the system has no memory.
  void* take();
  void give_back(void* cell) noexcept;

  std::size_t slabs() const { return slabs_; }

private:
  struct slab;
  slab* map();
  void unmap(slab* which);
  void link(slab* which);
  void unlink(slab* which);

  std::size_t cell_bytes_;
  std::size_t per_slab_;
  std::size_t slabs_ = 0;
  slab* open_ = nullptr;  // slabs with a free cell and one in use, a list
  slab* spare_ = nullptr; // an empty one
};

/// The same with types.
template <class T>
class slab_pool {
public:
  struct returner {
    slab_cells* cells = nullptr;
    void operator()(T* object) const noexcept {
      object->~T();
      cells->give_back(object);
    }
  };
  using pointer = std::unique_ptr<T, returner>;

  template <class... Args>
  pointer make(Args&&... args) {
    auto* cell = cells_.take();
    try {
      return pointer(new (cell) T(std::forward<Args>(args)...), returner{&cells_});
    } catch (...) {
      cells_.give_back(cell);
      throw;
    }
  }

private:
  static_assert(alignof(T) <= alignof(std::max_align_t));
  slab_cells cells_{sizeof(T)};
};

} // namespace weir
