#include "repo/stream_keys.h"

#include "format/frame.h"

namespace igudar {

namespace {
constexpr std::size_t kMostKnown = 1024;
}

SuiteCipher& StreamKeys::cipher_for(ChunkType type, const SessionRef& session, std::uint32_t stream) {
  const auto place = std::make_tuple(type, session.id, session.suite, stream);
  const auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  if (known_.size() >= kMostKnown) known_.clear();
  const SecretBytes session_key = keys_->session_key(type, session);
  return known_.emplace(place, stream_cipher(session.suite, session_key.view(), session.id, stream)).first->second;
}

}  // namespace igudar
