#pragma once

#include <map>
#include <tuple>

#include "repo/key_ring.h"

namespace igudar {

// The ciphers that one thread reads the frames of streams with, their keys derived once. Not thread-safe: one for each
// thread.
class StreamKeys {
 public:
  explicit StreamKeys(const KeyRing& keys) : keys_(&keys) {}
  // Valid until the next call.
  SuiteCipher& cipher_for(ChunkType type, const SessionRef& session, std::uint32_t stream);

 private:
  const KeyRing* keys_;
  std::map<std::tuple<ChunkType, SessionId, CipherSuite, std::uint32_t>, SuiteCipher> known_;
};

}  // namespace igudar
