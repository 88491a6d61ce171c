#include "repo/stream_keys.h"

#include "format/frame.h"

namespace igudar {

namespace {
constexpr std::size_t kMostKnown = 1024;
}

Aead& StreamKeys::key_for(ChunkType type, const SessionRef& session, std::uint32_t stream) {
  const auto place = std::make_tuple(type, session.id, stream);
  const auto known = known_.find(place);
  if (known != known_.end()) return known->second;
  if (known_.size() >= kMostKnown) known_.clear();
  const SecretBytes session_key = keys_->session_key(type, session);
  return known_.emplace(place, Aead(derive_stream_key(session_key.view(), session.id, stream).view())).first->second;
}

}  // namespace igudar
