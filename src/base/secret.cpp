#include "base/secret.h"

#include <sodium.h>
#include <sys/mman.h>

#include <cstring>
#include <new>
#include <utility>

namespace igudar {

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  if (size == 0) return;
  // Whole pages of its own, so that the advice covers nothing else.
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  (void)::mlock(memory, size);  // best effort: a low RLIMIT_MEMLOCK must not stop a backup
  (void)::madvise(memory, size, MADV_DONTDUMP);
  (void)::madvise(memory, size, MADV_WIPEONFORK);
  data_ = static_cast<std::uint8_t*>(memory);
}

SecretBytes::SecretBytes(ByteView source) : SecretBytes(source.size()) {
  if (data_ != nullptr) std::memcpy(data_, source.data(), source.size());
}

SecretBytes::~SecretBytes() {
  if (data_ == nullptr) return;
  ::sodium_memzero(data_, size_);
  ::munmap(data_, size_);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept {
  *this = std::move(other);
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

bool secret_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || ::sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(MutableByteView bytes) {
  if (!bytes.empty()) ::sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace igudar
