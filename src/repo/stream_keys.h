#pragma once

#include <map>
#include <tuple>

#include "crypto/aead.h"
#include "repo/key_ring.h"

namespace igudar {

// The stream keys that one thread reads frames with, derived once each. Not thread-safe: one for each thread.
class StreamKeys {
 public:
  explicit StreamKeys(const KeyRing& keys) : keys_(&keys) {}
  // Valid until the next call.
  Aead& key_for(ChunkType type, const SessionRef& session, std::uint32_t stream);

 private:
  const KeyRing* keys_;
  std::map<std::tuple<ChunkType, SessionId, std::uint32_t>, Aead> known_;
};

}  // namespace igudar
