#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace igudar {

// Plain SHA-256 (FIPS 180-4) of the concatenation of the parts. Thread-safe.
Id32 sha256(ByteView a, ByteView b = {});

enum class DigestAlgorithm : std::uint8_t { sha256 = 1, sha1 = 2, md5 = 3 };
std::size_t digest_size(DigestAlgorithm algorithm);
std::string_view digest_name(DigestAlgorithm algorithm);  // "sha256", "sha1", "md5"

// An incremental unkeyed digest, for whole-file digests. Throws unsupported for MD5 in FIPS mode. Not thread-safe;
// reset() starts anew without allocating.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void reset();
  void update(ByteView bytes);
  Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace igudar
