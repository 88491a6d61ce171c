#pragma once

#include "crypto/keyed_hash.h"
#include "format/chunk.h"

namespace igudar {

// Names chunks (docs/format.md section 6): a short one by an HMAC of its bytes, a longer one by an HMAC of the hashes
// of its leaves, which a processor computes several at a time. Not thread-safe: one for each thread. Holds the domain's
// id key in the form of HMAC's states.
class ChunkHasher {
 public:
  explicit ChunkHasher(ByteView id_key) : hash_(id_key) {}

  ChunkId id(ChunkType type, ByteView plain);

 private:
  KeyedHash hash_;
  std::vector<Id32> leaves_;  // kept for its memory
};

}  // namespace igudar
