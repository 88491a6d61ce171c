#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"

namespace igudar {

// Secret bytes: in memory that is kept out of swap and core files where the system allows it, wiped at the end.
// Copying is explicit (clone). Not printable on purpose. Not thread-safe.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);  // zero-filled
  explicit SecretBytes(ByteView source);
  ~SecretBytes();
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;

  SecretBytes clone() const { return SecretBytes(view()); }
  ByteView view() const { return {data_, size_}; }
  MutableByteView span() { return {data_, size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// Equality in constant time. Thread-safe.
bool secret_equal(ByteView a, ByteView b);
// Overwrites `bytes`, not optimised away. Thread-safe, on different bytes.
void wipe(MutableByteView bytes);

}  // namespace igudar
