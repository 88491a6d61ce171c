#pragma once

#include <memory>

#include "base/bytes.h"

namespace igudar {

// HMAC-SHA-256 (RFC 2104, FIPS 198-1) under one key, its inner and outer states computed once: what names chunks.
// Not thread-safe: one for each thread.
class KeyedHash {
 public:
  explicit KeyedHash(ByteView key);
  ~KeyedHash();
  KeyedHash(KeyedHash&&) noexcept;
  KeyedHash& operator=(KeyedHash&&) noexcept;

  // HMAC(key, first ‖ rest).
  Id32 hash(std::uint8_t first, ByteView rest);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HMAC-SHA-256 of `message`, once. Thread-safe.
Id32 hmac_sha256(ByteView key, ByteView message);

}  // namespace igudar
