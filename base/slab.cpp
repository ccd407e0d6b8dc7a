// Slabs from mmap, each with its list of free cells.
#include "base/slab.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(address, bytes) ((void)(address), (void)(bytes))
#endif

namespace weir {

namespace {

constexpr std::size_t slab_bytes = std::size_t{128} << 10;
constexpr std::size_t alignment = alignof(std::max_align_t);

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

/// In front of each cell's bytes.
struct alignas(alignment) cell_head {
  void* home;      // its slab
  cell_head* next; // free cells only
};

} // namespace

struct alignas(alignment) slab_cells::slab {
  slab* previous = nullptr;
  slab* next = nullptr;
  cell_head* free = nullptr;
  std::size_t used = 0;
  std::size_t fresh = 0; // cells from here on were never taken: their pages are not touched yet
};

slab_cells::slab_cells(std::size_t bytes)
    : cell_bytes_(sizeof(cell_head) + aligned(bytes)),
      per_slab_(std::max<std::size_t>(1, (slab_bytes - sizeof(slab)) / cell_bytes_)) {}

slab_cells::~slab_cells() {
  if (spare_ != nullptr) unmap(spare_);
}

slab_cells::slab* slab_cells::map() {
  const auto bytes = sizeof(slab) + per_slab_ * cell_bytes_;
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  ++slabs_;
  return new (at) slab;
}

void slab_cells::unmap(slab* which) {
  const auto bytes = sizeof(slab) + per_slab_ * cell_bytes_;
  ASAN_UNPOISON_MEMORY_REGION(which, bytes); // the address may be another's soon
  ::munmap(which, bytes);
  --slabs_;
}

void slab_cells::link(slab* which) {
  which->previous = nullptr;
  which->next = open_;
  if (open_ != nullptr) open_->previous = which;
  open_ = which;
}

void slab_cells::unlink(slab* which) {
  (which->previous != nullptr ? which->previous->next : open_) = which->next;
  if (which->next != nullptr) which->next->previous = which->previous;
}

void* slab_cells::take() {
  if (open_ == nullptr) link(spare_ != nullptr ? std::exchange(spare_, nullptr) : map());
  auto& from = *open_;
  cell_head* head = from.free;
  if (head != nullptr)
    from.free = head->next;
  else
    head = reinterpret_cast<cell_head*>(reinterpret_cast<std::byte*>(&from + 1) +
                                        from.fresh++ * cell_bytes_);
  head->home = &from;
  if (++from.used == per_slab_) unlink(&from);
  ASAN_UNPOISON_MEMORY_REGION(head + 1, cell_bytes_ - sizeof(cell_head));
  return head + 1;
}

void slab_cells::give_back(void* cell) noexcept {
  auto* head = static_cast<cell_head*>(cell) - 1;
  auto* home = static_cast<slab*>(head->home);
  ASAN_POISON_MEMORY_REGION(cell, cell_bytes_ - sizeof(cell_head));
  head->next = std::exchange(home->free, head);
  if (home->used-- == per_slab_) link(home);
  if (home->used > 0) return;
  unlink(home);
  if (spare_ == nullptr)
    spare_ = home;
  else
    unmap(home);
}

} // namespace weir
