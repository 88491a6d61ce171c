#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "base/bytes.h"

namespace igudar {

// A byte buffer that keeps its memory between uses and never zero-fills: fresh pages are dear, so hot paths
// reserve once and reuse, and large buffers ask for huge pages. Bytes past what was written are indeterminate. Not
// thread-safe.
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::size_t capacity) { reserve(capacity); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }

  std::uint8_t* data() { return memory_.get(); }
  const std::uint8_t* data() const { return memory_.get(); }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {memory_.get(), size_}; }
  MutableByteView span() { return {memory_.get(), size_}; }

  void clear() { size_ = 0; }
  // Keeps the first min(size, n) bytes; new ones are indeterminate.
  void resize(std::size_t n) {
    reserve(n);
    size_ = n;
  }
  void reserve(std::size_t n) {
    if (n <= capacity_) return;
    std::size_t wanted = n > capacity_ * 2 ? n : capacity_ * 2;
    if (wanted >= kHugePage) wanted = (wanted + kHugePage - 1) / kHugePage * kHugePage;
    std::unique_ptr<std::uint8_t, Free> grown(allocate(wanted));
    if (!grown) throw std::bad_alloc();
    if (size_ > 0) std::memcpy(grown.get(), memory_.get(), size_);
    memory_ = std::move(grown);
    capacity_ = wanted;
  }
  void append(ByteView bytes) {
    if (bytes.empty()) return;
    const std::size_t old = size_;
    resize(old + bytes.size());
    std::memcpy(memory_.get() + old, bytes.data(), bytes.size());
  }
  void swap(Buffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  static constexpr std::size_t kHugePage = 2U << 20;

  static std::uint8_t* allocate(std::size_t size) {
    if (size < kHugePage) return static_cast<std::uint8_t*>(std::malloc(size));
    void* memory = std::aligned_alloc(kHugePage, size);
    if (memory != nullptr) ::madvise(memory, size, MADV_HUGEPAGE);  // where it is refused, small pages serve
    return static_cast<std::uint8_t*>(memory);
  }

  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };
  std::unique_ptr<std::uint8_t, Free> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace igudar
